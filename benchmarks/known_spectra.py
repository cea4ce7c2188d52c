"""How often the spectra's flags and fits are right where the answer is known: random matrices and power-law samples.

Run as ``OMP_NUM_THREADS=1 PYTHONPATH=workflow/scripts python benchmarks/known_spectra.py``. Prints the tables of the
section "How far to trust them" of docs/spectra.md.
"""

import numpy as np

from weightscape.spectra.eigenvalues import spectrum
from weightscape.spectra.marchenko_pastur import fit_bulk
from weightscape.spectra.power_law import fit_power_law

MATRICES = [(1, 20, 20), (1, 50, 50), (1, 100, 100), (1, 60, 20), (1, 300, 100), (1, 1000, 30), (9, 16, 8), (9, 96, 48)]
LAWS = ("power law, α = 2.5", "log-normal, σ = 1", "exponential")
SIZES = (50, 200, 1000)


def gaussian(count: int, rows: int, columns: int, draws: int) -> None:
    """Print what the fits say of pooled Gaussian matrices, which have neither spikes nor a power law."""
    rng = np.random.default_rng(0)
    spikes, distances, valid = 0, [], 0
    for _ in range(draws):
        values = spectrum(rng.standard_normal((count, rows, columns))).eigenvalues
        bulk = fit_bulk(values, rows, columns)
        spikes += bulk.num_spikes > 0
        distances.append(bulk.ks)
        valid += not fit_power_law(values).flags()
    shape = f"{count} × {rows} × {columns}" if count > 1 else f"{rows} × {columns}"
    row = (f"{spikes / draws:.1%}", f"{np.quantile(distances, 0.95):.3f}", f"{valid / draws:.0%}")
    print(f"| {shape} | {draws} | {' | '.join(row)} |", flush=True)


def sample(law: str, size: int, rng: np.random.Generator) -> np.ndarray:
    """Return a sorted sample of one of `LAWS`."""
    draws = {
        LAWS[0]: lambda: rng.pareto(1.5, size) + 1,
        LAWS[1]: lambda: rng.lognormal(0, 1, size),
        LAWS[2]: lambda: rng.exponential(1, size),
    }
    return np.sort(draws[law]())


def tail(law: str, size: int, draws: int) -> None:
    """Print how often a sample's fit passes all flags and, for a power law, covers its α."""
    rng = np.random.default_rng(size)
    fits = [fit_power_law(sample(law, size, rng)) for _ in range(draws)]
    valid = np.mean([not fit.flags() for fit in fits])
    covered = np.mean([abs(fit.alpha - 2.5) < 1.96 * fit.sigma for fit in fits])
    print(f"| {law} | {size} | {draws} | {valid:.0%} | {f'{covered:.0%}' if law == LAWS[0] else ''} |", flush=True)


def main() -> None:
    for count, rows, columns in MATRICES:
        gaussian(count, rows, columns, draws=1000 if count * rows * columns <= 3000 else 400)
    for law in LAWS:
        for size in SIZES:
            tail(law, size, draws=400)


if __name__ == "__main__":
    main()
