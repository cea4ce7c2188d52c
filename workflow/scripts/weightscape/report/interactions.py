"""Whether combined interventions add up: sentences and the table on the interactions in the effects table."""

from collections.abc import Sequence

import pandas as pd

from weightscape.condition_rows import ConditionRow
from weightscape.report.content import Cell, Section, Table
from weightscape.report.tables import effect_cells, number_cell
from weightscape.statistics.constants import SIGNIFICANCE
from weightscape.words.names import condition_label, outcome_label
from weightscape.words.numbers import change
from weightscape.words.text import listing


def interaction_sections(
    effects: pd.DataFrame, conditions: Sequence[ConditionRow], outcomes: Sequence[str]
) -> list[Section]:
    """Return the section on combinations; none for a study without any.

    Parameters
    ----------
    effects
        The effects table.
    conditions
        The study's conditions.
    outcomes
        The outcomes that the page reports.
    """
    combined = [condition for condition in conditions if condition.get("parts")]
    if not combined:
        return []
    rows = effects[(effects["level"] == "interaction") & effects["outcome"].isin(outcomes)]
    sentences, points = _sentences(rows, combined)
    table = interactions_table(effects, conditions, outcomes)
    return [Section("interactions", "Do combined interventions add up?", sentences, points, tables=[table])]


def interactions_table(effects: pd.DataFrame, conditions: Sequence[ConditionRow], outcomes: Sequence[str]) -> Table:
    """Return each combination's effect, and by how much it differs from the sum of those of its parts."""
    labels = {row["condition"]: condition_label(row["series"], row["dose"]) for row in conditions}
    found = effects[effects["level"] == "interaction"].set_index(["condition", "outcome"])
    whole = effects[effects["level"] == "condition"].set_index(["condition", "outcome"])["mean"]
    rows = []
    for condition in conditions:
        parts = " + ".join(labels[part] for part in condition.get("parts", ()))
        for outcome in outcomes:
            key = (condition["condition"], outcome)
            if not parts or key not in found.index:
                continue
            row = found.loc[key]
            names = [Cell(labels[condition["condition"]]), Cell(parts), Cell(outcome_label(outcome))]
            rows.append([*names, number_cell(whole[key]), *effect_cells(row)])
    columns = [
        "combination", "parts", "outcome", "effect", "interaction", "95 % interval", "d_z", "p",
        "p (Holm)",
    ]  # fmt: skip
    caption = (
        "Interactions: the effect of a combination less the sum of the effects of its parts, each relative to the "
        "baseline of the same seed. p is from the sign-flip test, adjusted by Holm over the combinations of an outcome."
    )
    return Table(caption, columns, rows, "tables/effects.csv", folded=True)


def _sentences(rows: pd.DataFrame, combined: Sequence[ConditionRow]) -> tuple[list[str], list[str]]:
    """Say in how many outcomes a combination does not do the sum of what its parts do, and where."""
    clear = rows[rows["pvalue_holm"] <= SIGNIFICANCE]
    n_combined, n_outcomes = len(combined), rows["outcome"].nunique()
    names = listing([condition_label(row["series"], row["dose"]) for row in combined])
    first = (
        f"{n_combined} combination{'s' * (n_combined > 1)} of interventions ({names}) "
        f"{'is' if n_combined == 1 else 'are'} compared with the sum of what the parts do alone, in {n_outcomes} "
        f"outcomes. The difference is clear (Holm p ≤ {SIGNIFICANCE:g}) in {len(clear)} of {len(rows)} cases"
    )
    points = [
        f"{outcome_label(row['outcome'])}: {condition_label(row['series'], row['dose'])} {change(row)} beyond the sum"
        for _, row in clear.iterrows()
    ]
    return [first + (":" if points else ".")], points
