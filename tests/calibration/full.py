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
from simulated_studies import (  # noqa: E402  (the library is found by the line above)
    CELLS,
    DEFAULT,
    NOISES,
    SMALL,
    Layout,
    Noise,
    decided,
    draw,
    effects,
    layers_as_replicates,
    naive,
    simulate,
)

from weightscape.statistics.bootstrap import bca_intervals  # noqa: E402
from weightscape.statistics.cross_validated import cross_validated_inner  # noqa: E402
from weightscape.statistics.estimate import t_interval  # noqa: E402
from weightscape.statistics.features import within_condition_sd  # noqa: E402
from weightscape.statistics.many_studies import FEW_PATTERNS  # noqa: E402
from weightscape.statistics.presence import acting  # noqa: E402
from weightscape.streams import stream  # noqa: E402

STATISTICS, CALIBRATION = PROJECT / "docs" / "statistics.md", PROJECT / "docs" / "calibration.md"


def contrast_table(noise: Noise, n_studies: int, n_naive: int) -> Iterator[str]:
    """Yield the lines of the table of claim 1: the share of studies in which each method decides."""
    yield f"**Claim 1, {noise.name}.** {n_studies} studies per cell for ours, {n_naive} for the others.\n"
    yield (
        "| truth | right answer | ours, S = 6 | 8 | 12 | small study, S = 6 | 8 | bootstrap of cosines, S = 8 "
        "| layers as replicates |"
    )
    yield "|---|---|--:|--:|--:|--:|--:|--:|--:|"
    for cell in CELLS:
        shares = [decided(cell, DEFAULT, noise, seeds, n_studies) for seeds in (6, 8, 12)]
        shares += [decided(cell, SMALL, noise, seeds, n_studies) for seeds in (6, 8)]
        studies = [effects(runs, DEFAULT) for runs in simulate(cell, DEFAULT, noise, 8, n_naive)]
        for method in (naive, layers_as_replicates):
            shares.append(float(np.concatenate([method(*study) for study in studies]).mean()))
        yield f"| {cell.name} | {cell.answer} | " + " | ".join(percent(share) for share in shares) + " |"
    yield ""


def units_table(n_studies: int) -> Iterator[str]:
    """Yield the lines of the table of what the estimated units do where nothing acts, beside the baselines' SD."""
    yield f"**Where nothing acts: level of the test of presence, and bias of ⟨A,B⟩.** {n_studies} studies per cell.\n"
    yield (
        "| noise | conditions | S | baseline_b acts | mean of 4 conditions (small study: 2) acts | bias "
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
        mean = differences[:, 1 : 1 + min(4, sum(layout.diversity))].mean(axis=1)
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
    lines: list[str] = []
    for noise in NOISES:
        lines += contrast_table(noise, studies, studies // 3)
    lines += units_table(5 * studies)
    lines += interval_table(30 * studies)
    write_section(STATISTICS, "calibration", lines)
    write_section(CALIBRATION, "claim 2", list(claim_two_tables(3 * studies)))


def write_section(document: Path, name: str, lines: list[str]) -> None:
    """Write lines between the two comments of a section of a document."""
    start, end = (f"<!-- {name}: {edge} -->" for edge in ("start", "end"))
    before, _, rest = document.read_text(encoding="utf-8").partition(start)
    after = rest.partition(end)[2]
    document.write_text(before + start + "\n" + "\n".join(lines) + end + after, encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
