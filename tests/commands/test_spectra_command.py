"""``python -m weightscape spectra``: its page, its pictures, what it prints, and what it refuses."""

import re
import tomllib

import numpy as np
import pandas as pd
import pytest
from matrices_for_tests import matrix
from safetensors.numpy import save_file

from weightscape import __version__
from weightscape.__main__ import main
from weightscape.checkpoints.read import Checkpoint
from weightscape.commands.spectra import counterparts_note, progress, skipped_note
from weightscape.gallery.page import overview_page
from weightscape.spectra import analyze
from weightscape.spectra.matrices import layers_of

WEIGHTS = {"stem.weight": matrix((16, 3, 3, 3), 0), "blocks.0.fc_long_name.weight": matrix((40, 20), 1)}


@pytest.fixture
def models(tmp_path):
    """Return the paths of a model and of the same before training."""
    after, before = tmp_path / "after.safetensors", tmp_path / "before.safetensors"
    save_file({name: value.astype(np.float32) for name, value in WEIGHTS.items()}, before)
    changed = {name: (value + 0.1 * matrix(value.shape, 9)).astype(np.float32) for name, value in WEIGHTS.items()}
    save_file(changed, after)
    return str(after), str(before)


def test_the_folder_has_a_page_and_every_picture_that_it_shows(tmp_path, models):
    folder = tmp_path / "plots"
    assert main(["spectra", models[0], "--before", models[1], "--plots", str(folder)]) == 0
    page = (folder / "index.html").read_text(encoding="utf-8")
    pictures = {path.name for path in folder.glob("*.svg")}
    assert {"overview.svg", "change.svg"} < pictures
    assert len(pictures) == 4
    assert set(re.findall(r'src="([^"]+)"', page)) == pictures
    assert all("prefers-color-scheme:dark" in (folder / name).read_text(encoding="utf-8") for name in pictures)


def test_long_layer_names_make_file_names(tmp_path):
    model = tmp_path / "model.safetensors"
    save_file({"encoder." * 60 + "weight": matrix((20, 10), 0)}, model)
    assert main(["spectra", str(model), "--plots", str(tmp_path / "plots")]) == 0
    assert len(list((tmp_path / "plots").glob("000-*.svg"))) == 1


def test_a_row_and_its_picture_link_to_each_other():
    table = analyze(WEIGHTS)
    page = overview_page("model", None, table, {"stem": "a.svg"})
    assert '<tr id="row-0"><th scope="row"><a href="#layer-0">stem</a>' in page
    assert '<figure id="layer-0">' in page
    assert 'href="#row-0"' in page
    assert "#layer-1" not in page  # the other layer has no picture
    assert page.count("alt=") == page.count("<img") == 2


def test_the_page_shows_the_change_only_if_there_is_one():
    alone = overview_page("model", None, analyze(WEIGHTS), {})
    compared = overview_page("model", "base", analyze(WEIGHTS, before=WEIGHTS), {})
    for words in ("relative change", "overlap of 10 vectors", "intruders", "status of the change", "change.svg"):
        assert words not in alone
        assert words in compared


def test_the_page_escapes_names():
    table = analyze({"<b>.weight": matrix((20, 10), 0)})
    page = overview_page("<model>", "<base>", table, {"<b>": "<b>.svg"})
    assert not {"<b>.", "<model>", "<base>"} & set(re.findall(r"<[a-z]+>\.?", page))


def test_the_change_is_printed(models, capsys):
    assert main(["spectra", models[0], "--before", models[1]]) == 0
    head = capsys.readouterr().out.splitlines()[0].split()
    assert head[-4:] == ["relative_change", "overlap_left_10", "intruders", "delta_status"]


def test_a_model_before_with_other_names_is_refused(tmp_path, models, capsys):
    other = tmp_path / "other.safetensors"
    save_file({"vit.weight": matrix((20, 10), 0)}, other)
    assert main(["spectra", models[0], "--before", str(other)]) == 2
    (error,) = capsys.readouterr().err.splitlines()
    assert all(word in error for word in (models[0], str(other), "vit.weight", ".weight"))


