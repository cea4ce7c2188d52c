"""Text-to-image and image-to-image pipelines as generators: tiny Stable Diffusions that the test builds and saves."""

import importlib.util

import huggingface_hub
import numpy as np
import pytest
import torch
from diffusers import StableDiffusionImg2ImgPipeline, StableDiffusionPipeline
from PIL import Image
from tiny_pipelines import save_dit, save_lora, save_stable_diffusion

from weightscape.generator.generator import GENERATORS, Task
from weightscape.generator.pool import Pool
from weightscape.generator.sampling import RealImages, load_generator, sample_images
from weightscape.streams import stream_seed

pytest.importorskip("transformers", reason="text-to-image pipelines need the extra text2image")
MODEL_FREE = {"prompts": ["a {class_name}"], "sampling_steps": 4, "sampling_batch_size": 2}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_stable_diffusion(tmp_path_factory.mktemp("models") / "sd")


def task(count=4, study="study", device="cpu"):
    return Task("generator", study, ["cat", "dog"], count, 16, device)


def draw(model, kind="text2image", pool=None, count=4, study="study", real=None, **settings):
    settings = GENERATORS.parse({"kind": kind, "model": model, **MODEL_FREE, **settings})
    asked, pool = task(count, study), pool or Pool(guidance_scale=3.0)
    assert settings.problem(asked) is None
    assert settings.pool_problem(pool, asked) is None
    return sample_images(load_generator(settings, None, asked), asked, pool, settings.images_at_once, real=real)


def difference(first, second):
    return np.abs(first.images.astype(int) - second.images).mean()


@pytest.fixture(scope="module")
def drawn(model):
    return draw(model)


def test_images_are_those_of_the_pipeline_itself(model, drawn):
    """An independent call of diffusers' own class, with the streams that the documentation names."""
    pipeline = StableDiffusionPipeline.from_pretrained(model, low_cpu_mem_usage=False)
    images = pipeline(
        ["a cat", "a dog"], guidance_scale=3.0, num_inference_steps=4, output_type="np",
        generator=[torch.Generator().manual_seed(stream_seed("study", "sample", index)) for index in (2, 3)],
    ).images  # fmt: skip
    assert np.array_equal(np.rint(images * 255).astype(np.uint8), drawn.images[2:])
    assert drawn.labels.tolist() == [0, 1, 0, 1]


def test_the_same_seeds_give_the_same_bytes_and_a_longer_pool_the_same_start(model, drawn):
    longer = draw(model, count=7)
    assert np.array_equal(longer.images[:4], drawn.images)
    assert len({image.tobytes() for image in longer.images}) == 7
    assert difference(draw(model, study="other"), drawn) > 1


def test_the_size_of_a_batch_changes_last_bits_only(model, drawn):
    assert difference(draw(model, sampling_batch_size=4), drawn) < 0.1


