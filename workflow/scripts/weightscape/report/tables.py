"""Tables of the page, and the summary table of the evaluation that is written beside the others."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from weightscape.condition_rows import ConditionRow
from weightscape.evaluation.corruption_errors import seen_corruptions
from weightscape.evaluation.metrics import metric_names
from weightscape.figures.style import condition_order, series_order
from weightscape.report.content import Cell, Table
from weightscape.statistics.spectral_contrast import mean_losses
from weightscape.words.names import SETS, condition_label, outcome_label, plain
from weightscape.words.numbers import cosine, estimate, number, probability
from weightscape.words.reasons import change_words, reason, subject_words

# A longer table of the checks is folded.
SHORT = 12
MARK = "†"
SEEN_NOTE = (
    "†: without the corruptions that the condition was trained on; where it is compared with the baseline, the "
    "baseline's mean leaves out the same ones."
)


def evaluation_summary(evaluation: pd.DataFrame) -> pd.DataFrame:
    """Return mean and SD over seeds of every metric, per condition, kind of set and calibration.

    Several sets of one kind are averaged within a seed first. Corruptions that a condition was trained on are left out
    of its mean; the column ``left_out`` names them.
    """
    keys = ["condition", "series", "family", "dose", "kind", "calibration"]
    runs = evaluation[~evaluation["seen"]].groupby([*keys, "seed"], dropna=False)[metric_names()].mean()
    grouped = runs.groupby(level=keys, dropna=False)
    parts = {"n_seeds": grouped.size()}
    for name in metric_names():
        parts[f"{name}_mean"] = grouped[name].mean()
        parts[f"{name}_sd"] = grouped[name].std()
    summary = pd.DataFrame(parts).reset_index()
    seen = seen_corruptions(evaluation)
    summary["left_out"] = [
        ", ".join(seen.get(condition, ())) if kind == "corruption" else ""
        for condition, kind in zip(summary["condition"], summary["kind"], strict=True)
    ]
    return summary


def number_cell(value: Any, digits: int = 3) -> Cell:
    """Return a number with `digits` significant digits as a cell that sorts by its value."""
    return Cell(number(value, digits), _value(value))


def accuracy_table(summary: pd.DataFrame, conditions: Sequence[ConditionRow]) -> Table:
    """Return accuracy and calibration of every condition, mean (SD over seeds)."""
    wanted = [(kind, "accuracy", "raw", f"{label} accuracy") for kind, label in SETS.items()]
    wanted += [
        ("test", "nll", "raw", f"{SETS['test']} NLL"),
        *(
            (kind, "ece", calibration, f"{SETS[kind]} ECE{scaled}")
            for kind in ("test", "ood")
            for calibration, scaled in (("raw", ""), ("temperature", ", scaled"))
        ),
    ]
    present = set(zip(summary["kind"], summary["calibration"], strict=True))
    wanted = [column for column in wanted if (column[0], column[2]) in present]
    indexed = summary.set_index(["condition", "kind", "calibration"])
    names = condition_names(conditions)
    rows = []
    for condition in condition_order(conditions):
        if condition not in set(summary["condition"]):
            continue
        row = [Cell(names[condition])]
        for kind, measure, calibration, _ in wanted:
            if (condition, kind, calibration) not in indexed.index:
                row.append(Cell("–"))
                continue
            entry = indexed.loc[(condition, kind, calibration)]
            row.append(mean_sd_cell(entry[f"{measure}_mean"], entry[f"{measure}_sd"], MARK * bool(entry["left_out"])))
        rows.append(row)
    caption = "Mean over seeds (SD). NLL and ECE are lower for better models; scaled: after temperature scaling."
    if summary["left_out"].any():
        caption += f" {SEEN_NOTE}"
    return Table(caption, ["condition", *(label for *_, label in wanted)], rows, "tables/evaluation_summary.csv")


def mean_sd_cell(mean: float, sd: float, mark: str = "") -> Cell:
    """Return a mean with the standard deviation over seeds in brackets, and a mark behind it."""
    decimals = 3 if abs(mean) < 10 else 1
    spread = "" if pd.isna(sd) else f" ({sd:.{decimals}f})"
    return Cell(f"{mean:.{decimals}f}{spread}{mark}", float(mean))


def effects_table(effects: pd.DataFrame, conditions: Sequence[ConditionRow], outcomes: Sequence[str]) -> Table:
    """Return the series' paired effects on the main outcomes with interval, effect size and p."""
    rows = []
    table = effects[effects["level"] == "series"]
    order = series_order(conditions)
    for outcome in outcomes:
        block = table[table["outcome"] == outcome].set_index("condition")
        for name in order:
            if name in block.index:
                rows.append([Cell(outcome_label(outcome)), Cell(plain(name)), *effect_cells(block.loc[name])])
    columns = ["outcome", "series", "difference", "95 % interval", "d_z", "p", "p (Holm)"]
    caption = (
        "Paired differences from the baseline. Means over seeds and doses; d_z is the mean divided by the SD over "
        "seeds; p is from the sign-flip test (exact for a single condition), adjusted by "
        "Holm over the rows of an outcome."
    )
    return Table(caption, columns, rows, "tables/effects.csv", folded=True)


def effect_cells(row: pd.Series) -> list[Cell]:
    """Return a row of the effects table as cells: difference, interval, d_z, p and adjusted p."""
    return [
        *estimate_cells(row["mean"], row["low"], row["high"]),
        number_cell(row["d_z"], 2),
        Cell(probability(row["pvalue"]), _value(row["pvalue"])),
        Cell(probability(row["pvalue_holm"]), _value(row["pvalue_holm"])),
    ]


