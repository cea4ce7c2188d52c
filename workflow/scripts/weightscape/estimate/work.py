"""How much work a study is: runs, steps, images and bytes, counted from its config."""

from dataclasses import dataclass

from weightscape.conditions import Condition
from weightscape.config.study import Study
from weightscape.training.datasets import recipe_of


@dataclass(frozen=True)
class Work:
    """The work of a study.

    Attributes
    ----------
    runs
        Training runs.
    steps
        Optimiser steps of all runs.
    batches
        Batches of each condition that are augmented on the CPU, over all its seeds, by the condition's name.
    predicted
        Images that networks see for evaluation, over all runs.
    embedded
        Images whose features are compared with each other.
    synthetic
        Synthetic images, by the name of their generator in the config.
    """

    runs: int
    steps: int
    batches: dict[str, int]
    predicted: int
    embedded: int
    synthetic: dict[str, int]


def count_work(study: Study) -> Work:
    """Count the work of a study."""
    seeds = study.seeds.count
    steps = {condition.name: steps_of(study, condition) for condition in study.conditions}
    runs = len(study.conditions) * seeds
    epoch = max(1, study.training.images // study.training.batch_size)
    synthetic: dict[str, int] = {}
    for pool in study.pools.values():
        synthetic[pool.generator] = synthetic.get(pool.generator, 0) + study.generator_of(pool).images
    return Work(
        runs=runs,
        steps=seeds * sum(steps.values()),
        batches={
            condition.name: seeds * (steps[condition.name] + epoch)
            for condition in study.conditions
            if condition.changes_data
        },
        predicted=runs * (evaluated_images(study) + validated_images(study)),
        embedded=len(study.data_conditions) * seeds * epoch * study.training.batch_size,
        synthetic=synthetic,
    )


def steps_of(study: Study, condition: Condition) -> int:
    """Return the optimiser steps of a run under a condition."""
    recipe = recipe_of(condition.treatment, study.training.images)
    steps = study.training.run_steps((recipe.real + recipe.synthetic) * recipe.copies)
    for intervention in condition.treatment:
        steps = intervention.steps(steps)
    return steps


def evaluated_images(study: Study) -> int:
    """Return how many images each run is evaluated on after training."""
    splits, corruptions = study.data.splits, study.data.corruptions
    ood = sum(part.images or sum(part.source.facts.counts.values()) for part in study.ood_sets)
    corrupted = len(study.corruption_sets) * corruptions.images if corruptions else 0
    return splits.validation + splits.test + ood + corrupted


def validated_images(study: Study) -> int:
    """Return how many images each run predicts in training: validation after each epoch, its own images at the end."""
    settings = study.training
    epochs = -(-settings.run_steps(settings.images) // settings.steps_per_epoch(settings.images))
    return epochs * study.data.splits.validation + settings.images


def stored_bytes(study: Study, weights: int) -> int:
    """Return the bytes of the largest files: weights of all runs, images, logits.

    Parameters
    ----------
    study
        The study.
    weights
        Bytes of the weights of one run.
    """
    work, pixels = count_work(study), 3 * study.data.image_size**2
    splits = sum(study.data.splits.model_dump().values())
    images = splits + evaluated_images(study) + sum(work.synthetic.values())
    logits = work.runs * evaluated_images(study) * len(study.class_names) * 4
    return work.runs * weights + images * pixels + logits
