"""The kinds of generators and their settings, checked before any job starts; this module needs no torch.

A kind is a frozen dataclass under its name in a registry, as models are in timm: a new kind is one dataclass here and
one loader in `weightscape.generator.sampling`. Every field carries what is allowed, the test for it, and the stage
that reads it, so that a changed sampling key never retrains a generator.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, TypeVar

KINDS: dict[str, type["GeneratorSettings"]] = {}

_Kind = TypeVar("_Kind", bound=type["GeneratorSettings"])


def register_kind(cls: _Kind) -> _Kind:
    """Enter a settings class in the registry under its ``kind``."""
    KINDS[cls.kind] = cls
    return cls


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_list_of(check: Callable[[Any], bool], value: Any) -> bool:
    return isinstance(value, (list, tuple)) and len(value) > 0 and all(check(item) for item in value)


def _setting(stage: str, allowed: str, check: Callable[[Any], bool], **default: Any) -> Any:
    """Return a dataclass field with the stage that reads it and what is allowed, in words and as a test."""
    return field(metadata={"stage": stage, "allowed": allowed, "check": check}, **default)


def _count(stage: str, default: int) -> Any:
    return _setting(stage, "an integer of 1 or more", lambda v: _is_integer(v) and v >= 1, default=default)


@dataclass(frozen=True)
class GeneratorSettings(ABC):
    """What all kinds of generators share: the way from and to the ``generator:`` section of a study's config."""

    kind: ClassVar[str]
    """The name in the config."""
    trains: ClassVar[bool]
    """Whether the workflow trains this kind; others are loaded as they are."""

    @staticmethod
    def from_dict(section: Mapping[str, Any], where: str = "generator") -> "GeneratorSettings":
        """Return the settings of a ``generator:`` section; keys that are left out have their defaults.

        Parameters
        ----------
        section
            The section as read from YAML: ``kind`` (default ``"diffusion"``) and the keys of that kind.
        where
            How errors name the section, e.g. ``"config/digits.yaml: generator"``.

        Raises
        ------
        ValueError
            On an unknown kind or key, a missing key or a value that is not allowed; the text names the key, the value
            and what is allowed.

        Examples
        --------
        >>> GeneratorSettings.from_dict({"steps": 10}).steps
        10
        >>> GeneratorSettings.from_dict({"steps": 0})
        Traceback (most recent call last):
            ...
        ValueError: generator.steps: found 0; allowed: an integer of 1 or more
        """
        values = dict(section)
        kind = values.pop("kind", "diffusion")
        if kind not in KINDS:
            raise ValueError(f"{where}.kind: found {kind!r}; allowed: {', '.join(sorted(KINDS))}")
        known = {item.name: item for item in fields(KINDS[kind])}
        for key, value in values.items():
            if key not in known:
                raise ValueError(f"{where}.{key}: unknown key for kind {kind!r}; allowed: kind, {', '.join(known)}")
            if not known[key].metadata["check"](value):
                raise ValueError(f"{where}.{key}: found {value!r}; allowed: {known[key].metadata['allowed']}")
            if isinstance(value, list):
                values[key] = tuple(value)
        for name, item in known.items():
            if item.default is MISSING and name not in values:
                raise ValueError(f"{where}.{name}: missing, kind {kind!r} needs {item.metadata['allowed']}")
        return KINDS[kind](**values)

    @abstractmethod
    def check_study(self, image_size: int, classes: int) -> None:
        """Check what depends on the data: the side of the images in pixels and the number of classes.

        Raises
        ------
        ValueError
            If the settings do not fit; the text names the key, the value and what is allowed.
        """

    def params(self, stage: str) -> dict[str, Any]:
        """Return the settings that `stage` ("training" or "sampling") reads, as plain values that `from_dict` takes."""
        values: dict[str, Any] = {"kind": self.kind}
        for item in fields(self):
            if stage == item.metadata["stage"]:
                value = getattr(self, item.name)
                values[item.name] = list(value) if isinstance(value, tuple) else value
        return values


