"""Draw the spectral density of three layers before and after fine-tuning, with both fits."""

from typing import Any

from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from safetensors.numpy import load_file

    from weightscape.figures.esd import choose_layers, draw_esd
    from weightscape.figures.style import figure_paths, save_figure
    from weightscape.files import read_json

    before, after = load_file(snakemake.input.pretrained), load_file(snakemake.input.finetuned)
    layers = read_json(snakemake.input.description)["layers"]
    figure = draw_esd(before, after, layers, choose_layers(before, layers))
    save_figure(figure, figure_paths(snakemake.output))
    log.info("wrote %s", snakemake.output.svg)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
