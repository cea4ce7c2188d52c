"""Pools of synthetic images: those that are drawn from one generator under the same settings, once for all runs."""

from dataclasses import asdict, dataclass
from typing import Any

SETTINGS = {"guidance_scale": "guidance", "strength": "strength", "prompts": "prompts"}
"""What the settings are called in the name of a pool."""


@dataclass(frozen=True)
class Pool:
    """A pool of synthetic images; a setting is None where the generator has none of its kind.

    Attributes
    ----------
    generator
        Name of the generator, empty for the only one of a study.
    guidance_scale
        How strongly images are drawn towards their class.
    strength
        How far an image moves away from the real one that it is made from.
    prompts
        How many variants of its prompt the generator is asked with, None for all.
    """

    generator: str = ""
    guidance_scale: float | None = None
    strength: float | None = None
    prompts: int | None = None

    @property
    def settings(self) -> dict[str, float]:
        """The settings that the pool is drawn under, by name."""
        values = ((key, getattr(self, key)) for key in SETTINGS)
        return {key: value for key, value in values if value is not None}

    @property
    def name(self) -> str:
        """Name of the pool and of its folder, such as ``guidance-1.5``."""
        parts = [self.generator] if self.generator else []
        return "-".join([*parts, *(f"{SETTINGS[key]}-{value:g}" for key, value in self.settings.items())]) or "all"

    def columns(self) -> dict[str, Any]:
        """Return the columns that name this pool in tables."""
        return {"pool": self.name, **asdict(self)}


def pool_order(pool: Pool) -> tuple[str, tuple[float, ...]]:
    """Return what pools are sorted by: their generator, then their settings, ascending."""
    return pool.generator, tuple(pool.settings.get(key, -1) for key in SETTINGS)


@dataclass(frozen=True)
class PoolPart:
    """The images of a pool that one job draws: those at the places from `start` up to, but not including, `stop`."""

    pool: Pool
    start: int
    stop: int


def parts_of(pool: Pool, images: int, images_per_job: int | None) -> dict[str, PoolPart]:
    """Return the parts of a pool by their folders: the pool's own folder if one job draws it all."""
    if images_per_job is None or images_per_job >= images:
        return {pool.name: PoolPart(pool, 0, images)}
    starts = range(0, images, images_per_job)
    return {
        f"{pool.name}/part-{number}": PoolPart(pool, start, min(start + images_per_job, images))
        for number, start in enumerate(starts)
    }
