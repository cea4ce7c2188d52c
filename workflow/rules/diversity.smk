# Diversity of the images that training sees, for the conditions that change them.


rule measure_diversity:
    input:
        unpack(synthetic_pool),
        description=rules.prepare_backbone.output.description,
        manifest=rules.prepare_splits.output.manifest,
        train_images=images("train"),
        train_labels=labels("train"),
        test_images=images("test"),
        test_labels=labels("test"),
        encoder_weights=[files["weights"] for files in FROZEN.values()],
        encoder_descriptions=[files["description"] for files in FROZEN.values()],
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
        encoders=list(FROZEN),
        kernels=study.diversity.kernels,
    script:
        "../scripts/measure_diversity.py"
