"""Synthetic images of classes outside the task: diverse, but of no use to it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from weightscape.generator.pool import Pool
from weightscape.training.intervention import Recipe
from weightscape.training.synthetic_images import RATIO, SyntheticImages


class Irrelevant(SyntheticImages):
    """Synthetic images of classes outside the task, whose target is the same probability for every class.

    With a label drawn at random for each image, the gradient would be that of this target on average, as cross-entropy
    is linear in the target, with the noise of the draw and labels to memorise on top.
    """

    roles: ClassVar[frozenset[str]] = frozenset({"diversity"})
    foreign: ClassVar[bool] = True

    family: Literal["irrelevant"]
    generator: Annotated[str, Field(min_length=1)]
    """name of one of `generators`, which shows other classes than the study's"""
    dose: Annotated[float, RATIO]
    """irrelevant images per real image"""

    @model_validator(mode="after")
    def _replaces_at_most_all(self) -> "Irrelevant":
        self.check_ratio(self.dose)
        return self

    def recipe(self, recipe: Recipe) -> Recipe:
        """Return the recipe with irrelevant images."""
        return self.replaced_or_added(recipe, self.dose)

    def pool(self) -> Pool:
        """Return the pool of the generator."""
        return self.drawn_with()
