"""The saved generator is in diffusers' layout, and sampling follows the written formulas."""

import json
from types import SimpleNamespace

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
def test_sampling_integrates_the_guided_velocity_with_adams_bashforth_steps(trained, guidance_scale):
    labels, steps = [0, 4, 9], 4
    images = trained.pipeline(labels, guidance_scale, generators(3), steps).images
    x = torch.cat([torch.randn((1, 4, 8, 8), generator=generator) for generator in generators(3)])
    velocities = []
    with torch.inference_mode():
        for step in range(steps):
            sigma = 1 - step / steps
            with_label = trained.pipeline.unet(x, 1000 * sigma, torch.tensor(labels)).sample
            without = trained.pipeline.unet(x, 1000 * sigma, torch.full((3,), 10)).sample
            velocities.append(without + guidance_scale * (with_label - without))
            last, before = velocities[-1], velocities[-2] if step else velocities[-1]
            x = x - (3 * last - before) / 2 / steps
    expected = (pixel_shuffle(x, 2) / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1)
    np.testing.assert_allclose(images, expected, atol=1e-5)


def test_the_error_of_sampling_falls_with_the_square_of_the_steps(trained, monkeypatch):
    """Where images are independent normal pixels of SD s, noise z must become the image s z."""
    s = 0.5

    def velocity(x, timestep, _labels):
        sigma = timestep / 1000
        slope = (sigma - (1 - sigma) * s**2) / ((1 - sigma) ** 2 * s**2 + sigma**2)
        return SimpleNamespace(sample=slope * x)

    monkeypatch.setattr(trained.pipeline.unet, "forward", velocity)
    noise = torch.cat([torch.randn((1, 4, 8, 8), generator=generator) for generator in generators(3)])
    exact = pixel_shuffle(s * noise, 2).permute(0, 2, 3, 1).numpy()
    inside = np.abs(exact) < 0.9
    errors = []
    for steps in (10, 20, 40, 80):
        images = trained.pipeline([0, 4, 9], 1.0, generators(3), steps).images
        errors.append(np.abs(2 * images - 1 - exact)[inside].max())
    ratios = np.divide(errors[:-1], errors[1:])
    assert ratios.min() > 3, errors
    assert ratios[-1] == pytest.approx(4, rel=0.1)


def test_eight_steps_agree_with_many_euler_steps(trained):
    """The reference is an integration written out here, of a network that was trained on real digits."""
    labels = list(range(10))
    images = trained.pipeline(labels, 1.0, generators(10), 8).images
    x = torch.cat([torch.randn((1, 4, 8, 8), generator=generator) for generator in generators(10)])
    with torch.inference_mode():
        for sigma in np.linspace(1, 0, 129)[:-1]:
            x = x - trained.pipeline.unet(x, 1000 * sigma, torch.tensor(labels)).sample / 128
    many = (pixel_shuffle(x, 2) / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1).numpy()
    assert np.sqrt(((images - many) ** 2).mean()) < 0.01
