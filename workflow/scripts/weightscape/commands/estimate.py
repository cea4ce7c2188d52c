"""What a study would cost: runs, jobs, hours and disk, from a short timing here or a stated graphics card."""

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from weightscape.config.load import read_study
from weightscape.config.study import Study
from weightscape.estimate.cards import CARDS, FORWARD_AND_BACKWARD, UTILISATION
from weightscape.estimate.work import Work, count_work, stored_bytes

if TYPE_CHECKING:
    from weightscape.backbone import State
    from weightscape.backbone_description import BackboneDescription

GIB = 2**30


class Stage(NamedTuple):
    """A stage of the study: how many units of which work, and the hours of one processor core or card."""

    name: str
    units: str
    hours: float
    on: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("config", type=Path, help="config of the study, for example config/digits.yaml")
    parser.add_argument(
        "--card", choices=CARDS, help="graphics card that trains and predicts, if not what torch finds on this machine"
    )
    parser.add_argument("--cores", type=int, default=os.cpu_count(), help="cores of the run (default: all here)")


def run(arguments: argparse.Namespace) -> None:
    """Run the command.

    Raises
    ------
    ValueError, OSError
        If the config is not allowed; the message is for the user.
    """
    if arguments.cores < 1:
        raise ValueError(f"--cores {arguments.cores}: at least 1")
    study = read_study(arguments.config)
    work = count_work(study)
    jobs = _jobs(arguments.config)
    stages, weights = _stages(study, work, jobs, arguments.card)
    print(f"{study.name}: {work.runs:,} runs of {work.steps // work.runs:,} steps on average; {jobs:,} jobs are to run")
    for stage in stages:
        print(f"  {stage.name:<24}{stage.hours:>10.2f} h  {stage.on:<5}{stage.units}")
    cpu = sum(stage.hours for stage in stages if stage.on == "CPU")
    card = sum(stage.hours for stage in stages if stage.on == "GPU")
    left = f" and {card:,.1f} GPU hours" if card else ""
    print(
        f"together {cpu:,.1f} CPU hours{left}, {max(cpu / arguments.cores, card):,.1f} h with {arguments.cores} cores"
        f"{' and one card' if card else ''}; {stored_bytes(study, weights) / GIB:,.1f} GiB on disk"
    )
    for note in _notes(study, work, arguments.card):
        print(f"note: {note}")


def _stages(study: Study, work: Work, jobs: int, card: str | None) -> tuple[list[Stage], int]:
    """Return the stages, and the bytes of one run's weights."""
    started = time.process_time()
    import torch

    import weightscape.backbone  # noqa: F401  (what a job imports)

    start = time.process_time() - started
    from weightscape.estimate import timing
    from weightscape.pretrained import untrained_backbone
    from weightscape.torch_job import start_torch

    if study.training.device == "cuda" and not card and not torch.cuda.is_available():
        raise ValueError(f"training.device = 'cuda': torch finds no card here; name one with --card {'|'.join(CARDS)}")
    start_torch(1)
    _say(f"timing {study.backbone.network} …")
    model, description = untrained_backbone(study.backbone)
    state = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    weights = sum(tensor.numel() * tensor.element_size() for tensor in state.values())
    step, image = _network_seconds(study, description, state, card)
    on = "GPU" if card or study.training.device == "cuda" else "CPU"
    _say("timing augmentation …")
    augmented = sum(
        batches * timing.augmentation_seconds(study, study.condition(name).treatment)
        for name, batches in work.batches.items()
    )
    _say("timing spectra …")
    stages = [
        Stage("training", f"{work.steps:,} steps of {1000 * step:,.1f} ms", work.steps * step / 3600, on),
        Stage("augmentation", f"{sum(work.batches.values()):,} batches", augmented / 3600, "CPU"),
        Stage("prediction", f"{work.predicted:,} images", work.predicted * image / 3600, on),
        Stage("diversity", f"{work.embedded:,} images", work.embedded * image / 3600, on),
    ]
    spectra = timing.spectra_seconds(description, state)
    stages += [
        Stage("spectra", f"{work.runs:,} runs of {spectra:,.1f} s", work.runs * spectra / 3600, "CPU"),
        Stage("start of jobs", f"{jobs:,} jobs of at most {start:.1f} s", jobs * start / 3600, "CPU"),
    ]
    return stages, weights


def _network_seconds(
    study: Study, description: "BackboneDescription", state: "State", card: str | None
) -> tuple[float, float]:
    """Return the seconds of a training step, and of the forward pass of an image."""
    from weightscape.estimate import timing

    if card is None:
        return timing.step_seconds(study, description, state), timing.prediction_seconds(study, description, state)
    speed = getattr(CARDS[card], study.training.precision) * 1e12 * UTILISATION
    image = timing.flops(study, description, state) / speed
    return FORWARD_AND_BACKWARD * study.training.batch_size * image, image


def _jobs(config: Path) -> int:
    """Return how many jobs Snakemake would run, by its own dry run."""
    _say("planning the jobs …")
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "rules", "--configfile", str(config)]
    snakefile = Path(__file__).parents[4] / "Snakefile"
    done = subprocess.run([*command, "--snakefile", str(snakefile)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"{config}: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
    total = re.search(r"^total\s+(\d+)", done.stdout + done.stderr, re.MULTILINE)
    return int(total.group(1)) if total else 0


def _notes(study: Study, work: Work, card: str | None) -> list[str]:
    notes = []
    if card:
        notes.append(f"the card is taken to reach {UTILISATION:.0%} of its stated speed; time a few runs on it to know")
    if work.synthetic:
        kinds = ", ".join(sorted({study.all_generators[name].kind for name in work.synthetic}))
        images = sum(work.synthetic.values())
        notes.append(f"{images:,} synthetic images come on top (generator of kind {kinds}): not timed here")
    return notes


def _say(text: str) -> None:
    print(text, file=sys.stderr)
