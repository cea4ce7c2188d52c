"""A series of the config: one family of interventions, with its options, at several doses."""

from dataclasses import replace
from functools import cache
from typing import Annotated, Any, ClassVar, Union

from pydantic import BeforeValidator, Field, ValidationError, create_model, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from weightscape.config.combination import Combination, named_combination
from weightscape.section import DISTINCT, Range, Section, meaning
from weightscape.training.intervention import FAMILIES, POLICIES, Intervention


class Series(Section):
    """One family of interventions at several doses; each dose becomes a condition."""

    intervention: ClassVar[type[Intervention]]
    """What the series is at one dose."""

    family: str
    doses: list[float]

    @property
    def roles(self) -> frozenset[str]:
        """Keys of ``claims:`` under which the series may stand."""
        return self.intervention.roles

    @model_validator(mode="after")
    def _every_dose_is_allowed(self) -> "Series":
        self.interventions()
        return self

    def interventions(self) -> list[Intervention]:
        """Return the series at each of its doses, in the order given."""
        options = self.model_dump(exclude={"doses"}, exclude_unset=True)
        return [self._at(place, dose, options) for place, dose in enumerate(self.doses)]

    def _at(self, place: int, dose: float, options: dict[str, Any]) -> Intervention:
        """Return the series at one dose; an error about the dose is told of its place in the list."""
        try:
            return self.intervention.model_validate({**options, "dose": dose})
        except ValidationError as error:
            problems = [
                InitErrorDetails(
                    type=PydanticCustomError("dose", "{message}", {"message": details["msg"]}),
                    loc=("doses", place),
                    input=dose,
                )
                for details in error.errors()
            ]
            raise ValidationError.from_exception_data(error.title, problems) from None


@cache
def series_class(intervention: type[Intervention]) -> type[Series]:
    """Return the model of a series of interventions: the same options, and a list of doses instead of the dose."""
    fields: dict[str, Any] = {
        name: (field.rebuild_annotation(), field) for name, field in intervention.model_fields.items() if name != "dose"
    }
    dose = intervention.model_fields["dose"]
    named = [replace(rule, of=meaning(intervention, "dose")) for rule in dose.metadata if isinstance(rule, Range)]
    every_dose: Any = Annotated[(dose.annotation, *named)]
    fields["doses"] = (
        Annotated[list[every_dose], DISTINCT],
        Field(min_length=1, description=meaning(intervention, "dose")),
    )
    series = create_model(
        f"{intervention.__name__}Series", __base__=Series, __module__=intervention.__module__, **fields
    )
    series.intervention = intervention
    return series


@cache
def any_series() -> Any:
    """Return the type of a series of any family, told apart by ``family`` and, for augmentations, ``policy``.

    A combination has the key ``combine`` in place of a family.
    """
    policies: Any = Union[tuple(series_class(policy) for policy in POLICIES.classes())]  # noqa: UP007
    families = tuple(series_class(family) for family in FAMILIES.classes())
    augment: Any = Annotated[policies, Field(discriminator="policy")]
    return Annotated[
        Union[(augment, *families, Combination)], Field(discriminator="family"), BeforeValidator(named_combination)
    ]
