"""The authors' own numbers come out of their tables."""

import re
from pathlib import Path

import pandas as pd
import pytest

from weightscape.__main__ import main

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "published-spectra"
METRICS = ["alpha", "entropy", "log_norm", "log_spectral_norm"]

# Computed independently from the same files.
NUMBERS = """
cf10-rn div 0.196152 0.000023 -0.000045 -0.000953
cf10-rn dp 0.202411 0.000011 -0.000035 -0.000657
cf10-rn wd -0.028094 0.000014 -0.005060 -0.005862
car_train div -0.015177 -0.000001 0.000091 -0.000013
car_train dp 0.098182 -0.000003 0.000008 -0.000219
car_train wd 0.060146 -0.000019 -0.010377 -0.011334
scratch-rn18 div 1.734430 -0.000311 -0.002202 0.001620
scratch-rn18 dp -3.048782 -0.000234 -0.007003 0.019725
scratch-rn18 wd -0.159199 -0.000251 -0.030422 -0.029078
bert-reg div -0.012330 0.000002 0.000006 0.000028
bert-reg dp -0.015899 0.000001 -0.000015 -0.000051
bert-reg wd -0.062758 -0.000037 -0.019232 -0.015341
"""
ROWS = [line.split() for line in NUMBERS.strip().splitlines()]


@pytest.mark.parametrize("name", dict.fromkeys(row[0] for row in ROWS))
def test_the_published_numbers_come_out_to_all_digits(name, capsys):
    if not (FOLDER / name).is_dir():
        pytest.skip(f"the published tables are not in {FOLDER}")
    assert main(["published", str(FOLDER / name)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == ",".join(["family", *METRICS])
    assert printed[1:] == [",".join(row[1:]) for row in ROWS if row[0] == name]


def write(folder, condition, before, after, naming="plain"):
    """Write the tables of a condition with one row per layer: its values of alpha."""
    names = {"plain": (condition, f"ft_{condition}"), "set": (f"{condition}_x", f"{condition}_x_ft")}[naming]
    for name, alphas in zip(names, (before, after), strict=True):
        table = pd.DataFrame({"longname": [f"layer{n}" for n in range(len(alphas))], "alpha": alphas})
        table.assign(entropy=0.9, log_norm=1.0, log_spectral_norm=0.5).to_csv(folder / f"{name}.csv", index=False)


@pytest.mark.parametrize("naming", ["plain", "set"])
def test_layers_that_did_not_change_are_left_out_and_the_rest_averaged(tmp_path, capsys, naming):
    write(tmp_path, "bs", [2.0, 3.0, 4.0], [2.5, 3.0, 4.0], naming)
    write(tmp_path, "dp0.1", [2.0, 3.0, 4.0], [3.5, 3.0, 4.0], naming)
    write(tmp_path, "dp0.3", [2.0, 3.0, 4.0], [5.5, 3.0, 4.0], naming)
    output = tmp_path / "out" / "table.csv"
    output.parent.mkdir()
    arguments = ["published", str(tmp_path), "--families", "dp*=dropout", "-o", str(output)]
    assert main(arguments) == 0
    # Layer 0 alone moved: (1.5 − 0.5 + 3.5 − 0.5) / 2.
    assert capsys.readouterr().out.splitlines()[1].startswith("dropout,2.000000,")
    assert pd.read_csv(output)["alpha"].tolist() == [2.0]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "ft_dp0.1.csv").unlink(), "dp0.1.csv has no partner"),
        (lambda folder: [path.unlink() for path in folder.glob("*bs.csv")], "no baseline"),
        (lambda folder: write(folder, "mixup", [1.0], [2.0]), "mixup fits none of --families"),
        (lambda folder: [path.unlink() for path in folder.glob("*dp*")], r"--families dp\*: fits none"),
        (lambda folder: (folder / "ft_bs.csv").write_text("a,b\n1,2\n"), "no column longname, alpha"),
        (lambda folder: write(folder, "bs", [1.0], [2.0, 3.0]), "have different layers"),
        (lambda folder: [path.unlink() for path in folder.glob("*.csv")], "no tables of WeightWatcher"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(tmp_path, capsys, spoil, message):
    write(tmp_path, "bs", [2.0], [2.5])
    write(tmp_path, "dp0.1", [2.0], [3.5])
    spoil(tmp_path)
    assert main(["published", str(tmp_path), "--families", "dp*=dropout"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert re.search(message, error)


def test_a_pattern_without_a_name_and_a_missing_folder_are_refused(tmp_path, capsys):
    write(tmp_path, "bs", [2.0], [2.5])
    assert main(["published", str(tmp_path), "--families", "dp"]) == 2
    assert "PATTERN=NAME" in capsys.readouterr().err
    assert main(["published", str(tmp_path / "nowhere")]) == 2
    assert "no such folder" in capsys.readouterr().err
