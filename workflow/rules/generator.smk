# Synthetic images: a diffusion model trained on the generator pool (or a ready pipeline), sampled once per pool.

GENERATOR = f"{RESULTS}/generator"
SYNTHETIC = synthetic_folder("{pool}")
# Sums are split among threads, so their number is part of the result, whatever the number of cores. With one thread,
# the longest chain of jobs starts beside others at once instead of waiting until two cores are free.
GENERATOR_THREADS = 1
POOLS = [synthetic_folder(pool) for pool in study.pools]

if study.trains_generator:

    rule train_generator:
        input:
            manifest=rules.prepare_splits.output.manifest,
            images=images("generator"),
            labels=labels("generator"),
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
            **(rules.train_generator.output if study.trains_generator else {}),
            manifest=rules.prepare_splits.output.manifest,
        output:
            images=f"{SYNTHETIC}/images.npy",
            labels=f"{SYNTHETIC}/labels.npy",
        log:
            f"{RESULTS}/logs/sample_generator/{{pool}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/sample_generator/{{pool}}.tsv"
        priority: 10
        conda:
            "../../envs/torch.yaml"
        threads: GENERATOR_THREADS
        resources:
            mem_mb=4000,
            runtime=240,
            gpu=gpus,
        params:
            code=code_digest("sample_generator.py", "torch", study.generator.module),
            settings=study.generator.params("sampling"),
            contents=folder_digest(study.generator.folder),
            pool=lambda wildcards: study.pools[wildcards.pool].settings,
            n_images=study.generator.images,
            image_size=study.data.image_size,
            study=study.name,
            device=study.training.device,
            torch_threads=GENERATOR_THREADS,
        script:
            "../scripts/sample_generator.py"

    rule generator_quality:
        input:
            **{
                f"{split}_images": images(split)
                for split in ("train", "generator", "test")
            },
            **{
                f"{split}_labels": labels(split)
                for split in ("train", "generator", "test")
            },
            encoder=FROZEN[EMBEDDING]["weights"],
            description=FROZEN[EMBEDDING]["description"],
            synthetic_images=[f"{pool}/images.npy" for pool in POOLS],
            synthetic_labels=[f"{pool}/labels.npy" for pool in POOLS],
        output:
            table=f"{RESULTS}/tables/generator_quality.parquet",
            csv=f"{RESULTS}/tables/generator_quality.csv",
        log:
            f"{RESULTS}/logs/generator_quality.log",
        benchmark:
            f"{RESULTS}/benchmarks/generator_quality.tsv"
        conda:
            "../../envs/torch.yaml"
        threads: 1
        resources:
            mem_mb=3000,
            runtime=60,
            gpu=gpus,
        params:
            code=code_digest("generator_quality.py", "torch"),
            pools=[pool.columns() for pool in study.pools.values()],
            device=study.training.device,
        script:
            "../scripts/generator_quality.py"
