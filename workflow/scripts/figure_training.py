"""Draw the training curves of every series."""

from typing import Any

from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    import pandas as pd

    from weightscape.figures.style import figure_paths, save_figure
    from weightscape.figures.training import draw_training
    from weightscape.files import read_table

    histories = pd.concat([read_table(path) for path in snakemake.input.histories], ignore_index=True)
    figure = draw_training(histories, snakemake.params.conditions)
    save_figure(figure, figure_paths(snakemake.output))
    log.info("wrote %s", snakemake.output.svg)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
