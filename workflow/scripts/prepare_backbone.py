"""Load a backbone and write its weights and description.

``output.weights`` is left out where every seed starts from its own initialisation.
"""

from dataclasses import replace
from typing import Any

from weightscape.backbone_source import BACKBONES
from weightscape.files import atomic_path, file_sha256, write_json
from weightscape.logs import start_log
from weightscape.pretrained import load_backbone


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from safetensors.torch import save_file

    model, description = load_backbone(BACKBONES.parse(snakemake.params.source))
    output = snakemake.output
    if hasattr(output, "weights"):
        with atomic_path(output.weights) as path:
            save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, path)
        description = replace(description, sha256=file_sha256(output.weights))
    write_json(description.to_json(), output.description)
    log.info("%s: %d parameters", description.architecture, description.parameters)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
