"""Draw one figure of a study; ``params.figure`` is its name, and its module in `weightscape.figures` says the rest."""

from importlib import import_module
from typing import Any

from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from weightscape.figures.registry import Inputs, declared_figures
    from weightscape.figures.style import figure_paths, save_figure

    (declared,) = (figure for figure in declared_figures() if figure.name == snakemake.params.figure)
    files = {name: getattr(snakemake.input, name) for name in (*declared.tables, *declared.files)}
    params = {name: getattr(snakemake.params, name) for name in declared.params}
    figure = import_module(declared.module).draw(Inputs(files, params))
    save_figure(figure, figure_paths(snakemake.output))
    log.info("wrote %s", snakemake.output.svg)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
