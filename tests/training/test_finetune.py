"""Fine-tuning: reproducible, paired, honest about divergence."""

import copy

import numpy as np
import pandas as pd
import pytest
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from weightscape.backbone import build_classifier, load_finetuned
from weightscape.backbone_source import BACKBONES
from weightscape.images import to_batch
from weightscape.pretrained import load_backbone
from weightscape.training import finetune as module
from weightscape.training.datasets import LabelledImages, assemble
from weightscape.training.finetune import DivergedError, Observer, finetune
from weightscape.training.intervention import parse_treatment
from weightscape.training.optimizers import PEAK, build_optimizer
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


def run(backbone, squares, treatment=(), seed=0, training_state=None, replicate=1, observer=None, **changes):
    description, state = backbone
    pool, validation = squares
    values = {"images": 120, "epochs": 2, "batch_size": 20, "optimizer": "adam", "learning_rate": 5e-3}
    settings = TrainingSettings.model_construct(**(values | changes))  # unchecked: rates of 1e10 diverge
    treatment = parse_treatment(treatment)
    training = assemble(treatment, pool, None, settings.images, "study", seed)
    return finetune(
        treatment, settings, description, state, training, validation, 3, "study", seed,
        training_state=training_state, replicate=replicate, observer=observer,
    )  # fmt: skip


def same(first, second) -> bool:
    return all(torch.equal(first.state[name], second.state[name]) for name in first.state)


def test_dropout_acts_in_a_network_without_residual_branches(backbone, squares):
    """This small network has no block with a skip, so dropout in its branches would change nothing."""
    dropped = run(backbone, squares, [DROPOUT])
    assert not same(dropped, run(backbone, squares))
    assert same(dropped, run(backbone, squares, [DROPOUT]))


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


def sizes(weights):
    """Return the norms of all arrays of a network."""
    return np.array([[np.linalg.norm(value.astype(float))] for value in weights.values()])


def test_an_observer_sees_the_start_and_the_end_and_changes_nothing(backbone, squares):
    """The start is the backbone, the end what is saved: the moving average where there is one."""
    for options in ({}, {"ema": 0.9}):
        seen = run(backbone, squares, observer=Observer(5, sizes), **options)
        assert [point[:2] for point in seen.points] == [(0, 0), (2, 12)]
        names = [name for name in seen.state if name in backbone[1]]
        first = sizes({name: backbone[1][name].numpy() for name in names})
        np.testing.assert_array_equal(seen.points[0][2][: len(first)], first)
        np.testing.assert_array_equal(seen.points[1][2], sizes({n: t.numpy() for n, t in seen.state.items()}))
        assert same(seen, run(backbone, squares, **options))


EVERY_OPTION = {
    "optimizer": "adamw",
    "weight_decay": 0.1,
    "head_learning_rate": 0.01,
    "schedule": "cosine",
    "warmup": 0.2,
    "micro_batches": 2,
    "clip_norm": 0.5,
    "ema": 0.8,
}


