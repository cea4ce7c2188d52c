# The pre-trained network that every run starts from.


rule prepare_backbone:
    input:
        verbatim(study.backbone.file or []),
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
        code=code_digest("prepare_backbone.py", "backbone", study.backbone.module),
        source=study.backbone.given(),
    script:
        "../scripts/prepare_backbone.py"
