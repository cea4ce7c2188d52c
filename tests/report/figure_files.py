"""All figures of a simulated study as files, drawn by the scripts of the rules."""

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from safetensors.numpy import save_file
from simulated_study import SimulatedStudy, trajectory_table

import draw_figure
from weightscape.backbone_description import BackboneDescription
from weightscape.figures.registry import declared_figures
from weightscape.files import write_json, write_table
from weightscape.generator.pool import Pool

FIGURES = tuple(figure.name for figure in declared_figures())
GUIDANCE_SCALES = (0.0, 1.5, 4.0)


def write_inputs(study: SimulatedStudy, folder: Path) -> None:
    """Write what the scripts read."""
    for name, table in study.tables.items():
        write_table(table, folder / f"{name}.parquet")
    for condition, table in study.histories.groupby("condition"):
        write_table(table, folder / f"history-{condition}.parquet")
    write_table(trajectory_table(study.tables["spectra"]), folder / "trajectory.parquet")
    generator = np.random.Generator(np.random.PCG64(0))
    np.save(folder / "images.npy", generator.integers(0, 255, (20, 8, 8, 3), dtype=np.uint8))
    np.save(folder / "labels.npy", np.arange(20) % 10)
    weights = {f"layer{i}.weight": generator.normal(size=(40, 80)).astype(np.float32) for i in range(3)}
    save_file(weights, folder / "pretrained.safetensors")
    noise = {name: 0.1 * generator.normal(size=weight.shape).astype(np.float32) for name, weight in weights.items()}
    save_file({name: weights[name] + noise[name] for name in weights}, folder / "finetuned.safetensors")
    layers = {name: {"kind": "dense", "groups": 1, "depth": i} for i, name in enumerate(weights)}
    description = BackboneDescription("toy", {}, 40, [0.5] * 3, [0.5] * 3, 32, 9600, layers, "0" * 64)
    write_json(description.to_json(), folder / "backbone.json")
    write_json({"class_names": [str(digit) for digit in range(10)]}, folder / "manifest.json")


def draw(names: Sequence[str], study: SimulatedStudy, inputs: Path, output: Path) -> None:
    """Run the scripts of these figures on the files that `write_inputs` wrote; each writes PNG, SVG and PDF."""
    tables = ("claims", "similarity", "effects", "spectra", "evaluation", "diversity", "robustness", "positions")
    tables += ("diversity_curve",)
    scales = len(GUIDANCE_SCALES)
    given = SimpleNamespace(
        **{name: str(inputs / f"{name}.parquet") for name in tables},
        trajectory=str(inputs / "trajectory.parquet"),
        histories=[str(path) for path in sorted(inputs.glob("history-*.parquet"))],
        before=str(inputs / "pretrained.safetensors"),
        finetuned=str(inputs / "finetuned.safetensors"),
        description=str(inputs / "backbone.json"),
        manifest=str(inputs / "manifest.json"),
        real_images=str(inputs / "images.npy"),
        real_labels=str(inputs / "labels.npy"),
        quality=str(inputs / "generator_quality.parquet"),
        synthetic_images=[str(inputs / "images.npy")] * scales,
        synthetic_labels=[str(inputs / "labels.npy")] * scales,
    )
    params = SimpleNamespace(
        conditions=study.conditions,
        claims=study.claims_config,
        pools=[Pool(guidance_scale=scale).columns() for scale in GUIDANCE_SCALES],
    )
    for name in names:
        files = SimpleNamespace(**{kind: str(output / f"{name}.{kind}") for kind in ("png", "svg", "pdf")})
        snakemake = SimpleNamespace(
            input=given,
            output=files,
            params=SimpleNamespace(**vars(params), figure=name),
            log=[str(output / "log.txt")],
            rule=f"figure_{name}",
        )
        with restored_process():
            draw_figure.main(snakemake)


@contextmanager
def restored_process() -> Iterator[None]:
    """Undo what `start_log` sets for a process of its own."""
    hook, handlers = sys.excepthook, logging.getLogger().handlers[:]
    try:
        yield
    finally:
        sys.excepthook = hook
        for handler in set(logging.getLogger().handlers) - set(handlers):
            handler.close()
        logging.getLogger().handlers[:] = handlers
        logging.captureWarnings(False)
