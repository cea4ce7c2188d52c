"""Copies of the same images."""

from dataclasses import replace
from typing import Annotated, Literal

from weightscape.section import Range
from weightscape.training.intervention import Intervention, Recipe


class Duplicate(Intervention):
    """Every image several times: with equal steps a negative control, with equal passes longer training."""

    family: Literal["duplicate"]
    dose: Annotated[int, Range(2, 100, integer=True)]
    """copies of each image"""

    def recipe(self, recipe: Recipe) -> Recipe:
        """Return the recipe with copies."""
        return replace(recipe, copies=self.dose)
