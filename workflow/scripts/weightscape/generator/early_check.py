"""A quick look at a generator that was just trained, before anything is trained on its images.

It needs no images but those of the training: a classifier of pixels learns from most of them and is tried on the rest.
The check that counts, on other images and with the frozen encoder, is `weightscape.generator.quality`.
"""

import logging
from collections.abc import Sequence

import numpy as np

from weightscape.generator.classifier import train_classifier
from weightscape.generator.generator import Batch, Task
from weightscape.generator.kinds.diffusion import Diffusion
from weightscape.generator.pipeline import ClassConditionalPipeline
from weightscape.generator.pool import Pool
from weightscape.generator.sampling import sample_images
from weightscape.statistics.recognised_share import DEFAULT_RECOGNISED, Share, class_mean_accuracy, share_of_real

HELD_BACK = 0.2
"""Share of the training images that the classifier is tried on."""

IMAGES, PER_CLASS = 100, 10
"""Images that are drawn at least, and at least of each class."""

log = logging.getLogger(__name__)


def check_early(
    pipeline: ClassConditionalPipeline,
    images: np.ndarray,
    labels: np.ndarray,
    class_names: Sequence[str],
    settings: Diffusion,
    study: str,
) -> Share:
    """Say in the log how well synthetic images are recognised, as a warning if that is less than the gate asks for.

    Parameters
    ----------
    pipeline
        The trained generator; images are drawn at guidance 1.
    images, labels, class_names
        What it was trained on, see `weightscape.generator.training.train_diffusion`; every prefix has all classes.
    settings
        See `Diffusion`.
    study
        Names the streams.
    """
    first = int(len(images) * (1 - HELD_BACK))
    learn, rest = (images[:first], labels[:first]), (images[first:], labels[first:])
    classes, steps = len(class_names), settings.chosen(pipeline.image_channels).sampling_steps
    known, seen = len(np.unique(learn[1])), len(np.unique(rest[1]))
    if min(known, seen) < classes:
        log.info("too few images to check early whether synthetic ones are recognised")
        return Share(float("nan"), float("nan"))
    task = Task("generator", study, class_names, max(IMAGES, PER_CLASS * classes), images.shape[1])

    def draw(batch: Batch) -> np.ndarray:
        return pipeline(batch.labels, 1.0, list(batch.generators), steps).images

    pool = sample_images(draw, task, Pool(guidance_scale=1.0), settings.sampling_batch_size)
    drawn = (pool.images, pool.labels)
    classifier = train_classifier(learn, rest)
    synthetic, real = (class_mean_accuracy(classifier.right(*part), part[1]) for part in (drawn, rest))
    share = share_of_real(synthetic, real, 1 / classes)
    level = logging.WARNING if share.value < DEFAULT_RECOGNISED else logging.INFO
    log.log(
        level,
        "a quick check at guidance 1: a classifier of pixels recognises %.2f of %d synthetic images and %.2f of real "
        "ones, %.2f by guessing%s", synthetic[0], len(drawn[1]), real[0], 1 / classes,
        "; claim 2 asks for more: train longer (generator.steps) or wider (generator.channels), or draw at a higher "
        "guidance scale" if level == logging.WARNING else "",
    )  # fmt: skip
    return share
