"""The plan of a study as it was registered before the runs, its hash, and what was changed since."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from weightscape.statistics import all_claims
from weightscape.statistics.constants import CONFIDENCE, LAYER_GROUPS, SIGNIFICANCE
from weightscape.statistics.plan import Plan
from weightscape.statistics.recognised_share import ONE_SIDED

COLUMNS = ["item", "registered", "current", "changed"]


def plan_record(sections: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plan of a study, as plain values for JSON: what the code fixes, and what its config does.

    Parameters
    ----------
    sections
        The sections of the study's config that its results can depend on.
    """
    plan = Plan.from_mapping(sections.get("claims", {}))
    return json.loads(json.dumps({"analysis": analysis(plan)} | dict(sections)))


def analysis(plan: Plan) -> dict[str, Any]:
    """Return what the code fixes for a study with this plan; a release that changes it changes the hash."""
    return {
        "claims": all_claims.groups_of(all_claims.claims_of(plan)),
        "adjustment": "Holm over the claims of each group",
        "significance": SIGNIFICANCE,
        "confidence": CONFIDENCE,
        "margin": plan.margin,
        "manipulation_check": "a series that is not shown to be more diverse gets no verdict and is in no mean",
        "gate": f"synthetic images that are not recognised, above chance, {plan.recognised:g} times as often as unseen "
        f"real ones (lower bound, one-sided {ONE_SIDED:.0%}) get no verdict on claim 2",
        "removed": "the direction of early stopping, from all effects of claim 1" if plan.early_stop else "nothing",
        "layers": "each in units of its own between-seed SD, then the mean over a group",
        "layer_groups": list(LAYER_GROUPS),
        "doses": "a series is the mean over its doses, a role the mean over its series",
    }


def plan_hash(record: Mapping[str, Any]) -> str:
    """Return the SHA-256 sum of a plan's canonical JSON: the order of keys does not count, that of lists does."""
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def plan_table(registered: Mapping[str, Any], current: Mapping[str, Any]) -> pd.DataFrame:
    """Return the two plans item by item, the hash first.

    Parameters
    ----------
    registered
        The plan before the first run.
    current
        The plan of this analysis.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`; an item that one of the plans does not have is empty there, and `changed` is true wherever
        the two differ.
    """
    before, now = dict(_items(registered)), dict(_items(current))
    rows = [("hash", plan_hash(registered), plan_hash(current))]
    rows += [(item, before.get(item, ""), now.get(item, "")) for item in sorted(before | now)]
    return pd.DataFrame([(*row, row[1] != row[2]) for row in rows], columns=COLUMNS)


def _items(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield the leaves of nested mappings by dotted name, as JSON text without quotes around strings."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _items(part, f"{name}.{key}" if name else str(key))
    else:
        yield name, value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
