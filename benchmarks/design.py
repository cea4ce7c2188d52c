"""Power of designs of equal cost, with the noise of a finished study: prints the table of docs/statistics.md.

Run as ``OMP_NUM_THREADS=1 PYTHONPATH=workflow/scripts python benchmarks/design.py results/STUDY/runs``: all
``spectra.parquet`` files below that folder are read. Whole studies are simulated, run by run: their features have the
covariance, within and between the conditions of a seed, that the study's features have, and go through the contrast of
claim 1 with its units, gates and jackknife.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from weightscape.files import read_table
from weightscape.statistics.constants import SIGNIFICANCE
from weightscape.statistics.cross_validated import without_each_seed
from weightscape.statistics.families import FEATURE_FAMILIES
from weightscape.statistics.features import fingerprints, within_condition_sd
from weightscape.statistics.many_studies import ContrastsOfStudies, contrast_studies
from weightscape.statistics.tables import one_baseline
from weightscape.streams import stream

METRICS = ["log_norm", "stable_rank", "effective_rank", "entropy"]
N_DIVERSITY = 4
N_OTHERS = 3
"""The second baseline, more real data and duplicated data: part of every study's cost and of its units."""
N_SECONDARY = 7
"""Claims that the pooled one shares Holm's adjustment with: three pooled, four about synthetic data."""
LENGTH, V, COSINE = 4.0, 2.0, 0.8
"""Length of dropout, of weight decay and of early stopping; of a series of diversity, and its cosine with dropout; in
between-seed SDs, at the higher dose."""
AT_ONCE = 50


@dataclass(frozen=True)
class Design:
    """How a study spends its runs; a lower dose has half the effect of the higher one."""

    name: str
    seeds: int
    doses: int = 1
    baselines: int = 1

    @property
    def series(self) -> list[np.ndarray]:
        """Places of the conditions of each series: diversity, dropout, weight decay, and early stopping's one dose."""
        sizes = [self.doses] * (N_DIVERSITY + 2) + [1]
        ends = self.baselines + N_OTHERS + np.cumsum([0, *sizes])
        return [np.arange(start, end) for start, end in pairwise(ends)]

    @property
    def n_runs(self) -> int:
        """What it costs."""
        return self.seeds * (int(self.series[-1][-1]) + 1)


DESIGNS = (
    Design("two doses", 8, doses=2),
    Design("one dose", 12),
    Design("one dose, two baselines", 11, baselines=2),
    Design("one dose, three baselines", 10, baselines=3),
    Design("one dose, two baselines", 12, baselines=2),
    Design("one dose, two baselines", 15, baselines=2),
)


@dataclass(frozen=True)
class Noise:
    """Roots of two covariances of the features: of what the runs of a seed share, and of each run's own part."""

    shared: np.ndarray
    own: np.ndarray


def measured_noise(spectra: pd.DataFrame, of: str) -> Noise:
    """Return the noise of a study by a two-way analysis of variance of its runs, seeds × conditions.

    With W the pooled covariance between the seeds of a condition and M that of the seeds' means over C conditions, what
    a seed's runs share has (C·M − W)/(C − 1), and a run's own part the rest of W; negative eigenvalues become 0.
    """
    prints = fingerprints(spectra, METRICS, of=of)
    runs = np.stack(list(prints.runs.values())) / prints.scales
    rest = runs - runs.mean(axis=1, keepdims=True)
    n_conditions, n_seeds, n_features = rest.shape
    flat = rest.reshape(-1, n_features)
    within = flat.T @ flat / (n_conditions * (n_seeds - 1))
    means = rest.mean(axis=0)
    shared = (n_conditions * means.T @ means / (n_seeds - 1) - within) / (n_conditions - 1)
    return Noise(_root(shared), _root(within - _positive(shared)))


def _positive(covariance: np.ndarray) -> np.ndarray:
    root = _root(covariance)
    return root @ root.T


def _root(covariance: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0))