@register_kind
@dataclass(frozen=True)
class DiffusionSettings(GeneratorSettings):
    """A class-conditional diffusion model that the workflow trains on the generator pool.

    Attributes
    ----------
    steps, batch_size
        Optimiser steps and images per step.
    learning_rate
        Peak rate of AdamW; it rises over the first steps and falls to 0 along a cosine.
    ema_decay
        Decay per step of the exponential moving average of the weights, which is what is saved.
    class_dropout
        Share of the images that are trained without their label, for classifier-free guidance.
    channels, layers_per_block
        Width of each resolution of the U-Net, finest first, and residual blocks per resolution.
    fold
        Images of H×W×C are folded to H/fold × W/fold × C·fold² before the U-Net sees them.
    checkpoint_steps
        Steps between two checkpoints from which an interrupted training goes on.
    sampling_steps, sampling_batch_size
        Euler steps per image and images per batch. The batch size is part of a study's identity: changing it may
        change the last bits of an image.
    """

    kind: ClassVar[str] = "diffusion"
    trains: ClassVar[bool] = True

    steps: int = _count("training", 1200)
    batch_size: int = _count("training", 64)
    learning_rate: float = _setting(
        "training", "a number above 0 and at most 1", lambda v: _is_number(v) and 0 < v <= 1, default=2e-3
    )
    ema_decay: float = _setting(
        "training", "a number from 0 to below 1", lambda v: _is_number(v) and 0 <= v < 1, default=0.995
    )
    class_dropout: float = _setting(
        "training", "a number above 0 and below 1", lambda v: _is_number(v) and 0 < v < 1, default=0.1
    )
    channels: tuple[int, ...] = _setting(
        "training",
        "a list of multiples of 8, finest resolution first",
        lambda v: _is_list_of(lambda c: _is_integer(c) and c > 0 and c % 8 == 0, v),
        default=(32, 64, 64),
    )
    layers_per_block: int = _count("training", 1)
    fold: int = _setting("training", "1, 2, 4 or 8", lambda v: _is_integer(v) and v in (1, 2, 4, 8), default=2)
    checkpoint_steps: int = _count("training", 250)
    sampling_steps: int = _count("sampling", 16)
    sampling_batch_size: int = _count("sampling", 50)

    def check_study(self, image_size: int, classes: int) -> None:  # noqa: ARG002  (any number of classes will do)
        """Check that the images can be folded and halved; see `GeneratorSettings.check_study`."""
        step = self.fold * 2 ** (len(self.channels) - 1)
        if image_size % step:
            raise ValueError(
                f"images of {image_size} px cannot be folded by generator.fold = {self.fold} and halved for each of "
                f"generator.channels = {list(self.channels)} but the first; allowed: multiples of {step} px"
            )


@register_kind
@dataclass(frozen=True)
class PipelineSettings(GeneratorSettings):
    """Any diffusers pipeline, from the hub or a local directory, that makes images from a prompt or a class label.

    Attributes
    ----------
    model, revision
        Hub name (``"owner/name"``) or directory, and the hub's commit, branch or tag.
    prompt
        Prompt of a text-to-image pipeline, with ``{class_name}`` where the name of the class goes. Without it the
        pipeline is asked by class label.
    class_labels
        The pipeline's label for each class of the study, in order; by default 0, 1, 2 …
    sampling_steps, sampling_batch_size
        Denoising steps per image and images per batch.
    """

    kind: ClassVar[str] = "pipeline"
    trains: ClassVar[bool] = False

    model: str = _setting("sampling", "a hub name or a directory", lambda v: isinstance(v, str) and v != "")
    revision: str | None = _setting(
        "sampling", "a commit, branch or tag", lambda v: v is None or (isinstance(v, str) and v != ""), default=None
    )
    prompt: str | None = _setting(
        "sampling",
        "a text with {class_name}",
        lambda v: v is None or (isinstance(v, str) and "{class_name}" in v),
        default=None,
    )
    class_labels: tuple[int, ...] | None = _setting(
        "sampling",
        "a list of integers of 0 or more, one per class",
        lambda v: v is None or _is_list_of(lambda c: _is_integer(c) and c >= 0, v),
        default=None,
    )
    sampling_steps: int = _count("sampling", 20)
    sampling_batch_size: int = _count("sampling", 8)

    def check_study(self, image_size: int, classes: int) -> None:  # noqa: ARG002  (images of any size are scaled)
        """Check that every class has a label; see `GeneratorSettings.check_study`."""
        if self.class_labels is not None and len(self.class_labels) != classes:
            raise ValueError(
                f"generator.class_labels: found {list(self.class_labels)}; allowed: {classes} labels, one per class"
            )
