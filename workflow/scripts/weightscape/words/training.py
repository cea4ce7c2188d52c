"""How all runs of a study were trained, in words."""

from weightscape.training.settings import TrainingSettings
from weightscape.words.names import plain


def training_words(settings: TrainingSettings) -> str:
    """Return what a reader needs to train as the study did, and whose weights its numbers are of.

    Examples
    --------
    >>> training_words(
    ...     TrainingSettings(images=512, epochs=8, batch_size=32, optimizer="adam", learning_rate=0.003, ema=0.99)
    ... )
    '8 passes over 512 images in batches of 32; equal steps in all conditions; adam, learning rate 0.003, one cycle; \
moving average of the weights with decay 0.99, which is what was evaluated and decomposed'
    """
    length = f"{settings.steps:,} steps" if settings.steps else f"{settings.epochs:,} passes"
    of_head = f", of the classifier {settings.head_learning_rate:g}" if settings.head_learning_rate else ""
    places = " and ".join(f"{100 * share:g} %" for share in sorted(settings.milestones))
    falls = f", divided by ten after {places} of the steps" if settings.schedule == "step" else ""
    warmup = f" after a warm-up over {100 * settings.warmup:g} % of the steps" if settings.warmup else ""
    equal = {"steps": "equal steps in all conditions", "passes": "equal passes over each condition's own images"}
    rest = {
        f"weight decay {settings.weight_decay:g} in every run": settings.weight_decay,
        f"gradients of norm {settings.clip_norm or 0:g} at most": settings.clip_norm,
        f"batches in {settings.micro_batches} parts": settings.micro_batches > 1,
        f"trained layers: {plain(settings.train)}": settings.train != "all",
        f"{settings.precision} in training": settings.precision != "float32",
        "compiled": settings.compile,
        f"moving average of the weights with decay {settings.ema or 0:g}, which is what was evaluated and decomposed": (
            settings.ema
        ),
    }
    return "; ".join(
        [
            f"{length} over {settings.images:,} images in batches of {settings.batch_size:,}",
            equal[settings.equal],
            f"{settings.optimizer}, learning rate {settings.learning_rate:g}{of_head}, "
            f"{plain(settings.schedule)}{falls}{warmup}",
            *(words for words, there in rest.items() if there),
        ]
    )
