"""Fine-tuning: reproducible, paired, honest about divergence."""

import numpy as np
import pandas as pd
import pytest
import torch

from weightscape.backbone import build_classifier
from weightscape.backbone_source import BACKBONES
from weightscape.images import to_batch
from weightscape.pretrained import load_backbone
from weightscape.training import finetune as module
from weightscape.training.datasets import LabelledImages, assemble
from weightscape.training.finetune import DivergedError, finetune, one_cycle
from weightscape.training.intervention import parse_treatment
from weightscape.training.settings import TrainingSettings
from weightscape.training_state import TrainingState

DROPOUT = {"family": "dropout", "dose": 0.2}
NOISE = {"family": "noise", "dose": 0.1}
CROP = {"family": "augment", "policy": "crop", "dose": 0.1}


def small_backbone(architecture: str, folder):
    """Return a small network with random weights, loaded from a file as a user's own would be."""
    import timm

    torch.manual_seed(0)
    path = folder / "weights.pth"
    torch.save(timm.create_model(architecture, num_classes=0).state_dict(), path)
    model, description = load_backbone(
        BACKBONES.parse({"name": "file", "architecture": architecture, "path": str(path), "input_size": 32})
    )
    return description, model.state_dict()


@pytest.fixture(scope="module")
def backbone(tmp_path_factory):
    return small_backbone("test_efficientnet", tmp_path_factory.mktemp("backbone"))


@pytest.fixture(scope="module")
def squares():
    """Three classes that differ in the channel that is bright."""
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 3, 240)
    images = generator.integers(0, 60, (240, 32, 32, 3), dtype=np.uint8)
    images[np.arange(240), :, :, labels] += 120
    return LabelledImages(images[:200], labels[:200]), LabelledImages(images[200:], labels[200:])


def run(backbone, squares, treatment=(), seed=0, training_state=None, replicate=1, **changes):
    description, state = backbone
    pool, validation = squares
    values = {"images": 120, "epochs": 2, "batch_size": 20, "optimizer": "adam", "learning_rate": 5e-3}
    settings = TrainingSettings.model_construct(**(values | changes))  # unchecked: rates of 1e10 diverge
    treatment = parse_treatment(treatment)
    training = assemble(treatment, pool, None, settings.images, "study", seed)
    return finetune(
        treatment, settings, description, state, training, validation, 3, "study", seed,
        training_state=training_state, replicate=replicate,
    )  # fmt: skip


def same(first, second) -> bool:
    return all(torch.equal(first.state[name], second.state[name]) for name in first.state)


def test_dropout_that_the_network_never_calls_is_an_error(backbone, squares):
    """This small network has no block with a skip, so dropout in its branches would change nothing."""
    with pytest.raises(ValueError, match="EfficientNet never calls the dropout in its residual branches"):
        run(backbone, squares, [DROPOUT])


def test_same_seed_gives_the_same_bytes_whatever_was_drawn_before(tmp_path, squares):
    backbone = small_backbone("test_resnet", tmp_path)
    treatment = [DROPOUT, CROP, NOISE]
    first = run(backbone, squares, treatment)
    torch.rand(7)
    np.random.default_rng().random(3)
    assert same(first, run(backbone, squares, treatment))
    assert not same(first, run(backbone, squares, treatment, seed=1))


def test_replicates_of_a_run_differ_in_the_order_of_their_batches_only(backbone, squares, monkeypatch):
    monkeypatch.setattr(
        module, "batches", lambda n, size, steps, *_: iter(np.arange(steps * size).reshape(steps, size) % n)
    )
    assert same(run(backbone, squares), run(backbone, squares, replicate=2))
    monkeypatch.undo()
    assert not same(run(backbone, squares), run(backbone, squares, replicate=2))


def count_steps(monkeypatch, interrupted_at=None):
    """Have training note its steps, and be interrupted before one of them."""
    steps, augment = [], module.augment_batch

    def counted(*arguments):
        if arguments[-1] == interrupted_at:
            raise KeyboardInterrupt
        steps.append(arguments[-1])
        return augment(*arguments)

    monkeypatch.setattr(module, "augment_batch", counted)
    return steps


