"""Joining tables, and the two scripts on files."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import collect_tables
import compute_statistics
from weightscape.digest import SCRIPTS, code_files
from weightscape.evaluation.answers import right_answers
from weightscape.files import read_table, write_arrays, write_json, write_table
from weightscape.statistics.preregistration import plan_record
from weightscape.statistics.tables import join_tables, one_baseline
from weightscape.streams import stream


def blocks(table, by):
    return [part for _, part in table.groupby(by)]


def test_join_does_not_depend_on_the_order_of_blocks(study_tables):
    parts = blocks(study_tables.diversity, ["condition", "seed"])
    one, two = join_tables("diversity", parts), join_tables("diversity", parts[::-1])
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert len(one) == len(study_tables.diversity)


def test_rows_that_are_the_same_in_several_blocks_are_kept_once():
    row = {
        "condition": "pretrained",
        "dose": float("nan"),
        "seed": None,
        "of": "before",
        "depth": 0,
        "layer": "a",
        "alpha": 2.0,
    }
    table = pd.DataFrame([row]).astype({"seed": "Int64"})
    joined = join_tables("spectra", [table, table.copy()])
    assert len(joined) == 1
    assert joined["dose"].dtype == np.float64
    assert joined["seed"].dtype == "Int64"


def test_join_refuses_contradicting_rows_other_columns_and_nothing(study_tables):
    runs = study_tables.runs.assign(steps=10)
    with pytest.raises(ValueError, match=r"condition affine-0\.5, seed 0"):
        join_tables("runs", [runs, runs.head(1).assign(steps=11)])
    with pytest.raises(ValueError, match="differ in columns: pace"):
        join_tables("runs", [runs, runs.drop(columns="steps").assign(pace=1)])
    with pytest.raises(ValueError, match="no table"):
        join_tables("runs", [])


def with_replicates(shift):
    """Return the tables with two more baselines: every number of the baseline, `shift` lower and higher."""

    def more(table):
        rows = table[table["condition"] == "baseline"]
        numbers = [*rows.select_dtypes("float").columns.difference(["dose"])]
        changed = [
            rows.assign(condition=name, **{column: rows[column] + step for column in numbers})
            for name, step in (("baseline_2", -shift), ("baseline_3", shift))
        ]
        return pd.concat([table, *changed], ignore_index=True)

    return more


@pytest.mark.parametrize("kind", ["runs", "evaluation", "diversity", "spectra"])
def test_replicates_of_the_baseline_become_their_mean(study_tables, kind):
    table = join_tables(kind, [getattr(study_tables, kind)])
    merged = one_baseline(kind, join_tables(kind, [with_replicates(0.25)(table)]))
    pd.testing.assert_frame_equal(merged, table, rtol=1e-12)


def test_replicates_change_the_reference_and_nothing_else(study_tables):
    more = with_replicates(0.25)(study_tables.spectra)
    more.loc[more["condition"] == "baseline_3", "alpha"] += 3.0
    keys = ["condition", "seed", "of", "layer"]
    change = one_baseline("spectra", more).set_index(keys)["alpha"] - study_tables.spectra.set_index(keys)["alpha"]
    assert change.loc["baseline"].to_numpy() == pytest.approx(1.0)
    assert not change.drop("baseline").any()


def test_a_number_that_one_replicate_lacks_is_missing(study_tables):
    more = with_replicates(0.25)(study_tables.spectra)
    lacking = (more["condition"] == "baseline_2") & (more["seed"] == 3) & (more["layer"] == "b.0")
    more.loc[lacking, "alpha"] = np.nan
    merged = one_baseline("spectra", more)
    missing = merged[merged["alpha"].isna()]
    assert set(zip(missing["condition"], missing["seed"], missing["layer"], strict=True)) == {("baseline", 3, "b.0")}


def test_a_count_stays_a_whole_number_where_all_replicates_agree(study_tables):
    runs = study_tables.runs.assign(steps=10, epochs=2)
    more = with_replicates(0.0)(runs)
    more.loc[more["condition"] == "baseline_2", "epochs"] = 3
    merged = one_baseline("runs", more)
    assert merged["steps"].dtype == np.int64
    assert merged.loc[merged["condition"] == "baseline", "epochs"].unique() == pytest.approx(7 / 3)


@pytest.fixture
def folder(study_tables, tmp_path):
    """Run both scripts; return the folder of tables."""
    inputs: dict[str, list[str]] = {}
    kinds = {name: getattr(study_tables, name) for name in ("runs", "diversity", "spectra")}
    kinds["diversity_curve"] = study_tables.diversity.assign(n=16, parts=8)
    for kind, whole in kinds.items():
        for i, part in enumerate(blocks(whole, "condition")):
            path = tmp_path / "blocks" / f"{kind}-{i}.parquet"
            write_table(part, path)
            inputs.setdefault(kind, []).append(str(path))
    tables = {kind: str(tmp_path / f"tables/{kind}.parquet") for kind in inputs}
    collect_tables.main(
        SimpleNamespace(
            input=SimpleNamespace(**inputs),
            output=SimpleNamespace(**tables),
            params=SimpleNamespace(kinds=list(kinds)),
            log=[str(tmp_path / "collect.log")],
            rule="collect_tables",
        )
    )
    return tmp_path / "tables"


NAMES = ("effects", "similarity", "claims", "robustness", "controls", "manipulation", "positions", "plan")
CONDITIONS = ("randaugment-5", "randaugment-9", "affine-0.5", "synthetic-0.5", "synthetic-1")


def script(folder, study_tables, plan, seeds=8):
    """Run the statistics on the folder's tables, with logits in which synthetic images help."""
    config = {
        "claims": {key: list(value) if isinstance(value, tuple) else value for key, value in vars(plan).items()},
        "conditions": {"dropout": {"family": "dropout", "doses": [0.1, 0.2]}},
        "seeds": {"count": seeds},
    }
    rng = stream("logits")
    np.save(folder / "labels.npy", labels := rng.integers(0, 3, size=90))
    blocks = [{"condition": c, "seeds": [i, i + 1]} for c in CONDITIONS for i in range(0, 8, 2)]
    for i, block in enumerate(blocks):
        right = 2.5 if block["condition"].startswith("synthetic") else 0.5
        logits = {f"{s}/digits": rng.normal(size=(90, 3)) + right * np.eye(3)[labels] for s in block["seeds"]}
        write_arrays(logits, folder / f"{i}.npz")
    write_table(study_tables.evaluation, folder / "evaluation.parquet")
    write_json({"plan": plan_record(config | {"seeds": {"count": 8}})}, folder / "plan.json")
    compute_statistics.main(
        SimpleNamespace(
            input=SimpleNamespace(
                **{name: str(folder / f"{name}.parquet") for name in ("runs", "evaluation", "diversity", "spectra")},
                plan=str(folder / "plan.json"),
                logits=[str(folder / f"{i}.npz") for i in range(len(blocks))],
                labels=[str(folder / "labels.npy")],
            ),
            output=SimpleNamespace(**{name: str(folder / f"{name}.parquet") for name in NAMES}),
            params=SimpleNamespace(plan=config, ood=["digits"], combinations={}, pools={}, predictions=blocks),
            log=[str(folder / "statistics.log")],
            rule="compute_statistics",
        )
    )


