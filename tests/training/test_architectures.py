"""Kinds of networks that the docs name are trained, with dropout that acts, and predict as they were trained."""

import clip_towers  # noqa: F401  (registers small towers of CLIP)
import numpy as np
import pytest
import torch

from weightscape.backbone import initial_state, load_finetuned, load_for_prediction
from weightscape.backbone_source import BACKBONES
from weightscape.evaluation.predict import predict_logits
from weightscape.pretrained import load_backbone
from weightscape.training.datasets import LabelledImages, assemble
from weightscape.training.finetune import finetune
from weightscape.training.intervention import parse_treatment
from weightscape.training.settings import TrainingSettings

SETTINGS = TrainingSettings(images=16, epochs=1, batch_size=8, optimizer="adam", learning_rate=1e-3)
KINDS = [
    {"architecture": "test_vit", "input_size": 64},
    {"architecture": "test_convnext", "input_size": 32},
    {"architecture": "mobilenetv3_small_050", "input_size": 32},
    {"architecture": "resnet18", "stem": "cifar", "input_size": 16},
    {"architecture": "tiny_clip_vit"},
    {"architecture": "tiny_clip_resnet"},
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind["architecture"])
def test_it_trains_under_dropout_and_predicts(kind):
    _, description = load_backbone(BACKBONES.parse({"name": "scratch", **kind}))
    start = initial_state(description, 0)
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (24, 32, 32, 3), dtype=np.uint8)
    pool = LabelledImages(images, np.arange(24) % 3)

    def run(*treatment):
        parts = parse_treatment(treatment)
        training = assemble(parts, pool, None, SETTINGS.images, "study", 0)
        return finetune(parts, SETTINGS, description, start, training, pool, 3, "study", 0)

    plain, dropped = run(), run({"family": "dropout", "dose": 0.5})
    for name in description.layers:
        assert not torch.equal(plain.state[name], start[name]), f"{name} is not trained"
    assert any(not torch.equal(plain.state[name], dropped.state[name]) for name in description.layers)
    slow, fast = (
        predict_logits(load(description, plain.state, 3), images, *description.normalisation)
        for load in (load_finetuned, load_for_prediction)
    )
    np.testing.assert_allclose(fast, slow, rtol=1e-3, atol=1e-3 * slow.std())