def test_weights_without_counterpart_are_counted():
    assert counterparts_note("a", ["x", "y", "z"], "b", ["y", "w"]) == "b: 2 of 3 weights are not in it (such as x)"
    assert counterparts_note("a", ["x"], "b", ["y", "x"]) == ""


def test_tensors_that_are_left_out_are_named_in_one_line():
    reasons = {"pos": "not named as a weight", "cls": "not named as a weight", "q": "I8 values"}
    assert skipped_note("m.pt", Checkpoint({}, {}, reasons)) == (
        "m.pt: 3 tensors left out: 2 × not named as a weight (such as pos); 1 × I8 values (such as q)"
    )
    assert skipped_note("m.pt", Checkpoint({}, {}, {})) == ""


def fused(count: int) -> dict[str, np.ndarray]:
    return {f"blocks.{index}.qkv.weight": matrix((24, 8), index) for index in range(count)}


def watched(weights: dict[str, np.ndarray]) -> None:
    with progress(weights) as show:
        for name, weight in weights.items():
            for layer in layers_of(name, weight):
                show(layer.name, np.ones(8), {})


def test_progress_counts_weights_whatever_layers_they_hold(capsys):
    watched(fused(4))
    counts = re.findall(r"(\d+)/4", capsys.readouterr().err)
    assert counts == ["1", "2", "3", "4"]


def test_progress_prints_few_lines_into_a_file(capsys):
    watched(fused(300))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 10
    assert "300/300" in lines[-1]


def test_progress_keeps_one_line_of_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    watched({"encoder." * 20 + name: weight for name, weight in fused(3).items()})
    written = capsys.readouterr().err
    assert written.count("\n") == 1
    assert written.endswith("\n")
    assert max(len(line) for line in written.replace("\033[K", "").split("\r")) <= 60


def test_the_command_writes_table_pictures_and_page(tmp_path, models, capsys):
    table, folder = tmp_path / "table.csv", tmp_path / "plots"
    arguments = ["spectra", models[0], "--before", models[1], "-o", str(table), "--plots", str(folder)]
    assert main(arguments) == 0
    written = pd.read_csv(table)
    assert written["longname"].tolist() == ["stem", "blocks.0.fc_long_name"]
    assert written["relative_change"].gt(0.1).all()
    assert (folder / "index.html").is_file()
    assert "2/2" in capsys.readouterr().err


def test_the_command_prints_a_table_and_refuses_other_files(models, capsys):
    assert main(["spectra", models[0], "--metrics", "norms", "power_law"]) == 0
    printed = capsys.readouterr().out
    assert "stable_rank" in printed
    assert "stem" in printed
    assert main(["spectra", models[0], "-o", "table.xlsx"]) == 2
    assert "ends in .csv or .parquet" in capsys.readouterr().err


def test_kernels_that_look_depthwise_are_analysed_so(tmp_path):
    save_file({"stem.weight": matrix((16, 3, 3, 3)), "dw.weight": matrix((32, 1, 3, 3))}, tmp_path / "m.safetensors")
    assert main(["spectra", str(tmp_path / "m.safetensors"), "-o", str(tmp_path / "m.csv")]) == 0
    assert pd.read_csv(tmp_path / "m.csv").set_index("longname").loc["dw", "layer_type"] == "depthwise"


def test_kept_results_are_those_of_one_version(tmp_path, models, monkeypatch):
    for version in ("1.0", "1.0", "2.0"):
        monkeypatch.setattr("weightscape.commands.spectra.__version__", version)
        assert main(["spectra", models[0], "--cache", str(tmp_path / "cache")]) == 0
    kept = {path.name: {row.name for row in path.iterdir()} for path in (tmp_path / "cache").iterdir()}
    assert set(kept) == {"1.0", "2.0"}
    assert len(kept["1.0"]) == 2
    assert kept["1.0"] == kept["2.0"]


def test_the_version_is_that_of_the_project(project):
    assert tomllib.loads((project / "pyproject.toml").read_text())["project"]["version"] == __version__
