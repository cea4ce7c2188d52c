"""A combination of the config: conditions whose interventions act together, for their interaction."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from weightscape.conditions import Condition, expand_combination
from weightscape.config.messages import ConfigError, shown, suggestion
from weightscape.section import DISTINCT, Section

if TYPE_CHECKING:
    from weightscape.config.study import Study


class Combination(Section):
    """Conditions of other series at once, each choice of one from every entry."""

    family: Literal["combination"] = "combination"
    combine: Annotated[list[str], Field(min_length=2), DISTINCT]
    """conditions to combine, such as `dropout-0.2`, or series, which stand for each of their doses"""

    def conditions(self, name: str, series: Mapping[str, Sequence[Condition]]) -> list[Condition]:
        """Return the conditions of the combination called `name`.

        Parameters
        ----------
        name
            Its name in the config.
        series
            The conditions of every series that is no combination.

        Raises
        ------
        ConfigError
            If an entry is neither a condition nor a series.
        """
        known = {condition.name: [condition] for conditions in series.values() for condition in conditions} | {**series}
        for index, entry in enumerate(self.combine):
            if entry not in known:
                raise ConfigError(
                    f"conditions.{name}.combine[{index}] = {shown(entry)}{suggestion(entry, known)}; allowed: "
                    f"{', '.join(sorted(known)) or 'none, for there is no other series'}"
                )
        return expand_combination(name, [known[entry] for entry in self.combine])


def named_combination(values: object) -> Any:
    """Return what a config says of a series, with the family of a combination where it has the key ``combine``."""
    return {"family": "combination", **values} if isinstance(values, dict) and "combine" in values else values


def check_combinations(study: "Study") -> None:
    """Refuse combinations of conditions that exclude each other.

    Raises
    ------
    ConfigError
        If two parts are of one family or policy, of which one would take the place of the other or both would draw the
        same random numbers, or if both train on synthetic images, of which a run has one pool.
    """
    for condition in study.conditions:
        parts = [study.condition(name) for name in condition.parts]
        where = f"condition {condition.name} combines {' and '.join(condition.parts)}"
        for first, second in combinations(parts, 2):
            if _kind(first) == _kind(second):
                raise ConfigError(f"{where}: {first.name} and {second.name} are both {_kind(first)}; allowed: one")
            if first.pool is not None and second.pool is not None:
                raise ConfigError(f"{where}: both train on synthetic images; allowed: one of them")


def _kind(condition: Condition) -> str:
    """Return the family, or for an augmentation the policy, of a condition of one intervention."""
    (intervention,) = condition.treatment
    policy = getattr(intervention, "policy", None)
    return f"of policy {policy}" if policy else f"of family {intervention.family}"
