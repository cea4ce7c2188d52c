"""Training: the flow-matching target, the streams, and the same bytes with and without an interruption."""

import numpy as np
import pytest
import torch
from torch.nn.functional import pixel_shuffle

from weightscape.generator import training
from weightscape.generator.training import DivergedError, folded_images, schedule, train_diffusion
from weightscape.training_state import TrainingState


def weights(trained) -> dict[str, torch.Tensor]:
    return trained.pipeline.unet.state_dict()


def equal(a, b) -> bool:
    return np.array_equal(a.losses, b.losses) and all(torch.equal(weights(a)[k], weights(b)[k]) for k in weights(a))


def test_folding_keeps_every_value_and_takes_one_channel_of_grey_images(digits):
    folded = folded_images(digits[0][:5], 2)
    assert folded.shape == (5, 4, 8, 8)
    unfolded = (pixel_shuffle(folded, 2) + 1) * 127.5
    np.testing.assert_allclose(unfolded[:, 0], digits[0][:5, ..., 0], atol=1e-4)


def test_folding_keeps_all_channels_of_coloured_images(digits):
    coloured = digits[0][:5].copy()
    coloured[3, 2, 2, 1] ^= 1
    assert folded_images(coloured, 4).shape == (5, 48, 4, 4)


@pytest.mark.parametrize(
    "images",
    [np.zeros((2, 8, 8, 3)), np.zeros((2, 8, 6, 3), np.uint8), np.zeros((2, 8, 8), np.uint8)],
)
def test_images_of_another_type_or_shape_are_refused(images, tiny):
    with pytest.raises(ValueError, match=r"images must be uint8 of shape \(n, size, size, 3\)"):
        train_diffusion(images, np.zeros(2, np.int64), ["a", "b"], tiny, "study", 0)


def test_the_target_is_the_velocity_of_the_straight_path_from_image_to_noise(digits, tiny):
    data = folded_images(digits[0], 2)
    settings = tiny.model_copy(update={"batch_size": 500})
    noisy, timesteps, classes, velocity = training._draw_batch(data[None], digits[1], 10, settings, "study", 0, 3)
    sigma = (timesteps / 1000).view(-1, 1, 1, 1)
    chosen = training._batch_indices(len(data), 500, "study", 0, 3)
    torch.testing.assert_close(noisy - sigma * velocity, data[chosen], atol=1e-5, rtol=0)
    noise = noisy + (1 - sigma) * velocity
    assert abs(noise.mean()) < 0.02
    assert abs(noise.std() - 1) < 0.02
    assert 0 < sigma.min() < sigma.max() < 1
    withheld = classes == 10
    assert 0.05 < withheld.float().mean() < 0.16
    assert torch.equal(classes[~withheld], torch.from_numpy(digits[1][chosen])[~withheld])


def test_a_pass_takes_every_image_once_and_the_next_pass_has_another_order():
    batches = [training._batch_indices(12, 5, "study", 0, step) for step in range(24)]
    drawn = np.concatenate(batches).reshape(10, 12)
    assert all(sorted(epoch) == list(range(12)) for epoch in drawn)
    assert len({tuple(epoch) for epoch in drawn}) == 10


def test_the_learning_rate_rises_to_its_peak_and_falls_to_zero():
    rates = [schedule(step, 1000) for step in range(1000)]
    assert rates[0] == pytest.approx(0.01)
    assert max(rates) == 1 == rates[99] == rates[100]
    assert rates[100:] == sorted(rates[100:], reverse=True)
    assert 0 < rates[-1] < 1e-5


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(digits, class_names, tiny, trained):
    again = train_diffusion(digits[0][:200], digits[1][:200], class_names, tiny, "study", 0)
    other = train_diffusion(digits[0][:200], digits[1][:200], class_names, tiny, "study", 1)
    assert equal(again, trained)
    assert not equal(other, trained)


