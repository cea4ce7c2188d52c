"""Optimisers: torch's own, step by step, with decay on matrices only and a rate of the classifier."""

import pytest
import timm
import torch

from weightscape.training.optimizers import OPTIMIZERS, PEAK, build_optimizer
from weightscape.training.settings import TrainingSettings

ORACLES = {
    ("adam", None): lambda groups: torch.optim.Adam(groups),
    ("adam", (0.4, False)): lambda groups: torch.optim.Adam(groups),
    ("adam", (0.4, True)): lambda groups: torch.optim.AdamW(groups),
    ("adamw", None): lambda groups: torch.optim.AdamW(groups),
    ("adamw", (0.4, True)): lambda groups: torch.optim.AdamW(groups),
    ("sgd", None): lambda groups: torch.optim.SGD(groups, momentum=0.9, nesterov=True),
    ("sgd", (0.4, False)): lambda groups: torch.optim.SGD(groups, momentum=0.9, nesterov=True),
}
"""By the optimiser's name and the decay of the condition."""


def settings(**changes) -> TrainingSettings:
    values = {"images": 8, "epochs": 1, "batch_size": 4, "optimizer": "adam", "learning_rate": 0.01}
    return TrainingSettings(**(values | changes))


def trained(optimizer, model):
    torch.manual_seed(1)
    for _ in range(3):
        optimizer.zero_grad()
        model(torch.randn(4, 3, 32, 32)).square().mean().backward()
        optimizer.step()
    return model.state_dict()


def network():
    torch.manual_seed(0)
    return timm.create_model("test_resnet", num_classes=3).eval()


@pytest.mark.parametrize(("name", "decay"), ORACLES)
def test_each_is_torchs_own(name, decay):
    base = 0.2
    ours = network()
    ours = trained(build_optimizer(ours, settings(optimizer=name, weight_decay=base), decay), ours)
    theirs = network()
    groups = [
        {"params": [parameter], "weight_decay": (decay[0] if decay else base) if parameter.ndim > 1 else 0, "lr": 0.01}
        for parameter in theirs.parameters()
    ]
    theirs = trained(ORACLES[name, decay](groups), theirs)
    for weight, value in theirs.items():
        torch.testing.assert_close(ours[weight], value, rtol=1e-4, atol=1e-5)


def test_the_oracles_cover_every_optimiser_in_every_mode():
    modes = {(name, mode == "decoupled") for name, kind in OPTIMIZERS.items() for mode in kind.modes}
    assert {(name, decay[1]) for name, decay in ORACLES if decay} == modes


def test_the_classifier_can_have_a_rate_of_its_own():
    model = network()
    optimizer = build_optimizer(model, settings(head_learning_rate=0.5), None)
    peaks = {id(parameter): group[PEAK] for group in optimizer.param_groups for parameter in group["params"]}
    assert {name: peaks[id(parameter)] for name, parameter in model.named_parameters()} == {
        name: 0.5 if name.startswith("fc.") else 0.01 for name, _ in model.named_parameters()
    }
    assert len(peaks) == sum(len(group["params"]) for group in optimizer.param_groups)
