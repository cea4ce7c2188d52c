"""One table says what each column is; the code makes these columns and the docs show them."""

import ast
import re
from pathlib import Path

from matrices_for_tests import matrix

from weightscape import digest
from weightscape.spectra import analyze, columns, layer
from weightscape.spectra.columns import CHANGE, IDENTITY, SPECTRUM, used_as
from weightscape.spectra.rows import DELTA
from weightscape.spectra.settings import DEFAULT_METRICS, METRICS
from weightscape.words.columns import DOCS, column_words, docs_text, labels

WEIGHTWATCHER = """
layer_id name D ERG_gap M N Q W_scale alpha alpha_weighted bulk_max bulk_min bulk_mean_loc_ratio
bulk_mean_part_ratio bulk_mean_vec_entropy bulk_var_loc_ratio bulk_var_part_ratio bulk_var_vec_entropy detX_num
detX_val detX_val_unrescaled entropy has_esd lambda_max layer_type log_alpha_norm log_norm log_spectral_norm
longname matrix_rank max_rand_eval mp_softrank norm num_ERG_spikes num_evals num_pl_spikes num_spikes num_traps
rand_W_scale rand_bulk_max rand_bulk_min rand_distance rand_mp_softrank rand_num_spikes rand_sigma_mp rank_loss rf
sigma sigma_mp spectral_norm stable_rank status sv_max sv_min tail_mean_loc_ratio tail_mean_part_ratio
tail_mean_vec_entropy tail_var_loc_ratio tail_var_part_ratio tail_var_vec_entropy warning weak_rank_loss ww_maxdist
ww_softrank xmax xmin
"""


def test_all_columns_are_made_in_their_order():
    weights = {"fc": matrix((60, 40))}
    table = analyze(weights, before={"fc": matrix((60, 40), 1, spikes=2)}, metrics=METRICS, bootstrap=5, randomize=1)
    spectrum = [column.name for column in SPECTRUM]
    change = [column.name for column in CHANGE]
    identity = [column.name for column in IDENTITY]
    assert list(table) == [*identity, *spectrum, *change, *(DELTA + name for name in spectrum)]
    assert table.loc[0, "status"] == "success"
    assert not table.isna().any(axis=None)


def test_names_are_unique_and_every_group_can_be_asked_for():
    names = [column.name for column in (*IDENTITY, *SPECTRUM, *CHANGE)]
    assert len(names) == len(set(names))
    groups = {column.group for column in (*SPECTRUM, *CHANGE)}
    assert groups == {"spectrum", "status", "bootstrap", "random", *METRICS}
    assert set(DEFAULT_METRICS) <= set(METRICS)


def test_the_columns_are_a_superset_of_weightwatchers():
    assert {column.name for column in (*IDENTITY, *SPECTRUM)} >= set(WEIGHTWATCHER.split())


def test_weightwatcher_has_no_other_columns(weightwatcher):
    details = weightwatcher({"fc": matrix((60, 40))}, mp_fit=True, randomize=True, vectors=True, ERG=True)
    assert {"longname", *details.columns} == set(WEIGHTWATCHER.split())


def test_the_docs_have_exactly_these_columns():
    text = DOCS.read_text(encoding="utf-8")
    assert docs_text(text) == text, "run python -m weightscape.words.columns"
    rows = re.findall(r"^\| `(\w+)`( ◆)? \| (\w+) \|", text, flags=re.MULTILINE)
    assert [(name, group) for name, _, group in rows] == [
        (column.name, column.group) for column in (*IDENTITY, *SPECTRUM, *CHANGE)
    ]
    assert [name for name, mark, _ in rows if mark] == used_as("claim")


def test_a_reworded_column_computes_nothing_again():
    source = Path(columns.__file__).read_text(encoding="utf-8")
    effective = ast.dump(ast.parse(source)), digest._parsed(Path(columns.__file__))[0]
    assert ["power-law α" in text for text in effective] == [True, False]


def test_every_column_has_words_and_every_metric_that_is_followed_a_label():
    for name, words in column_words().items():
        assert all((words.meaning, words.unit, words.source)), name
    metrics = {metric for use in ("claim", "delta", "fit") for metric in used_as(use)}
    assert metrics <= set(labels())
    assert len(set(labels().values())) == len(labels())
    assert set(used_as("claim")) >= {*used_as("delta"), *used_as("fit")}


def test_a_metric_from_outside_is_a_column_that_claims_may_name(monkeypatch):
    """A metric is its column and its value: nothing else lists it."""
    toy = columns.Column("number", ("claim", "outcome"), "toy", "norms")
    norms = layer.norm_columns
    monkeypatch.setattr(columns, "SPECTRUM", (*SPECTRUM, toy))
    monkeypatch.setattr(layer, "norm_columns", lambda spectrum, larger: {**norms(spectrum, larger), "toy": 42.0})
    table = analyze({"fc": matrix((60, 40))}, before={"fc": matrix((60, 40), 1)})
    assert (table.loc[0, "toy"], table.loc[0, DELTA + "toy"]) == (42.0, 42.0)
    assert used_as("claim")[-1] == used_as("outcome")[-1] == "toy"
