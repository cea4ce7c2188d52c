"""How many seeds a study needs, from a pilot with few: power of claim 1 by simulation, of claim 2 by noncentral t."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import nctdtr, stdtrit

from weightscape.statistics.constants import MINIMUM_SEEDS, SIGNIFICANCE
from weightscape.statistics.cross_validated import cross_validated_gram
from weightscape.statistics.errors import NotInStudyError
from weightscape.statistics.many_studies import contrast_studies
from weightscape.statistics.plan import Plan
from weightscape.statistics.presence import presence
from weightscape.statistics.series import conditions_of_series
from weightscape.statistics.spectral_claim import claim_one_effects, claim_one_fingerprints
from weightscape.statistics.wording import listing, verb
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
        pilot does not say; `note` says which. They are for an effect as large as the pilot's, whose own error is not
        in them.
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
            note = f"more than {CANDIDATES[-1]} seeds"
        elif not note and claim.pvalue > SIGNIFICANCE:
            note = "a rough guess: in the pilot the effect is within its error"
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
        If the pilot has too few seeds or no feature, or does not show that all three act: an effect that is not there
        has no direction that more seeds could make clear.
    """
    if len(V) < MINIMUM_SEEDS or V.shape[1] == 0:
        raise NotInStudyError(f"The pilot needs {MINIMUM_SEEDS} seeds and a feature.")
    roles = {"diversity": V, "dropout": D, "weight decay": W}
    if absent := [name for name, effect in roles.items() if not presence(effect).acts]:
        raise NotInStudyError(f"The pilot does not show that {listing(absent)} {verb(absent, 'acts', 'act')}.")
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
    Studies are simulated with the pilot's effects and noise. The pilot's mean effects are too long and, through the
    baseline that they share, too much alike, so they are replaced by the nearest ones whose inner products are the
    cross-validated ones. Noise is drawn as normal combinations of the pilot's residuals, V, D and W of a seed together:
    it has their covariance, the shared baseline included. The features' units are taken as known, which they are not
    in a study: its power is a little smaller (by .01 to .02 at eight seeds).
    """
    arrays = [np.asarray(array, dtype=float) for array in (V, D, W)]
    residuals = np.stack([array - array.mean(axis=0) for array in arrays], axis=1) / np.sqrt(len(V) - 1)
    rng = stream("planning", seeds, n_studies)
    weights = rng.normal(size=(n_studies, seeds, len(V)))
    simulated = np.einsum("nsk,kaf->ansf", weights, residuals) + unbiased_means(arrays)[:, None, None]
    result = contrast_studies(*simulated)
    return float(max(result.supported(significance).mean(), result.contradicted(significance).mean()))


def unbiased_means(effects: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean effects, changed so that their inner products are the cross-validated ones.

    Parameters
    ----------
    effects : n arrays (S, features)
        Paired differences from the same baseline.

    Returns
    -------
    shape (n, features)

    Notes
    -----
    With M the means (n × features), the result is G^½ (M Mᵀ)^(−½) M, whose inner products are G. G is the nearest
    matrix to the cross-validated products that has no negative eigenvalue, as no inner products have.
    """
    means = np.array([effect.mean(axis=0) for effect in effects])
    observed = _power_of_symmetric(means @ means.T, -0.5)
    return _power_of_symmetric(cross_validated_gram(effects), 0.5) @ observed @ means


def _power_of_symmetric(matrix: np.ndarray, power: float) -> np.ndarray:
    """Return a power of a symmetric matrix; eigenvalues that are not positive count as 0, and so do their powers."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    positive = values > 1e-12 * np.abs(values).max()
    return (vectors * np.where(positive, np.where(positive, values, 1.0) ** power, 0.0)) @ vectors.T


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