@pytest.mark.parametrize(
    ("options", "interrupted_at"),
    [({}, 4), ({}, 6), ({}, 17), ({"optimizer": "sgd"}, 13), (EVERY_OPTION, 7), (EVERY_OPTION, 17)],
)
def test_an_interrupted_run_goes_on_after_its_last_epoch_with_the_same_bytes(
    tmp_path, squares, monkeypatch, options, interrupted_at
):
    backbone = small_backbone("test_resnet", tmp_path)
    arguments = (backbone, squares, [DROPOUT, CROP])
    options = {**options, "observer": Observer(2, sizes)}
    whole = run(*arguments, epochs=3, **options)
    training_state = TrainingState(tmp_path / "state.safetensors", "this run")
    with monkeypatch.context() as patch:
        count_steps(patch, interrupted_at)
        with pytest.raises(KeyboardInterrupt):
            run(*arguments, training_state=training_state, epochs=3, **options)
    steps = count_steps(monkeypatch)
    resumed = run(*arguments, training_state=training_state, epochs=3, **options)
    assert steps == list(range(interrupted_at // 6 * 6, 18))
    assert same(resumed, whole)
    assert resumed.fitted_loss == whole.fitted_loss
    pd.testing.assert_frame_equal(resumed.history, whole.history, check_exact=True)
    assert [point[:2] for point in resumed.points] == [(0, 0), (2, 12), (3, 18)]
    for ours, theirs in zip(resumed.points, whole.points, strict=True):
        np.testing.assert_array_equal(ours[2], theirs[2])


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
        logits = model.eval()(to_batch(real.images, *description.normalisation))
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

    def adamw(model, settings, decay):
        assert decay == (0.3, True)
        decayed = [parameter for parameter in model.parameters() if parameter.ndim > 1]
        others = [parameter for parameter in model.parameters() if parameter.ndim <= 1]
        return torch.optim.AdamW(
            [
                {"params": decayed, "weight_decay": 0.3, PEAK: settings.learning_rate},
                {"params": others, "weight_decay": 0.0, PEAK: settings.learning_rate},
            ],
            fused=True,
        )

    monkeypatch.setattr(module, "build_optimizer", adamw)
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


def test_steps_in_place_of_epochs_are_the_same_training(backbone, squares):
    assert same(run(backbone, squares, epochs=2), run(backbone, squares, epochs=None, steps=12))
    assert list(run(backbone, squares, epochs=None, steps=8).history.epoch) == [1, 2]


@pytest.mark.parametrize(("equal", "steps", "epochs"), [("steps", 12, 2), ("passes", 24, 2)])
def test_more_images_are_more_steps_where_passes_are_equal(backbone, squares, equal, steps, epochs):
    doubled = run(backbone, squares, [{"family": "duplicate", "dose": 2}], equal=equal)
    assert (doubled.steps, len(doubled.history)) == (steps, epochs)
    assert run(backbone, squares, equal=equal).steps == 12
    stopped = [{"family": "duplicate", "dose": 2}, {"family": "early_stop", "dose": 0.5}]
    assert run(backbone, squares, stopped, equal=equal).steps == steps / 2


def gradients(backbone, squares, monkeypatch, **changes):
    """Train without batch norm and return the gradients of each step."""
    seen = []

    def noting(model, settings, decay):
        optimizer = build_optimizer(model, settings, decay)
        optimizer.register_step_pre_hook(lambda *_: seen.append([p.grad.clone() for p in model.parameters()]))
        return optimizer

    with monkeypatch.context() as patch:
        patch.setattr(module, "build_optimizer", noting)
        return run(backbone, squares, **changes), seen


@pytest.fixture(scope="module")
def without_batch_norm(tmp_path_factory):
    return small_backbone("test_convnext", tmp_path_factory.mktemp("convnext"))


def test_gradients_of_micro_batches_add_up_to_that_of_the_batch(without_batch_norm, squares, monkeypatch):
    whole, of_batches = gradients(without_batch_norm, squares, monkeypatch, optimizer="sgd")
    parts, of_parts = gradients(without_batch_norm, squares, monkeypatch, optimizer="sgd", micro_batches=5)
    assert len(of_parts) == len(of_batches) == 12
    for ours, theirs in zip(of_parts[0], of_batches[0], strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)
    assert parts.history.train_loss.tolist() == pytest.approx(whole.history.train_loss.tolist(), rel=1e-3)
    assert parts.history.train_accuracy.tolist() == pytest.approx(whole.history.train_accuracy.tolist(), abs=0.03)


def test_a_gradient_is_shortened_to_the_given_norm_and_keeps_its_direction(without_batch_norm, squares, monkeypatch):
    _, long = gradients(without_batch_norm, squares, monkeypatch)
    norm = lambda step: torch.cat([gradient.flatten() for gradient in step]).norm().item()  # noqa: E731
    limit = norm(long[0]) / 3
    _, short = gradients(without_batch_norm, squares, monkeypatch, clip_norm=limit)
    for ours, theirs in zip(short[0], long[0], strict=True):
        torch.testing.assert_close(3 * ours, theirs, rtol=1e-4, atol=1e-7)
    assert max(map(norm, short)) <= limit * (1 + 1e-4)


def test_what_is_saved_and_evaluated_is_the_moving_average_that_torch_computes(backbone, squares, monkeypatch):
    oracle = []

    def noting(model, settings, decay):
        optimizer = build_optimizer(model, settings, decay)
        update = get_ema_multi_avg_fn(0.7)
        oracle.append(AveragedModel(copy.deepcopy(model), multi_avg_fn=update, use_buffers=True))
        oracle[0].update_parameters(model)  # the first update copies the network before training
        optimizer.register_step_post_hook(lambda *_: oracle[0].update_parameters(model))
        return optimizer

    monkeypatch.setattr(module, "build_optimizer", noting)
    averaged = run(backbone, squares, ema=0.7)
    for name, value in oracle[0].module.named_parameters():
        torch.testing.assert_close(averaged.state[name], value.detach(), rtol=1e-5, atol=1e-6)
    for name, value in oracle[0].module.named_buffers():
        if value.is_floating_point():  # torch averages the count of batches too
            torch.testing.assert_close(averaged.state[name], value, rtol=1e-5, atol=1e-6)
    monkeypatch.undo()
    plain = run(backbone, squares)
    assert not same(averaged, plain)
    assert averaged.history.train_loss.tolist() == plain.history.train_loss.tolist()
    assert averaged.history.validation_loss.iloc[-1] != plain.history.validation_loss.iloc[-1]
    description, _ = backbone
    model = load_finetuned(description, averaged.state, 3)
    validation = squares[1]
    with torch.no_grad():
        logits = model(to_batch(validation.images, *description.normalisation))
    expected = torch.nn.functional.cross_entropy(logits, torch.from_numpy(validation.labels)).item()
    assert averaged.history.validation_loss.iloc[-1] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    "option",
    [
        {"optimizer": "sgd"}, {"weight_decay": 0.3}, {"head_learning_rate": 0.05}, {"schedule": "constant"},
        {"schedule": "cosine"}, {"schedule": "step"}, {"schedule": "cosine", "warmup": 0.3}, {"clip_norm": 0.01},
        {"micro_batches": 2}, {"schedule": "step", "milestones": [0.1]},
    ],
)  # fmt: skip
def test_every_option_has_an_effect(backbone, squares, option):
    without = {**option}
    without.popitem()
    assert not same(run(backbone, squares, **option), run(backbone, squares, **without))


def test_bfloat16_computes_in_bfloat16_and_keeps_weights_and_evaluation_in_float32(without_batch_norm, squares):
    description, _ = without_batch_norm
    low = run(without_batch_norm, squares, precision="bfloat16")
    assert same(low, run(without_batch_norm, squares, precision="bfloat16"))
    assert {tensor.dtype for tensor in low.state.values()} == {torch.float32}
    high = run(without_batch_norm, squares)
    assert not same(low, high)
    assert low.history.train_loss.tolist() == pytest.approx(high.history.train_loss.tolist(), rel=0.05)
    _, validation = squares
    with torch.no_grad():
        logits = load_finetuned(description, low.state, 3)(to_batch(validation.images, *description.normalisation))
    loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(validation.labels)).item()
    assert low.history.validation_loss.iloc[-1] == pytest.approx(loss, rel=1e-4)


