"""Run the whole calibration and write its tables into the docs: ``python tests/calibration/full.py``."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy import stats

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "workflow" / "scripts"))

from claim_two import claim_two_tables  # noqa: E402
from interactions import interaction_table  # noqa: E402
from simulated_studies import (  # noqa: E402  (the library is found by the line above)
    CELLS,
    DEFAULT,
    NOISES,
    SMALL,
    Cell,
    Layout,
    Noise,
    decided,
    draw,
    effects,
    layers_as_replicates,
    mixed,
    naive,
    ours,
    simulate,
)

from weightscape.statistics.bootstrap import bca_intervals  # noqa: E402
from weightscape.statistics.constants import SIGNIFICANCE  # noqa: E402
from weightscape.statistics.cross_validated import cross_validated_inner  # noqa: E402
from weightscape.statistics.estimate import t_interval  # noqa: E402
from weightscape.statistics.features import within_condition_sd  # noqa: E402
from weightscape.statistics.many_studies import FEW_PATTERNS  # noqa: E402
from weightscape.statistics.precision import detectable, equivalence_pvalue  # noqa: E402
from weightscape.statistics.presence import acting  # noqa: E402
from weightscape.streams import stream  # noqa: E402

CALIBRATION = PROJECT / "docs" / "calibration.md"
SEEDS = (8, 12, 15)


def contrast_table(noise: Noise, n_studies: int, n_naive: int) -> Iterator[str]:
    """Yield the lines of the table of claim 1: the share of studies in which each method decides."""
    yield f"**Claim 1, {noise.name}.** {n_studies} studies per cell, {n_naive} in the last two columns.\n"
    yield (
        "| truth | right answer | a series, S = 8 | 12 | all together, S = 8 | 12 | small study, a series, S = 8 "
        "| nothing removed, S = 12 | bootstrap of cosines, S = 12 | layers as replicates |"
    )
    yield "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    for cell in CELLS:
        shares = [decided(cell, DEFAULT, noise, s, n_studies, pooled) for pooled in (False, True) for s in (8, 12)]
        shares.append(decided(cell, SMALL, noise, 8, n_studies))
        shares.append(decided(cell, DEFAULT, noise, 12, n_studies, removed=False))
        studies = [effects(runs)[:3] for runs in simulate(cell, DEFAULT, noise, 12, n_naive)]
        for method in (naive, layers_as_replicates):
            shares.append(float(np.concatenate([method(*study) for study in studies]).mean()))
        yield f"| {cell.name} | {cell.answer} | " + " | ".join(percent(share) for share in shares) + " |"
    yield ""


def power_table(n_studies: int) -> Iterator[str]:
    """Yield the lines of the table of power by the true T, alone and at Holm's strictest level."""
    strict = SIGNIFICANCE / DEFAULT.n_series
    yield f"**Power of claim 1 by the true T.** {n_studies} studies per cell, normal noise, 4 series of diversity.\n"
    yield (
        "| T | " + " | ".join(f"a series, S = {s}" for s in SEEDS)
        + " | " + " | ".join(f"a series at p ≤ .05/4, S = {s}" for s in SEEDS)
        + " | " + " | ".join(f"all together, S = {s}" for s in SEEDS) + " |"
    )  # fmt: skip
    yield "|--:|" + "--:|" * 3 * len(SEEDS)
    smallest: list[float] = []
    for contrast in (0.5, 1.0, 1.5, 2.0, 3.0):
        cell = Cell(f"power {contrast:g}", (contrast, 0, 0, 0))
        studies = {s: list(simulate(cell, DEFAULT, NOISES[0], s, n_studies)) for s in SEEDS}
        shares = []
        for pooled, level in ((False, SIGNIFICANCE), (False, strict), (True, SIGNIFICANCE)):
            for seeds in SEEDS:
                found = [ours(runs, pooled) for runs in studies[seeds]]
                shares.append(np.concatenate([part.supported(level) for part in found]).mean())
                if contrast == 2.0:
                    squares = np.concatenate([part.standard_error for part in found]) ** 2
                    smallest.append(detectable(float(np.sqrt(np.nanmean(squares))), seeds - 1, level))
        yield f"| {contrast:g} | " + " | ".join(percent(share) for share in shares) + " |"
    yield (
        "| smallest found with power 80 %, from the standard error | " + " | ".join(f"{x:.1f}" for x in smallest) + " |"
    )
    yield ""


def margin_table(n_studies: int) -> Iterator[str]:
    """Yield the lines of the table of equivalence: how often T is shown to be smaller than 1."""
    yield f"**Equivalence: share of studies that show |T| < 1.** {n_studies} studies per cell; a series.\n"
    yield "| true T, and what else V does | noise | S = 8 | 12 | 20 | 40 |"
    yield "|---|---|--:|--:|--:|--:|"
    for contrast, rest in ((0.0, 0), (0.5, 0), (1.0, 0), (1.0, 4), (1.5, 0)):
        cell = Cell(f"equivalence {contrast:g} {rest}", (contrast + rest, rest, rest, rest))
        for noise in NOISES:
            shares = []
            for seeds in (8, 12, 20, 40):
                found = [ours(runs) for runs in simulate(cell, DEFAULT, noise, seeds, n_studies)]
                p = [equivalence_pvalue(part.statistic, part.standard_error, seeds - 1, 1.0) for part in found]
                shares.append(float((np.concatenate(p) <= SIGNIFICANCE).mean()))
            what = f"{contrast:g}" + (f", and {rest} along each axis" if rest else "")
            yield f"| {what} | {noise.name.split(' noise')[0]} | " + " | ".join(map(percent, shares)) + " |"
    yield ""


