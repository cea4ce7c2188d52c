"""Names as words."""

from pathlib import Path

from weightscape.diversity.table import MEASURES, RBF_ORDERS
from weightscape.diversity.vendi import ORDERS
from weightscape.evaluation.metrics import metric_names
from weightscape.evaluation.runs import KINDS
from weightscape.words.names import METRICS, PLACES, SETS


def test_every_kind_of_evaluation_set_has_words() -> None:
    assert list(SETS) == list(PLACES) == list(KINDS)


def test_every_metric_that_is_measured_on_networks_and_images_has_a_label_of_its_own() -> None:
    assert {*metric_names(), *ORDERS, *RBF_ORDERS, *MEASURES} <= set(METRICS)
    assert len(set(METRICS.values())) == len(METRICS)


def test_every_such_metric_is_explained_in_the_docs(project: Path) -> None:
    text = (project / "docs/measures.md").read_text()
    assert [name for name in (*metric_names(), *ORDERS, *MEASURES) if f"`{name}`" not in text] == []
