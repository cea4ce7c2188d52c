# Diversity of the images that training sees, for the conditions that change them.

ENCODER = f"{RESULTS}/encoders/{{encoder}}"
ENCODERS = list(study.encoders)

if ENCODERS:

    rule prepare_encoder:
        input:
            lambda wildcards: study.encoders[wildcards.encoder].file or [],
        output:
            weights=f"{ENCODER}/model.safetensors",
            description=f"{ENCODER}/encoder.json",
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


rule measure_diversity:
    input:
        unpack(synthetic_pool),
        backbone=rules.prepare_backbone.output.weights,
        description=rules.prepare_backbone.output.description,
        manifest=rules.prepare_splits.output.manifest,
        train_images=images("train"),
        train_labels=labels("train"),
        test_images=images("test"),
        test_labels=labels("test"),
        encoder_weights=expand(f"{ENCODER}/model.safetensors", encoder=ENCODERS),
        encoder_descriptions=expand(f"{ENCODER}/encoder.json", encoder=ENCODERS),
    output:
        table=f"{RESULTS}/diversity/{{condition}}/block-{{block}}.parquet",
        curve=f"{RESULTS}/diversity/{{condition}}/curve-{{block}}.parquet",
    log:
        f"{RESULTS}/logs/measure_diversity/{{condition}}-{{block}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/measure_diversity/{{condition}}-{{block}}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=60,
        gpu=gpus,
    params:
        **training_params("measure_diversity.py"),
        n_images=study.training.images,
        batch_size=study.training.batch_size,
        encoders=ENCODERS,
        kernels=study.diversity.kernels,
    script:
        "../scripts/measure_diversity.py"
