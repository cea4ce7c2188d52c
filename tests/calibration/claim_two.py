"""Simulated studies for the calibration of claims 2a to 2d and of the manipulation check, judged by the code's tests.

Accuracies are in probits, scores in logs. A condition has an accuracy of its own in distribution; out of distribution
it lies on a line, but for a scatter of its own; each run adds noise, which in part moves both accuracies, and each seed
moves all its runs alike.
"""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from weightscape.statistics.claims.effective_robustness import difference_among_conditions, residual_difference
from weightscape.statistics.condition_regression import regress_conditions
from weightscape.statistics.constants import SIGNIFICANCE
from weightscape.statistics.estimate import mean_estimate
from weightscape.statistics.facts import CannotBeJudgedError
from weightscape.statistics.intersection_union import smallest_mean
from weightscape.statistics.manipulation import manipulation_checks
from weightscape.statistics.plan import Plan
from weightscape.streams import stream


@dataclass(frozen=True)
class Slopes:
    """A situation of claim 2d, all standard deviations in probits.

    Attributes
    ----------
    rise
        By how much accuracy out of distribution rises per SD of the log Vendi score: the truth that is asked about.
    spread
        SD of the conditions' accuracies in distribution.
    correlation
        Of these with the log Vendi score.
    scatter
        SD of the conditions' own accuracies out of distribution, about the line of slope `line`.
    within
        How much of a run's noise in distribution shows out of distribution.
    """

    name: str
    rise: float = 0.0
    spread: float = 0.3
    correlation: float = -0.7
    scatter: float = 0.03
    within: float = 0.3
    line: float = 0.6


NULL_SLOPES = (
    Slopes("slope within .3"),
    Slopes("slope within 0", within=0.0),
    Slopes("no scatter", scatter=0.0, within=0.0),
    Slopes("scatter .1", scatter=0.1),
    Slopes("accuracies nearly equal", spread=0.05, scatter=0.0),
    Slopes("accuracies differ little, correlation −.9", spread=0.1, correlation=-0.9, scatter=0.0, within=0.0),
    Slopes("extreme: correlation −.95, slope 1, no scatter", correlation=-0.95, scatter=0.0, within=0.0, line=1.0),
)
TRUE_SLOPES = (Slopes("rise .05 per SD", rise=0.05), Slopes("rise .1 per SD", rise=0.1))
SIZES = ((7, 12), (8, 12), (10, 8), (12, 12))
"""Conditions and seeds; the first is the default study."""

NOISE_IN, NOISE_OUT, SEED_SD = 0.1, 0.08, 0.05


@dataclass(frozen=True)
class Line:
    """A situation of claim 2c: the true `lift` above the line, and how much more accurate synthetic data are (`gain`).

    `spread` and `scatter` are those of the conditions on the line; the two that are compared scatter by `own_scatter`.
    """

    name: str
    lift: float = 0.0
    gain: float = 0.2
    spread: float = 0.2
    scatter: float = 0.1
    own_scatter: float = 0.0
    within: float = 0.3


NULL_LINES = (
    Line("scatter .1, gain .1", gain=0.1),
    Line("scatter .1, gain .2"),
    Line("scatter .1, gain .4", gain=0.4),
    Line("scatter .1, accuracies differ less", spread=0.1),
    Line("accuracies nearly equal", spread=0.05, scatter=0.02),
    Line("no scatter", scatter=0.0),
)
OWN_SCATTER = Line("scatter .1 of the two compared too", own_scatter=0.1)
TRUE_LINES = (
    Line("lift .1, scatter .03", lift=0.1, scatter=0.03),
    Line("lift .2, scatter .03", lift=0.2, scatter=0.03),
)
LINE_SIZES = ((4, 8), (5, 12), (8, 12))
"""Conditions on the line and seeds; the second is the default study."""


