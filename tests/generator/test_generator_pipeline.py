"""The saved generator is in diffusers' layout, and sampling follows the written formulas."""

import json

import numpy as np
import pytest
import torch
from diffusers import FlowMatchEulerDiscreteScheduler, UNet2DModel
from torch.nn.functional import pixel_shuffle

from weightscape.generator.pipeline import MODEL_FILES, ClassConditionalPipeline


@pytest.fixture
def saved(trained, tmp_path):
    trained.pipeline.save_pretrained(tmp_path)
    return tmp_path


def generators(count: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(index) for index in range(count)]


def test_diffusers_loads_each_part_by_itself(saved, trained, class_names):
    assert {str(path.relative_to(saved)) for path in saved.rglob("*") if path.is_file()} == set(MODEL_FILES)
    unet = UNet2DModel.from_pretrained(saved / "unet")
    assert all(torch.equal(a, b) for a, b in zip(unet.parameters(), trained.pipeline.unet.parameters(), strict=True))
    assert FlowMatchEulerDiscreteScheduler.from_pretrained(saved / "scheduler").config.shift == 1
    assert json.loads((saved / "model_index.json").read_text())["class_names"] == class_names


def test_a_loaded_pipeline_draws_the_same_images(saved, trained):
    loaded = ClassConditionalPipeline.load(saved)
    images = [pipeline([3, 7], 2.0, generators(2), 3).images for pipeline in (loaded, trained.pipeline)]
    assert np.array_equal(*images)
    assert images[0].shape == (2, 16, 16, 1)
    assert images[0].dtype == np.float32


@pytest.mark.parametrize("guidance_scale", [0.0, 1.0, 1.5, 3.0])
def test_sampling_is_euler_integration_of_the_guided_velocity(trained, guidance_scale):
    labels, steps = [0, 4, 9], 4
    images = trained.pipeline(labels, guidance_scale, generators(3), steps).images
    x = torch.cat([torch.randn((1, 4, 8, 8), generator=generator) for generator in generators(3)])
    with torch.inference_mode():
        for step in range(steps):
            sigma = 1 - step / steps
            with_label = trained.pipeline.unet(x, 1000 * sigma, torch.tensor(labels)).sample
            without = trained.pipeline.unet(x, 1000 * sigma, torch.full((3,), 10)).sample
            x = x - (without + guidance_scale * (with_label - without)) / steps
    expected = (pixel_shuffle(x, 2) / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1)
    np.testing.assert_allclose(images, expected, atol=1e-5)
