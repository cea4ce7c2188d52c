"""What a study is made of and what it cost, as tables: the numbers of the page that no other rule writes."""

from collections.abc import Mapping

import pandas as pd

from weightscape.report import behaviour, corruptions
from weightscape.report.content import Cell, Manifest, Study, Table
from weightscape.report.provenance import Cost
from weightscape.report.tables import evaluation_summary, number_cell
from weightscape.training.settings import TrainingSettings
from weightscape.words.names import described, plain
from weightscape.words.numbers import duration
from weightscape.words.training import training_words

COST = ["rule", "jobs", "wall_seconds", "cpu_seconds", "start_seconds", "peak_memory_mib"]


def derived_tables(study: Study) -> dict[str, pd.DataFrame]:
    """Return the tables that the report adds to the study's: each is written as CSV under its name."""
    return {
        "evaluation_summary": evaluation_summary(study.tables["evaluation"]),
        "corruption_errors": corruptions.corruption_summary(study.tables["evaluation"]),
        "class_summary": behaviour.class_summary(study.tables["class_accuracy"]),
        "detection_summary": behaviour.detection_summary(study.tables["detection"]),
        "diversity_summary": behaviour.diversity_summary(study.tables["diversity"]),
        "diversity_by_class": behaviour.diversity_by_class(study.tables["diversity_curve"]),
        "study": facts(study),
        "data": data_sets(study.manifest),
        "classes": class_counts(study.manifest),
        "cost": costs(study.provenance["rules"]),
    }


def facts(study: Study) -> pd.DataFrame:
    """Return what a reader needs to repeat the study: columns `item`, `value`."""
    given, backbone = study.provenance, study.backbone
    commit = given["commit"] or "not in a git repository"
    versions = [f"{name} {version}" for name, version in sorted(given["versions"].items())]
    seeds = sorted(int(seed) for seed in study.tables["runs"]["seed"].unique())
    training = training_words(TrainingSettings.model_validate(given["config"]["training"]))
    rows = [
        ("backbone", f"{backbone['architecture']} from {described(backbone['source'])}"),
        ("parameters", f"{backbone['parameters']:,}"),
        ("backbone weights, SHA-256", backbone["sha256"]),
        ("encoder", described(encoder) if (encoder := given["config"].get("encoder")) else ""),
        ("data", described(study.manifest["source"])),
        ("training", training),
        ("seeds", f"{seeds[0]} to {seeds[-1]} ({len(seeds)}), paired across conditions; baseline b: 1000 + seed"),
        ("git commit", commit + (", with uncommitted changes" if given["uncommitted_changes"] else "")),
        ("config, SHA-256", given["config_sha256"]),
        ("machine", f"{given['platform']}, {given['cpus']} CPUs"),
        ("versions", ", ".join([f"Python {given['python']}", *versions])),
    ]
    return pd.DataFrame([row for row in rows if row[1]], columns=["item", "value"])


def data_sets(manifest: Manifest) -> pd.DataFrame:
    """Return the splits of the study's data.

    Columns `set`, `images`, `classes`, `smallest_class`, `largest_class`, `imbalance` (the ratio of the last two; Buda,
    Maki & Mazurowski, arXiv 1710.05381), `groups` where the data have any, and `images_sha256`. A split without images
    has none of the classes.
    """
    rows = []
    for name, entry in manifest["sets"].items():
        counts = [count for count in entry["class_counts"].values() if count] or [0]
        rows.append(
            {
                "set": name,
                "images": entry["n"],
                "classes": sum(map(bool, counts)),
                "smallest_class": min(counts),
                "largest_class": max(counts),
                "imbalance": max(counts) / min(counts) if min(counts) else float("nan"),
                **({"groups": entry["groups"]} if "groups" in entry else {}),
                "images_sha256": entry["images_sha256"],
            }
        )
    return pd.DataFrame(rows)


def class_counts(manifest: Manifest) -> pd.DataFrame:
    """Return the number of images of each class: a column `class`, and one for each split."""
    counts = {name: pd.Series(entry["class_counts"], dtype="int64") for name, entry in manifest["sets"].items()}
    return pd.DataFrame(counts).rename_axis("class").reset_index()


def costs(rules: Mapping[str, Cost]) -> pd.DataFrame:
    """Return jobs, seconds and memory of each rule, the costliest first: columns `COST`."""
    table = pd.DataFrame([{"rule": rule, **cost} for rule, cost in rules.items()], columns=COST)
    return table.sort_values(["wall_seconds", "rule"], ascending=[False, True], ignore_index=True)


def data_table(data: pd.DataFrame, manifest: Manifest) -> Table:
    """Return the splits as a table of the page."""
    numbers = [column for column in data.columns if column not in ("set", "images_sha256")]
    rows = [
        [
            Cell(plain(str(row["set"]))),
            *(Cell(_in_words(row[column]), float(row[column])) for column in numbers),
            Cell(f"{row['images_sha256'][:16]}…"),
        ]
        for row in data.to_dict("records")
    ]
    caption = (
        "The disjoint splits of the data. Imbalance is the size of the largest class over that of the smallest. The "
        "table ends with the start of the SHA-256 sum of the images; the file has it in full."
    )
    if "groups" in data:
        surplus = len(manifest.get("surplus_of_groups", ()))
        caption += (
            f" Images of one group are in one split; {surplus:,} images are in none, because their group is in a split "
            "that has its number without them."
        )
    columns = ["split", *map(plain, numbers), "SHA-256 of the images"]
    return Table(caption, columns, rows, "tables/data.csv")


def classes_table(classes: pd.DataFrame) -> Table:
    """Return the number of images of each class as a table of the page."""
    rows = [
        [Cell(str(name)), *(Cell(f"{count:,}", float(count)) for count in counts)]
        for name, *counts in classes.itertuples(index=False)
    ]
    columns = ["class", *(plain(str(column)) for column in classes.columns[1:])]
    return Table("Images of each class in the splits.", columns, rows, "tables/classes.csv", folded=True)


def _in_words(value: float) -> str:
    """Return a count, or a ratio with two digits after the point; a dash where there is none."""
    if value != value:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:.2f}"


def costs_table(table: pd.DataFrame) -> Table:
    """Return what each rule cost as a table of the page."""
    rows = [
        [
            Cell(plain(row.rule)),
            Cell(f"{row.jobs:,}", float(row.jobs)),
            Cell(duration(row.wall_seconds), float(row.wall_seconds)),
            Cell(duration(row.cpu_seconds), float(row.cpu_seconds)),
            Cell(duration(row.start_seconds), float(row.start_seconds)),
            number_cell(row.peak_memory_mib),
        ]
        for row in table.itertuples()
    ]
    columns = ["rule", "jobs", "wall time", "CPU time", "of it to start", "peak memory, MiB"]
    caption = (
        "Cost of the jobs behind this study, up to its figures, summed by rule; starting a job is to import its "
        "modules; memory is the peak of the largest job."
    )
    return Table(caption, columns, rows, "tables/cost.csv")
