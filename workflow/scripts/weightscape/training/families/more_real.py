"""More real images: what synthetic images are measured against."""

from dataclasses import replace
from typing import Annotated, ClassVar, Literal

from weightscape.section import Range
from weightscape.training.intervention import Intervention, Recipe


class MoreReal(Intervention):
    """More real images, for as many steps or passes as `training.equal` says."""

    roles: ClassVar[frozenset[str]] = frozenset({"diversity"})

    family: Literal["more_real"]
    dose: Annotated[float, Range(1, 100, low_open=True)]
    """times the images"""

    def recipe(self, recipe: Recipe) -> Recipe:
        """Return the recipe with more real images."""
        return replace(recipe, real=round(recipe.real * self.dose))
