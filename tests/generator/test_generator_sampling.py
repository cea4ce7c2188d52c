"""Synthetic pools: balanced, seeded image by image, and the start of a longer pool of the same name."""

import numpy as np
import pytest
import torch

from weightscape.generator.generator import Task
from weightscape.generator.pool import Pool, parts_of
from weightscape.generator.sampling import RealImages, UnfinishedPool, load_generator, sample_images


@pytest.fixture
def draw(trained, tiny, class_names, tmp_path):
    trained.pipeline.save_pretrained(tmp_path)
    return load_generator(tiny, tmp_path, task_of(class_names))


def task_of(class_names, count=20, study="study"):
    return Task("generator", study, class_names, count, 16)


def sample(draw, count, guidance_scale=1.5, study="study", batch_size=4, **more):
    task = task_of([str(digit) for digit in range(10)], count, study)
    drawn = sample_images(draw, task, Pool(guidance_scale=guidance_scale), batch_size, **more)
    assert (drawn.sources == -1).all()
    return drawn.images, drawn.labels


def test_a_longer_pool_starts_with_the_bytes_of_a_shorter_one(draw):
    images, labels = sample(draw, 13)
    for count in (1, 4, 5, 12):
        fewer, fewer_labels = sample(draw, count)
        assert np.array_equal(fewer, images[:count])
        assert np.array_equal(fewer_labels, labels[:count])


def test_every_batch_is_full_and_holds_the_same_images_whatever_the_count():
    batches = []

    def draw(batch):
        batches.append((batch.labels, [generator.initial_seed() for generator in batch.generators]))
        return np.zeros((len(batch.labels), 16, 16, 1))

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

        def draw(batch):
            noise = [torch.randn(4, generator=generator) for generator in batch.generators]
            noises[batch.pool.guidance_scale] = torch.cat(noise)
            return np.zeros((len(batch.labels), 16, 16, 1))

        sample(draw, 4, scale)
    assert torch.equal(noises[1.0], noises[2.5])


def test_the_guidance_scale_matters(draw):
    assert not np.array_equal(sample(draw, 4, 1.0)[0], sample(draw, 4, 4.0)[0])


def test_values_that_are_not_finite_are_refused_with_the_images():
    def draw(batch):
        return np.full((len(batch.labels), 16, 16, 1), np.nan)

    with pytest.raises(ValueError, match="not finite in images 0 to 3"):
        sample(draw, 4)


def test_another_list_of_classes_than_the_trained_one_is_refused(trained, tiny, class_names, tmp_path):
    trained.pipeline.save_pretrained(tmp_path)
    with pytest.raises(ValueError, match=r"was trained on the classes \['0', .* not \['9', '8'"):
        load_generator(tiny, tmp_path, task_of(class_names[::-1]))


def test_loading_and_sampling_print_nothing(trained, tiny, class_names, tmp_path, capfd):
    trained.pipeline.save_pretrained(tmp_path)
    capfd.readouterr()
    sample(load_generator(tiny.model_copy(update={"sampling_steps": 1}), tmp_path, task_of(class_names)), 4)
    assert capfd.readouterr() == ("", "")


def test_a_pool_that_is_drawn_in_parts_has_the_bytes_of_one_that_is_drawn_at_once(draw):
    images, labels = sample(draw, 22)
    parts = parts_of(Pool(guidance_scale=1.5), 22, 8)
    assert list(parts) == ["guidance-1.5/part-0", "guidance-1.5/part-1", "guidance-1.5/part-2"]
    drawn = [sample(draw, 22, part=range(part.start, part.stop)) for part in parts.values()]
    assert np.array_equal(np.concatenate([part for part, _ in drawn]), images)
    assert np.array_equal(np.concatenate([part for _, part in drawn]), labels)


@pytest.mark.parametrize("images_per_job", [None, 22, 100])
def test_a_pool_that_one_job_draws_lies_in_its_own_folder(images_per_job):
    (folder,) = parts_of(Pool(guidance_scale=1.5), 22, images_per_job)
    assert folder == "guidance-1.5"


def counted(draw, calls, fail_after=None):
    def wrapped(batch):
        if len(calls) == fail_after:
            raise KeyboardInterrupt
        calls.append(batch.indices)
        return draw(batch)

    return wrapped


def test_an_interruption_costs_no_more_than_a_batch(draw, tmp_path):
    whole, _ = sample(draw, 20)
    first, second = [], []
    with pytest.raises(KeyboardInterrupt):
        sample(counted(draw, first, fail_after=3), 20, unfinished=UnfinishedPool(tmp_path / "scratch", "me"))
    images, _ = sample(counted(draw, second), 20, unfinished=UnfinishedPool(tmp_path / "scratch", "me"))
    assert [*first, *second] == [range(start, start + 4) for start in range(0, 20, 4)]
    assert np.array_equal(images, whole)


def test_batches_of_other_settings_are_drawn_again(draw, tmp_path):
    sample(draw, 8, unfinished=UnfinishedPool(tmp_path / "scratch", "others"))
    calls = []
    sample(counted(draw, calls), 8, unfinished=UnfinishedPool(tmp_path / "scratch", "me"))
    assert len(calls) == 2


def test_images_that_are_made_from_real_ones_keep_their_place_and_label():
    seen = []

    def draw(batch):
        seen.append(batch.real[:, 0, 0, 0].tolist())
        return batch.real / 255

    images = np.arange(3, dtype=np.uint8)[:, None, None, None].repeat(16, 1).repeat(16, 2).repeat(3, 3)
    real = RealImages(images, np.array([7, 5, 7]))
    task = task_of([str(digit) for digit in range(10)], 5)
    drawn = sample_images(draw, task, Pool(guidance_scale=1.5, strength=0.5), 4, real=real)
    assert drawn.sources.tolist() == [0, 1, 2, 0, 1]
    assert drawn.labels.tolist() == [7, 5, 7, 7, 5]
    assert np.array_equal(drawn.images, images[[0, 1, 2, 0, 1]])
    assert seen == [[0, 1, 2, 0], [1, 2, 0, 1]]
