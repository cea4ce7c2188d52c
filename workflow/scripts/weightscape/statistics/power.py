"""Power and the seeds it takes, from a pilot: of the contrast of claim 1 by simulation, of a mean by noncentral t."""

from collections.abc import Sequence

import numpy as np
from scipy.special import nctdtr, stdtrit

from weightscape.statistics.constants import MINIMUM_SEEDS, SIGNIFICANCE
from weightscape.statistics.cross_validated import cross_validated_gram
from weightscape.statistics.facts import Case, NotInStudyError
from weightscape.statistics.many_studies import contrast_studies
from weightscape.statistics.presence import presence
from weightscape.streams import stream

CANDIDATES = (*range(MINIMUM_SEEDS, 13), 14, 16, 18, 20, 24, 28, 32, 40, 48, 64)
"""Numbers of seeds that are tried."""


def seeds_for_contrast(
    effects: Sequence[np.ndarray], power: float = 0.8, significance: float = SIGNIFICANCE
) -> int | None:
    """Return the fewest of `CANDIDATES` seeds with which claim 1 is decided with the wanted power, None if none is.

    Parameters
    ----------
    effects : three or four arrays (S, features)
        V, D and W of the pilot, S ≥ 3, and E if its direction is removed.
    power, significance
        Wanted power and level.

    Raises
    ------
    NotInStudyError
        If the pilot has too few seeds or no feature, or does not show that all of them act: an effect that is not there
        has no direction that more seeds could make clear.
    """
    if len(effects[0]) < MINIMUM_SEEDS or effects[0].shape[1] == 0:
        raise NotInStudyError(Case("pilot too small", number=MINIMUM_SEEDS))
    names = ("diversity", "dropout", "weight_decay", "early_stop")
    acts = [presence(effect).acts for effect in effects]
    if absent := tuple(name for name, there in zip(names, acts, strict=False) if not there):
        raise NotInStudyError(Case("pilot without effect", absent))
    for seeds in CANDIDATES:
        if contrast_power(effects, seeds, significance) >= power:
            return seeds
    return None


def contrast_power(
    effects: Sequence[np.ndarray], seeds: int, significance: float = SIGNIFICANCE, n_studies: int = 400
) -> float:
    """Return the probability that a study with this many seeds decides claim 1 in the pilot's direction.

    Notes
    -----
    Studies are simulated with the pilot's effects and noise. The pilot's mean effects are too long and, through the
    baseline that they share, too much alike, so they are replaced by the nearest ones whose inner products are the
    cross-validated ones. The features' units are taken as known, which they are not in a study: its power is a little
    smaller (by .01 to .02 at eight seeds).
    """
    arrays = [np.asarray(array, dtype=float) for array in effects]
    noise = simulated_noise(arrays, seeds, n_studies)
    result = contrast_studies([part + mean for part, mean in zip(noise, unbiased_means(arrays), strict=True)])
    return float(max(result.supported(significance).mean(), result.contradicted(significance).mean()))


def simulated_noise(effects: Sequence[np.ndarray], seeds: int, n_studies: int) -> np.ndarray:
    """Return noise of the effects in simulated studies, shape (effects, n_studies, seeds, features).

    It is drawn as normal combinations of the residuals of `effects`, each (S, features), those of one seed together: it
    has their covariance, the shared baseline included.
    """
    residuals = np.stack([array - array.mean(axis=0) for array in effects], axis=1) / np.sqrt(len(effects[0]) - 1)
    weights = stream("planning", seeds, n_studies).normal(size=(n_studies, seeds, len(effects[0])))
    return np.einsum("nsk,kaf->ansf", weights, residuals)


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
        raise NotInStudyError(Case("pilot could not test"))
    t = float(stdtrit(seeds - 1, 1 - max(pvalue, 1e-12) / 2))
    return t / np.sqrt(seeds) * (1 - 3 / (4 * (seeds - 1) - 1))


def seeds_for_mean(
    d_z: float, power: float = 0.8, significance: float = SIGNIFICANCE, candidates: Sequence[int] = CANDIDATES
) -> int | None:
    """Return the fewest candidates with which a two-sided paired t test has the wanted power, None if none has."""
    return next((n for n in candidates if t_power(d_z, n, significance) >= power), None)


def t_power(d_z: float, seeds: int, significance: float = SIGNIFICANCE) -> float:
    """Return the power of a two-sided one-sample t test: the noncentral t beyond its critical values."""
    return noncentral_power(d_z * np.sqrt(seeds), seeds - 1, significance)


def noncentral_power(shift: float, df: float, significance: float = SIGNIFICANCE) -> float:
    """Return the power of a two-sided t test of a statistic that is `shift` standard errors from 0."""
    critical = stdtrit(df, 1 - significance / 2)
    return float(1 - nctdtr(df, shift, critical) + nctdtr(df, shift, -critical))
