"""Synthetic images in the training set."""

from dataclasses import replace
from typing import Annotated, ClassVar, Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from weightscape.generator.pool import Pool
from weightscape.section import Range
from weightscape.training.intervention import Intervention, Recipe


class Synthetic(Intervention):
    """Synthetic images that replace real ones or are added to them."""

    roles: ClassVar[frozenset[str]] = frozenset({"diversity", "synthetic"})

    family: Literal["synthetic"]
    mode: Literal["replace", "add"]
    """`replace`: they take the place of real ones, at most all of them; `add`: they are added"""
    guidance_scale: Annotated[float, Range(0, 20)]
    """how strongly they are drawn towards their class: above 1 more typical, and less varied"""
    dose: Annotated[float, Range(0, 10, low_open=True)]
    """synthetic images per real image"""

    @model_validator(mode="after")
    def _replaces_at_most_all(self) -> "Synthetic":
        if self.mode == "replace" and self.dose > 1:
            raise PydanticCustomError("range", "must be a number in (0, 1] where synthetic images replace real ones")
        return self

    def recipe(self, recipe: Recipe) -> Recipe:
        """Return the recipe with synthetic images."""
        synthetic = round(self.dose * recipe.real)
        return replace(recipe, synthetic=synthetic, real=recipe.real - synthetic * (self.mode == "replace"))

    def pool(self) -> Pool:
        """Return the pool of the guidance scale."""
        return Pool(guidance_scale=self.guidance_scale)
