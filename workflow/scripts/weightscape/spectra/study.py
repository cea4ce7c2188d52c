"""The spectra table of a study: rows of W and of ΔW for every run and layer, with the layer's place in the network."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from weightscape.condition_rows import INITIAL, PRETRAINED
from weightscape.spectra.analysis import NO_BEFORE, analyze
from weightscape.spectra.cache import Cache
from weightscape.spectra.columns import CHANGE
from weightscape.spectra.matrices import Layers, layer_name
from weightscape.spectra.rows import DELTA, Weight, keep_reference
from weightscape.spectra.settings import DEFAULT_METRICS, Settings

HEAD = "head"

KEYS = ("condition", "series", "family", "dose", "seed", "of", "layer", "group", "depth")
"""First columns of the table; those of `analyze` follow."""

_REPLACED = ["layer_id", "name", "longname"]


def layer_groups(layers: Layers) -> dict[str, str]:
    """Return stem, early, middle or late for each layer of a backbone.

    The stem is the first layer; the others are split into thirds by depth, the earlier thirds larger by one where
    the number can't be split evenly.

    Parameters
    ----------
    layers
        Weight name → ``{"depth": …}``, depth being the place in the order of the forward pass.
    """
    ordered = sorted(layers, key=lambda name: int(layers[name]["depth"]))
    groups = dict.fromkeys(ordered[:1], "stem")
    for group, names in zip(("early", "middle", "late"), np.array_split(ordered[1:], 3), strict=True):
        groups |= {str(name): group for name in names}
    return groups


def places(names: Iterable[str], layers: Layers) -> list[tuple[str, int]]:
    """Return group and depth of layers of a network; what the backbone does not have is the classifier, deepest.

    Parameters
    ----------
    names
        Names of layers as in the spectra table; q, k and v of a fused projection have its place.
    layers
        The backbone's layers: see `layer_groups`.
    """
    known = {layer_name(name): (group, int(layers[name]["depth"])) for name, group in layer_groups(layers).items()}
    after_all = 1 + max((depth for _, depth in known.values()), default=-1)
    return [known.get(name, known.get(name.rpartition(".")[0], (HEAD, after_all))) for name in names]


def run_rows(
    weights: Mapping[str, ArrayLike],
    before: Mapping[str, ArrayLike],
    layers: Layers,
    keys: Mapping[str, Any],
    cache: Cache | None = None,
) -> pd.DataFrame:
    """Return the rows of one fine-tuned checkpoint: ``of="after"`` and ``of="delta"`` for each backbone layer.

    Matrices that the backbone doesn't have are the classifier: group ``head``, deepest, ``after`` only.

    Parameters
    ----------
    weights, before
        Weight name → array, of the checkpoint and of the backbone that its training started from.
    layers
        The backbone's layers: weight name → ``{"kind", "groups", "depth"}``.
    keys
        ``condition``, ``series``, ``family``, ``dose`` (``None`` where there is none) and ``seed`` of the run.
    cache
        Shared by the runs, so that the backbone is decomposed once: see `start_rows`.

    Returns
    -------
    pandas.DataFrame
        `KEYS`, then the columns of `analyze`; those of the change are filled in the rows of ``delta``.
    """
    matrices = {name: weights[name] for name in weights if name in layers or name not in before}
    table = analyze(matrices, before=before, layers=layers, cache=cache)
    changed = [column for column in table if column.startswith(DELTA)]
    delta = table.assign(**{column.removeprefix(DELTA): table[column] for column in changed}).drop(columns=changed)
    between = [column.name for column in CHANGE if column.name in table]
    after = table.drop(columns=[*changed, *between])
    rows = {"after": after, "delta": delta[delta["status"] != NO_BEFORE]}
    return pd.concat([_keyed(part, of, layers, keys) for of, part in rows.items()], ignore_index=True)


def start_rows(
    before: Mapping[str, ArrayLike],
    layers: Layers,
    start: str = PRETRAINED,
    cache: Cache | None = None,
    metrics: Iterable[str] = DEFAULT_METRICS,
) -> pd.DataFrame:
    """Return the rows of the backbone that runs start from: ``of="before"``.

    Their condition is ``pretrained``, without a seed, or ``initial`` with the seed of its draw; the runs of the second
    baseline have one of their own, 1000 + seed. A `cache` gets these rows and the layers' decompositions, so that no
    run has to make them again.

    Parameters
    ----------
    before
        Weight name → array.
    layers
        See `run_rows`.
    start
        ``"pretrained"``, or ``"seed-<n>"`` for the initialisation of a seed.
    cache, metrics
        See `analyze`.
    """
    chosen = Settings(tuple(metrics))
    matrices = {name: before[name] for name in before if name in layers}
    table = analyze(matrices, layers=layers, metrics=chosen.metrics, cache=cache)
    if cache is not None:
        for name, array in matrices.items():
            keep_reference(Weight(name, np.asarray(array), layers[name], chosen), cache)
    name, seed = (PRETRAINED, None) if start == PRETRAINED else (INITIAL, int(start.removeprefix("seed-")))
    keys = {"condition": name, "series": name, "family": name, "dose": None, "seed": seed}
    return _keyed(table, "before", layers, keys)


def _keyed(table: pd.DataFrame, of: str, layers: Layers, keys: Mapping[str, Any]) -> pd.DataFrame:
    """Put the key columns first and sort by depth."""
    placed = places(table["longname"], layers)
    keyed = table.drop(columns=_REPLACED).assign(
        condition=keys["condition"],
        series=keys["series"],
        family=keys["family"],
        dose=np.nan if keys["dose"] is None else float(keys["dose"]),
        seed=pd.array([keys["seed"]] * len(table), dtype="Int64"),
        of=of,
        layer=table["longname"],
        group=[group for group, _ in placed],
        depth=[depth for _, depth in placed],
    )
    rest = [column for column in keyed if column not in KEYS]
    return keyed[[*KEYS, *rest]].sort_values(["depth", "layer"], ignore_index=True)
