"""Which weights training reaches: real runs on grey and on coloured images, and what weight decay does to the rest."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from weightscape.backbone_source import BACKBONES
from weightscape.pretrained import load_backbone
from weightscape.spectra.study import run_rows
from weightscape.statistics.layers import frozen_conditions, unreached_layers
from weightscape.training.datasets import LabelledImages, assemble
from weightscape.training.finetune import finetune
from weightscape.training.intervention import parse_treatment
from weightscape.training.settings import TrainingSettings

DECAY = {"family": "weight_decay", "mode": "decoupled", "dose": 2.0}
SETTINGS = TrainingSettings(images=40, epochs=4, batch_size=20, optimizer="adam", learning_rate=0.003)


@pytest.fixture(scope="module")
def changes(tmp_path_factory):
    """Return a function that gives the rows of ΔW of a run on given images under a treatment."""
    import timm

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("backbone") / "weights.pth"
    torch.save(timm.create_model("test_efficientnet", num_classes=0).state_dict(), path)
    source = {"name": "file", "architecture": "test_efficientnet", "path": str(path), "input_size": 32}
    model, description = load_backbone(BACKBONES.parse(source))
    description = replace(
        description, mean=[0.5] * 3, std=[0.5] * 3
    )  # as the default study's network: colours are treated alike
    before = {name: tensor.numpy() for name, tensor in model.state_dict().items()}

    def rows(images: np.ndarray, treatment=(), train="all", condition="baseline") -> pd.DataFrame:
        pool = LabelledImages(images, np.arange(len(images)) % 2)
        parts = parse_treatment(treatment)
        training = assemble(parts, pool, None, SETTINGS.images, "study", 0)
        settings = SETTINGS.model_copy(update={"train": train})
        run = finetune(parts, settings, description, model.state_dict(), training, pool, 2, "study", 0)
        after = {name: tensor.numpy() for name, tensor in run.state.items()}
        keys = {"condition": condition, "series": condition, "family": condition, "dose": None, "seed": 0}
        table = run_rows(after, before, description.layers, keys)
        return table[table["of"] == "delta"]

    return rows


@pytest.fixture(scope="module")
def colored():
    return np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def grey(colored):
    return np.repeat(colored[..., :1], 3, axis=-1)


def test_the_first_layer_is_reached_by_colours_and_not_by_grey_images(changes, colored, grey):
    of_colored, of_grey = (set(unreached_layers(changes(images))) for images in (colored, grey))
    assert of_grey - of_colored == {"conv_stem"}


def test_weight_decay_fills_the_rank_that_grey_images_leave(changes, grey):
    """Why such layers are left out: decay acts alone where no gradient comes."""
    plain, decayed = (changes(grey, treatment).set_index("layer") for treatment in ((), [DECAY]))
    assert decayed.effective_rank["conv_stem"] > 1.5 * plain.effective_rank["conv_stem"]
    assert "conv_stem" not in unreached_layers(decayed.reset_index())


def test_a_frozen_layer_has_no_change_and_its_condition_is_known_by_it(changes, colored):
    frozen = changes(colored, [{"family": "freeze", "dose": 0.5}], condition="freeze-0.5")
    zero = frozen["status"] == "all weights are zero"
    assert zero.sum() == round(0.5 * len(frozen))
    assert frozen.loc[zero, ["sv_max", "log_norm", "stable_rank"]].isna().all(axis=None)
    assert frozen.loc[~zero, "sv_max"].gt(0).all()
    assert frozen.sort_values("depth")["status"].eq("all weights are zero").tolist() == sorted(zero, reverse=True)
    assert frozen_conditions(pd.concat([changes(colored), frozen])) == ["freeze-0.5"]


def test_what_a_study_does_not_train_is_not_reached(changes, colored):
    head = changes(colored, train="head")
    assert set(unreached_layers(head)) == set(head["layer"])
    last = changes(colored, train="last_2").sort_values("depth")["layer"]
    reached = set(last) - set(unreached_layers(changes(colored, train="last_2")))
    assert reached <= set(last[-2:])
    assert frozen_conditions(head) == []
