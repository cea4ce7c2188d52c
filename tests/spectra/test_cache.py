"""Results are kept by content and settings."""

import json

import numpy as np
import pandas as pd
from matrices_for_tests import matrix

from weightscape.spectra import analyze, layer, rows
from weightscape.spectra.cache import Cache

WEIGHTS = {"a": matrix((60, 40)), "b": np.zeros((20, 10), np.float32)}
BEFORE = {"a": matrix((60, 40), 1), "b": np.zeros((20, 10), np.float32)}


def count_calls(monkeypatch) -> list[str]:
    calls: list[str] = []
    real = layer.layer_columns

    def counted(found, *others):
        calls.append(found.name)
        return real(found, *others)

    monkeypatch.setattr(rows, "layer_columns", counted)
    return calls


def test_the_same_content_is_analysed_once(tmp_path, monkeypatch):
    calls = count_calls(monkeypatch)
    plain = analyze(WEIGHTS, before=BEFORE, bootstrap=5)
    assert calls == ["a", "a", "b", "b"]
    first = analyze(WEIGHTS, before=BEFORE, bootstrap=5, cache=Cache(tmp_path))
    calls.clear()
    again = analyze(WEIGHTS, before=BEFORE, bootstrap=5, cache=Cache(tmp_path))
    renamed = analyze({"other": WEIGHTS["a"]}, bootstrap=5, cache=Cache(tmp_path))
    assert calls == []
    pd.testing.assert_frame_equal(first, plain, check_exact=True)
    pd.testing.assert_frame_equal(again, plain, check_exact=True)
    assert renamed.loc[0, "longname"] == "other"
    assert renamed.loc[0, "alpha"] == plain.loc[0, "alpha"]


def test_other_content_settings_or_description_are_not_taken_from_the_cache(tmp_path, monkeypatch):
    kernel = {"k": matrix((16, 1, 3, 3))}
    cache = Cache(tmp_path)
    calls = count_calls(monkeypatch)
    analyze(kernel, cache=cache)
    analyze(kernel, cache=cache, conv="flat")
    analyze(kernel, cache=cache, layers={"k": {"groups": 16}})
    analyze({"k": kernel["k"] * 2}, cache=cache)
    assert len(calls) == 4


def test_rows_on_disk_are_json(tmp_path):
    analyze(WEIGHTS, cache=Cache(tmp_path))
    for path in tmp_path.iterdir():
        assert "status" in json.loads(path.read_text())


def test_eigenvalues_are_given_even_when_the_row_is_known(tmp_path):
    seen: list[np.ndarray] = []
    for _ in range(2):
        analyze(WEIGHTS, cache=Cache(tmp_path), on_layer=lambda _, values, __: seen.append(values))
    np.testing.assert_array_equal(seen[0], seen[2])
