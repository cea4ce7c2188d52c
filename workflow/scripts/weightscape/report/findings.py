"""Sentences about the tables: each function reads one table and says what is notable in it."""

from collections.abc import Sequence

import pandas as pd

from weightscape.condition_rows import ConditionRow
from weightscape.figures.similarity import unordered_pairs
from weightscape.report.content import Backbone
from weightscape.statistics.families import FEATURE_FAMILIES
from weightscape.words.names import PLACES, condition_label, outcome_label, plain
from weightscape.words.numbers import NO_BREAK, change, cosine, number
from weightscape.words.text import listing


def strongest_changes(effects: pd.DataFrame, outcomes: Sequence[str]) -> list[str]:
    """Name, for each spectral metric, the condition with the largest |d_z|, its mean difference, and d_z."""
    table = effects[(effects["level"] == "condition") & (effects["condition"] != "baseline_b")]
    points = []
    for outcome in (name for name in outcomes if name.startswith(("delta/", "spectra/"))):
        rows = table[(table["outcome"] == outcome) & table["d_z"].notna()]
        if rows.empty:
            continue
        row = rows.loc[rows["d_z"].abs().idxmax()]
        label = condition_label(row["series"], row["dose"])
        points.append(f"{outcome_label(outcome)}: {label}, {change(row)}, d_z{NO_BREAK}={NO_BREAK}{number(row['d_z'])}")
    return points


def similarity_sentences(similarity: pd.DataFrame) -> list[str]:
    """Say, for each feature family, how many pairs are determined, and which are most alike and most opposed.

    The second set of baseline seeds is left out: it has no direction by design.
    """
    once = unordered_pairs(similarity)
    once = once[(once["series_a"] != "baseline_b") & (once["series_b"] != "baseline_b")]
    sentences = []
    for family, phrase in ((family.name, family.phrase) for family in FEATURE_FAMILIES):
        pairs = once[once["feature_family"] == family]
        if pairs.empty:
            continue
        known = pairs[pairs["determined"].astype(bool)]
        text = f"In {phrase}, {len(known)} of {len(pairs)} pairs of series can be compared"
        if len(known) == 1:
            text += f": {_pair(known.iloc[0])}"
        elif len(known):
            most, least = known.loc[known["cosine"].idxmax()], known.loc[known["cosine"].idxmin()]
            alike = [f"the most alike are {_pair(most)}"] if most["cosine"] > 0 else []
            opposed = [f"the most opposed are {_pair(least)}"] if least["cosine"] < 0 else []
            text += "".join(f"; {part}" for part in [*alike, *opposed])
        sentences.append(f"{text}.")
    return sentences or ["The study has no pair of series to compare."]


def _pair(row: pd.Series) -> str:
    value, span = cosine(row["cosine"], row["low"], row["high"])
    return f"{plain(row['series_a'])} and {plain(row['series_b'])} (cosine {value}, 95{NO_BREAK}% interval {span})"


def accuracy_sentences(summary: pd.DataFrame, effects: pd.DataFrame) -> list[str]:
    """Say how accurate the baseline is, and which condition gains and loses most out of distribution."""
    sentences = []
    raw = summary[(summary["condition"] == "baseline") & (summary["calibration"] == "raw")].set_index("kind")
    kinds = [kind for kind in ("test", "ood", "corruption") if kind in raw.index]
    if levels := [f"{number(raw.at[kind, 'accuracy_mean'])} {PLACES[kind]}" for kind in kinds]:
        sentences.append(f"The baseline's accuracy is {listing(levels)}.")
    rows = effects[(effects["level"] == "condition") & (effects["outcome"] == "evaluation/ood/accuracy")]
    rows = rows[rows["condition"] != "baseline_b"]
    for word, row in _extremes(rows):
        label = condition_label(row["series"], row["dose"])
        sentences.append(f"Out of distribution, {label} {word} most relative to the baseline: {change(row)}.")
    return sentences


def loss_sentence(losses: pd.Series, conditions: Sequence[ConditionRow]) -> str:
    """Say to which loss each condition was trained."""
    named = [
        f"{condition_label(entry['series'], entry['dose'])} {number(losses[entry['condition']], 2)}"
        for entry in conditions
        if entry["condition"] in losses.index
    ]
    return f"Read effects beside the loss on a run's own real images at the end of training: {listing(named)}."


