"""A config file is read as it looks, or refused with what to write instead."""

import pytest

from weightscape.config.messages import ConfigError
from weightscape.config.yaml_file import read_yaml

CASES = [
    ("a: 1\na: 2\n", "line 2: the key 'a' appears twice"),
    ("a: {b: 1, b: 2}\n", "line 1: the key 'b' appears twice"),
    ("a: 010\n", "line 1: 010 is read as the number 8: write that, or put it in quotes"),
    ("a: 1:30\n", "line 1: 1:30 is read as the number 90: write that, or put it in quotes"),
    ("a: 12_000\n", "line 1: 12_000 is read as the number 12000: write that, or put it in quotes"),
    ("a: 0x1f\n", "line 1: 0x1f is read as the number 31: write that, or put it in quotes"),
    ("a: 1e-3\n", "line 1: 1e-3 is read as text: write 0.001, or put it in quotes"),
    ("a: [1, 5E4]\n", "line 1: 5E4 is read as text: write 50000.0, or put it in quotes"),
    ("a:\n  b: no\n", "line 2: no is read as false: write that, or put it in quotes"),
    ("a: On\n", "line 1: On is read as true: write that, or put it in quotes"),
    ("a: 2024-01-01\n", "line 1: 2024-01-01 is read as a date: put it in quotes"),
    ("? [1, 2]\n: 3\n", "line 1: the key [1, 2] is not text"),
    ("- 1\n", "[1] found; allowed: a mapping with the keys of a study"),
    ("", "None found; allowed: a mapping with the keys of a study"),
    ("a: [1\n", "not a YAML file: while parsing a flow sequence"),
    ("a: !!python/object:os.system x\n", "not a YAML file: could not determine a constructor for the tag"),
    ("a: " + "9" * 5000 + "\n", "not a YAML file: "),
]


@pytest.mark.parametrize(("text", "problem"), CASES, ids=[text[:20] for text, _ in CASES])
def test_what_is_not_read_as_it_looks_is_refused(tmp_path, text, problem):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        read_yaml(path)
    assert str(error.value).startswith(f"{path}: {problem}")
    assert "\n" not in str(error.value)


def test_what_is_read_as_it_looks_is_kept(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("a: 10\nb: 'no'\nc: true\nd: 1.0e-3\ne: \"010\"\nf: &x {g: -5}\nh: {<<: *x, g: 6}\ni: ~\nj: 0.5\n")
    assert read_yaml(path) == {
        "a": 10, "b": "no", "c": True, "d": 0.001, "e": "010", "f": {"g": -5}, "h": {"g": 6}, "i": None, "j": 0.5,
    }  # fmt: skip


def test_a_file_that_does_not_exist_is_told_with_the_nearest_name(tmp_path):
    (tmp_path / "digits.yaml").touch()
    with pytest.raises(ConfigError, match=r"digit\.yaml: No such file or directory \(did you mean digits\.yaml\?\)"):
        read_yaml(tmp_path / "digit.yaml")


def test_a_file_that_is_no_text_is_told(tmp_path):
    (tmp_path / "mine.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not a text file in UTF-8"):
        read_yaml(tmp_path / "mine.yaml")
