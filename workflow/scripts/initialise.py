"""Draw the weights that all runs of one seed start from, for a backbone that is trained from scratch."""

from typing import Any

from weightscape.backbone import initial_state
from weightscape.backbone_description import read_description
from weightscape.files import atomic_path
from weightscape.logs import start_log
from weightscape.streams import stream_seed


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from safetensors.torch import save_file

    params = snakemake.params
    description = read_description(snakemake.input.description)
    state = initial_state(description, stream_seed(params.study, params.seed, "initialisation"))
    with atomic_path(snakemake.output.weights) as path:
        save_file(state, path)
    log.info("seed %d: %s", params.seed, description.architecture)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
