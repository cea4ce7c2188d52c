"""Draw the spectral fingerprint of every series by layer group as a heat map."""

from typing import Any

from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from weightscape.figures.fingerprints import draw_fingerprints
    from weightscape.figures.style import figure_paths, save_figure
    from weightscape.files import read_table

    claims, conditions = snakemake.params.claims, snakemake.params.conditions
    metrics = [*claims["shape"], *claims["scale"]]
    figure = draw_fingerprints(read_table(snakemake.input.effects), conditions, metrics)
    save_figure(figure, figure_paths(snakemake.output))
    log.info("wrote %s", snakemake.output.svg)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
