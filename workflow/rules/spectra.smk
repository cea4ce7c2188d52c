# Weight spectra: of the pre-trained network once, of every fine-tuned network and of its change.


rule spectra_before:
    input:
        before=rules.prepare_backbone.output.weights,
        backbone=rules.prepare_backbone.output.description,
    output:
        table=f"{RESULTS}/spectra/pretrained.parquet",
        reference=f"{RESULTS}/spectra/pretrained.safetensors",
    log:
        f"{RESULTS}/logs/spectra_before.log",
    benchmark:
        f"{RESULTS}/benchmarks/spectra_before.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        code=code_digest("spectra_before.py", "analysis"),
    script:
        "../scripts/spectra_before.py"


rule spectra:
    input:
        weights=weights,
        before=rules.prepare_backbone.output.weights,
        backbone=rules.prepare_backbone.output.description,
        reference=rules.spectra_before.output.reference,
    output:
        table=f"{RUN}/spectra.parquet",
    log:
        f"{RESULTS}/logs/spectra/{{condition}}-{{block}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/spectra/{{condition}}-{{block}}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=120,
    params:
        code=code_digest("spectra.py", "analysis"),
        columns=condition_columns,
        seeds=seeds,
    script:
        "../scripts/spectra.py"
