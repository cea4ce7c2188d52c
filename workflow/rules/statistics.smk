# One table per kind of result, and the inference on them.

RESULT_TABLES = [
    "effects",
    "similarity",
    "claims",
    "robustness",
    "controls",
    "manipulation",
    "positions",
    "plan",
]
COLLECTED = ["runs", "spectra", "diversity", "diversity_curve"]
if study.spectra:
    COLLECTED.append("trajectory")
OOD_SETS = list(study.ood_sources)
CLAIM_TWO = [
    condition
    for condition in study.conditions
    if condition.series in {*study.claims.augmentation, *study.claims.synthetic}
]


rule collect_tables:
    input:
        **(
            {"trajectory": per_block(f"{RUN}/trajectory.parquet", study.conditions)}
            if study.spectra
            else {}
        ),
        runs=per_block(f"{RUN}/runs.parquet", study.conditions),
        spectra=[
            *expand(rules.spectra_before.output.table, start=study.starts),
            *per_block(f"{RUN}/spectra.parquet", study.conditions),
        ],
        diversity=per_block(rules.measure_diversity.output.table, study.data_conditions),
        diversity_curve=per_block(
            rules.measure_diversity.output.curve, study.data_conditions
        ),
    output:
        **table(*COLLECTED),
        csv=expand(f"{TABLES}/{{name}}.csv", name=COLLECTED),
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
        code=code_digest("collect_tables.py", "analysis"),
        kinds=COLLECTED,
    script:
        "../scripts/collect_tables.py"


# Has no params on purpose: the plan is written once, before the first run, and a later change is shown beside it.
rule register_plan:
    output:
        plan=PLAN,
    log:
        f"{RESULTS}/logs/register_plan.log",
    benchmark:
        f"{RESULTS}/benchmarks/register_plan.tsv"
    priority: 100
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    script:
        "../scripts/register_plan.py"


rule compute_statistics:
    input:
        **(table("generator_quality") if JUDGED else {}),
        plan=ancient(rules.register_plan.output.plan),
        runs=rules.collect_tables.output.runs,
        spectra=rules.collect_tables.output.spectra,
        diversity=rules.collect_tables.output.diversity,
        evaluation=rules.evaluate.output.evaluation,
        logits=per_block(f"{RUN}/logits.npz", CLAIM_TWO),
        labels=[labels(name) for name in OOD_SETS],
    output:
        **{name: f"{TABLES}/{name}.parquet" for name in RESULT_TABLES},
        csv=report(
            expand(f"{TABLES}/{{name}}.csv", name=RESULT_TABLES),
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
        code=code_digest("compute_statistics.py", "analysis"),
        plan=registered_sections(config),
        ood=OOD_SETS,
        combinations={
            condition.name: list(condition.parts)
            for condition in study.conditions
            if condition.parts
        },
        pools={c.name: c.pool.name for c in study.conditions if c.pool},
        predictions=[
            {"condition": condition.name, "seeds": study.seeds_of(block)}
            for condition in CLAIM_TWO
            for block in study.blocks
        ],
    script:
        "../scripts/compute_statistics.py"
