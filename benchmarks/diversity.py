"""Time of the measures of diversity, against the packages that define them: CPU seconds of interleaved runs.

Run as ``OMP_NUM_THREADS=1 PYTHONPATH=workflow/scripts python benchmarks/diversity.py``; needs the test dependencies.
Prints the rows of docs/performance.md.
"""

import contextlib
import io
import resource
import time
import warnings
from collections.abc import Callable
from statistics import median

import numpy as np
from prdc import compute_prdc
from sklearn.metrics.pairwise import cosine_similarity

from weightscape.diversity.measures import dcscore, mean_distance, subspace_similarity
from weightscape.diversity.prdc import manifold_metrics
from weightscape.diversity.rbf import rbf_eigenvalues
from weightscape.diversity.table import PAIRS
from weightscape.diversity.vendi import vendi_score

warnings.simplefilter("ignore")
from vendi_score import vendi  # noqa: E402

ROUNDS = 3


def features(n: int, d: int, seed: int = 0) -> np.ndarray:
    """Return features as an encoder gives them: not negative, with a spectrum that falls."""
    rng = np.random.default_rng(seed)
    return np.abs(rng.standard_normal((n, d)) * np.arange(1, d + 1) ** -0.5 + 0.2).astype(np.float32)


def seconds(*functions: Callable[[], object]) -> list[float]:
    """Return the median CPU seconds of each function over rounds in which they take turns."""
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(ROUNDS):
        for kept, function in zip(times, functions, strict=True):
            start = time.process_time()
            with contextlib.redirect_stdout(io.StringIO()):
                function()
            kept.append(time.process_time() - start)
    return [median(values) for values in times]


def main() -> None:
    """Print a row per measure: images, their CPU seconds here, those of the package where it can do it."""
    large, real = features(50_000, 512), features(50_000, 512, 1)
    few, few_real = large[:PAIRS], real[:PAIRS]
    print("| measure | images × features | package | here |\n| --- | --- | --- | --- |")
    for name, function in (
        ("Vendi score", lambda: vendi_score(large)),
        ("order-free ρ of the weighted score", lambda: subspace_similarity(large, real)),
        ("mean cosine distance", lambda: mean_distance(large)),
    ):
        (here,) = seconds(function)
        print(f"| {name} | 50,000 × 512 | | {here:.2g} s |", flush=True)
    for name, package, function in (
        ("Vendi score", lambda: vendi.score_K(cosine_similarity(few)), lambda: vendi_score(few)),
        (
            "precision, recall, density, coverage",
            lambda: compute_prdc(few_real, few, 5),
            lambda: manifold_metrics(few_real, few),
        ),
    ):
        theirs, here = seconds(package, function)
        print(f"| {name} | {PAIRS:,} × 512 | {theirs:.2g} s | {here:.2g} s |", flush=True)
    for name, function in (
        ("DCScore", lambda: dcscore(few)),
        ("RBF Vendi score", lambda: rbf_eigenvalues(few[:2000], 1)),
    ):
        (here,) = seconds(function)
        print(f"| {name} | {PAIRS if name == 'DCScore' else 2000:,} × 512 | | {here:.2g} s |", flush=True)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