def slope_studies(cell: Slopes, n_conditions: int, n_seeds: int, n_studies: int) -> Iterator[tuple[np.ndarray, ...]]:
    """Yield accuracies out of and in distribution and log Vendi scores, each (seeds, conditions)."""
    rng = stream("claim 2d", cell.name, n_conditions, n_seeds)
    for _ in range(n_studies):
        ability, other = rng.normal(size=(2, n_conditions))
        vendi = cell.correlation * ability + np.sqrt(1 - cell.correlation**2) * other
        shift = cell.rise * vendi + cell.scatter * rng.normal(size=n_conditions)
        inside, outside = runs(cell.spread * ability, cell.line, shift, cell.within, n_seeds, rng)
        yield outside, inside, vendi + 0.02 * rng.normal(size=inside.shape)


def runs(
    ability: np.ndarray, line: float, shift: np.ndarray, within: float, n_seeds: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the accuracies of all runs in and out of distribution."""
    noise_in, noise_out = rng.normal(size=(2, n_seeds, len(ability)))
    seed_in, seed_out = SEED_SD * rng.normal(size=(2, n_seeds, 1))
    inside = 1.5 + ability + seed_in + NOISE_IN * noise_in
    return inside, line * ability + shift + seed_out + within * NOISE_IN * noise_in + NOISE_OUT * noise_out


def decides(judge: Callable[[], float]) -> bool:
    """Return whether an analysis has a p at most the level."""
    try:
        return judge() <= SIGNIFICANCE
    except CannotBeJudgedError:
        return False


def slope_pvalue(outside: np.ndarray, inside: np.ndarray, vendi: np.ndarray) -> float:
    """Return the p of claim 2d."""
    return regress_conditions(outside, inside, vendi).slopes[1].pvalue


def least_squares_pvalue(outside: np.ndarray, inside: np.ndarray, vendi: np.ndarray) -> float:
    """Return the p of the same slope by ordinary least squares on the means over seeds."""
    return slope_pvalue(*(np.repeat(values.mean(axis=0)[None], 2, axis=0) for values in (outside, inside, vendi)))


def mixed_model_pvalue(outside: np.ndarray, inside: np.ndarray, vendi: np.ndarray) -> float:
    """Return the p of a mixed model with intercepts of seeds and conditions, with t of as many df as conditions − 3."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    seed, condition = np.indices(inside.shape)
    columns = {"ood": outside, "test": inside, "vendi": vendi, "seed": seed, "condition": condition}
    data = pd.DataFrame({name: values.ravel() for name, values in columns.items()}).assign(all=1)
    crossed = {"seed": "0 + C(seed)", "condition": "0 + C(condition)"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = MixedLM.from_formula("ood ~ test + vendi", data, groups="all", vc_formula=crossed).fit(method=["lbfgs"])
    return float(2 * stats.t(inside.shape[1] - 3).sf(abs(fit.tvalues["vendi"])))


def slope_share(
    cell: Slopes, size: tuple[int, int], n_studies: int, pvalue: Callable[..., float] = slope_pvalue
) -> float:
    """Return the share of studies in which claim 2d is decided, alone."""
    return float(np.mean([decides(lambda s=study: pvalue(*s)) for study in slope_studies(cell, *size, n_studies)]))


def line_studies(cell: Line, n_conditions: int, n_seeds: int, n_studies: int) -> Iterator[tuple[np.ndarray, ...]]:
    """Yield accuracies in and out of distribution of the conditions on the line, and the two gains per seed."""
    rng = stream("claim 2c", cell.name, n_conditions, n_seeds)
    for _ in range(n_studies):
        ability = np.append(cell.spread * rng.normal(size=n_conditions), [cell.gain, 0.0])
        scatter = np.append(np.full(n_conditions, cell.scatter), [cell.own_scatter] * 2)
        shift = scatter * rng.normal(size=len(scatter))
        shift[-2] += cell.lift
        inside, outside = runs(ability, 0.6, shift, cell.within, n_seeds, rng)
        gains = (values[:, -2] - values[:, -1] for values in (inside, outside))
        yield inside[:, :-2], outside[:, :-2], *gains


def line_pvalue(inside: np.ndarray, outside: np.ndarray, gain_in: np.ndarray, gain_out: np.ndarray) -> float:
    """Return the p of claim 2c."""
    return residual_difference(gain_in, gain_out, regress_conditions(outside, inside))[0].pvalue


def among_conditions_pvalue(
    inside: np.ndarray, outside: np.ndarray, gain_in: np.ndarray, gain_out: np.ndarray
) -> float:
    """Return the p of its variant "as one condition among others"."""
    return difference_among_conditions(gain_in, gain_out, regress_conditions(outside, inside), 2)[0].pvalue


def given_line_pvalue(inside: np.ndarray, outside: np.ndarray, gain_in: np.ndarray, gain_out: np.ndarray) -> float:
    """Return the p with the least-squares line of the means taken as given."""
    slope = stats.linregress(inside.mean(axis=0), outside.mean(axis=0)).slope
    return mean_estimate(gain_out - slope * gain_in).pvalue


def line_share(cell: Line, size: tuple[int, int], n_studies: int, pvalue: Callable[..., float] = line_pvalue) -> float:
    """Return the share of studies in which claim 2c is decided, alone."""
    return float(np.mean([decides(lambda s=study: pvalue(*s)) for study in line_studies(cell, *size, n_studies)]))


def against_all_shares(effects: tuple[float, ...], n_seeds: int, n_studies: int) -> tuple[float, float]:
    """Return how often synthetic data, of effect 0, are judged to differ from the strongest of augmentations.

    First by claim 2a, then against the one with the largest mean of the same scores. A run's noise has SD 1.
    """
    rng = stream("claim 2a", *map(str, effects), n_seeds)
    found = []
    for _ in range(n_studies):
        scores = rng.normal(size=(n_seeds, 1 + len(effects))) + np.array([0, *effects])
        differences = {str(k): scores[:, 0] - scores[:, 1 + k] for k in range(len(effects))}
        largest = str(scores[:, 1:].mean(axis=0).argmax())
        found.append((smallest_mean(differences)[1].pvalue, mean_estimate(differences[largest]).pvalue))
    ours, chosen = (np.array(found) <= SIGNIFICANCE).mean(axis=0)
    return float(ours), float(chosen)


def validated_share(correlation: float, n_augmentations: int, n_seeds: int, n_studies: int) -> float:
    """Return how often claim 2b finds a difference from the augmentation that validates best where all are equal.

    `correlation` is that of a run's noise on the validation images with its noise out of distribution.
    """
    rng = stream("claim 2b", str(correlation), n_augmentations, n_seeds)
    found = []
    for _ in range(n_studies):
        validation, other = rng.normal(size=(2, n_seeds, 1 + n_augmentations))
        ood = correlation * validation + np.sqrt(1 - correlation**2) * other
        best = 1 + validation[:, 1:].mean(axis=0).argmax()
        found.append(mean_estimate(ood[:, 0] - ood[:, best]).pvalue <= SIGNIFICANCE)
    return float(np.mean(found))


def manipulation_shares(effect: float, n_series: int, n_seeds: int, n_studies: int) -> tuple[float, float]:
    """Return how often any of the series is found to differ from the baseline, and how often the first one is.

    Every series has the effect in SDs of a run's log score.
    """
    rng = stream("manipulation calibration", str(effect), n_series, n_seeds)
    names = [f"s{k}" for k in range(n_series)]
    plan = replace(Plan.from_mapping({}), diversity=tuple(names))
    keys = pd.MultiIndex.from_product([["baseline", *names], range(n_seeds)], names=["condition", "seed"])
    table = keys.to_frame(index=False).assign(space="embedding", class_name="all")
    found = []
    for _ in range(n_studies):
        scores = rng.normal(size=(1 + n_series, n_seeds))
        scores[1:] += effect
        checks = manipulation_checks(
            table.assign(vendi_1=np.exp(scores.ravel())), {name: [name] for name in names}, plan
        )
        outcomes = [check.outcome != "not shown" for check in checks.values()]
        found.append((any(outcomes), outcomes[0]))
    some, first = np.mean(found, axis=0)
    return float(some), float(first)


def claim_two_tables(n_studies: int) -> Iterator[str]:
    """Yield the lines of the tables of claims 2a to 2d and of the manipulation check."""
    yield f"**Claim 2a: synthetic data against every augmentation.** {n_studies} studies per cell, 12 seeds.\n"
    yield "| augmentations, in SDs of a run above synthetic data | 2a decides | against the largest mean |"
    yield "|---|--:|--:|"
    for effects in ((0.0,), (0.0, 0.0), (0.0, 0.0, 0.0), (0.0, -2.0, -2.0), (-1.5, -1.5, -1.5), (1.5, 0.0, 0.0)):
        yield f"| {', '.join(f'{effect:g}' for effect in effects)} | " + _row(
            against_all_shares(effects, 12, n_studies)
        )
    yield ""
    yield f"**Claim 2b where nothing differs.** {n_studies} studies per cell, 3 augmentations.\n"
    yield "| correlation of a run's noise in validation and out of distribution | S = 6 | 8 | 12 |"
    yield "|--:|--:|--:|--:|"
    for correlation in (0.0, 0.3, 0.6):
        yield f"| {correlation:g} | " + _row(validated_share(correlation, 3, seeds, n_studies) for seeds in (6, 8, 12))
    yield ""
    yield f"**Claim 2c: share of decisions.** {n_studies} studies per cell; conditions on the line × seeds.\n"
    sizes = " | ".join(f"{c} × {s}" for c, s in LINE_SIZES)
    yield f"| truth | right answer | {sizes} | line taken as given, {sizes} | one condition among others, 5 × 12 |"
    yield "|---|---|" + "--:|" * (2 * len(LINE_SIZES) + 1)
    for line in (*NULL_LINES, OWN_SCATTER, *TRUE_LINES):
        shares = [line_share(line, size, n_studies, p) for p in (line_pvalue, given_line_pvalue) for size in LINE_SIZES]
        shares.append(line_share(line, LINE_SIZES[1], n_studies, among_conditions_pvalue))
        yield f"| {line.name} | {'supported' if line.lift else 'undetermined'} | " + _row(shares)
    yield ""
    yield (
        f"**Claim 2d: share of decisions.** {n_studies} studies per cell, {n_studies // 6} for the mixed model; "
        "conditions × seeds.\n"
    )
    sizes = " | ".join(f"{c} × {s}" for c, s in SIZES)
    yield f"| truth | right answer | {sizes} | least squares on means, {sizes} | mixed model, 10 × 8 |"
    yield "|---|---|" + "--:|" * (2 * len(SIZES) + 1)
    for slopes in (*NULL_SLOPES, *TRUE_SLOPES):
        shares = [
            slope_share(slopes, size, n_studies, p) for p in (slope_pvalue, least_squares_pvalue) for size in SIZES
        ]
        shares.append(slope_share(slopes, SIZES[2], n_studies // 6, mixed_model_pvalue))
        yield f"| {slopes.name} | {'supported' if slopes.rise else 'undetermined'} | " + _row(shares)
    yield ""
    yield (
        f"**Manipulation check: a series is found to differ.** {n_studies // 2} studies per cell, Holm over the "
        "series.\n"
    )
    yield "| effect in SDs of a run's log score | series | any, S = 6 | 8 | 12 | the first, S = 6 | 8 | 12 |"
    yield "|--:|--:|--:|--:|--:|--:|--:|--:|"
    for effect, n_series in ((0.0, 1), (0.0, 4), (1.0, 4), (2.0, 4), (3.0, 4)):
        pairs = [manipulation_shares(effect, n_series, seeds, n_studies // 2) for seeds in (6, 8, 12)]
        yield f"| {effect:g} | {n_series} | " + _row(share for column in zip(*pairs, strict=True) for share in column)
    yield ""


def _row(shares: Iterator[float] | list[float] | tuple[float, ...]) -> str:
    return " | ".join(f"{100 * share:.1f} %" for share in shares) + " |"
