# One table per kind of result, and the inference on them.

TABLES = f"{RESULTS}/tables"


rule collect_tables:
    input:
        runs=per_block(f"{RUN}/runs.parquet", study.conditions),
        spectra=[
            rules.spectra_before.output.table,
            *per_block(f"{RUN}/spectra.parquet", study.conditions),
        ],
        diversity=per_block(rules.measure_diversity.output.table, study.data_conditions),
    output:
        **{
            name: f"{TABLES}/{name}.parquet"
            for name in ("runs", "spectra", "diversity")
        },
        csv=expand(f"{TABLES}/{{name}}.csv", name=["runs", "spectra", "diversity"]),
    log:
        f"{RESULTS}/logs/collect_tables.log",
    benchmark:
        f"{RESULTS}/benchmarks/collect_tables.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=code_digest("collect_tables.py"),
    script:
        "../scripts/collect_tables.py"


rule compute_statistics:
    input:
        runs=rules.collect_tables.output.runs,
        spectra=rules.collect_tables.output.spectra,
        diversity=rules.collect_tables.output.diversity,
        evaluation=rules.evaluate.output.table,
    output:
        **{
            name: f"{TABLES}/{name}.parquet"
            for name in ("effects", "similarity", "claims")
        },
        csv=report(
            expand(f"{TABLES}/{{name}}.csv", name=["effects", "similarity", "claims"]),
            caption="../report/tables.rst",
            category="Tables",
        ),
    log:
        f"{RESULTS}/logs/compute_statistics.log",
    benchmark:
        f"{RESULTS}/benchmarks/compute_statistics.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        code=code_digest("compute_statistics.py"),
        claims=dict(study.claims),
        seeds=study.seed_count,
    script:
        "../scripts/compute_statistics.py"
