# The page that people open, and where everything in it came from.


rule provenance:
    input:
        rules.compute_statistics.output.claims,
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
        results=RESULTS,
    script:
        "../scripts/provenance.py"


rule write_report:
    input:
        **table(
            "runs",
            "evaluation",
            "diversity",
            "spectra",
            "effects",
            "similarity",
            "claims",
            "robustness",
            "controls",
            "plan",
        ),
        **(table("generator_quality") if study.guidance_scales else {}),
        backbone=rules.prepare_backbone.output.description,
        manifest=rules.prepare_splits.output.manifest,
        provenance=rules.provenance.output.record,
        figures=expand(f"{RESULTS}/figures/{{figure}}.svg", figure=FIGURES),
        pngs=expand(f"{RESULTS}/figures/{{figure}}.png", figure=FIGURES),
    output:
        html=report(
            f"{RESULTS}/report.html", caption="../report/report.rst", category="Report"
        ),
        markdown=f"{RESULTS}/summary.md",
        summary_table=f"{TABLES}/evaluation_summary.csv",
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
        title=study.title,
        conditions=CONDITIONS,
        claims=dict(study.claims),
    script:
        "../scripts/write_report.py"
