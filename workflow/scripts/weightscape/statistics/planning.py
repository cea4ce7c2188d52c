"""How many seeds a study needs, from a pilot with few: power of claim 1 by simulation, of claim 2 by noncentral t."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import nctdtr, stdtrit

from weightscape.statistics.constants import MINIMUM_SEEDS, SIGNIFICANCE
from weightscape.statistics.cross_validated import cross_validated_inner
from weightscape.statistics.errors import NotInStudyError
from weightscape.statistics.many_studies import contrast_studies
from weightscape.statistics.plan import Plan
from weightscape.statistics.series import conditions_of_series
from weightscape.statistics.spectral_claim import claim_one_effects, claim_one_fingerprints
from weightscape.streams import stream

CANDIDATES = (*range(MINIMUM_SEEDS, 13), 14, 16, 18, 20, 24, 28, 32, 40, 48, 64)
"""Numbers of seeds that are tried."""

COLUMNS = ["claim", "pilot_seeds", "seeds_alone", "seeds_holm", "note"]


def seeds_table(
    runs: pd.DataFrame, spectra: pd.DataFrame, claims: pd.DataFrame, plan: Plan, power: float = 0.8
) -> pd.DataFrame:
    """Return the seeds that each claim needs for the wanted power, if the truth is what the pilot found.

    Parameters
    ----------
    runs, spectra, claims
        Tables of the pilot.
    plan
        Its plan.
    power
        Wanted probability that the claim is decided in the direction that the pilot points to.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`: `seeds_alone` at level `SIGNIFICANCE`, `seeds_holm` at that of Holm's first step, the level
        that suffices whatever the other claims show. NA where even the largest of `CANDIDATES` does not suffice or the
        pilot does not say; `note` says which.
    """
    series = conditions_of_series(runs)
    levels = {"seeds_alone": SIGNIFICANCE, "seeds_holm": SIGNIFICANCE / len(claims)}
    rows = []
    for claim in claims.itertuples():
        note, needed = "", dict[str, int | None].fromkeys(levels)
        try:
            if claim.claim.startswith("1-"):
                prints = claim_one_fingerprints(spectra, claim.claim.removeprefix("1-"), series, plan)
                effects = claim_one_effects(prints, series, plan)
                needed = {name: seeds_for_contrast(*effects, power, level) for name, level in levels.items()}
            elif claim.claim == "2d":
                note = "more conditions, not more seeds, make this claim sharper"
            else:
                d_z = standardised_effect(claim.pvalue, claim.n_seeds)
                needed = {name: seeds_for_mean(d_z, power, level) for name, level in levels.items()}
        except NotInStudyError as error:
            note = str(error)
        if not note and all(value is None for value in needed.values()):
            note = f"more than {CANDIDATES[-1]} seeds, or no effect in the pilot"
        rows.append({"claim": claim.claim, "pilot_seeds": claim.n_seeds, **needed, "note": note})
    return pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(levels, "Int64"))


def seeds_for_contrast(
    V: np.ndarray, D: np.ndarray, W: np.ndarray, power: float = 0.8, significance: float = SIGNIFICANCE
) -> int | None:
    """Return the fewest of `CANDIDATES` seeds with which claim 1 is decided with the wanted power, None if none is.

    Parameters
    ----------
    V, D, W : shape (S, features)
        Effects of the pilot, S ≥ 3.
    power, significance
        Wanted power and level.

    Raises
    ------
    NotInStudyError
        If the pilot has too few seeds or no feature.
    """
    if len(V) < MINIMUM_SEEDS or V.shape[1] == 0:
        raise NotInStudyError(f"The pilot needs {MINIMUM_SEEDS} seeds and a feature.")
    for seeds in CANDIDATES:
        if contrast_power(V, D, W, seeds, significance) >= power:
            return seeds
    return None


def contrast_power(
    V: np.ndarray,
    D: np.ndarray,
    W: np.ndarray,
    seeds: int,
    significance: float = SIGNIFICANCE,
    n_studies: int = 400,
) -> float:
    """Return the probability that a study with this many seeds decides claim 1 in the pilot's direction.

    Notes
    -----
    Studies are simulated with the pilot's effects and noise. An average over few seeds is longer than the truth, since
    its noise adds to its length, so each effect is shortened to its cross-validated length; one that is not positive is
    taken for no effect. Noise is drawn as normal combinations of the pilot's residuals, V, D and W of a seed together:
    it has their covariance, the shared baseline included.
    """
    arrays = (np.asarray(V, dtype=float), np.asarray(D, dtype=float), np.asarray(W, dtype=float))
    residuals = np.stack([array - array.mean(axis=0) for array in arrays], axis=1) / np.sqrt(len(V) - 1)
    rng = stream("planning", seeds, n_studies)
    weights = rng.normal(size=(n_studies, seeds, len(V)))
    simulated = np.einsum("nsk,kaf->ansf", weights, residuals)
    for i, array in enumerate(arrays):
        simulated[i] += _unbiased_mean(array)
    result = contrast_studies(*simulated)
    decided = result.decided(significance)
    return float(max((decided & (result.statistic > 0)).mean(), (decided & (result.statistic < 0)).mean()))


def _unbiased_mean(effect: np.ndarray) -> np.ndarray:
    """Return the mean over seeds, shortened to the cross-validated length."""
    mean = effect.mean(axis=0)
    square, observed = float(cross_validated_inner(effect, effect)), float(mean @ mean)
    return mean * np.sqrt(max(square, 0.0) / observed) if observed > 0 else mean


def standardised_effect(pvalue: float, seeds: int) -> float:
    """Return d_z = t/√S of a t test from its two-sided p, with Hedges' correction for few seeds.

    Raises
    ------
    NotInStudyError
        If the pilot could not test the claim.
    """
    if not np.isfinite(pvalue) or seeds < 2:
        raise NotInStudyError("The pilot could not test this claim.")
    t = float(stdtrit(seeds - 1, 1 - max(pvalue, 1e-12) / 2))
    return t / np.sqrt(seeds) * (1 - 3 / (4 * (seeds - 1) - 1))


def seeds_for_mean(
    d_z: float, power: float = 0.8, significance: float = SIGNIFICANCE, candidates: Sequence[int] = CANDIDATES
) -> int | None:
    """Return the fewest candidates with which a two-sided paired t test has the wanted power, None if none has."""
    return next((n for n in candidates if t_power(d_z, n, significance) >= power), None)


def t_power(d_z: float, seeds: int, significance: float = SIGNIFICANCE) -> float:
    """Return the power of a two-sided one-sample t test: the noncentral t beyond its critical values."""
    critical = stdtrit(seeds - 1, 1 - significance / 2)
    shift = d_z * np.sqrt(seeds)
    return float(1 - nctdtr(seeds - 1, shift, critical) + nctdtr(seeds - 1, shift, -critical))
