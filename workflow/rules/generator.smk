# Synthetic images: a diffusion model trained on the generator pool (or a ready pipeline), sampled once per pool.

GENERATOR = f"{RESULTS}/generator"
SYNTHETIC = synthetic_folder("{pool}")
PART = synthetic_folder("{part}")
# Sums are split among threads, so their number is part of the result, whatever the number of cores. With one thread,
# the longest chain of jobs starts beside others at once instead of waiting until two cores are free.
GENERATOR_THREADS = 1
# Images of classes outside the task cannot be judged by those of the study.
JUDGED = [pool for pool in study.pools if pool not in study.foreign_pools]
POOLS = [used_folder(pool) for pool in JUDGED]
# Pools that are drawn in parts.
JOINED = [pool for pool in study.pools if pool not in study.pool_parts]
NEEDED_PACKAGES = {
    package
    for pool in study.pools.values()
    for package in study.generator_of(pool).packages_needed()
}
SAMPLING_ENVIRONMENT = "text2image" if NEEDED_PACKAGES else "torch"
MISSING_PACKAGES = sorted(name for name in NEEDED_PACKAGES if find_spec(name) is None)
if (
    MISSING_PACKAGES
    and DeploymentMethod.CONDA not in workflow.deployment_settings.deployment_method
):
    raise WorkflowError(
        f"the generators of {study.name} need the package {MISSING_PACKAGES[0]}; install the packages in "
        "envs/requirements-text2image.lock, or let Snakemake do so with --software-deployment-method conda"
    )


if study.trains_generator:

    rule train_generator:
        input:
            manifest=rules.prepare_splits.output.manifest,
            images=images(study.seen_split),
            labels=labels(study.seen_split),
        output:
            model_index=f"{GENERATOR}/model_index.json",
            unet_config=f"{GENERATOR}/unet/config.json",
            unet_weights=f"{GENERATOR}/unet/diffusion_pytorch_model.safetensors",
            scheduler_config=f"{GENERATOR}/scheduler/scheduler_config.json",
            training=f"{GENERATOR}/training.csv",
        log:
            f"{RESULTS}/logs/train_generator.log",
        benchmark:
            f"{RESULTS}/benchmarks/train_generator.tsv"
        # The longest chain of jobs starts here.
        priority: 10
        conda:
            "../../envs/torch.yaml"
        threads: GENERATOR_THREADS
        resources:
            mem_mb=4000,
            runtime=240,
            gpu=gpus,
        params:
            code=code_digest("train_generator.py", "torch", study.generator.module),
            settings=study.generator.params("training"),
            study=study.name,
            seed=0,
            device=study.training.device,
            scratch=f"{RESULTS}/scratch/train_generator",
            torch_threads=GENERATOR_THREADS,
        script:
            "../scripts/train_generator.py"


