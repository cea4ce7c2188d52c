# Figures: one rule each, made from what the figures say of themselves (weightscape.figures.registry).

CONDITIONS = [condition.described() for condition in study.shown_conditions]
FIGURE_FILES = {
    "before": start_weights(study.start(study.seeds.first)),
    "description": rules.prepare_backbone.output.description,
    "finetuned": f"{RUN}/weights-0.safetensors".format(condition="baseline", block=0),
    "histories": per_block(f"{RUN}/history.parquet", study.conditions),
}
if JUDGED:
    FIGURE_FILES |= {
        "manifest": rules.prepare_splits.output.manifest,
        "real_images": images("generator"),
        "real_labels": labels("generator"),
        "quality": rules.generator_quality.output.table,
        "synthetic_images": rules.generator_quality.input.synthetic_images,
        "synthetic_labels": rules.generator_quality.input.synthetic_labels,
    }
if study.spectra:
    FIGURE_FILES["trajectory"] = f"{TABLES}/trajectory.parquet"
FIGURE_PARAMS = {
    "conditions": CONDITIONS,
    "claims": study.claims.model_dump(),
    "pools": [study.pools[pool].columns() for pool in JUDGED],
}
FIGURES = [
    figure for figure in declared_figures() if set(figure.files) <= set(FIGURE_FILES)
]


for figure in FIGURES:

    rule:
        name:
            f"figure_{figure.name}"
        input:
            **table(*figure.tables),
            **{name: FIGURE_FILES[name] for name in figure.files},
        output:
            svg=report(
                f"{RESULTS}/figures/{figure.name}.svg",
                caption=f"../report/{figure.name}.rst",
                category=figure.category,
                labels={"figure": figure.name.replace("_", " ")},
            ),
            png=f"{RESULTS}/figures/{figure.name}.png",
            pdf=f"{RESULTS}/figures/{figure.name}.pdf",
        log:
            f"{RESULTS}/logs/figures/{figure.name}.log",
        benchmark:
            f"{RESULTS}/benchmarks/figures/{figure.name}.tsv"
        conda:
            "../../envs/figures.yaml"
        threads: 1
        resources:
            mem_mb=2000,
            runtime=30,
        params:
            **{name: FIGURE_PARAMS[name] for name in figure.params},
            figure=figure.name,
            code=code_digest("draw_figure.py", "figures", figure.module),
        script:
            "../scripts/draw_figure.py"
