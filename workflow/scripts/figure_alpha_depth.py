"""Draw the power-law exponent of the layers by depth."""

from typing import Any

from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from weightscape.figures.alpha_depth import draw_alpha_depth
    from weightscape.figures.style import figure_paths, save_figure
    from weightscape.files import read_table

    figure = draw_alpha_depth(read_table(snakemake.input.spectra), snakemake.params.conditions)
    save_figure(figure, figure_paths(snakemake.output))
    log.info("wrote %s", snakemake.output.svg)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
