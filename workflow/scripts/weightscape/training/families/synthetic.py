"""Synthetic images in the training set."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from weightscape.generator.pool import Pool
from weightscape.section import Range, meaning
from weightscape.training.intervention import Recipe
from weightscape.training.synthetic_images import GUIDANCE_SCALE, RATIO, STRENGTH, SyntheticImages

DOSES = {
    "ratio": RATIO,
    "guidance_scale": GUIDANCE_SCALE,
    "strength": STRENGTH,
    "prompts": Range(1, 1000, integer=True),
}


class Synthetic(SyntheticImages):
    """Synthetic images that replace real ones or are added to them."""

    roles: ClassVar[frozenset[str]] = frozenset({"diversity", "synthetic"})

    family: Literal["synthetic"]
    vary: Literal["ratio", "guidance_scale", "strength", "prompts"] = "ratio"
    """what the doses are; all else is the same at every dose"""
    ratio: Annotated[float, RATIO] | None = None
    """synthetic images per real image"""
    strength: Annotated[float, STRENGTH] | None = None
    """how far `img2img` moves from the real image, as a share of its steps"""
    dose: Annotated[float, Range(0, 1000)]
    """what `vary` names"""

    @model_validator(mode="after")
    def _dose_is_what_varies(self) -> "Synthetic":
        limits = DOSES[self.vary]
        if self._value not in limits:
            raise _refused(f"{meaning(type(self), self.vary)} must be {limits}")
        if getattr(self, self.vary) is not None:
            raise _refused(f"{self.vary} must not be given twice, as a key and by vary = {self.vary!r} as doses")
        if self.vary != "ratio" and self.ratio is None:
            raise _refused(f"the key ratio must be given where vary = {self.vary!r}")
        self.check_ratio(self._ratio)
        return self

    @property
    def dose_field(self) -> str:
        """Name of the field whose meaning the dose has."""
        return self.vary

    @property
    def _value(self) -> float:
        """The dose, a whole number if it is one."""
        return int(self.dose) if self.vary == "prompts" and self.dose.is_integer() else self.dose

    @property
    def _ratio(self) -> float:
        return self.dose if self.ratio is None else self.ratio

    def recipe(self, recipe: Recipe) -> Recipe:
        """Return the recipe with synthetic images."""
        return self.replaced_or_added(recipe, self._ratio)

    def pool(self) -> Pool:
        """Return the pool of the settings."""
        varied: dict[str, Any] = {} if self.vary == "ratio" else {self.vary: self._value}
        return self.drawn_with(**{"strength": self.strength, **varied})


def _refused(message: str) -> PydanticCustomError:
    return PydanticCustomError("range", "{message}", {"message": message})
