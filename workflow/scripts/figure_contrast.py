"""Draw how similar each diversity series is to dropout and to weight decay."""

from typing import Any

from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from weightscape.figures.contrast import draw_contrast
    from weightscape.figures.style import figure_paths, save_figure
    from weightscape.files import read_table

    claims = snakemake.params.claims
    similarity = read_table(snakemake.input.similarity)
    references = [*claims["dropout"], *claims["weight_decay"]]
    figure = draw_contrast(similarity, snakemake.params.conditions, claims["diversity"], references)
    save_figure(figure, figure_paths(snakemake.output))
    log.info("wrote %s", snakemake.output.svg)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
