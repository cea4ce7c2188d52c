"""How far the analysis of a model is, on standard error."""

import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from weightscape.spectra.analyze import Watch
from weightscape.spectra.matrices import layer_name


@contextmanager
def progress(weights: Iterable[str]) -> Iterator[Watch]:
    """Give a watcher that shows on standard error how many weights are done: a bar, the count, the time, the layer.

    On a terminal it keeps one line, elsewhere it prints a line for each tenth.

    Parameters
    ----------
    weights
        Names of the weights, in the order in which they are analysed. One may hold several layers.
    """
    order = {layer_name(name): index for index, name in enumerate(weights)}
    started, printed, terminal = time.monotonic(), 0, sys.stderr.isatty()

    def show(layer: str, _: np.ndarray, __: dict[str, Any]) -> None:
        nonlocal printed
        done = finished_weights(layer, order)
        line = f"{'█' * (24 * done // len(order)):░<24} {done}/{len(order)} {time.monotonic() - started:5.1f} s"
        line = f"{line}  {layer}"
        if terminal:
            print(f"\r\033[K{line[: shutil.get_terminal_size().columns - 1]}", end="", file=sys.stderr, flush=True)
        elif 10 * done // len(order) > printed:
            printed = 10 * done // len(order)
            print(line, file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        if terminal:
            print(file=sys.stderr)


def finished_weights(layer: str, order: Mapping[str, int]) -> int:
    """Return how many weights are done after `layer`: q and k of a fused projection leave it unfinished.

    Examples
    --------
    >>> order = {"stem": 0, "attention.in_proj": 1}
    >>> [finished_weights(layer, order) for layer in ("stem", "attention.in_proj.q", "attention.in_proj.v")]
    [1, 1, 2]
    """
    if layer in order:
        return order[layer] + 1
    weight, _, part = layer.rpartition(".")
    return order[weight] + (part == "v")
