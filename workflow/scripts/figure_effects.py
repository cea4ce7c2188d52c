"""Draw the effect of every condition on every outcome as a heat map."""

from typing import Any

from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from weightscape.figures.effects import draw_effects
    from weightscape.figures.style import figure_paths, save_figure
    from weightscape.files import read_table

    claims, conditions = snakemake.params.claims, snakemake.params.conditions
    figure = draw_effects(read_table(snakemake.input.effects), conditions, claims["shape"], claims["scale"])
    save_figure(figure, figure_paths(snakemake.output))
    log.info("wrote %s", snakemake.output.svg)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
