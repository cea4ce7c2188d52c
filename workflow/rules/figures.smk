# Figures: one rule each, all of the same form. The table below says what each is drawn from.

CONDITIONS = [condition.described() for condition in study.conditions]
HISTORIES = per_block(f"{RUN}/history.parquet", study.conditions)


def table(*names):
    """Return the named tables as named inputs."""
    return {name: f"{TABLES}/{name}.parquet" for name in names}


# name: (category in `snakemake --report`, inputs, parameters)
FIGURES = {
    "claims": ("Claims", table("claims"), {}),
    "contrast": (
        "Claims",
        table("similarity"),
        {"conditions": CONDITIONS, "claims": study.claims.model_dump()},
    ),
    "effects": (
        "Effects",
        table("effects"),
        {"conditions": CONDITIONS, "claims": study.claims.model_dump()},
    ),
    "fingerprints": (
        "Effects",
        table("effects"),
        {"conditions": CONDITIONS, "claims": study.claims.model_dump()},
    ),
    "similarity": ("Effects", table("similarity"), {"conditions": CONDITIONS}),
    "dose_response": (
        "Effects",
        table("effects", "spectra", "evaluation", "diversity"),
        {"conditions": CONDITIONS, "claims": study.claims.model_dump()},
    ),
    "esd": (
        "Spectra",
        {
            "pretrained": rules.prepare_backbone.output.weights,
            "description": rules.prepare_backbone.output.description,
            "finetuned": RUN.format(condition="baseline", block=0)
            + "/weights-0.safetensors",
        },
        {},
    ),
    "alpha_depth": ("Spectra", table("spectra"), {"conditions": CONDITIONS}),
    "diversity": (
        "Data",
        table("evaluation", "diversity"),
        {"conditions": CONDITIONS, "claims": study.claims.model_dump()},
    ),
    "robustness": ("Accuracy", table("evaluation"), {"conditions": CONDITIONS}),
    "stability": ("Checks", table("robustness", "claims"), {}),
    "training": ("Accuracy", {"histories": HISTORIES}, {"conditions": CONDITIONS}),
}
if study.guidance_scales:
    FIGURES["samples"] = (
        "Data",
        {
            "real_images": images("generator"),
            "real_labels": labels("generator"),
            "synthetic_images": rules.generator_quality.input.synthetic_images,
            "synthetic_labels": rules.generator_quality.input.synthetic_labels,
        },
        {
            "guidance_scales": [float(scale) for scale in study.guidance_scales],
            "class_names": verbatim(study.class_names),
        },
    )

for figure, (category, inputs, parameters) in FIGURES.items():

    rule:
        name:
            f"figure_{figure}"
        input:
            **inputs,
        output:
            svg=report(
                f"{RESULTS}/figures/{figure}.svg",
                caption=f"../report/{figure}.rst",
                category=category,
                labels={"figure": figure.replace("_", " ")},
            ),
            png=f"{RESULTS}/figures/{figure}.png",
            pdf=f"{RESULTS}/figures/{figure}.pdf",
        log:
            f"{RESULTS}/logs/figures/{figure}.log",
        benchmark:
            f"{RESULTS}/benchmarks/figures/{figure}.tsv"
        conda:
            "../../envs/figures.yaml"
        threads: 1
        resources:
            mem_mb=2000,
            runtime=30,
        params:
            **parameters,
            figure=figure,
            code=code_digest(f"figure_{figure}.py", "figures"),
        script:
            "../scripts/figure_{params.figure}.py"