def test_training_leaves_the_global_random_state_alone(digits, class_names, tiny):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    train_diffusion(digits[0][:50], digits[1][:50], class_names, tiny.model_copy(update={"steps": 1}), "study", 0)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("interrupted_at", [3, 5, 11])
def test_an_interrupted_training_ends_with_the_same_bytes(
    digits, class_names, tiny, trained, tmp_path, monkeypatch, interrupted_at
):
    training_state = TrainingState(tmp_path / "state.safetensors", "this training")
    draw, drawn = training._draw_batch, []

    def interrupted(*arguments):
        if arguments[-1] == interrupted_at:
            raise KeyboardInterrupt
        return draw(*arguments)

    def counted(*arguments):
        drawn.append(arguments[-1])
        return draw(*arguments)

    data = (digits[0][:200], digits[1][:200], class_names, tiny, "study", 0, "cpu", training_state)
    monkeypatch.setattr(training, "_draw_batch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train_diffusion(*data)
    monkeypatch.setattr(training, "_draw_batch", counted)
    resumed = train_diffusion(*data)
    assert drawn[0] == interrupted_at // tiny.checkpoint_steps * tiny.checkpoint_steps
    assert equal(resumed, trained)


def test_the_state_of_another_training_is_left_aside(digits, class_names, tiny, trained, tmp_path):
    path = tmp_path / "state.safetensors"
    data = (digits[0][:200], digits[1][:200], class_names, tiny, "study")
    train_diffusion(*data, 1, "cpu", TrainingState(path, "seed 1"))
    assert path.exists()
    assert equal(train_diffusion(*data, 0, "cpu", TrainingState(path, "seed 0")), trained)


def test_a_loss_that_is_not_finite_stops_training_with_the_step_and_the_key(digits, class_names, tiny, monkeypatch):
    build = training.build_unet

    def broken(*arguments):
        unet = build(*arguments)
        torch.nn.init.constant_(unet.conv_out.bias, torch.nan)
        return unet

    monkeypatch.setattr(training, "build_unet", broken)
    with pytest.raises(DivergedError, match=r"loss is nan at step 1 of 12; generator\.learning_rate = 0\.002"):
        train_diffusion(digits[0][:50], digits[1][:50], class_names, tiny, "study", 0)


def test_images_that_cannot_be_halved_are_refused_before_training(digits, class_names, tiny):
    with pytest.raises(ValueError, match=r"images of 14 px cannot be folded by generator\.fold = 2"):
        train_diffusion(digits[0][:9, :14, :14], digits[1][:9], class_names, tiny, "study", 0)


def test_mirror_images_are_half_of_what_is_trained_on_where_flips_are_asked_for(tiny):
    """The images are black on the left and white on the right, so that a batch tells which side was drawn."""
    images = np.zeros((64, 8, 8, 3), np.uint8)
    images[:, :, 4:] = 255
    sides = torch.stack([folded_images(side, 2) for side in (images, images[:, :, ::-1])])
    settings = tiny.model_copy(update={"batch_size": 64})
    noisy, timesteps, _, velocity = training._draw_batch(sides, np.zeros(64, np.int64), 1, settings, "study", 0, 0)
    clean = noisy - velocity * (timesteps / 1000).view(-1, 1, 1, 1)
    mirrored = clean[:, 0, 0, 0] > 0
    assert 16 < mirrored.sum() < 48
    torch.testing.assert_close(clean[mirrored], sides[1][mirrored])
    torch.testing.assert_close(clean[~mirrored], sides[0][~mirrored])


def test_flips_change_no_other_draw(tiny, digits):
    data = folded_images(digits[0][:50], 2)
    alone, both = (
        training._draw_batch(part, digits[1][:50], 10, tiny, "study", 0, 0)
        for part in (data[None], data[None].repeat(2, 1, 1, 1, 1))
    )
    for one, other in zip(alone, both, strict=True):
        torch.testing.assert_close(one, other)