def _extremes(rows: pd.DataFrame) -> list[tuple[str, pd.Series]]:
    """Return the row with the largest gain and the one with the largest loss, where anything is gained or lost."""
    rows = rows[rows["mean"].notna()]
    extremes = []
    if len(rows) and rows["mean"].max() > 0:
        extremes.append(("gains", rows.loc[rows["mean"].idxmax()]))
    if len(rows) and rows["mean"].min() < 0:
        extremes.append(("loses", rows.loc[rows["mean"].idxmin()]))
    return extremes


def diversity_sentences(effects: pd.DataFrame) -> list[str]:
    """Say which condition has the most diverse training set in each space."""
    sentences = []
    for space, words in (("pixel", "In pixels,"), ("embedding", "In the frozen embedding,")):
        rows = effects[(effects["level"] == "condition") & (effects["outcome"] == f"diversity/{space}/vendi_1")]
        rows = rows[(rows["condition"] != "baseline_b") & rows["mean"].notna()]
        if rows.empty:
            continue
        row = rows.loc[rows["mean"].idxmax()]
        if row["mean"] <= 0:
            sentences.append(f"{words} no condition raises the Vendi score above the baseline's.")
            continue
        label = condition_label(row["series"], row["dose"])
        sentences.append(f"{words} {label} raises the Vendi score most above the baseline's: {change(row)}.")
    return sentences or ["No condition of this study changes the training images."]


def curve_sentences(curve: pd.DataFrame) -> list[str]:
    """Say how much of the baseline's Vendi score half of the images have: how far it is from its limit."""
    rows = curve[(curve["condition"] == "baseline") & (curve["class_name"] == "all")]
    parts, sizes = [], set()
    for space, words in (("pixel", "in pixels"), ("embedding", "in the frozen embedding")):
        of_space = rows[rows["space"] == space]
        whole = of_space["n"].max()
        half = of_space.loc[of_space["n"] <= whole / 2, "n"].max()
        if pd.isna(half):
            continue
        means = of_space.groupby("n")["vendi_1"].mean()
        parts.append(f"{number(100 * means[half] / means[whole], 2)}{NO_BREAK}% {words}")
        sizes |= {(int(half), int(whole))}
    if not parts:
        return []
    half, whole = max(sizes)
    return [
        f"With {half:,} of the {whole:,} images, the baseline's Vendi score is {listing(parts)} of what it is with "
        "all: scores compare only between sets of one size."
    ]


def control_sentences(effects: pd.DataFrame, outcomes: Sequence[str]) -> list[str]:
    """Say in how many outcomes the second set of baseline seeds differs from the first."""
    rows = effects[(effects["level"] == "condition") & (effects["condition"] == "baseline_b")]
    rows = rows[rows["outcome"].isin(outcomes) & rows["low"].notna()]
    if rows.empty:
        return ["The negative control could not be estimated."]
    beyond = rows[(rows["low"] > 0) | (rows["high"] < 0)]
    names = ", ".join(outcome_label(outcome) for outcome in outcomes if outcome in set(beyond["outcome"]))
    tail = f": {names}" if len(beyond) else ""
    return [
        f"The second set of baseline seeds, where nothing was changed, differs from the first at the "
        f"95{NO_BREAK}% level in {len(beyond)} of {len(rows)} outcomes{tail}. One in twenty is expected by chance."
    ]


def size_sentence(runs: pd.DataFrame, backbone: Backbone) -> str:
    """Say how large the study is."""
    seeds, baselines = runs["seed"].nunique(), runs.loc[runs["series"] == "baseline", "condition"].nunique()
    conditions = runs["condition"].nunique() - baselines + 1
    replicates = f", the baseline {baselines} times per seed" if baselines > 1 else ""
    return (
        f"{len(runs):,} training runs of {backbone['architecture']}: {conditions} conditions, each with {seeds} "
        f"paired seeds{replicates}. The unit of every test is the run, never the layer or the image."
    )
