# Weight spectra: of the networks that training starts from once, of every fine-tuned network and of its change.


rule spectra_before:
    input:
        before=lambda wildcards: start_weights(wildcards.start),
        backbone=rules.prepare_backbone.output.description,
    output:
        table=f"{RESULTS}/spectra/{{start}}.parquet",
        reference=f"{RESULTS}/spectra/{{start}}.safetensors",
    log:
        f"{RESULTS}/logs/spectra_before/{{start}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/spectra_before/{{start}}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        code=code_digest("spectra_before.py", "analysis"),
        start=lambda wildcards: wildcards.start,
    script:
        "../scripts/spectra_before.py"


rule spectra:
    input:
        weights=weights,
        before=lambda wildcards: [*map(start_weights, starts(wildcards))],
        backbone=rules.prepare_backbone.output.description,
        references=lambda wildcards: expand(
            rules.spectra_before.output.reference, start=starts(wildcards)
        ),
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
