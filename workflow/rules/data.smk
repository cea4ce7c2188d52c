# Real images: disjoint splits, natural out-of-distribution sets, and corrupted copies of the test images.


rule prepare_splits:
    output:
        **{f"{split}_images": images(split) for split in SPLITS},
        **{f"{split}_labels": labels(split) for split in SPLITS},
        manifest=f"{RESULTS}/data/manifest.json",
    log:
        f"{RESULTS}/logs/prepare_splits.log",
    benchmark:
        f"{RESULTS}/benchmarks/prepare_splits.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=code_digest("prepare_splits.py", "data"),
        source=study.data["source"],
        contents=folder_digest(study.data["source"].get("path")),
        image_size=study.data["image_size"],
        splits=study.data["splits"],
        study=study.name,
    script:
        "../scripts/prepare_splits.py"


rule prepare_ood:
    input:
        manifest=rules.prepare_splits.output.manifest,
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
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=code_digest("prepare_ood.py", "data"),
        source=lambda wildcards: study.ood_sources[wildcards.ood],
        contents=lambda wildcards: folder_digest(
            study.ood_sources[wildcards.ood].get("path")
        ),
        image_size=study.data["image_size"],
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
            code=code_digest("corrupt_test.py", "data"),
            corruptions=study.data["corruptions"],
            study=study.name,
        script:
            "../scripts/corrupt_test.py"
