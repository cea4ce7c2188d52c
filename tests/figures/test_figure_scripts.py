"""The scripts of the rules read their tables and write PNG, SVG and PDF that are not blank."""

import importlib
import logging
import sys
from pathlib import Path
from types import SimpleNamespace

import matplotlib.image
import numpy as np
import pytest
from safetensors.numpy import save_file
from simulated_study import SimulatedStudy

from weightscape.files import write_json, write_table

FIGURES = (
    "alpha_depth",
    "claims",
    "contrast",
    "diversity",
    "dose_response",
    "effects",
    "esd",
    "fingerprints",
    "robustness",
    "samples",
    "similarity",
    "stability",
    "training",
)


@pytest.fixture(scope="module")
def folder(small: SimulatedStudy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the inputs of all figures once."""
    folder = tmp_path_factory.mktemp("study")
    for name, table in small.tables.items():
        write_table(table, folder / f"{name}.parquet")
    for condition, table in small.histories.groupby("condition"):
        write_table(table, folder / f"history-{condition}.parquet")
    generator = np.random.Generator(np.random.PCG64(0))
    np.save(folder / "images.npy", generator.integers(0, 255, (20, 8, 8, 3), dtype=np.uint8))
    np.save(folder / "labels.npy", np.arange(20) % 10)
    weights = {f"layer{i}.weight": generator.normal(size=(20, 40)).astype(np.float32) for i in range(3)}
    save_file(weights, folder / "pretrained.safetensors")
    save_file({name: 1.1 * weight for name, weight in weights.items()}, folder / "finetuned.safetensors")
    layers = {name: {"kind": "dense", "groups": 1, "depth": i} for i, name in enumerate(weights)}
    write_json({"layers": layers}, folder / "backbone.json")
    return folder


@pytest.fixture(autouse=True)
def _restore_process(monkeypatch: pytest.MonkeyPatch):
    """Undo what `start_log` sets for a process of its own."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    handlers = logging.getLogger().handlers[:]
    yield
    for handler in set(logging.getLogger().handlers) - set(handlers):
        handler.close()
    logging.getLogger().handlers[:] = handlers
    logging.captureWarnings(False)


def inputs(folder: Path) -> SimpleNamespace:
    tables = ("claims", "similarity", "effects", "spectra", "evaluation", "diversity", "robustness")
    return SimpleNamespace(
        **{name: str(folder / f"{name}.parquet") for name in tables},
        histories=[str(path) for path in sorted(folder.glob("history-*.parquet"))],
        pretrained=str(folder / "pretrained.safetensors"),
        finetuned=str(folder / "finetuned.safetensors"),
        description=str(folder / "backbone.json"),
        real_images=str(folder / "images.npy"),
        real_labels=str(folder / "labels.npy"),
        synthetic_images=[str(folder / "images.npy")],
        synthetic_labels=[str(folder / "labels.npy")],
    )


@pytest.mark.parametrize("name", FIGURES)
def test_script_writes_the_figure(name: str, folder: Path, small: SimulatedStudy, tmp_path: Path) -> None:
    output = SimpleNamespace(**{kind: str(tmp_path / f"{name}.{kind}") for kind in ("png", "svg", "pdf")})
    params = SimpleNamespace(
        conditions=small.conditions,
        claims=small.claims_config,
        guidance_scales=[1.5],
        class_names=[str(digit) for digit in range(10)],
    )
    snakemake = SimpleNamespace(
        input=inputs(folder), output=output, params=params, log=[str(tmp_path / "log.txt")], rule=f"figure_{name}"
    )
    importlib.import_module(f"figure_{name}").main(snakemake)
    image = matplotlib.image.imread(output.png)[..., :3]
    assert image.std() > 0.01
    assert Path(output.svg).read_text().startswith("<?xml")
    assert Path(output.pdf).read_bytes().startswith(b"%PDF")


def test_every_figure_script_is_tested() -> None:
    scripts = Path(importlib.import_module("weightscape").__file__).parents[1].glob("figure_*.py")
    assert sorted(path.stem.removeprefix("figure_") for path in scripts) == list(FIGURES)
