# The network that every run starts from: pre-trained, or initialised anew for each seed.


rule prepare_backbone:
    input:
        verbatim(study.backbone.file or []),
    output:
        **(
            {}
            if study.backbone.from_scratch
            else {"weights": start_weights(PRETRAINED)}
        ),
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


if study.backbone.from_scratch:

    rule initialise:
        input:
            description=rules.prepare_backbone.output.description,
        output:
            weights=f"{RESULTS}/backbone/seed-{{stream_seed}}.safetensors",
        log:
            f"{RESULTS}/logs/initialise/seed-{{stream_seed}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/initialise/seed-{{stream_seed}}.tsv"
        conda:
            "../../envs/backbone.yaml"
        threads: 1
        resources:
            mem_mb=4000,
            runtime=30,
        params:
            code=code_digest("initialise.py", "backbone"),
            study=study.name,
            seed=lambda wildcards: int(wildcards.stream_seed),
        script:
            "../scripts/initialise.py"


# Networks other than the backbone by whose features images are compared.
if study.encoders:

    rule prepare_encoder:
        input:
            lambda wildcards: study.encoders[wildcards.encoder].file or [],
        output:
            weights=f"{RESULTS}/encoders/{{encoder}}/model.safetensors",
            description=f"{RESULTS}/encoders/{{encoder}}/encoder.json",
        log:
            f"{RESULTS}/logs/prepare_encoder/{{encoder}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/prepare_encoder/{{encoder}}.tsv"
        conda:
            "../../envs/backbone.yaml"
        threads: 1
        resources:
            mem_mb=4000,
            runtime=30,
        params:
            code=lambda wildcards: code_digest(
                "prepare_backbone.py",
                "backbone",
                study.encoders[wildcards.encoder].module,
            ),
            source=lambda wildcards: study.encoders[wildcards.encoder].given(),
        script:
            "../scripts/prepare_backbone.py"


# Files of the frozen network of each space: claims look at that of the backbone before training, or of another one.
FROZEN = {
    space: {
        "weights": f"{RESULTS}/encoders/{space}/model.safetensors",
        "description": f"{RESULTS}/encoders/{space}/encoder.json",
    }
    for space in study.encoders
}
if EMBEDDING not in FROZEN:
    FROZEN[EMBEDDING] = {
        "weights": rules.prepare_backbone.output.weights,
        "description": rules.prepare_backbone.output.description,
    }
