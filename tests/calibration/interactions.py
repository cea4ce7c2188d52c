"""Simulated studies of two interventions and their combination: how often an interaction is found."""

from collections.abc import Iterator

import numpy as np

from weightscape.statistics.constants import SIGNIFICANCE
from weightscape.statistics.effects import interaction
from weightscape.statistics.sign_flip import sign_flip_test
from weightscape.streams import stream

LAWS = ("normal", "heavy", "skewed")
"""Laws of the noise: normal, t with 4 degrees of freedom, exponential."""


def interaction_pvalues(law: str, seeds: int, beyond: float, baselines: int = 1, n_studies: int = 4000) -> np.ndarray:
    """Return the p of the interaction in simulated studies; `beyond` is in SDs of a run.

    Seeds differ by twice as much as runs of a seed do, and the parts have effects of 3 and −2 SDs. The baseline is the
    mean of `baselines` runs.
    """
    rng = stream("interactions", law, seeds, beyond, baselines)
    shape = (3 + baselines, seeds, n_studies)
    noise = {
        "normal": lambda: rng.normal(size=shape),
        "heavy": lambda: rng.standard_t(4, size=shape) / np.sqrt(2),
        "skewed": lambda: rng.exponential(size=shape) - 1,
    }[law]()
    noise += 2 * rng.normal(size=shape[1:])
    baseline, (first, second, both) = noise[:baselines].mean(axis=0), noise[baselines:]
    first, second, both = first + 3, second - 2, both + 1 + beyond
    return sign_flip_test(interaction(baseline, both, np.stack([first, second]))).pvalue


def interaction_table(n_studies: int) -> Iterator[str]:
    """Yield the lines of the table of interactions: the share of studies in which one is found."""
    yield f"**Interactions of two interventions.** {n_studies} studies per cell; p of the sign-flip test, unadjusted.\n"
    yield "| interaction, in SDs of a run | noise | S = 6 | 8 | 12 | two baselines, S = 8 |"
    yield "|--:|---|--:|--:|--:|--:|"
    for beyond in (0.0, 1.5, 2.5):
        for law in LAWS:
            cells = [(seeds, 1) for seeds in (6, 8, 12)] + [(8, 2)]
            found = [interaction_pvalues(law, seeds, beyond, n, n_studies) <= SIGNIFICANCE for seeds, n in cells]
            yield f"| {beyond:g} | {law} | " + " | ".join(f"{100 * part.mean():.1f} %" for part in found) + " |"
    yield ""
