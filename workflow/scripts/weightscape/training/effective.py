"""The effective training set: the images as training sees them, after augmentation, mixing and noise."""

from collections.abc import Sequence

import numpy as np

from weightscape.backbone_description import BackboneDescription
from weightscape.images import to_batch, to_images
from weightscape.training.datasets import LabelledImages, TrainingSet, assemble, batches
from weightscape.training.intervention import Intervention, augment_batch, mix_batch, perturb_inputs
from weightscape.training.targets import likeliest_labels


def effective_training_set(
    training: TrainingSet,
    treatment: Sequence[Intervention],
    n_images: int,
    batch_size: int,
    study: str,
    seed: int,
    description: BackboneDescription,
    num_classes: int,
) -> LabelledImages:
    """Return the images of the first epoch, byte for byte what `weightscape.training.finetune` trains on.

    All conditions of a study have equally many of them (steps per epoch × batch size), so that a larger training set
    is not more diverse by its size alone. Where training perturbs what the network takes in, the perturbation is drawn
    at the size of the images and rounded to 8 bits. A mixed image counts for its likeliest class.

    Parameters
    ----------
    training, treatment
        The run's training set and interventions.
    n_images, batch_size
        Real images of a baseline run, and images per step.
    study, seed
        Name the random streams.
    description
        Of the network that is trained, for its mean and standard deviation of pixels.
    num_classes
        Number of classes.
    """
    steps = max(1, n_images // batch_size)
    perturbs = any(type(part).perturb is not Intervention.perturb for part in treatment)
    images, labels = [], []
    for step, index in enumerate(batches(len(training), batch_size, steps, study, seed)):
        stream = (study, seed, "batch", step)
        seen = augment_batch(training.images[index], treatment, *stream)
        seen, targets = mix_batch(seen, training.labels[index], num_classes, treatment, *stream)
        if perturbs:
            inputs = to_batch(seen, description.mean, description.std, seen.shape[1])
            seen = to_images(perturb_inputs(inputs, treatment, *stream), description.mean, description.std)
        images.append(seen)
        labels.append(likeliest_labels(targets))
    return LabelledImages(np.concatenate(images), np.concatenate(labels))


def original_positions(labels: np.ndarray, n_images: int, batch_size: int, study: str, seed: int) -> np.ndarray:
    """Return which images of the pool the baseline's first epoch shows, in their order; `labels` are the pool's.

    An intervention that changes images one by one leaves each where it is in this order.
    """
    positions = LabelledImages(np.arange(len(labels)), labels)
    training = assemble((), positions, None, n_images, study, seed)
    order = batches(len(training), batch_size, max(1, n_images // batch_size), study, seed)
    return training.images[np.concatenate(list(order))]
