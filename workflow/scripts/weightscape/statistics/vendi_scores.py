"""Log Vendi scores of a study's training sets, seeds × conditions."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from weightscape.diversity.vendi import ORDERS
from weightscape.statistics.facts import Change

PRIMARY_SPACE = "embedding"
"""Space of the Vendi scores that claims are judged by: features of the frozen backbone."""

PRIMARY_SCORE = "vendi_1"
"""Column of the Vendi score that claims are judged by."""

OTHER_SCORE = "vendi_2"
"""Column of the Vendi score that they are judged by again: it weighs frequent images more."""


def log_vendi(diversity: pd.DataFrame, space: str = PRIMARY_SPACE, order: str = PRIMARY_SCORE) -> pd.DataFrame:
    """Return the log Vendi scores over all classes.

    Parameters
    ----------
    diversity
        Diversity table.
    space, order
        "embedding" or "pixel", and a key of `weightscape.diversity.vendi.ORDERS`.

    Returns
    -------
    pandas.DataFrame
        Index seed, one column per condition.
    """
    rows = diversity[(diversity["space"] == space) & (diversity["class_name"] == "all")]
    return rows.assign(value=np.log(rows[order])).pivot(index="seed", columns="condition", values="value")


def other_scores(diversity: pd.DataFrame) -> Iterator[tuple[Change, dict[str, str]]]:
    """Yield the other Vendi scores that a study has: how they are called, and the arguments of `log_vendi`."""
    yield Change(f"Vendi score of order {ORDERS[OTHER_SCORE]:g}"), {"order": OTHER_SCORE}
    if (diversity["space"] == "pixel").any():
        yield Change("pixel space"), {"space": "pixel"}
