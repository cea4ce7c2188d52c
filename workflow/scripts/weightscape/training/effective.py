"""The effective training set: the images as training sees them, after augmentation and noise."""

from collections.abc import Sequence

import numpy as np

from weightscape.training.datasets import LabelledImages, TrainingSet, batches
from weightscape.training.intervention import Intervention, augment_batch


def effective_training_set(
    training: TrainingSet, treatment: Sequence[Intervention], n_images: int, batch_size: int, study: str, seed: int
) -> LabelledImages:
    """Return the images of the first epoch, byte for byte what `weightscape.training.finetune` trains on.

    All conditions of a study have equally many of them (steps per epoch × batch size), so that a larger training set
    is not more diverse by its size alone.
    """
    steps = max(1, n_images // batch_size)
    images, labels = [], []
    for step, index in enumerate(batches(len(training), batch_size, steps, study, seed)):
        images.append(augment_batch(training.images[index], treatment, study, seed, "batch", step))
        labels.append(training.labels[index])
    return LabelledImages(np.concatenate(images), np.concatenate(labels))