def estimate_cells(value: float, low: float, high: float) -> tuple[Cell, Cell]:
    """Return an estimate and its interval as two cells."""
    text, span = estimate(value, low, high)
    return Cell(text, _value(value)), Cell(span)


def control_table(effects: pd.DataFrame, outcomes: Sequence[str]) -> Table:
    """Return the effects of the negative control."""
    table = effects[(effects["level"] == "condition") & (effects["condition"] == "baseline_b")].set_index("outcome")
    rows = [[Cell(outcome_label(name)), *effect_cells(table.loc[name])] for name in outcomes if name in table.index]
    columns = ["outcome", "difference", "95 % interval", "d_z", "p", "p (Holm)"]
    return Table(
        "Second set of baseline seeds compared with the first.", columns, rows, "tables/effects.csv", folded=True
    )


def judgement_table(controls: pd.DataFrame) -> Table:
    """Return the controls that are judged automatically."""
    rows = [
        [
            Cell(row.control),
            Cell(subject_words(row.facts)),
            Cell(row.feature_family),
            Cell(row.outcome),
            *estimate_cells(row.statistic, row.low, row.high),
            Cell(probability(row.pvalue), _value(row.pvalue)),
            Cell(reason(row.facts)),
        ]
        for row in controls.itertuples()
    ]
    columns = ["control", "subject", "features", "outcome", "statistic", "95 % interval", "p", "reason"]
    caption = (
        "Automatic controls. No effect: what changes nothing must not act. Neighbours: adjacent doses must be at least "
        "as alike as either is to another family. Upper bound: on the test set, synthetic images must not beat more "
        "real ones."
    )
    return Table(caption, columns, rows, "tables/controls.csv", folded=len(rows) > SHORT)


def stability_table(robustness: pd.DataFrame) -> Table:
    """Return every claim under every analysis."""
    rows = [
        [
            Cell(row.claim),
            Cell(change_words(row.facts)),
            Cell(row.kind),
            Cell(row.verdict),
            *estimate_cells(row.statistic, row.low, row.high),
            Cell(probability(row.pvalue), _value(row.pvalue)),
            Cell(reason(row.facts)),
        ]
        for row in robustness.itertuples()
    ]
    columns = ["claim", "analysis", "what differs", "verdict", "statistic", "95 % interval", "p", "reason"]
    caption = "Each claim under each analysis; p is that of the analysis alone. Units as in the verdicts."
    return Table(caption, columns, rows, "tables/robustness.csv", folded=True)


def plan_table(plan: pd.DataFrame) -> Table:
    """Return the registered plan beside that of this analysis."""
    rows = [
        [Cell(row.item), Cell(row.registered), Cell(row.current), Cell("changed" if row.changed else "")]
        for row in plan.itertuples()
    ]
    caption = "The registered plan and the plan of this analysis."
    return Table(caption, ["item", "registered", "now", "changed"], rows, "tables/plan.csv", folded=True)


def similarity_reasons(pairs: pd.DataFrame) -> Table:
    """Return the similarities as a table, with the reason where a pair is undetermined."""
    rows = []
    for row in pairs.itertuples():
        value, span = cosine(row.cosine, row.low, row.high)
        rows.append(
            [
                Cell(row.feature_family),
                Cell(plain(row.series_a)),
                Cell(plain(row.series_b)),
                Cell(value, _value(row.cosine)),
                Cell(span),
                Cell(reason(row.facts)),
            ]
        )
    columns = ["features", "series", "and series", "cosine", "95 % interval", "why undetermined"]
    caption = "Cross-validated cosines with delete-one-seed jackknife intervals."
    return Table(caption, columns, rows, "tables/similarity.csv", folded=True)


def conditions_table(runs: pd.DataFrame, conditions: Sequence[ConditionRow]) -> Table:
    """Return what each condition trains on, per run."""
    names = condition_names(conditions)
    first = runs.sort_values("seed").groupby("condition").first()
    seeds = runs.groupby("condition")["seed"].nunique()
    accuracy = runs.groupby("condition")["final_validation_accuracy"].mean()
    loss = mean_losses(runs)
    rows = [
        [
            Cell(names[name]),
            Cell(plain(str(first.at[name, "family"]))),
            Cell(str(seeds[name]), float(seeds[name])),
            Cell(f"{first.at[name, 'n_real']:,}", float(first.at[name, "n_real"])),
            Cell(f"{first.at[name, 'n_synthetic']:,}", float(first.at[name, "n_synthetic"])),
            Cell(f"{first.at[name, 'steps']:,}", float(first.at[name, "steps"])),
            number_cell(loss[name]),
            number_cell(accuracy[name]),
        ]
        for name in condition_order(conditions)
        if name in first.index
    ]
    columns = [
        "condition",
        "family",
        "seeds",
        "real images",
        "synthetic images",
        "steps",
        "training loss",
        "validation accuracy",
    ]
    return Table("The conditions, and what one run of each trains on.", columns, rows, "tables/runs.csv", folded=True)


def condition_names(conditions: Sequence[ConditionRow]) -> dict[str, str]:
    """Return what each condition is called in a table."""
    return {entry["condition"]: condition_label(entry["series"], entry["dose"]) for entry in conditions}


def _value(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
