"""Draw data diversity against accuracy out of distribution."""

from typing import Any

from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from weightscape.figures.diversity import draw_diversity
    from weightscape.figures.style import figure_paths, save_figure
    from weightscape.files import read_table

    evaluation, diversity = read_table(snakemake.input.evaluation), read_table(snakemake.input.diversity)
    claims = snakemake.params.claims
    compared = [*claims["augmentation"], *claims["synthetic"]]
    figure = draw_diversity(evaluation, diversity, snakemake.params.conditions, compared)
    save_figure(figure, figure_paths(snakemake.output))
    log.info("wrote %s", snakemake.output.svg)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
