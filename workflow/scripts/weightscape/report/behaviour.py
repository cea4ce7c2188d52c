"""Summaries and tables of how training sets and networks behave: diversity, calibration, detection, single classes."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from weightscape.condition_rows import ConditionRow
from weightscape.diversity.table import MEASURES, RBF_ORDERS
from weightscape.diversity.vendi import ORDERS
from weightscape.evaluation.detection import SCORES
from weightscape.figures.style import condition_order
from weightscape.report.content import Cell, Table
from weightscape.report.tables import condition_names, estimate_cells, mean_sd_cell, number_cell
from weightscape.statistics.estimate import mean_estimate
from weightscape.words.names import SETS, metric_label, plain

CONDITION = ["condition", "series", "family", "dose"]
MOST_CLASSES = 12
"""Columns at most of a table of classes."""

SPACES = {"pixel": "pixels", "embedding": "frozen embedding"}
SHOWN_MEASURES = ("vendi_2", "wvs", "mean_distance", "dcscore", "recall", "coverage")
CALIBRATION = ("nll", "brier", "brier_reliability", "brier_resolution", "brier_uncertainty", "ece", "adaptive_ece",
               "classwise_ece", "smooth_ece")  # fmt: skip
SCORE_LABELS = {"msp": "probability", "energy": "energy", "entropy": "entropy"}


def diversity_summary(diversity: pd.DataFrame) -> pd.DataFrame:
    """Return mean and 95 % interval over seeds of every measure, per condition, space and class.

    The interval is Student's t; n is the mean number of images.
    """
    measures = [name for name in (*ORDERS, *RBF_ORDERS, *MEASURES) if name in diversity]
    return _with_intervals(diversity, ["space", "class_name"], measures)


def diversity_by_class(curve: pd.DataFrame) -> pd.DataFrame:
    """Return the Vendi scores of each class at one number of images, mean and 95 % interval over seeds.

    The number, n, is the largest at which every class has a score in every run: scores of sets of different size do not
    compare. No row if some class is never large enough.
    """
    classes = curve[curve["class_name"] != "all"]
    groups = classes.groupby(["condition", "seed", "space", "class_name"], dropna=False)["n"]
    shared = set(classes["n"]).intersection(*(set(sizes) for _, sizes in groups))
    at_n = classes[classes["n"] == max(shared, default=-1)]
    return _with_intervals(at_n, ["space", "class_name"], [name for name in (*ORDERS, *RBF_ORDERS) if name in curve])


def _with_intervals(table: pd.DataFrame, names: Sequence[str], measures: Sequence[str]) -> pd.DataFrame:
    """Return n, n_seeds and, of each measure, mean, low and high over seeds."""
    rows = []
    for keys, group in table.groupby([*CONDITION, *names], dropna=False, sort=False):
        row = dict(zip([*CONDITION, *names], keys, strict=True))
        row |= {"n": float(group["n"].mean()), "n_seeds": group["seed"].nunique()}
        for measure in measures:
            values = group[measure].to_numpy(dtype=float)
            found = mean_estimate(values[np.isfinite(values)])
            row |= {f"{measure}_mean": found.value, f"{measure}_low": found.low, f"{measure}_high": found.high}
        rows.append(row)
    ends = [f"{measure}_{end}" for measure in measures for end in ("mean", "low", "high")]
    return pd.DataFrame(rows, columns=[*CONDITION, *names, "n", "n_seeds", *ends])


def detection_summary(detection: pd.DataFrame) -> pd.DataFrame:
    """Return mean and SD over seeds of AUROC and FPR95, per condition, kind of set and score.

    Several sets of one kind are averaged within a seed first.
    """
    return _with_deviations(detection, ["kind", "score"], ["auroc", "fpr95"])


def class_summary(classes: pd.DataFrame) -> pd.DataFrame:
    """Return mean and SD over seeds of the accuracy on each class, per condition and set."""
    return _with_deviations(classes, ["set", "kind", "class_name"], ["accuracy"])


def _with_deviations(table: pd.DataFrame, names: Sequence[str], measures: Sequence[str]) -> pd.DataFrame:
    keys = [*CONDITION, *names]
    runs = table.groupby([*keys, "seed"], dropna=False, sort=False)[list(measures)].mean()
    grouped = runs.groupby(level=keys, dropna=False, sort=False)
    parts = {"n_seeds": grouped.size()}
    for measure in measures:
        parts |= {f"{measure}_mean": grouped[measure].mean(), f"{measure}_sd": grouped[measure].std()}
    return pd.DataFrame(parts).reset_index()


def diversity_table(summary: pd.DataFrame, conditions: Sequence[ConditionRow]) -> Table:
    """Return how diverse the training set of each condition is, in every space."""
    whole = summary[summary["class_name"] == "all"]
    rows = []
    for space in dict.fromkeys(whole["space"]):
        of_space = whole[whole["space"] == space].set_index("condition")
        for condition, label in _present(of_space.index, conditions):
            entry = of_space.loc[condition]
            rows.append(
                [
                    Cell(SPACES.get(space, plain(str(space)))),
                    Cell(label),
                    *estimate_cells(entry["vendi_1_mean"], entry["vendi_1_low"], entry["vendi_1_high"]),
                    *(number_cell(entry[f"{measure}_mean"]) for measure in SHOWN_MEASURES),
                ]
            )
    heads = ["space", "condition", "Vendi score", "95 % interval", *map(metric_label, SHOWN_MEASURES)]
    caption = (
        "Diversity of the training images as training sees them, equally many under every condition: means over seeds. "
        "Weighted: times the likeness to the images of the baseline. Recall and coverage: share of unseen real images "
        "that lie among the training images, and near one of them. All other measures are in the file."
    )
    return Table(caption, heads, rows, "tables/diversity_summary.csv", folded=True)


def class_diversity_table(summary: pd.DataFrame, conditions: Sequence[ConditionRow]) -> Table | None:
    """Return the Vendi score of each class in the frozen embedding, at one number of images; None if there is none."""
    rows = summary[summary["space"] == "embedding"]
    if rows.empty:
        return None
    caption = (
        f"Vendi scores of single classes in the frozen embedding, all of {rows['n'].iloc[0]:.0f} images: means over "
        "seeds, each of random parts of the class."
    )
    return _class_table(rows, "vendi_1_mean", conditions, caption, "tables/diversity_by_class.csv")


def class_accuracy_table(summary: pd.DataFrame, conditions: Sequence[ConditionRow]) -> Table:
    """Return the accuracy on each class of the test set."""
    caption = "Accuracy on each class of the test set: means over seeds. Other sets are in the file."
    tests = summary[summary["kind"] == "test"]
    return _class_table(tests, "accuracy_mean", conditions, caption, "tables/class_summary.csv")


def _class_table(
    summary: pd.DataFrame, column: str, conditions: Sequence[ConditionRow], caption: str, source: str
) -> Table:
    """Return a table with a column per class; of many, those in which the conditions differ most."""
    wide = summary.pivot(index="condition", columns="class_name", values=column)[
        list(dict.fromkeys(summary["class_name"]))
    ]
    if len(wide.columns) > MOST_CLASSES:
        spread = (wide.max() - wide.min()).sort_values(ascending=False, kind="stable")
        caption += f" Shown are the {MOST_CLASSES} of {len(wide.columns)} classes in which the conditions differ most."
        wide = wide[spread.index[:MOST_CLASSES]]
    rows = [
        [Cell(label), *(number_cell(value) for value in wide.loc[condition])]
        for condition, label in _present(wide.index, conditions)
    ]
    return Table(caption, ["condition", *map(str, wide.columns)], rows, source, folded=True)


def calibration_table(summary: pd.DataFrame, conditions: Sequence[ConditionRow]) -> Table:
    """Return likelihood, Brier score with its parts, and calibration errors on the test set and out of distribution."""
    raw = summary[summary["calibration"] == "raw"].set_index(["kind", "condition"])
    rows = [
        [
            Cell(SETS[kind]),
            Cell(label),
            *(mean_sd_cell(*(raw.loc[(kind, condition), f"{name}_{part}"] for part in ("mean", "sd")))
              for name in CALIBRATION),
        ]
        for kind in ("test", "ood")
        if kind in raw.index.get_level_values("kind")
        for condition, label in _present(raw.loc[kind].index, conditions)
    ]  # fmt: skip
    caption = (
        "Calibration of the probabilities as they are, mean over seeds (SD); the file has it after scaling, too. Brier "
        "score = reliability − resolution + uncertainty. A high resolution is good; all else should be low."
    )
    return Table(
        caption,
        ["set", "condition", *map(metric_label, CALIBRATION)],
        rows,
        "tables/evaluation_summary.csv",
        folded=True,
    )


def detection_table(summary: pd.DataFrame, conditions: Sequence[ConditionRow]) -> Table | None:
    """Return how well images of other sets are told from those of the test set; None without such sets."""
    indexed = summary.set_index(["kind", "condition", "score"])
    kinds = [kind for kind in ("ood", "corruption") if kind in set(summary["kind"])]
    rows = [
        [
            Cell(SETS[kind]),
            Cell(label),
            *(
                mean_sd_cell(*indexed.loc[(kind, condition, score), [f"{measure}_mean", f"{measure}_sd"]])
                for measure in ("auroc", "fpr95")
                for score in SCORES
            ),
        ]
        for kind in kinds
        for condition, label in _present(summary.loc[summary["kind"] == kind, "condition"], conditions)
    ]
    heads = [f"{measure}, {SCORE_LABELS[score]}" for measure in ("AUROC", "FPR95") for score in SCORES]
    caption = (
        "Telling images of other sets from test images by the largest probability, the energy and the entropy of the "
        "logits: mean over seeds (SD). AUROC: 0.5 is chance, 1 is perfect. FPR95: share of the other images that pass "
        "where 95 % of the test images do; low is good."
    )
    return (
        Table(caption, ["set", "condition", *heads], rows, "tables/detection_summary.csv", folded=True)
        if rows
        else None
    )


def robustness_table(effects: pd.DataFrame, conditions: Sequence[ConditionRow]) -> Table | None:
    """Return the relative robustness of each condition; None where the study has no other sets."""
    kinds = ("test", "ood", "corruption")
    outcomes = {kind: f"evaluation/{kind}/accuracy" for kind in kinds}
    table = effects[(effects["level"] == "condition") & effects["outcome"].isin(outcomes.values())]
    present = [kind for kind in kinds if outcomes[kind] in set(table["outcome"])]
    if not set(present) & {"ood", "corruption"}:
        return None
    indexed = table.set_index(["outcome", "condition"])
    rows = [
        [Cell(label), *(cell for kind in present for cell in _effect_cells(indexed, outcomes[kind], name))]
        for name, label in _present(table["condition"], conditions)
    ]  # fmt: skip
    heads = [head for kind in present for head in (f"{SETS[kind]} accuracy", f"95 % interval, {SETS[kind]}")]
    caption = (
        "Relative robustness: accuracy minus the baseline's, paired by seed, out of distribution and on corrupted "
        "images, beside that on the test set. Corruptions that a condition was trained on are left out of both. "
        "Effective robustness, beyond what test accuracy explains, is claim 2c."
    )
    return Table(caption, ["condition", *heads], rows, "tables/effects.csv", folded=True)


def _effect_cells(effects: pd.DataFrame, outcome: str, name: str) -> tuple[Cell, Cell]:
    """Return an effect and its interval; one that was trained on all corruptions has none on corrupted images."""
    if (outcome, name) not in effects.index:
        return Cell("–"), Cell("–")
    return estimate_cells(*effects.loc[(outcome, name), ["mean", "low", "high"]])


def _present(found: Sequence[str] | pd.Index | pd.Series, conditions: Sequence[ConditionRow]) -> list[tuple[str, str]]:
    """Return the conditions that a table has, in the order of the report, with their labels."""
    names, there = condition_names(conditions), set(found)
    return [(name, names[name]) for name in condition_order(conditions) if name in there]
