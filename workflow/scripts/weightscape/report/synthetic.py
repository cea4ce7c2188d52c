"""What the report says of synthetic images: where they come from, how good they are, and if claim 2 may use them."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from weightscape.report.content import Cell, Table
from weightscape.report.provenance import Cost
from weightscape.report.tables import number_cell
from weightscape.statistics.recognised_share import REAL
from weightscape.statistics.recognition import recognitions
from weightscape.words.names import pool_label
from weightscape.words.numbers import NO_BREAK, duration, number
from weightscape.words.reasons import ORIGINS, words
from weightscape.words.text import listing

QUALITY_COLUMNS = {
    "recognised": "classifier_accuracy",
    "of real, above chance": "recognised_share",
    "at least": "recognised_share_low",
    "near copies, %": "memorised_fraction",
    "Vendi, pixels": "vendi_ratio_pixel",
    "Vendi, embedding": "vendi_ratio_embedding",
    "precision": "precision",
    "recall": "recall",
    "density": "density",
    "coverage": "coverage",
    "Fréchet": "frechet_distance",
    "kernel": "kernel_distance",
}
"""The columns of the page's table, and those of the quality table behind them."""

QUALITY_CAPTION = (
    "Recognised: accuracy of a classifier trained on real images (mean over classes); beside it, what that is of its "
    "accuracy on unseen real images, both above chance, with a lower 95 % bound. Near copies: nearer to a training "
    "image than 99 % of unseen real images. Vendi: the score over that of as many real images. Precision, recall, "
    "density, coverage, Fréchet and kernel distance (KID): against other real images in the frozen embedding. The "
    "first row says what unseen real images get."
)


def generator_sentences(quality: pd.DataFrame, costs: Mapping[str, Cost]) -> list[str]:
    """Say where the images come from, how recognisable and diverse they are, and what they cost."""
    real, pools = _of_real(quality), _of_pools(quality)
    named = [(row, label_of(row._asdict())) for row in pools.itertuples()]
    accuracies = [f"{number(row.classifier_accuracy)} ({pool})" for row, pool in named]
    ratios = [
        f"{number(row.vendi_ratio_pixel)} in pixels and {number(row.vendi_ratio_embedding)} in the embedding ({pool})"
        for row, pool in named
    ]
    distances = [f"{number(row.kernel_distance)} ({pool})" for row, pool in named]
    copies = pools.loc[pools["memorised_fraction"].idxmax()]
    share = copies["memorised_fraction"]
    near = f"nearer to a training image than 99{NO_BREAK}% of unseen real images are."
    spent = [
        f"{action} took {duration(costs[rule]['cpu_seconds'])}"
        for rule, action in (
            ("train_generator", "training the generator"),
            ("sample_generator", "drawing the images"),
            ("filter_pool", "filtering them"),
        )
        if rule in costs
    ]
    sentences = [
        *(f"The generator learnt from {ORIGINS[origin]}." for origin in pools["learnt_from"].unique()),
        f"On synthetic images, a classifier of the {real['classifier']} of real ones has an accuracy of "
        f"{listing(accuracies)}; on unseen real images, of {number(real['classifier_accuracy'])}.",
        *gate_sentences(quality),
        f"At most {number(100 * share, 2)}{NO_BREAK}% of the synthetic images ({label_of(copies)}) are {near}"
        if share > 0
        else f"No synthetic image is {near}",
        f"Their Vendi score over that of as many real images is {listing(ratios)}.",
        f"Their kernel distance to real images in the embedding is {listing(distances)}; that of unseen real images is "
        f"{number(real['kernel_distance'])}.",
    ]
    return [*sentences, f"In CPU time, {listing(spent)}."] if spent else sentences


def gate_sentences(quality: pd.DataFrame) -> list[str]:
    """Say which pools do not pass the gate of claim 2, and why; the head of the report says it too."""
    failed = [check for check in recognitions(quality).values() if not check.passed]
    return [f"Synthetic images do not pass the gate of claim 2: {words(check)}." for check in failed]


def generator_table(quality: pd.DataFrame) -> Table:
    """Return the quality of each pool, below that of unseen real images."""
    rows = []
    for row in quality.to_dict("records"):
        values = [row[column] * (100 if column == "memorised_fraction" else 1) for column in QUALITY_COLUMNS.values()]
        count = Cell(f"{row['n']:,}", float(row["n"]))
        rows.append([Cell(label_of(row)), count, *map(number_cell, values)])
    return Table(QUALITY_CAPTION, ["images", "number", *QUALITY_COLUMNS], rows, "tables/generator_quality.csv")


def classes_table(classes: pd.DataFrame) -> Table:
    """Return how well each class is recognised, and how many of its images were rejected where there is a filter."""
    filtered = "rejected" in classes
    rows = []
    for name, members in classes.groupby("class_name", sort=False):
        by_pool = members.set_index("pool")
        cells = [number_cell(by_pool.at[pool, "classifier_accuracy"]) for pool in by_pool.index]
        cells += [number_cell(100 * by_pool.at[pool, "rejected"]) for pool in by_pool.index[1:] if filtered]
        rows.append([Cell(str(name)), *cells])
    pools = list(classes["pool"].unique())
    columns = ["class", *pools, *(f"{pool}: rejected, %" for pool in pools[1:] if filtered)]
    caption = "Share of each class that the classifier of real images recognises."
    if filtered:
        caption += " Rejected: by the label filter, of those drawn."
    return Table(caption, columns, rows, "tables/generator_classes.csv", folded=True)


def label_of(row: Mapping[str, Any]) -> str:
    """Return a row of the quality table in words."""
    return REAL if row["pool"] == REAL else pool_label(row)


def _of_real(quality: pd.DataFrame) -> pd.Series:
    return quality[quality["pool"] == REAL].iloc[0]


def _of_pools(quality: pd.DataFrame) -> pd.DataFrame:
    return quality[quality["pool"] != REAL]
