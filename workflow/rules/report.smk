# The page that people open, and where everything in it came from.


# Of every job that the report rests on. Files of conditions that are in the study no more may lie beside them.
BENCHMARKS = [
    rules.prepare_splits.benchmark,
    rules.prepare_backbone.benchmark,
    *expand(rules.spectra_before.benchmark, start=study.starts),
    rules.collect_tables.benchmark,
    rules.register_plan.benchmark,
    rules.compute_statistics.benchmark,
    rules.evaluate.benchmark,
    *(expand(rules.fetch_data.benchmark, name=DOWNLOADED) if DOWNLOADED else []),
    *expand(rules.prepare_ood.benchmark, ood=study.ood_sources),
    *([rules.corrupt_test.benchmark] if study.corruption_sets else []),
    *([rules.read_corruptions.benchmark] if study.corruption_file_sets else []),
    *per_block(rules.finetune.benchmark, study.conditions),
    *per_block(rules.predict.benchmark, study.conditions),
    *per_block(rules.spectra.benchmark, study.conditions),
    *per_block(rules.measure_diversity.benchmark, study.data_conditions),
    *expand(
        f"{RESULTS}/benchmarks/figures/{{figure}}.tsv",
        figure=[figure.name for figure in FIGURES],
    ),
]
if study.pools:
    BENCHMARKS += expand(rules.sample_generator.benchmark, part=study.pool_parts)
    BENCHMARKS += expand(rules.join_pool.benchmark, pool=JOINED) if JOINED else []
    BENCHMARKS += expand(rules.filter_pool.benchmark, pool=FILTERED) if FILTERED else []
if JUDGED:
    BENCHMARKS.append(rules.generator_quality.benchmark)
if study.encoders:
    BENCHMARKS += expand(rules.prepare_encoder.benchmark, encoder=study.encoders)
if study.backbone.from_scratch:
    BENCHMARKS += expand(rules.initialise.benchmark, stream_seed=study.stream_seeds)
if study.trains_generator:
    BENCHMARKS.append(rules.train_generator.benchmark)


# After everything else but the report, so that the commit is that of the last stage and no cost is missing.
rule provenance:
    input:
        **(table("generator_quality") if JUDGED else {}),
        claims=rules.compute_statistics.output.claims,
        figures=expand(
            f"{RESULTS}/figures/{{figure}}.svg",
            figure=[figure.name for figure in FIGURES],
        ),
    output:
        record=f"{RESULTS}/provenance.json",
    log:
        f"{RESULTS}/logs/provenance.log",
    benchmark:
        f"{RESULTS}/benchmarks/provenance.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code_digest("provenance.py", "analysis"),
        config=config,
        benchmarks=[str(path) for path in BENCHMARKS],
    script:
        "../scripts/provenance.py"


rule write_report:
    input:
        **table(
            "runs",
            "evaluation",
            "class_accuracy",
            "detection",
            "diversity",
            "diversity_curve",
            "effects",
            "similarity",
            "claims",
            "robustness",
            "controls",
            "manipulation",
            "positions",
            "plan",
        ),
        **(table("generator_quality", "generator_classes") if JUDGED else {}),
        backbone=rules.prepare_backbone.output.description,
        manifest=rules.prepare_splits.output.manifest,
        provenance=rules.provenance.output.record,
        figures=expand(
            f"{RESULTS}/figures/{{figure}}.svg",
            figure=[figure.name for figure in FIGURES],
        ),
        pngs=expand(
            f"{RESULTS}/figures/{{figure}}.png",
            figure=[figure.name for figure in FIGURES],
        ),
    output:
        **{
            name: f"{TABLES}/{name}.csv"
            for name in (
                "evaluation_summary",
                "corruption_errors",
                "class_summary",
                "detection_summary",
                "diversity_summary",
                "diversity_by_class",
                "study",
                "data",
                "classes",
                "cost",
            )
        },
        html=report(
            f"{RESULTS}/report.html", caption="../report/report.rst", category="Report"
        ),
        markdown=f"{RESULTS}/summary.md",
    log:
        f"{RESULTS}/logs/write_report.log",
    benchmark:
        f"{RESULTS}/benchmarks/write_report.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=code_digest("write_report.py", "figures"),
        texts=text_digest(),
        sections={figure.name: figure.section for figure in FIGURES},
        title=verbatim(study.title),
        conditions=CONDITIONS,
        claims=study.claims.model_dump(),
    script:
        "../scripts/write_report.py"
