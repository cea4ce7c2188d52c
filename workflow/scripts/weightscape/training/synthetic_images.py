"""What the families with synthetic images share: how many there are, and which pool they are drawn from."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic_core import PydanticCustomError

from weightscape.generator.pool import Pool
from weightscape.section import Count, Range
from weightscape.training.intervention import Intervention, Recipe

RATIO = Range(0, 10, low_open=True)
GUIDANCE_SCALE = Range(0, 20)
STRENGTH = Range(0, 1, low_open=True)


class SyntheticImages(Intervention):
    """Synthetic images that replace real ones or are added to them."""

    mode: Literal["replace", "add"]
    """`replace`: they take the place of real ones, at most all of them; `add`: they are added"""
    generator: Annotated[str, Field(min_length=1)] | None = None
    """name of one of `generators`; the key `generator` if left out"""
    guidance_scale: Annotated[float, GUIDANCE_SCALE] | None = None
    """guidance scale"""
    prompts: Count | None = None
    """number of variants of the prompt, all if left out"""

    def replaced_or_added(self, recipe: Recipe, ratio: float) -> Recipe:
        """Return the recipe with this number of synthetic images per real one."""
        synthetic = round(ratio * recipe.real)
        return replace(recipe, synthetic=synthetic, real=recipe.real - synthetic * (self.mode == "replace"))

    def check_ratio(self, ratio: float) -> None:
        """Refuse to replace more images than there are."""
        if self.mode == "replace" and ratio > 1:
            raise PydanticCustomError("range", "must be a number in (0, 1] where synthetic images replace real ones")

    def drawn_with(self, **settings: Any) -> Pool:
        """Return the pool of these settings, and of those that the config gives for all doses."""
        given = {"guidance_scale": self.guidance_scale, "prompts": self.prompts}
        return Pool(**{"generator": self.generator or "", **given, **settings})
