"""Names as words."""

from weightscape.diversity.vendi import ORDERS
from weightscape.evaluation.metrics import metric_names
from weightscape.evaluation.runs import KINDS
from weightscape.words.names import METRICS, PLACES, SETS


def test_every_kind_of_evaluation_set_has_words() -> None:
    assert list(SETS) == list(PLACES) == list(KINDS)


def test_every_metric_that_is_measured_on_networks_and_images_has_a_label_of_its_own() -> None:
    assert {*metric_names(), *ORDERS} <= set(METRICS)
    assert len(set(METRICS.values())) == len(METRICS)
