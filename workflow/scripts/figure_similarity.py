"""Draw the similarity matrix of the series' fingerprints."""

from typing import Any

from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from weightscape.figures.similarity import draw_similarity
    from weightscape.figures.style import figure_paths, save_figure
    from weightscape.files import read_table

    figure = draw_similarity(read_table(snakemake.input.similarity), snakemake.params.conditions)
    save_figure(figure, figure_paths(snakemake.output))
    log.info("wrote %s", snakemake.output.svg)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
