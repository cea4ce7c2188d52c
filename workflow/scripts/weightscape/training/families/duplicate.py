"""Copies of the same images: a negative control."""

from dataclasses import replace
from typing import Annotated, Literal

from weightscape.section import Range
from weightscape.training.intervention import Intervention, Recipe


class Duplicate(Intervention):
    """Every image several times, which changes nothing but the order of the batches: a negative control."""

    family: Literal["duplicate"]
    dose: Annotated[int, Range(2, 100, integer=True)]
    """copies of each image"""

    def recipe(self, recipe: Recipe) -> Recipe:
        """Return the recipe with copies."""
        return replace(recipe, copies=self.dose)
