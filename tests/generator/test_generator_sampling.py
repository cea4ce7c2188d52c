"""Synthetic pools: balanced, seeded image by image, and the start of a longer pool of the same name."""

import numpy as np
import pytest
import torch

from weightscape.generator.sampling import load_generator, sample_images


@pytest.fixture
def draw(trained, tiny, class_names, tmp_path):
    trained.pipeline.save_pretrained(tmp_path)
    return load_generator(tiny, tmp_path, class_names)


def sample(draw, count, guidance_scale=1.5, study="study", batch_size=4):
    return sample_images(draw, count, 10, guidance_scale, batch_size, 16, study)


def test_a_longer_pool_starts_with_the_bytes_of_a_shorter_one(draw):
    images, labels = sample(draw, 13)
    for count in (1, 4, 5, 12):
        fewer, fewer_labels = sample(draw, count)
        assert np.array_equal(fewer, images[:count])
        assert np.array_equal(fewer_labels, labels[:count])


def test_every_batch_is_full_and_holds_the_same_images_whatever_the_count():
    batches = []

    def draw(labels, generators, _):
        batches.append((labels, [generator.initial_seed() for generator in generators]))
        return np.zeros((len(labels), 16, 16, 1))

    sample(draw, 5)
    shorter = batches.copy()
    batches.clear()
    sample(draw, 12)
    assert [len(labels) for labels, _ in batches] == [4, 4, 4]
    assert batches[:2] == shorter


def test_images_are_grey_with_three_channels_and_labels_go_round(draw):
    images, labels = sample(draw, 23)
    assert images.shape == (23, 16, 16, 3)
    assert images.dtype == np.uint8
    assert (images == images[..., :1]).all()
    assert labels.dtype == np.int64
    assert labels.tolist() == [index % 10 for index in range(23)]


def test_every_image_has_its_own_noise_and_studies_differ(draw):
    images, _ = sample(draw, 20)
    assert len({image.tobytes() for image in images}) == 20
    assert not np.array_equal(images, sample(draw, 20, study="other")[0])


def test_guidance_scales_start_from_the_same_noise():
    noises = {}
    for scale in (1.0, 2.5):

        def draw(labels, generators, scale):
            noises[scale] = torch.cat([torch.randn(4, generator=generator) for generator in generators])
            return np.zeros((len(labels), 16, 16, 1))

        sample(draw, 4, scale)
    assert torch.equal(noises[1.0], noises[2.5])


def test_the_guidance_scale_matters(draw):
    assert not np.array_equal(sample(draw, 4, 1.0)[0], sample(draw, 4, 4.0)[0])


def test_values_that_are_not_finite_are_refused_with_the_images():
    def draw(labels, _generators, _scale):
        return np.full((len(labels), 16, 16, 1), np.nan)

    with pytest.raises(ValueError, match="not finite in images 0 to 3"):
        sample(draw, 4)


def test_another_list_of_classes_than_the_trained_one_is_refused(trained, tiny, class_names, tmp_path):
    trained.pipeline.save_pretrained(tmp_path)
    with pytest.raises(ValueError, match=r"was trained on the classes \['0', .* not \['9', '8'"):
        load_generator(tiny, tmp_path, class_names[::-1])


def test_loading_and_sampling_print_nothing(trained, tiny, class_names, tmp_path, capfd):
    trained.pipeline.save_pretrained(tmp_path)
    capfd.readouterr()
    sample(load_generator(tiny.model_copy(update={"sampling_steps": 1}), tmp_path, class_names), 4)
    assert capfd.readouterr() == ("", "")