if study.pools:

    rule sample_generator:
        input:
            unpack(sampled_from),
            manifest=rules.prepare_splits.output.manifest,
        output:
            **{name: f"{PART}/{name}.npy" for name in POOL_FILES},
        log:
            f"{RESULTS}/logs/sample_generator/{{part}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/sample_generator/{{part}}.tsv"
        priority: 10
        conda:
            (
                "../../envs/text2image.yaml"
                if NEEDED_PACKAGES
                else "../../envs/torch.yaml"
            )
        threads: GENERATOR_THREADS
        resources:
            mem_mb=4000,
            runtime=240,
            gpu=gpus,
        params:
            code=lambda wildcards: code_digest(
                "sample_generator.py",
                SAMPLING_ENVIRONMENT,
                sampled_by(wildcards).module,
            ),
            settings=lambda wildcards: sampled_by(wildcards).params("sampling"),
            contents=lambda wildcards: [
                folder_digest(path) for path in sampled_by(wildcards).folders
            ],
            key=lambda wildcards: study.generator_task(
                study.pool_parts[wildcards.part].pool.generator
            ).key,
            pool=lambda wildcards: asdict(study.pool_parts[wildcards.part].pool),
            part=lambda wildcards: [
                study.pool_parts[wildcards.part].start,
                study.pool_parts[wildcards.part].stop,
            ],
            image_size=study.data.image_size,
            scratch=f"{RESULTS}/scratch/sample_generator/{{part}}",
            study=study.name,
            device=study.training.device,
            torch_threads=GENERATOR_THREADS,
        script:
            "../scripts/sample_generator.py"

    if JOINED:

        rule join_pool:
            input:
                **{name: per_part(name) for name in POOL_FILES},
            output:
                **{name: f"{SYNTHETIC}/{name}.npy" for name in POOL_FILES},
            log:
                f"{RESULTS}/logs/join_pool/{{pool}}.log",
            benchmark:
                f"{RESULTS}/benchmarks/join_pool/{{pool}}.tsv"
            wildcard_constraints:
                pool="|".join(map(re.escape, JOINED)),
            conda:
                "../../envs/data.yaml"
            threads: 1
            resources:
                mem_mb=4000,
                runtime=30,
            params:
                code=code_digest("join_pool.py", "data"),
            script:
                "../scripts/join_pool.py"

    if FILTERED:

        rule filter_pool:
            input:
                **real_images(seen=study.seen_split, validation="validation"),
                **{f"drawn_{name}": f"{SYNTHETIC}/{name}.npy" for name in POOL_FILES},
                manifest=rules.prepare_splits.output.manifest,
                encoder=FROZEN[EMBEDDING]["weights"],
                description=FROZEN[EMBEDDING]["description"],
            output:
                **{name: f"{SYNTHETIC}/kept/{name}.npy" for name in POOL_FILES},
                rejected=f"{SYNTHETIC}/kept/rejected.parquet",
            log:
                f"{RESULTS}/logs/filter_pool/{{pool}}.log",
            benchmark:
                f"{RESULTS}/benchmarks/filter_pool/{{pool}}.tsv"
            priority: 10
            conda:
                "../../envs/torch.yaml"
            threads: 1
            resources:
                mem_mb=4000,
                runtime=60,
                gpu=gpus,
            params:
                code=code_digest("filter_pool.py", "torch"),
                filter=lambda wildcards: study.generator_of(
                    study.pools[wildcards.pool]
                ).filter.model_dump(),
                n_images=lambda wildcards: study.generator_of(
                    study.pools[wildcards.pool]
                ).images,
                device=study.training.device,
            script:
                "../scripts/filter_pool.py"


if JUDGED:

    rule generator_quality:
        input:
            **real_images(unseen=study.unseen_split, seen=study.seen_split, test="test"),
            rejected=[f"{used_folder(pool)}/rejected.parquet" for pool in FILTERED],
            manifest=rules.prepare_splits.output.manifest,
            encoder=FROZEN[EMBEDDING]["weights"],
            description=FROZEN[EMBEDDING]["description"],
            synthetic_images=[f"{pool}/images.npy" for pool in POOLS],
            synthetic_labels=[f"{pool}/labels.npy" for pool in POOLS],
        output:
            table=f"{RESULTS}/tables/generator_quality.parquet",
            csv=f"{RESULTS}/tables/generator_quality.csv",
            classes=f"{RESULTS}/tables/generator_classes.parquet",
            classes_csv=f"{RESULTS}/tables/generator_classes.csv",
        log:
            f"{RESULTS}/logs/generator_quality.log",
        benchmark:
            f"{RESULTS}/benchmarks/generator_quality.tsv"
        # Says early whether the images are worth training on.
        priority: 10
        conda:
            "../../envs/torch.yaml"
        threads: 1
        resources:
            mem_mb=3000,
            runtime=60,
            gpu=gpus,
        params:
            code=code_digest("generator_quality.py", "torch"),
            pools=[
                {
                    **study.pools[pool].columns(),
                    "learnt_from": study.generator_of(study.pools[pool]).learnt_from,
                }
                for pool in JUDGED
            ],
            filtered=[pool for pool in JUDGED if pool in FILTERED],
            threshold=study.claims.recognised,
            device=study.training.device,
        script:
            "../scripts/generator_quality.py"
