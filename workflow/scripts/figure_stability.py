"""Draw every claim under every analysis of the robustness table."""

from typing import Any

from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from weightscape.figures.stability import draw_stability
    from weightscape.figures.style import figure_paths, save_figure
    from weightscape.files import read_table

    figure = draw_stability(read_table(snakemake.input.robustness), read_table(snakemake.input.claims))
    save_figure(figure, figure_paths(snakemake.output))
    log.info("wrote %s", snakemake.output.svg)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
