# Accuracy and calibration: logits by block, then every metric of every run at once.

EVALUATION_TABLES = ["evaluation", "class_accuracy", "detection"]


rule predict:
    input:
        weights=weights,
        description=rules.prepare_backbone.output.description,
        manifest=rules.prepare_splits.output.manifest,
        images=[images(evaluation_set.name) for evaluation_set in study.evaluation_sets],
    output:
        logits=f"{RUN}/logits.npz",
    log:
        f"{RESULTS}/logs/predict/{{condition}}-{{block}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/predict/{{condition}}-{{block}}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=60,
        gpu=gpus,
    params:
        code=code_digest("predict.py", "torch"),
        sets=[evaluation_set.name for evaluation_set in study.evaluation_sets],
        seeds=seeds,
        device=study.training.device,
    script:
        "../scripts/predict.py"


rule evaluate:
    input:
        logits=per_block(f"{RUN}/logits.npz", study.conditions),
        labels=[labels(evaluation_set.name) for evaluation_set in study.evaluation_sets],
        manifest=rules.prepare_splits.output.manifest,
    output:
        **table(*EVALUATION_TABLES),
        csv=[f"{TABLES}/{name}.csv" for name in EVALUATION_TABLES],
    log:
        f"{RESULTS}/logs/evaluate.log",
    benchmark:
        f"{RESULTS}/benchmarks/evaluate.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        code=code_digest("evaluate.py", "analysis"),
        sets=[vars(evaluation_set) for evaluation_set in study.evaluation_sets],
        runs=[
            {
                **condition.columns(),
                "corruptions_seen": condition.corruptions_seen,
                "seeds": study.seeds_of(block),
            }
            for condition in study.conditions
            for block in study.blocks
        ],
    script:
        "../scripts/evaluate.py"
