"""The spectra tables of a study, made by the rules' scripts."""

import importlib.util
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matrices_for_tests import matrix
from safetensors.numpy import load_file, save_file

from weightscape.backbone_description import BackboneDescription
from weightscape.spectra import rows
from weightscape.spectra.study import KEYS, layer_groups, run_rows

LAYERS = {
    "stem.weight": {"kind": "conv", "groups": 1, "depth": 0},
    "blocks.0.dw.weight": {"kind": "conv", "groups": 24, "depth": 1},
    "blocks.1.attn.in_proj_weight": {"kind": "attention_in_proj", "groups": 1, "depth": 2},
    "blocks.2.fc.weight": {"kind": "dense", "groups": 1, "depth": 3},
}
SHAPES = {
    "stem.weight": (24, 3, 3, 3),
    "blocks.0.dw.weight": (24, 1, 3, 3),
    "blocks.1.attn.in_proj_weight": (72, 24),
    "blocks.2.fc.weight": (48, 24),
}


@pytest.fixture
def study(tmp_path: Path) -> Path:
    before = {name: matrix(shape, seed) for seed, (name, shape) in enumerate(SHAPES.items())}
    save_file(before | {"bn.weight": np.ones(24, np.float32)}, tmp_path / "model.safetensors")
    description = BackboneDescription("toy", {}, 48, [0.5] * 3, [0.5] * 3, 32, 1, LAYERS, "0" * 64)
    (tmp_path / "backbone.json").write_text(json.dumps(description.to_json()))
    for run in range(2):
        after = {name: value + 0.01 * matrix(value.shape, 10 + run) for name, value in before.items()}
        after["blocks.2.fc.weight"] = before["blocks.2.fc.weight"]
        save_file(after | {"classifier.weight": matrix((10, 48), run)}, tmp_path / f"weights-{run}.safetensors")
    return tmp_path


def run_script(name: str, study: Path, start: str = "pretrained", **columns: object) -> pd.DataFrame:
    path = Path(__file__).parents[2] / "workflow" / "scripts" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"script_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    weights = [study / f"weights-{run}.safetensors" for run in range(2)]
    module.main(
        SimpleNamespace(
            rule=name,
            log=[str(study / "log.txt")],
            input=SimpleNamespace(
                weights=weights,
                before=[study / "model.safetensors"] * 2 if name == "spectra" else study / "model.safetensors",
                backbone=study / "backbone.json",
                references=[study / "pretrained.safetensors"] * 2,
            ),
            params=SimpleNamespace(seeds=[4, 5], columns=columns, start=start),
            output=SimpleNamespace(table=str(study / "spectra.parquet"), reference=study / "pretrained.safetensors"),
        )
    )
    return pd.read_parquet(study / "spectra.parquet")


@pytest.fixture
def with_reference(study: Path) -> Path:
    run_script("spectra_before", study)
    return study


def test_the_runs_do_not_decompose_the_backbone_again(with_reference, monkeypatch):
    study = with_reference
    columns = {"condition": "baseline", "series": "baseline", "family": "baseline", "dose": None}
    weights = [load_file(study / f"weights-{run}.safetensors") for run in range(2)]
    before = load_file(study / "model.safetensors")
    anew = pd.concat(
        [run_rows(after, before, LAYERS, columns | {"seed": seed}) for seed, after in zip((4, 5), weights, strict=True)]
    )
    analysed = []
    real = rows.layer_columns
    monkeypatch.setattr(rows, "decompose", None)
    monkeypatch.setattr(rows, "layer_columns", lambda layer, *rest: analysed.append(layer.name) or real(layer, *rest))
    table = run_script("spectra", study, **columns)
    pd.testing.assert_frame_equal(table, anew.reset_index(drop=True), check_exact=True)
    assert analysed.count("blocks.0.dw") == 4  # W and ΔW of two runs
    assert analysed.count("blocks.2.fc") == 1  # frozen: W is known, and ΔW = 0 is the same in both runs


def test_rows_of_a_block(with_reference):
    study = with_reference
    table = run_script("spectra", study, condition="dropout-0.2", series="dropout", family="dropout", dose=0.2)
    assert tuple(table.columns[: len(KEYS)]) == KEYS
    layers = ["stem", "blocks.0.dw", *(f"blocks.1.attn.in_proj.{part}" for part in "kqv"), "blocks.2.fc"]
    for seed in (4, 5):
        rows = table[table["seed"] == seed]
        assert rows.loc[rows["of"] == "after", "layer"].tolist() == [*layers, "classifier"]
        assert rows.loc[rows["of"] == "delta", "layer"].tolist() == layers
    after = table[(table["of"] == "after") & (table["seed"] == 4)].set_index("layer")
    assert after["group"].tolist() == ["stem", "early", "middle", "middle", "middle", "late", "head"]
    assert after.loc["blocks.0.dw", "layer_type"] == "depthwise"
    unchanged = table[(table["of"] == "delta") & (table["layer"] == "blocks.2.fc")]
    assert unchanged["status"].unique().tolist() == ["all weights are zero"]
    assert unchanged["alpha"].isna().all()


def test_a_condition_without_a_dose(with_reference):
    study = with_reference
    table = run_script("spectra", study, condition="baseline", series="baseline", family="baseline", dose=None)
    assert table["dose"].isna().all()
    assert table["dose"].dtype == float


def test_pretrained_rows(study):
    table = run_script("spectra_before", study)
    assert table["of"].unique().tolist() == ["before"]
    assert table["condition"].unique().tolist() == ["pretrained"]
    assert table["seed"].isna().all()
    assert "classifier" not in set(table["layer"])


def test_rows_of_the_initialisation_of_a_seed(study):
    """Seed 1007 is that of the run of baseline b with paired seed 7."""
    pretrained = run_script("spectra_before", study)
    table = run_script("spectra_before", study, start="seed-1007")
    assert set(table["of"]) == {"before"}
    assert set(table["condition"]) == set(table["series"]) == {"initial"}
    assert set(table["seed"]) == {1007}
    values = [column for column in table if column not in KEYS]
    pd.testing.assert_frame_equal(table[values], pretrained[values])


def test_groups_are_thirds_by_depth():
    layers = {f"l{i}": {"depth": 9 - i} for i in range(10)}
    groups = layer_groups(layers)
    assert [groups[f"l{9 - depth}"] for depth in range(10)] == ["stem"] + 3 * ["early"] + 3 * ["middle"] + 3 * ["late"]
