"""Files: whole or not at all, the same bytes for the same content, no pickle."""

import json

import numpy as np
import pandas as pd
import pytest

from weightscape.files import (
    array_sha256,
    atomic_path,
    file_sha256,
    read_json,
    read_table,
    write_array,
    write_arrays,
    write_json,
    write_table,
)  # fmt: skip


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "table.csv"
    target.write_text("old")

    def fail():
        with atomic_path(target) as temporary:
            temporary.write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_the_same_table_gives_the_same_bytes(tmp_path, suffix):
    table = pd.DataFrame({"x": [0.1, np.nan, 1e-300], "n": pd.array([1, None, 3], dtype="Int64"), "s": ["a", "", "ü"]})
    first, second = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    write_table(table, first)
    write_table(table.copy(), second)
    assert first.read_bytes() == second.read_bytes()


def test_tables_come_back_exactly(tmp_path):
    table = pd.DataFrame({"x": [0.1, 1 / 3], "n": pd.array([1, None], dtype="Int64")})
    write_table(table, tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(read_table(tmp_path / "t.parquet"), table)
    write_table(table, tmp_path / "t.csv")
    assert pd.read_csv(tmp_path / "t.csv").x.tolist() == table.x.tolist()


@pytest.mark.parametrize("doses", [[None, None], [None, 0.2], [np.nan, 1]])
def test_doses_are_floats_in_every_file(tmp_path, doses):
    write_table(pd.DataFrame({"dose": doses}, dtype=object), tmp_path / "t.parquet")
    back = read_table(tmp_path / "t.parquet")["dose"]
    assert back.dtype == "float64"
    assert back.isna().tolist() == pd.isna(pd.Series(doses)).tolist()


def test_an_unknown_kind_of_table_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"written as \.parquet or \.csv, not '\.xlsx'"):
        write_table(pd.DataFrame(), tmp_path / "t.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_arrays_with_the_same_content_give_the_same_bytes(tmp_path):
    arrays = {"b": np.arange(5.0), "a": np.eye(2, dtype=np.float32)}
    for name in ("one.npz", "two.npz"):
        write_arrays(arrays, tmp_path / name)
    assert file_sha256(tmp_path / "one.npz") == file_sha256(tmp_path / "two.npz")
    with np.load(tmp_path / "one.npz") as loaded:
        assert np.array_equal(loaded["a"], arrays["a"])


def test_object_arrays_would_need_pickle_and_are_refused(tmp_path):
    with pytest.raises(ValueError, match="pickle"):
        write_array(np.array([{}]), tmp_path / "a.npy")
    with pytest.raises(ValueError, match="pickle"):
        write_arrays({"a": np.array([{}])}, tmp_path / "a.npz")


def test_json_is_sorted_and_refuses_nan(tmp_path):
    write_json({"b": 1, "a": "ü"}, tmp_path / "a.json")
    assert list(json.loads((tmp_path / "a.json").read_text())) == ["a", "b"]
    assert read_json(tmp_path / "a.json") == {"a": "ü", "b": 1}
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json({"x": float("nan")}, tmp_path / "b.json")


def test_array_sums_follow_content_and_shape():
    array = np.arange(6)
    assert array_sha256(array.reshape(2, 3)) != array_sha256(array.reshape(3, 2))
    assert array_sha256(array.reshape(2, 3)) == array_sha256(np.asfortranarray(array.reshape(2, 3)))
    assert array_sha256(array) != array_sha256(array.astype(np.int32))
    assert len(array_sha256(np.empty((0, 3)))) == 64
