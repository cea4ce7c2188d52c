"""Spectra of a checkpoint, as a table, pictures and a page."""

import argparse
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from weightscape import __version__
from weightscape.checkpoints.read import Checkpoint, read_checkpoint
from weightscape.files import write_table
from weightscape.spectra.analysis import Watch, analyze
from weightscape.spectra.cache import Cache
from weightscape.spectra.matrices import layer_name
from weightscape.spectra.settings import DEFAULT_METRICS, METRICS, Conv, SmallN, Xmin

if TYPE_CHECKING:
    from weightscape.gallery.folder import Gallery

PRINTED = (
    *("longname", "N", "M", "alpha", "D", "num_pl_spikes", "stable_rank", "entropy", "robust_num_spikes", "status"),
    *("relative_change", "overlap_left_10", "intruders", "delta_status"),
)
"""Columns that are printed where no table is written, as far as the spectra have them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("model", help="safetensors file or index, torch state dict, ONNX file, or timm name")
    parser.add_argument("--before", metavar="MODEL", help="the model before training: adds the columns of the change")
    parser.add_argument("-o", "--output", metavar="TABLE", help=".csv or .parquet (default: print the main columns)")
    parser.add_argument("--plots", metavar="DIR", help="folder for a picture of each layer and the page index.html")
    parser.add_argument("--architecture", metavar="TIMM", help="timm model that says how the layers are grouped")
    parser.add_argument("--metrics", nargs="+", choices=METRICS, default=DEFAULT_METRICS, metavar="GROUP")
    parser.add_argument("--conv", choices=get_args(Conv), default="ww", help="matrices of a kernel")
    parser.add_argument("--small-n", choices=get_args(SmallN), default="plain", help="rule below 20 eigenvalues")
    parser.add_argument("--xmin", choices=get_args(Xmin), default="ks", help="where the power-law tail starts")
    parser.add_argument("--floor", type=float, help="leave smaller eigenvalues out of the power law")
    parser.add_argument("--bootstrap", type=int, default=0, metavar="N", help="resamples for the interval of alpha")
    parser.add_argument("--randomize", type=int, default=0, metavar="N", help="shuffles of each layer to compare with")
    parser.add_argument("--seed", type=int, default=0, help="of resamples and shuffles")
    parser.add_argument("--device", default="numpy", help="numpy, or a torch device such as cuda")
    kept = f"keep results by the weights' content in DIR/{__version__}, a folder of this version"
    parser.add_argument("--cache", metavar="DIR", help=kept)


def run(arguments: argparse.Namespace) -> None:
    """Run the command.

    Raises
    ------
    ValueError, FileNotFoundError
        If the model can't be read, a setting is not allowed, or no weight of the model is in the one before; the
        message is for the user.
    """
    output = Path(arguments.output) if arguments.output else None
    if output and output.suffix not in (".csv", ".parquet"):
        raise ValueError(f"--output: {output} found, a name that ends in .csv or .parquet is allowed")
    folder = Path(arguments.plots) if arguments.plots else None
    model = read_checkpoint(arguments.model, arguments.architecture)
    before = read_checkpoint(arguments.before, arguments.architecture) if arguments.before else None
    notes = [skipped_note(arguments.model, model)]
    if before:
        notes.append(skipped_note(arguments.before, before))
        notes.append(counterparts_note(arguments.model, model.weights, arguments.before, before.weights))
    for note in filter(None, notes):
        print(note, file=sys.stderr)
    gallery = _gallery(folder) if folder else None
    with progress(model.weights) as show:
        table = analyze(
            model.weights,
            before=before.weights if before else None,
            layers=model.layers,
            metrics=arguments.metrics,
            conv=arguments.conv,
            small_n=arguments.small_n,
            xmin=arguments.xmin,
            floor=arguments.floor,
            bootstrap=arguments.bootstrap,
            randomize=arguments.randomize,
            seed=arguments.seed,
            device=arguments.device,
            cache=Cache(Path(arguments.cache) / __version__) if arguments.cache else None,
            on_layer=_in_turn(gallery.draw, show) if gallery else show,
        )
    if gallery:
        gallery.finish(arguments.model, arguments.before, table)
    if output:
        write_table(table, output)
    else:
        print(table[[column for column in PRINTED if column in table]].to_string(index=False, float_format="%.4g"))


def skipped_note(source: str, checkpoint: Checkpoint) -> str:
    """Return one line on the tensors of a checkpoint that are not analysed, or nothing if there are none."""
    if not checkpoint.skipped:
        return ""
    names: dict[str, list[str]] = {}
    for name, reason in checkpoint.skipped.items():
        names.setdefault(reason, []).append(name)
    parts = [f"{len(tensors)} × {reason} (such as {tensors[0]})" for reason, tensors in names.items()]
    return f"{source}: {len(checkpoint.skipped)} tensors left out: {'; '.join(parts)}"


def counterparts_note(model: str, weights: Iterable[str], before: str, weights_before: Iterable[str]) -> str:
    """Return one line on the weights that are not in the model before, or nothing if all are.

    Raises
    ------
    ValueError
        If none of them is.
    """
    names, names_before = list(weights), list(weights_before)
    alone = sorted(set(names) - set(names_before), key=names.index)
    if len(alone) == len(names):
        raise ValueError(
            f"--before: no weight of {model} is in {before}: the one has {names[0]}, the other {names_before[0]}"
        )
    if not alone:
        return ""
    return f"{before}: {len(alone)} of {len(names)} weights are not in it (such as {alone[0]})"


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


def _gallery(folder: Path) -> "Gallery":
    from weightscape.gallery.folder import Gallery  # Matplotlib is only imported where it is needed

    return Gallery(folder)


def _in_turn(*watchers: Watch) -> Watch:
    def watch(layer: str, eigenvalues: np.ndarray, row: dict[str, Any]) -> None:
        for watcher in watchers:
            watcher(layer, eigenvalues, row)

    return watch