def test_right_answers_are_read_by_condition_seed_and_image(tmp_path):
    labels = np.array([0, 1, 2, 1])
    np.save(tmp_path / "labels.npy", labels)
    paths = [str(tmp_path / name) for name in ("a.npz", "b.npz")]
    write_arrays({"2/ood": np.eye(3)[[0, 1, 2, 0]], "3/ood": np.eye(3)[[1, 1, 1, 1]]}, paths[0])
    write_arrays({"0/ood": np.eye(3)[labels]}, paths[1])
    blocks = [{"condition": "a", "seeds": [2, 3]}, {"condition": "a", "seeds": [0]}]
    right = right_answers(paths, blocks, {"ood": str(tmp_path / "labels.npy")})
    np.testing.assert_array_equal(right["a"], [[1, 1, 1, 1], [1, 1, 1, 0], [0, 1, 0, 1]])
    assert right_answers([], [], {}) is None


def test_the_bootstrap_over_images_reads_the_logits(folder, study_tables, plan):
    script(folder, study_tables, plan)
    table = read_table(folder / "robustness.parquet")
    row = table[table.variant == "bootstrap over seeds and images"].iloc[0]
    assert row.verdict == "supported"
    assert not read_table(folder / "plan.parquet").changed.any()


def test_scripts_write_parquet_and_csv_with_the_same_content(folder, study_tables, plan):
    script(folder, study_tables, plan)
    assert len(read_table(folder / "spectra.parquet")) == len(study_tables.spectra)
    for name in ("runs", "diversity", "diversity_curve", *NAMES):
        parquet, csv = read_table(folder / f"{name}.parquet"), pd.read_csv(folder / f"{name}.csv", keep_default_na=True)
        assert list(parquet.columns) == list(csv.columns)
        assert len(parquet) == len(csv) > 0
        for column in parquet.select_dtypes("float"):
            np.testing.assert_array_equal(parquet[column], csv[column])
    assert "claim 1-shape: supported" in (folder / "statistics.log").read_text()


def test_a_second_run_writes_the_same_bytes(folder, study_tables, plan):
    script(folder, study_tables, plan)
    first = {path.name: path.read_bytes() for path in folder.glob("*.*") if path.suffix != ".log"}
    script(folder, study_tables, plan)
    assert first == {path.name: path.read_bytes() for path in folder.glob("*.*") if path.suffix != ".log"}


def test_neither_the_config_nor_words_stand_behind_the_statistics():
    """A sentence that is reworded, or a config that is checked otherwise, computes nothing again."""
    files = {path.relative_to(SCRIPTS).as_posix() for path in code_files(SCRIPTS / "compute_statistics.py")}
    rooms = {name.split("/")[1] for name in files if name.count("/") > 1}
    assert rooms == {"statistics", "evaluation", "diversity", "spectra"}
    assert {name.split("/")[-1] for name in files if "/spectra/" in name} == {"__init__.py", "columns.py"}


def test_tables_of_another_number_of_seeds_are_refused(folder, study_tables, plan):
    with pytest.raises(ValueError, match="8 seeds, but the study has 4"):
        script(folder, study_tables, plan, seeds=4)


def test_a_narrower_table_lacks_only_its_missing_columns(study_tables):
    runs = study_tables.runs.assign(steps=10)
    narrow = runs[runs["condition"] == "baseline"].drop(columns="steps").assign(condition="other")
    joined = join_tables("runs", [narrow, runs])
    assert list(joined.columns) == list(runs.columns)
    assert joined[joined.condition == "other"].steps.isna().all()
    assert joined[joined.condition != "other"].steps.notna().all()
