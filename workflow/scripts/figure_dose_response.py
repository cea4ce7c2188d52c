"""Draw the dose–response of every series on the spectra and on accuracy."""

from typing import Any

from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from weightscape.figures.dose_response import draw_dose_response
    from weightscape.figures.style import figure_paths, save_figure
    from weightscape.figures.values import run_values
    from weightscape.files import read_table

    claims, conditions = snakemake.params.claims, snakemake.params.conditions
    shape, scale = list(claims["shape"]), list(claims["scale"])
    tables = [read_table(getattr(snakemake.input, name)) for name in ("spectra", "evaluation", "diversity")]
    values = run_values(*tables, shape, scale)
    outcomes = [f"spectra/{metric}" for metric in (*shape, *scale)]
    outcomes += ["evaluation/test/accuracy", "evaluation/ood/accuracy"]
    figure = draw_dose_response(read_table(snakemake.input.effects), values, conditions, outcomes)
    save_figure(figure, figure_paths(snakemake.output))
    log.info("wrote %s", snakemake.output.svg)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
