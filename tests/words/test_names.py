"""Names as words."""

from weightscape.evaluation.table import KINDS
from weightscape.words.names import PLACES, SETS


def test_every_kind_of_evaluation_set_has_words() -> None:
    assert list(SETS) == list(PLACES) == list(KINDS)