@pytest.mark.parametrize(
    "settings",
    [
        {"pool": Pool(guidance_scale=9.0)},
        {"prompts": ["xyz {class_name}"]},
        {"negative_prompt": "blurred"},
        {"sampling_steps": 8},
        {"scheduler": "EulerAncestralDiscreteScheduler"},
        {"size": 32},
        {"precision": "bfloat16"},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_every_setting_has_an_effect_and_is_repeated(model, drawn, settings):
    first = draw(model, **settings)
    assert difference(first, drawn) > 0.2
    assert np.array_equal(draw(model, **settings).images, first.images)


def test_memory_is_saved_with_almost_the_same_images(model, drawn):
    saved = draw(model, save_memory=["attention_slicing", "vae_slicing", "vae_tiling"])
    assert difference(saved, drawn) < 0.1


def test_lora_weights_from_a_file_or_a_folder_act_by_their_scale(model, drawn, tmp_path):
    pytest.importorskip("peft")
    file = save_lora(model, tmp_path)
    full = draw(model, lora=file)
    assert difference(full, drawn) > 1
    assert np.array_equal(draw(model, lora=str(tmp_path)).images, full.images)
    assert difference(draw(model, lora=file, lora_scale=0.001), drawn) < 0.1


@pytest.fixture(scope="module")
def real():
    random = np.random.default_rng(0)
    return RealImages(random.integers(0, 256, (3, 16, 16, 3), np.uint8), np.array([1, 0, 1]))


def test_variants_are_those_of_the_pipeline_itself_and_keep_the_label(model, real):
    drawn = draw(model, "img2img", Pool(guidance_scale=3.0, strength=0.5), real=real)
    assert drawn.labels.tolist() == [1, 0, 1, 1]
    assert drawn.sources.tolist() == [0, 1, 2, 0]
    pipeline = StableDiffusionImg2ImgPipeline.from_pretrained(model, low_cpu_mem_usage=False)
    images = pipeline(
        ["a dog", "a cat"], image=[Image.fromarray(image) for image in real.images[:2]], strength=0.5,
        guidance_scale=3.0, num_inference_steps=4, output_type="np",
        generator=[torch.Generator().manual_seed(stream_seed("study", "sample", index)) for index in (0, 1)],
    ).images  # fmt: skip
    assert np.array_equal(np.rint(images * 255).astype(np.uint8), drawn.images[:2])


def test_the_weaker_the_closer_to_the_real_image(model, real):
    """Variants of two different images in the same place differ more where less of the noise is new."""
    other = RealImages(255 - real.images, real.labels)
    by_strength = []
    for strength in (0.25, 1.0):
        pool = Pool(guidance_scale=3.0, strength=strength)
        first, second = (draw(model, "img2img", pool, real=images) for images in (real, other))
        by_strength.append(difference(first, second))
    assert by_strength[0] > 1.5 * by_strength[1]


def test_a_strength_of_no_step_is_told(model):
    settings = GENERATORS.parse({"kind": "img2img", "model": model, **MODEL_FREE})
    found = settings.pool_problem(Pool(guidance_scale=3.0, strength=0.2), task())
    assert found == ("strength = 0.2: at least 1/generator.sampling_steps = 0.25, as that share of the steps is taken")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"model": "no/such/folder"}, "generator.model = 'no/such/folder': no such directory"),
        ({"lora": "./none.safetensors"}, "generator.lora = './none.safetensors': no such file or directory"),
        (
            {"scheduler": "DDIM"},
            "generator.scheduler = 'DDIM'; allowed: a scheduler of diffusers, such as DPMSolverMultistepScheduler",
        ),
        (
            {"precision": "float16"},
            "generator.precision = 'float16': with training.device = cpu allowed: float32, bfloat16",
        ),
        (
            {"save_memory": ["cpu_offload"]},
            "generator.save_memory holds 'cpu_offload': allowed with training.device = cuda only",
        ),
    ],
)
def test_what_cannot_work_is_told_before_any_job(model, settings, problem):
    assert GENERATORS.parse({"kind": "text2image", "model": model, **MODEL_FREE, **settings}).problem(task()) == problem


def test_a_gpu_allows_more(model):
    settings = {"precision": "float16", "save_memory": ["cpu_offload"]}
    parsed = GENERATORS.parse({"kind": "text2image", "model": model, **MODEL_FREE, **settings})
    assert parsed.problem(task(device="cuda")) is None
    assert parsed.packages_needed() == ["transformers", "accelerate"]


def test_a_model_that_is_neither_cached_nor_to_be_asked_for_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    settings = GENERATORS.parse({"kind": "text2image", "model": "owner/name", **MODEL_FREE})
    expected = (
        "generator.model = 'owner/name': is not in the hub's cache, and HF_HUB_OFFLINE is set; download it first, or "
        "name a directory"
    )
    assert settings.problem(task()) == expected
    with pytest.raises(OSError, match="is not in the hub's cache, and HF_HUB_OFFLINE is set"):
        settings.load(None, task())
    (tmp_path / "models--owner--name").mkdir()
    assert settings.problem(task()) is None


def test_a_hub_that_cannot_be_reached_is_told_in_one_line(monkeypatch):
    def unreachable(*_, **__):
        raise ConnectionError("Name or service not known\nmore lines")

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", unreachable)
    settings = GENERATORS.parse({"kind": "text2image", "model": "owner/no_such_name", **MODEL_FREE})
    with pytest.raises(OSError, match=r"cannot be reached \(Name or service not known\)$"):
        settings.load(None, task())


def test_a_pipeline_of_another_kind_is_told(tmp_path):
    model = save_dit(tmp_path / "dit")
    with pytest.raises(ValueError, match=r"generator.model = '.*': AutoPipelineForText2Image cannot load .*DiT"):
        draw(model)


def test_a_missing_package_is_named(model, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "transformers" else found(name))
    with pytest.raises(ImportError, match=r"generator.kind = 'text2image' needs the package transformers"):
        draw(model)


def test_nothing_is_printed(model, capfd):
    capfd.readouterr()
    draw(model, count=2)
    assert capfd.readouterr() == ("", "")
