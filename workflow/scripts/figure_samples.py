"""Draw real images beside synthetic ones at each guidance scale."""

from typing import Any

from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    import numpy as np

    from weightscape.figures.samples import draw_samples
    from weightscape.figures.style import figure_paths, save_figure

    files, params = snakemake.input, snakemake.params
    real = np.load(files.real_images), np.load(files.real_labels)
    pairs = zip(files.synthetic_images, files.synthetic_labels, strict=True)
    synthetic = [(np.load(images), np.load(labels)) for images, labels in pairs]
    scales = [f"{scale:g}" for scale in params.guidance_scales]
    figure = draw_samples(real, dict(zip(scales, synthetic, strict=True)), params.class_names)
    save_figure(figure, figure_paths(snakemake.output))
    log.info("wrote %s", snakemake.output.svg)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
