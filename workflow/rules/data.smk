# Real images: disjoint splits, natural out-of-distribution sets, and corrupted copies of the test images.

DOWNLOADED = [name for name, source in DATA_SOURCES.items() if source.downloads]
READS_WITH_TORCH = any(
    source.environment == "data_torch" for source in DATA_SOURCES.values()
)
DATA_ENVIRONMENT = "data_torch" if READS_WITH_TORCH else "data"


if DOWNLOADED:

    # The only rule that needs a network: it runs where Snakemake does, not on a node of a cluster.
    localrules:
        fetch_data,

    rule fetch_data:
        output:
            f"{RESULTS}/data/fetched/{{name}}.json",
        log:
            f"{RESULTS}/logs/fetch_data/{{name}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/fetch_data/{{name}}.tsv"
        wildcard_constraints:
            name="|".join(DOWNLOADED),
        conda:
            "../../envs/data_torch.yaml"
        threads: 1
        resources:
            mem_mb=4000,
            runtime=240,
        params:
            code=lambda wildcards: code_digest(
                "fetch_data.py", "data_torch", DATA_SOURCES[wildcards.name].module
            ),
            source=lambda wildcards: DATA_SOURCES[wildcards.name].given(),
        script:
            "../scripts/fetch_data.py"


rule prepare_splits:
    input:
        fetched("data-source"),
    output:
        **{f"{split}_images": images(split) for split in SPLITS},
        **{f"{split}_labels": labels(split) for split in SPLITS},
        manifest=f"{RESULTS}/data/manifest.json",
    log:
        f"{RESULTS}/logs/prepare_splits.log",
    benchmark:
        f"{RESULTS}/benchmarks/prepare_splits.tsv"
    conda:
        f"../../envs/{DATA_ENVIRONMENT}.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=code_digest(
            "prepare_splits.py", DATA_ENVIRONMENT, study.data.source.module
        ),
        source=study.data.source.given(),
        contents=contents(study.data.source),
        image_size=study.data.image_size,
        splits=study.data.splits.model_dump(),
        study=study.name,
    script:
        "../scripts/prepare_splits.py"


rule prepare_ood:
    input:
        manifest=rules.prepare_splits.output.manifest,
        others=lambda wildcards: [images(name) for name in sets_before(wildcards.ood)],
        fetched=lambda wildcards: fetched(wildcards.ood),
    output:
        images=images("{ood}"),
        labels=labels("{ood}"),
    log:
        f"{RESULTS}/logs/prepare_ood/{{ood}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/prepare_ood/{{ood}}.tsv"
    wildcard_constraints:
        ood="|".join(study.ood_sources) or "none",
    conda:
        f"../../envs/{DATA_ENVIRONMENT}.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=lambda wildcards: code_digest(
            "prepare_ood.py",
            DATA_ENVIRONMENT,
            study.ood_sources[wildcards.ood].module,
        ),
        source=lambda wildcards: study.ood_sources[wildcards.ood].given(),
        contents=lambda wildcards: contents(study.ood_sources[wildcards.ood]),
        image_size=study.data.image_size,
        images=lambda wildcards: study.ood_images[wildcards.ood],
        name=lambda wildcards: wildcards.ood,
        study=study.name,
        others=lambda wildcards: sets_before(wildcards.ood),
    script:
        "../scripts/prepare_ood.py"


if study.corruption_sets:

    rule corrupt_test:
        input:
            images=images("test"),
            labels=labels("test"),
        output:
            images=[images(corrupted.name) for corrupted in study.corruption_sets],
            labels=[labels(corrupted.name) for corrupted in study.corruption_sets],
        log:
            f"{RESULTS}/logs/corrupt_test.log",
        benchmark:
            f"{RESULTS}/benchmarks/corrupt_test.tsv"
        conda:
            "../../envs/data.yaml"
        threads: 1
        resources:
            mem_mb=2000,
            runtime=30,
        params:
            code=code_digest(
                "corrupt_test.py",
                "data",
                *map(CORRUPTIONS.module, study.data.corruptions.kinds),
            ),
            corruptions=study.data.corruptions.model_dump(),
            study=study.name,
        script:
            "../scripts/corrupt_test.py"


if study.corruption_file_sets:

    rule read_corruptions:
        input:
            manifest=rules.prepare_splits.output.manifest,
        output:
            images=[images(found.name) for found in study.corruption_file_sets],
            labels=[labels(found.name) for found in study.corruption_file_sets],
        log:
            f"{RESULTS}/logs/read_corruptions.log",
        benchmark:
            f"{RESULTS}/benchmarks/read_corruptions.tsv"
        conda:
            "../../envs/data.yaml"
        threads: 1
        resources:
            mem_mb=2000,
            runtime=60,
        params:
            code=code_digest("read_corruptions.py", "data"),
            files=study.data.corruption_files.given(),
            contents=folder_digest(study.data.corruption_files.path),
            image_size=study.data.image_size,
            study=study.name,
        script:
            "../scripts/read_corruptions.py"
