# The pre-trained network that every run starts from.


rule prepare_backbone:
    input:
        [study.backbone["path"]] if "path" in study.backbone else [],
    output:
        weights=f"{RESULTS}/backbone/model.safetensors",
        description=f"{RESULTS}/backbone/backbone.json",
    log:
        f"{RESULTS}/logs/prepare_backbone.log",
    benchmark:
        f"{RESULTS}/benchmarks/prepare_backbone.tsv"
    conda:
        "../../envs/backbone.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=code_digest("prepare_backbone.py", "backbone"),
        source=dict(study.backbone),
    script:
        "../scripts/prepare_backbone.py"
