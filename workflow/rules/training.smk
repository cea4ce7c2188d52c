# Fine-tuning: one job per condition and block of seeds, with spectra along training where the study takes them.


rule finetune:
    input:
        unpack(synthetic_pool),
        plan=ancient(PLAN),
        before=lambda wildcards: [*map(start_weights, starts(wildcards))],
        description=rules.prepare_backbone.output.description,
        manifest=rules.prepare_splits.output.manifest,
        train_images=images("train"),
        train_labels=labels("train"),
        validation_images=images("validation"),
        validation_labels=labels("validation"),
    output:
        **({"trajectory": f"{RUN}/trajectory.parquet"} if study.spectra else {}),
        weights=expand(
            f"{RUN}/weights-{{i}}.safetensors",
            i=range(study.seeds.per_job),
            allow_missing=True,
        ),
        runs=f"{RUN}/runs.parquet",
        history=f"{RUN}/history.parquet",
        record=f"{RUN}/record.json",
    log:
        f"{RESULTS}/logs/finetune/{{condition}}-{{block}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/finetune/{{condition}}-{{block}}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=120,
        gpu=gpus,
    params:
        **training_params(
            "finetune.py",
            *(["weightscape.spectra.trajectory"] if study.spectra else []),
        ),
        spectra=study.along_training,
        settings=study.training.params(),
        replicate=lambda wildcards: study.condition(wildcards.condition).replicate,
        block=lambda wildcards: int(wildcards.block),
        scratch=f"{RESULTS}/scratch/finetune/{{condition}}-{{block}}",
        weights=lambda wildcards: [
            Path(path).relative_to(RESULTS).as_posix() for path in weights(wildcards)
        ],
    script:
        "../scripts/finetune.py"
