"""``python -m weightscape spectra``: the spectra of anyone's checkpoint, as a table, pictures and a page."""

import argparse
import re
import sys
import time
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from weightscape.files import write_table, write_text
from weightscape.spectra.analyze import Watch, analyze
from weightscape.spectra.cache import Cache
from weightscape.spectra.checkpoints import read_checkpoint
from weightscape.spectra.matrices import Layer
from weightscape.spectra.settings import DEFAULT_METRICS, METRICS, Conv, SmallN, Xmin

PRINTED = ("longname", "N", "M", "alpha", "D", "num_pl_spikes", "stable_rank", "entropy", "robust_num_spikes", "status")


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
    parser.add_argument("--cache", metavar="DIR", help="folder in which results are kept by the weights' content")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Run the command.

    Raises
    ------
    ValueError, FileNotFoundError
        If the model can't be read or a setting is not allowed; the message is for the user.
    """
    output = Path(arguments.output) if arguments.output else None
    if output and output.suffix not in (".csv", ".parquet"):
        raise ValueError(f"--output: {output} found, a name that ends in .csv or .parquet is allowed")
    model = read_checkpoint(arguments.model, arguments.architecture)
    before = read_checkpoint(arguments.before, arguments.architecture) if arguments.before else None
    watchers = [progress(len(model.weights))]
    pictures: dict[str, str] = {}
    if arguments.plots:
        watchers.append(_painter(Path(arguments.plots), pictures))
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
        cache=Cache(arguments.cache) if arguments.cache else None,
        on_layer=_all(watchers),
    )
    if arguments.plots:
        _write_page(Path(arguments.plots), arguments.model, table, pictures)
    if output:
        write_table(table, output)
    else:
        print(table[[column for column in PRINTED if column in table]].to_string(index=False, float_format="%.4g"))


def _all(watchers: list[Watch]) -> Watch:
    def watch(layer: Layer, eigenvalues: np.ndarray, row: dict[str, Any]) -> None:
        for watcher in watchers:
            watcher(layer, eigenvalues, row)

    return watch


def progress(total: int) -> Watch:
    """Return a watcher that keeps one line on standard error: a bar, the count, the time, and the layer."""
    started, seen = time.monotonic(), 0

    def show(layer: Layer, _: np.ndarray, __: dict[str, Any]) -> None:
        nonlocal seen
        seen += 1
        total_shown = max(total, seen)  # a fused projection is one weight and three layers
        bar = "█" * (24 * seen // total_shown)
        line = f"{bar:░<24} {seen}/{total_shown} {time.monotonic() - started:5.1f} s  {layer.name}"
        end = "\n" if seen == total_shown or not sys.stderr.isatty() else ""
        if end == "" or seen == total_shown or seen % 10 == 0:
            print(f"\r\033[K{line}" if sys.stderr.isatty() else line, end=end, file=sys.stderr, flush=True)

    return show


def _painter(folder: Path, pictures: dict[str, str]) -> Watch:
    from weightscape.figures.style import save_figure
    from weightscape.spectra.plots import draw_layer

    def paint(layer: Layer, eigenvalues: np.ndarray, row: dict[str, Any]) -> None:
        if eigenvalues[-1] > 0:
            pictures[layer.name] = f"{len(pictures):03d}-{re.sub(r'[^A-Za-z0-9_.-]+', '_', layer.name)}.png"
            save_figure(draw_layer(layer.name, eigenvalues, row), {"png": folder / pictures[layer.name]})

    return paint


def _write_page(folder: Path, title: str, table: pd.DataFrame, pictures: dict[str, str]) -> None:
    from weightscape.figures.style import save_figure
    from weightscape.spectra.page import overview_page
    from weightscape.spectra.plots import draw_overview

    save_figure(draw_overview(table), {"png": folder / "overview.png"})
    write_text(overview_page(Path(title).name, table, {"": "overview.png"} | pictures), folder / "index.html")