@pytest.mark.parametrize(("optimizer", "interrupted_at"), [("adam", 4), ("adam", 6), ("adam", 17), ("sgd", 13)])
def test_an_interrupted_run_goes_on_after_its_last_epoch_with_the_same_bytes(
    tmp_path, squares, monkeypatch, optimizer, interrupted_at
):
    backbone = small_backbone("test_resnet", tmp_path)
    arguments = (backbone, squares, [DROPOUT, CROP])
    whole = run(*arguments, epochs=3, optimizer=optimizer)
    training_state = TrainingState(tmp_path / "state.safetensors", "this run")
    with monkeypatch.context() as patch:
        count_steps(patch, interrupted_at)
        with pytest.raises(KeyboardInterrupt):
            run(*arguments, training_state=training_state, epochs=3, optimizer=optimizer)
    steps = count_steps(monkeypatch)
    resumed = run(*arguments, training_state=training_state, epochs=3, optimizer=optimizer)
    assert steps == list(range(interrupted_at // 6 * 6, 18))
    assert same(resumed, whole)
    assert resumed.fitted_loss == whole.fitted_loss
    pd.testing.assert_frame_equal(resumed.history, whole.history, check_exact=True)


def test_a_finished_run_is_not_trained_again_and_another_one_is(backbone, squares, tmp_path, monkeypatch):
    path = tmp_path / "state.safetensors"
    whole = run(backbone, squares, training_state=TrainingState(path, "seed 0"))
    steps = count_steps(monkeypatch)
    assert same(run(backbone, squares, training_state=TrainingState(path, "seed 0")), whole)
    assert steps == []
    assert not same(run(backbone, squares, seed=1, training_state=TrainingState(path, "seed 1")), whole)
    assert len(steps) == 12


def test_a_finished_run_of_a_broken_epoch_is_not_trained_again(backbone, squares, tmp_path, monkeypatch):
    """Nine of twelve steps are an epoch and a half."""
    training_state = TrainingState(tmp_path / "state.safetensors", "seed 0")
    whole = run(backbone, squares, [{"family": "early_stop", "dose": 0.75}], training_state=training_state)
    steps = count_steps(monkeypatch)
    again = run(backbone, squares, [{"family": "early_stop", "dose": 0.75}], training_state=training_state)
    assert steps == []
    assert same(again, whole)
    assert (again.steps, list(again.history.epoch)) == (9, [1, 2])


def test_a_damaged_training_state_is_left_aside(backbone, squares, tmp_path, caplog):
    training_state = TrainingState(tmp_path / "state.safetensors", "seed 0")
    whole = run(backbone, squares, training_state=training_state)
    training_state.path.write_bytes(training_state.path.read_bytes()[:-1000])
    assert same(run(backbone, squares, training_state=training_state), whole)
    assert "is damaged" in caplog.text


def test_it_learns(backbone, squares):
    history = run(backbone, squares, epochs=4).history
    assert history.train_loss.iloc[-1] < 0.1 * history.train_loss.iloc[0]
    assert history.validation_accuracy.iloc[-1] > 0.95
    assert list(history.epoch) == [1, 2, 3, 4]


def test_fitted_loss_is_that_of_the_real_images_as_they_are(backbone, squares):
    """Not of the copies, not of the noisy images, not with dropout, not of the last batches."""
    description, before = backbone
    pool, _ = squares
    treatment = [CROP, {"family": "duplicate", "dose": 3}]
    result = run(backbone, squares, treatment)
    model = build_classifier(description, before, 3, 0)
    model.load_state_dict(result.state)
    real = assemble((), pool, None, 120, "study", 0)
    with torch.no_grad():
        shape = (description["mean"], description["std"], description["input_size"])
        logits = model.eval()(to_batch(real.images, *shape))
    expected = torch.nn.functional.cross_entropy(logits, torch.from_numpy(real.labels)).item()
    assert result.fitted_loss == pytest.approx(expected, rel=1e-4)
    assert run(backbone, squares, treatment, epochs=4).fitted_loss < result.fitted_loss


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_weight_decay_shrinks_the_weights_but_not_the_biases(backbone, squares, optimizer):
    """With a vast decay the matrices lose norm; parameters without decay stay close to the baseline's."""
    plain = run(backbone, squares, optimizer=optimizer)
    decayed = run(backbone, squares, [{"family": "weight_decay", "mode": "l2", "dose": 5.0}], optimizer=optimizer)
    norm = lambda result, name: result.state[name].norm().item()  # noqa: E731
    assert norm(decayed, "conv_stem.weight") < norm(plain, "conv_stem.weight")
    assert norm(decayed, "bn1.weight") > 0.7 * norm(plain, "bn1.weight")


def test_decoupled_decay_is_that_of_adamw(backbone, squares, monkeypatch):
    treatment = [{"family": "weight_decay", "mode": "decoupled", "dose": 0.3}]
    ours = run(backbone, squares, treatment)

    def adamw(model, settings, decay, decoupled):
        assert (decay, decoupled) == (0.3, True)
        decayed = [parameter for parameter in model.parameters() if parameter.ndim > 1]
        others = [parameter for parameter in model.parameters() if parameter.ndim <= 1]
        return torch.optim.AdamW(
            [{"params": decayed, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}],
            lr=settings.learning_rate,
            fused=True,
        )

    monkeypatch.setattr(module, "_optimizer", adamw)
    assert same(ours, run(backbone, squares, treatment))


def test_an_early_stop_that_anneals_is_a_run_of_fewer_epochs(backbone, squares):
    stopped = run(backbone, squares, [{"family": "early_stop", "dose": 0.5}])
    assert stopped.steps == 6
    assert same(stopped, run(backbone, squares, epochs=1))


def test_an_early_stop_that_cuts_walks_the_same_path_and_ends_earlier(backbone, squares):
    whole = run(backbone, squares)
    stopped = run(backbone, squares, [{"family": "early_stop", "schedule": "cut", "dose": 0.5}])
    assert (whole.steps, stopped.steps) == (12, 6)
    assert stopped.history.train_loss.iloc[0] == whole.history.train_loss.iloc[0]
    assert stopped.history.learning_rate.iloc[-1] == whole.history.learning_rate.iloc[0]


def test_every_condition_trains_for_the_same_number_of_steps(backbone, squares):
    assert run(backbone, squares, [{"family": "duplicate", "dose": 3}]).steps == run(backbone, squares).steps


def test_divergence_is_one_clear_error(backbone, squares):
    with pytest.raises(DivergedError, match=r"seed 0: the loss is .* at step \d+ of 12; lower training.learning_rate"):
        run(backbone, squares, optimizer="sgd", learning_rate=1e10)


def test_one_cycle_is_torchs_schedule():
    """Same rates as torch's OneCycleLR with its default shape, up to where each puts its end points."""
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    steps = 1000
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=steps)
    theirs = []
    for _ in range(steps):
        theirs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    ours = [one_cycle(step, steps, 0.1) for step in range(steps)]
    assert ours == pytest.approx(theirs, abs=0.1 * 0.01)
    assert max(ours) == pytest.approx(0.1)
