"""Class-conditional pipelines of diffusers as generators: tiny ones that the test builds and saves."""

import numpy as np
import pytest
from diffusers import DDIMPipeline, DDIMScheduler, UNet2DModel
from tiny_pipelines import save_dit

from weightscape.generator.generator import Task
from weightscape.generator.kinds.class2image import Class2Image
from weightscape.generator.pool import Pool
from weightscape.generator.sampling import load_generator, sample_images


@pytest.fixture(scope="module")
def dit(tmp_path_factory):
    return save_dit(tmp_path_factory.mktemp("models") / "dit")


def sample(source, count=3, image_size=16, guidance_scale=2.0, **settings):
    task = Task("generator", "study", ["cat", "dog"], count, image_size)
    settings = Class2Image(kind="class2image", model=source, sampling_steps=2, sampling_batch_size=2, **settings)
    drawn = sample_images(load_generator(settings, None, task), task, Pool(guidance_scale=guidance_scale), 2)
    return drawn.images, drawn.labels


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


def test_the_guidance_scale_matters(dit):
    assert not np.array_equal(sample(dit, guidance_scale=4.0)[0], sample(dit, guidance_scale=2.0)[0])


def test_images_of_another_size_are_scaled(dit):
    assert sample(dit, image_size=8)[0].shape == (3, 8, 8, 3)


def test_a_pipeline_that_takes_no_label_is_refused(tmp_path):
    unet = UNet2DModel(
        sample_size=8, block_out_channels=[8], down_block_types=("DownBlock2D",), up_block_types=("UpBlock2D",),
        norm_num_groups=4, layers_per_block=1,
    )  # fmt: skip
    DDIMPipeline(unet, DDIMScheduler()).save_pretrained(tmp_path)
    with pytest.raises(ValueError, match=r"generator.model = '.*': DDIMPipeline takes no class_labels"):
        sample(str(tmp_path))


def test_a_scheduler_takes_the_place_of_the_pipelines_own(dit):
    others = sample(dit, scheduler="EulerAncestralDiscreteScheduler")[0]
    assert not np.array_equal(others, sample(dit)[0])
    with pytest.raises(ValueError, match=r"generator.scheduler = 'FlowMatchHeunDiscreteScheduler' does not fit .*DDPM"):
        sample(dit, scheduler="FlowMatchHeunDiscreteScheduler")