def simulate(design: Design, noise: Noise, n_studies: int) -> Iterator[np.ndarray]:
    """Yield the runs of many studies, some at a time: (studies, conditions, seeds, features)."""
    rng = stream("benchmark of designs", design.name, design.seeds)
    n_features = len(noise.own)
    parts = np.zeros((int(design.series[-1][-1]) + 1, 4 + N_DIVERSITY))
    for place, conditions in enumerate(design.series):
        for strength, condition in zip((1.0, 0.5), conditions[::-1], strict=False):
            if place < N_DIVERSITY:
                parts[condition, [0, 4 + place]] = strength * V * COSINE, strength * V * np.sqrt(1 - COSINE**2)
            else:
                parts[condition, place - N_DIVERSITY] = strength * LENGTH
    for start in range(0, n_studies, AT_ONCE):
        n = min(AT_ONCE, n_studies - start)
        directions = np.linalg.qr(rng.normal(size=(n, n_features, parts.shape[1])))[0]
        truth = parts @ np.swapaxes(directions, -1, -2)
        shared = rng.normal(size=(n, 1, design.seeds, n_features)) @ noise.shared.T
        own = rng.normal(size=(n, len(parts), design.seeds, n_features)) @ noise.own.T
        yield truth[:, :, None] + shared + own


def effects(runs: np.ndarray, design: Design) -> list[np.ndarray]:
    """Return the effect of each series, in units of the runs."""
    units = within_condition_sd(runs)[..., None, None, :]
    reference = runs[..., : design.baselines, :, :].mean(axis=-3, keepdims=True)
    differences = (runs - reference) / units
    return [differences[..., conditions, :, :].mean(axis=-3) for conditions in design.series]


def found(design: Design, noise: Noise, n_studies: int) -> tuple[list[ContrastsOfStudies], list[ContrastsOfStudies]]:
    """Return, batch by batch, what the contrast of the first series and the pooled one find."""
    single, pooled = [], []
    for runs in simulate(design, noise, n_studies):
        deleted = np.moveaxis(without_each_seed(runs), -3, -4)
        *whole, D, W, E = effects(runs, design)
        *rest, d, w, e = effects(deleted, design)
        single.append(contrast_studies([whole[0], D, W, E], [rest[0], d, w, e]))
        pooled.append(contrast_studies([np.mean(whole, axis=0), D, W, E], [np.mean(rest, axis=0), d, w, e]))
    return single, pooled


def power(contrasts: list[ContrastsOfStudies], n_tests: int) -> float:
    """Return the share of studies that find the truth at Holm's strictest level of so many tests."""
    return float(np.concatenate([contrast.supported(SIGNIFICANCE / n_tests) for contrast in contrasts]).mean())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("runs", type=Path, help="folder with the spectra.parquet files of a finished study")
    parser.add_argument("--studies", type=int, default=400)
    arguments = parser.parse_args()
    tables = [read_table(path) for path in sorted(arguments.runs.rglob("spectra.parquet"))]
    spectra = one_baseline("spectra", pd.concat(tables, ignore_index=True))
    noise = measured_noise(spectra[spectra["seed"].notna()], FEATURE_FAMILIES[0].of)
    n_conditions, n_seeds = spectra["condition"].nunique(), spectra["seed"].nunique()
    share = np.sum(noise.shared**2) / (np.sum(noise.shared**2) + np.sum(noise.own**2))
    print(
        f"Noise of {n_conditions} conditions × {n_seeds} seeds, {len(noise.own)} features; "
        f"a seed's runs share {share:.0%} of its variance"
    )
    print("| design | seeds | runs | a series | at Holm's first level | pooled | at Holm's first level | SE of T |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for design in DESIGNS:
        single, pooled = found(design, noise, arguments.studies)
        shares = [power(single, 1), power(single, N_DIVERSITY), power(pooled, 1), power(pooled, N_SECONDARY)]
        error = np.nanmedian(np.concatenate([contrast.standard_error for contrast in single]))
        cells = " | ".join(f"{share:.2f}" for share in (*shares, error))
        print(f"| {design.name} | {design.seeds} | {design.n_runs} | {cells} |")


if __name__ == "__main__":
    main()
