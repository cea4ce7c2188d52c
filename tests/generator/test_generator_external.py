"""Any diffusers pipeline can be the generator; here tiny ones that are built and saved by the test."""

import importlib.util
import json
import string

import numpy as np
import pytest
import torch
from diffusers import (
    AutoencoderKL,
    DDIMPipeline,
    DDIMScheduler,
    DiTPipeline,
    DiTTransformer2DModel,
    StableDiffusionPipeline,
    UNet2DConditionModel,
    UNet2DModel,
)

from weightscape.generator.kinds.pipeline import Pipeline
from weightscape.generator.sampling import load_generator, sample_images

CATS_AND_DOGS = ["cat", "dog"]


@pytest.fixture
def dit(tmp_path):
    """Save a class-conditional DiT with random weights, for ImageNet's 1,000 labels, that makes images of 16 px."""
    torch.manual_seed(0)
    transformer = DiTTransformer2DModel(
        num_attention_heads=2, attention_head_dim=8, in_channels=4, out_channels=4, num_layers=1, sample_size=8,
        patch_size=2, num_embeds_ada_norm=1000,
    )  # fmt: skip
    for parameter in transformer.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    vae = AutoencoderKL(
        block_out_channels=[8, 8], down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2, norm_num_groups=4, layers_per_block=1,
    )  # fmt: skip
    DiTPipeline(transformer, vae, DDIMScheduler()).save_pretrained(tmp_path / "dit")
    return str(tmp_path / "dit")


def sample(source, count=3, image_size=16, guidance_scale=2.0, **settings):
    settings = Pipeline(model=source, sampling_steps=2, **settings)
    draw = load_generator(settings, None, CATS_AND_DOGS)
    return sample_images(draw, count, 2, guidance_scale, 2, image_size, "study")


def test_a_class_conditional_pipeline_from_a_directory_is_sampled(dit):
    images, labels = sample(dit, count=3)
    assert images.shape == (3, 16, 16, 3)
    assert labels.tolist() == [0, 1, 0]
    assert len({image.tobytes() for image in images}) == 3
    assert np.array_equal(sample(dit, count=5)[0][:3], images)


def test_the_pipelines_own_labels_are_asked_for(dit):
    cats = sample(dit, count=2, class_labels=[281, 207])[0]
    assert np.array_equal(cats, sample(dit, count=2, class_labels=[281, 207])[0])
    assert not np.array_equal(cats, sample(dit, count=2)[0])


def test_images_of_another_size_are_scaled(dit):
    assert sample(dit, image_size=8)[0].shape == (3, 8, 8, 3)


def test_a_pipeline_that_takes_no_label_is_refused(tmp_path):
    unet = UNet2DModel(
        sample_size=8, block_out_channels=[8], down_block_types=("DownBlock2D",), up_block_types=("UpBlock2D",),
        norm_num_groups=4, layers_per_block=1,
    )  # fmt: skip
    DDIMPipeline(unet, DDIMScheduler()).save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="DDIMPipeline takes no class_labels; allowed: text-to-image pipelines with"):
        sample(str(tmp_path))


@pytest.mark.skipif(importlib.util.find_spec("transformers") is not None, reason="transformers is installed")
def test_a_prompt_without_transformers_says_what_is_missing(dit):
    with pytest.raises(ImportError, match="reads prompts with the package transformers, which is not installed"):
        sample(dit, prompt="a photo of a {class_name}")


@pytest.fixture
def stable_diffusion(tmp_path):
    """Save a text-to-image pipeline with random weights whose tokens are single letters."""
    transformers = pytest.importorskip("transformers", reason="text-to-image pipelines need the package transformers")
    letters = [*string.ascii_lowercase, *(f"{letter}</w>" for letter in string.ascii_lowercase)]
    vocabulary = {token: index for index, token in enumerate([*letters, "<|startoftext|>", "<|endoftext|>"])}
    (tmp_path / "vocab.json").write_text(json.dumps(vocabulary))
    (tmp_path / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = transformers.CLIPTokenizer(
        str(tmp_path / "vocab.json"), str(tmp_path / "merges.txt"), model_max_length=32
    )
    torch.manual_seed(0)
    text_encoder = transformers.CLIPTextModel(
        transformers.CLIPTextConfig(
            vocab_size=len(vocabulary), hidden_size=16, intermediate_size=16, num_hidden_layers=1,
            num_attention_heads=2, max_position_embeddings=32, bos_token_id=52, eos_token_id=53,
        )
    )  # fmt: skip
    unet = UNet2DConditionModel(
        sample_size=8, block_out_channels=[8, 16], layers_per_block=1, norm_num_groups=4, cross_attention_dim=16,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )  # fmt: skip
    vae = AutoencoderKL(
        block_out_channels=[8, 8], down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2, norm_num_groups=4, layers_per_block=1,
    )  # fmt: skip
    scheduler = DDIMScheduler(steps_offset=1, clip_sample=False)
    pipeline = StableDiffusionPipeline(
        vae, text_encoder, tokenizer, unet, scheduler, None, None, requires_safety_checker=False
    )
    pipeline.save_pretrained(tmp_path / "text")
    return str(tmp_path / "text")


def test_a_text_to_image_pipeline_is_asked_with_the_name_of_the_class(stable_diffusion):
    prompt = "a photo of a {class_name}"
    images, labels = sample(stable_diffusion, count=3, prompt=prompt)
    assert images.shape == (3, 16, 16, 3)
    assert labels.tolist() == [0, 1, 0]
    assert np.array_equal(sample(stable_diffusion, count=5, prompt=prompt)[0][:3], images)
    assert not np.array_equal(sample(stable_diffusion, count=3, prompt="a drawing of a {class_name}")[0], images)