def mixed_table(n_studies: int) -> Iterator[str]:
    """Yield the lines of the table of how often two series are called opposed."""
    situations = {
        "nothing acts": [(0, 0, 0, 0)] * 4,
        "all orthogonal": [(3, 0, 0, 0), (0, 3, 0, 0), (0, 0, 3, 0), (2, 2, 0, 0)],
        "opposed only in how much is learned": [(3, 0, 0, 6), (0, 3, 0, -6), (0, 0, 3, 0), (2, 2, 0, 4)],
        "two opposed, of length 2": [(2, 0, 0, 0), (-2, 0, 0, 0), (0, 0, 3, 0), (0, 3, 0, 0)],
        "two opposed, of length 3": [(3, 0, 0, 0), (-3, 0, 0, 0), (0, 0, 3, 0), (0, 3, 0, 0)],
    }
    yield f"**“Mixed”: two of four series are called opposed.** {n_studies} studies per cell.\n"
    yield "| truth | " + " | ".join(f"{noise.law}, S = {s}" for noise in NOISES for s in (8, 12)) + " |"
    yield "|---|" + "--:|" * 6
    for name, series in situations.items():
        shares = [mixed(series, noise, seeds, n_studies) for noise in NOISES for seeds in (8, 12)]
        yield f"| {name} | " + " | ".join(map(percent, shares)) + " |"
    yield ""


def units_table(n_studies: int) -> Iterator[str]:
    """Yield the lines of the table of what the estimated units do where nothing acts, beside the baselines' SD."""
    yield f"**Where nothing acts: level of the test of presence, and bias of ⟨A,B⟩.** {n_studies} studies per cell.\n"
    yield (
        "| noise | conditions | S | baseline_b acts | mean of 4 series (small study: 2) acts | bias "
        "| baselines' SD: baseline_b acts | mean acts | bias | bias of the ordinary product |"
    )
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    for noise in NOISES:
        for layout in (DEFAULT, SMALL):
            for seeds in (6, 8, 12):
                numbers = null_numbers(noise, layout, seeds, n_studies)
                name = noise.name.split(" noise")[0]
                yield f"| {name} | {layout.n_conditions} | {seeds} | " + " | ".join(numbers) + " |"
    yield ""


def null_numbers(noise: Noise, layout: Layout, seeds: int, n_studies: int) -> list[str]:
    """Return, in our units and in the baselines' SD, how often nothing acts and how far ⟨A,B⟩ is off; then Ā·B̄."""
    rng = stream("null numbers", noise.name, layout.name, seeds)
    runs = draw(noise, (n_studies, layout.n_conditions, seeds, noise.n_features), rng)
    numbers = []
    for measured in (runs, runs[:, :2]):
        units = within_condition_sd(measured)[:, None, None]
        differences = (runs[:, 1:] - runs[:, :1]) / units
        mean = differences[:, -layout.n_series :].mean(axis=1)
        acts = [acting(effect, FEW_PATTERNS).mean() for effect in (differences[:, 0], mean)]
        A, B = differences[:, 1], differences[:, 2]
        numbers += [*map(percent, acts), f"{cross_validated_inner(A, B).mean():.2f}"]
        if measured is runs:
            ordinary = (A.mean(axis=1) * B.mean(axis=1)).sum(axis=-1).mean()
    return [*numbers, f"{ordinary:.2f}"]


def interval_table(n_samples: int) -> Iterator[str]:
    """Yield the lines of the table of intervals of a mean: the share that covers the truth."""
    laws = {
        "normal": lambda rng, shape: rng.normal(size=shape),
        "t with 4 degrees of freedom": lambda rng, shape: rng.standard_t(4, size=shape),
        "exponential": lambda rng, shape: rng.exponential(size=shape) - 1,
    }
    yield f"**Intervals of a mean at level 95 %.** {n_samples} samples per cell.\n"
    yield "| differences | t, S = 6 | 8 | 12 | BCa, S = 6 | 8 | 12 |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for name, law in laws.items():
        samples = [law(stream("intervals", name, seeds), (seeds, n_samples)) for seeds in (6, 8, 12)]
        covered = []
        for sample in samples:
            low, high, _ = t_interval(sample.mean(axis=0), stats.sem(sample, axis=0), len(sample) - 1)
            covered.append(((low <= 0) & (high >= 0)).mean())
        for sample in samples:
            low, high = bca_intervals(sample)
            covered.append(((low <= 0) & (high >= 0)).mean())
        yield f"| {name} | " + " | ".join(percent(share) for share in covered) + " |"
    yield ""


def percent(share: float) -> str:
    """Return a share in per cent."""
    return f"{100 * share:.1f} %"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=600, help="simulated studies per cell (default: 600)")
    studies = parser.parse_args().studies
    lines = [line for noise in NOISES for line in contrast_table(noise, studies, studies // 3)]
    lines += [*power_table(studies), *margin_table(studies), *mixed_table(studies // 2)]
    write_section(CALIBRATION, "claim 1", lines)
    write_section(CALIBRATION, "claim 2", list(claim_two_tables(3 * studies)))
    write_section(CALIBRATION, "interactions", list(interaction_table(10 * studies)))
    write_section(CALIBRATION, "tests", [*units_table(5 * studies), *interval_table(30 * studies)])


def write_section(document: Path, name: str, lines: list[str]) -> None:
    """Write lines between the two comments of a section of a document."""
    start, end = (f"<!-- {name}: {edge} -->" for edge in ("start", "end"))
    before, _, rest = document.read_text(encoding="utf-8").partition(start)
    after = rest.partition(end)[2]
    document.write_text(before + start + "\n" + "\n".join(lines) + end + after, encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