def test_a_compiled_network_trains_to_the_same_weights_up_to_rounding(tmp_path, squares, monkeypatch):
    """Traced as `torch.compile` does, without the compiler: the whole network is one graph, dropout included."""
    torch.compiler.reset()
    backbone = small_backbone("test_resnet", tmp_path)
    compile_ = torch.compile
    graphs = []

    def backend(graph, _):
        graphs.append(graph)
        return graph.forward

    monkeypatch.setattr(torch, "compile", lambda model: compile_(model, backend=backend))
    options = {"clip_norm": 1.0, "micro_batches": 2}
    compiled = run(backbone, squares, [DROPOUT, CROP], compile=True, **options)
    assert len(graphs) == 1
    monkeypatch.undo()
    plain = run(backbone, squares, [DROPOUT, CROP], **options)
    assert compiled.history.train_loss.tolist() == pytest.approx(plain.history.train_loss.tolist(), rel=1e-3)


@pytest.mark.slow
def test_a_network_compiled_to_machine_code_resumes_with_the_same_bytes(tmp_path, squares, monkeypatch):
    torch.compiler.reset()
    backbone = small_backbone("test_resnet", tmp_path)
    arguments, options = (backbone, squares, [DROPOUT, CROP]), {"compile": True, "precision": "bfloat16"}
    whole = run(*arguments, **options)
    training_state = TrainingState(tmp_path / "state.safetensors", "this run")
    with monkeypatch.context() as patch:
        count_steps(patch, 8)
        with pytest.raises(KeyboardInterrupt):
            run(*arguments, training_state=training_state, **options)
    torch.compiler.reset()
    assert same(run(*arguments, training_state=training_state, **options), whole)
    assert not same(run(*arguments), whole)
