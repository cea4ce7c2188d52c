"""Families that change the network, its weights or what is trained: each acts, and does what its name says."""

import numpy as np
import pytest
import timm
import torch

from weightscape.backbone import build_classifier
from weightscape.backbone_source import BACKBONES
from weightscape.pretrained import load_backbone
from weightscape.streams import stream_seed
from weightscape.training import finetune as module
from weightscape.training.datasets import LabelledImages, assemble
from weightscape.training.dropout import add_drop_path, add_dropout
from weightscape.training.families.embedding_noise import EmbeddingNoise
from weightscape.training.families.head_dropout import HeadDropout
from weightscape.training.finetune import finetune
from weightscape.training.freezing import backbone_layers, freeze, train_mode
from weightscape.training.intervention import augment_batch, parse_treatment
from weightscape.training.settings import TrainingSettings
from weightscape.training_state import TrainingState

ADAM = {"optimizer": "adam", "learning_rate": 5e-3}


@pytest.fixture(scope="module")
def backbone(tmp_path_factory):
    """A small network with random weights, loaded from a file as a user's own would be."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("backbone") / "weights.pth"
    torch.save(timm.create_model("test_resnet", num_classes=0).state_dict(), path)
    source = {"name": "file", "architecture": "test_resnet", "path": str(path), "input_size": 32}
    model, description = load_backbone(BACKBONES.parse(source))
    return description, model.state_dict()


@pytest.fixture(scope="module")
def squares():
    """Three classes that differ in the channel that is bright."""
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, 80)
    images = random.integers(0, 60, (80, 32, 32, 3), dtype=np.uint8)
    images[np.arange(80), :, :, labels] += 120
    return LabelledImages(images[:60], labels[:60]), LabelledImages(images[60:], labels[60:])


@pytest.fixture(scope="module")
def run(backbone, squares):
    """Return a function that trains under a treatment, 6 steps of 20 images."""
    description, state = backbone
    pool, validation = squares

    def train(*treatment, training_state=None, **changes):
        settings = TrainingSettings(**({"images": 60, "epochs": 2, "batch_size": 20, **ADAM} | changes))
        parts = parse_treatment(treatment)
        training = assemble(parts, pool, None, 60, "study", 0)
        return finetune(
            parts, settings, description, state, training, validation, 3, "study", 0, training_state=training_state
        )

    return train


@pytest.fixture(scope="module")
def plain(run):
    return run()


def moved(result, before) -> set[str]:
    """Return the names of the tensors that differ from those of the backbone, without the classifier."""
    return {name for name, tensor in before.items() if not torch.equal(result.state[name], tensor)}


EVERY_FAMILY = [
    {"family": "dropout", "dose": 0.2},
    {"family": "head_dropout", "dose": 0.3},
    {"family": "drop_path", "dose": 0.5},
    {"family": "drop_path", "rates": "constant", "dose": 0.5},
    {"family": "embedding_noise", "dose": 0.5},
    {"family": "weight_decay", "mode": "l2", "dose": 0.1},
    {"family": "weight_decay", "mode": "decoupled", "dose": 0.1},
    {"family": "l2_sp", "mode": "l2", "dose": 0.1},
    {"family": "l2_sp", "mode": "decoupled", "dose": 0.1},
    {"family": "freeze", "dose": 0.5},
    {"family": "noise", "space": "normalised", "dose": 0.1},
    {"family": "mixup", "dose": 1.0},
    {"family": "cutmix", "dose": 1.0},
    {"family": "label_smoothing", "dose": 0.1},
]


@pytest.mark.parametrize("values", EVERY_FAMILY, ids=lambda values: "-".join(str(v) for v in values.values()))
def test_every_family_changes_the_weights_and_has_the_same_bytes_again(run, plain, values):
    first, again = run(values), run(values)
    assert all(torch.equal(tensor, again.state[name]) for name, tensor in first.state.items())
    assert list(first.state) == list(plain.state)
    assert any(not torch.equal(tensor, plain.state[name]) for name, tensor in first.state.items())
    assert (first.steps, len(first.history)) == (6, 2)
    assert np.isfinite(first.history.to_numpy(float)).all()


def test_mixed_images_are_counted_by_their_likeliest_class(run):
    """With the weights that separate the classes, training accuracy is high though every label is mixed."""
    assert run({"family": "label_smoothing", "dose": 0.5}, epochs=8).history.train_accuracy.iloc[-1] > 0.9


def test_an_interrupted_run_goes_on_with_the_same_bytes(run, monkeypatch, tmp_path):
    """Decay goes on towards the pre-trained weights, not towards those from which the run resumes."""
    parts = [
        {"family": "freeze", "dose": 0.3},
        {"family": "l2_sp", "mode": "decoupled", "dose": 5.0},
        {"family": "mixup", "dose": 1.0},
        {"family": "drop_path", "dose": 0.5},
        {"family": "embedding_noise", "dose": 0.5},
    ]
    whole = run(*parts)
    training_state = TrainingState(tmp_path / "state.safetensors", "this run")
    with monkeypatch.context() as patch:
        patch.setattr(module, "augment_batch", lambda *arguments: interrupt(4, *arguments))
        with pytest.raises(KeyboardInterrupt):
            run(*parts, training_state=training_state)
    assert training_state.path.exists()
    resumed = run(*parts, training_state=training_state)
    assert all(torch.equal(tensor, whole.state[name]) for name, tensor in resumed.state.items())


def interrupt(step, *arguments):
    """Augment a batch, unless it is that of a step, before which the run is interrupted."""
    if arguments[-1] == step:
        raise KeyboardInterrupt
    return augment_batch(*arguments)


# Decay towards the start


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_a_strong_pull_holds_the_weights_at_their_start_and_the_classifier_at_zero(run, backbone, optimizer):
    _, before = backbone
    free = run(optimizer=optimizer, learning_rate=0.01, epochs=6)
    strong = {"family": "l2_sp", "mode": "l2", "dose": 10.0}
    held = run(strong, optimizer=optimizer, learning_rate=0.01, epochs=6)
    matrices = [name for name, tensor in before.items() if tensor.ndim > 1]
    distance = lambda result: sum((result.state[name] - before[name]).norm() ** 2 for name in matrices)  # noqa: E731
    assert distance(held) < 0.5 * distance(free)
    assert held.state["fc.weight"].norm() < free.state["fc.weight"].norm()


@pytest.mark.parametrize("mode", ["l2", "decoupled"])
def test_l2_sp_is_weight_decay_of_the_distance_from_the_start(run, mode, backbone):
    """One step of plain gradient descent, by hand: w − η(g + λ(w − w⁰)), and w = w⁰ in the first step."""
    _, before = backbone
    only_one = {"epochs": 1, "images": 20, "optimizer": "sgd", "learning_rate": 0.01, "schedule": "constant"}
    free, held = run(**only_one), run({"family": "l2_sp", "mode": mode, "dose": 2.0}, **only_one)
    for name in before:
        assert torch.equal(free.state[name], held.state[name])
    head = build_classifier(*backbone, 3, stream_seed("study", 0, "head")).fc.weight.detach()
    nesterov = 1.9 if mode == "l2" else 1.0  # torch's momentum buffer starts with the gradient itself
    expected = free.state["fc.weight"] - 0.01 * nesterov * 2.0 * head
    assert torch.allclose(held.state["fc.weight"], expected, atol=1e-7)


def test_decoupled_decay_to_the_start_is_adamw_where_the_start_is_zero(run):
    """The new classifier starts with no weights to go back to: there it is weight decay."""
    only_one = {"epochs": 1, "images": 20}
    ours = run({"family": "l2_sp", "mode": "decoupled", "dose": 0.5}, **only_one).state["fc.weight"]
    theirs = run({"family": "weight_decay", "mode": "decoupled", "dose": 0.5}, **only_one).state["fc.weight"]
    assert torch.allclose(ours, theirs, atol=1e-7)


# Frozen layers


def test_frozen_layers_stay_as_they_are_and_the_others_move(run, backbone):
    _, before = backbone
    model = build_classifier(*backbone, 3, 0)
    layers = backbone_layers(model)
    half = round(0.5 * len(layers))
    result = run({"family": "freeze", "dose": 0.5}, {"family": "weight_decay", "mode": "decoupled", "dose": 0.5})
    changed = moved(result, before)
    assert [name for name in layers if name in changed] == layers[half:]
    names = list(before)
    first = names.index(layers[half])
    assert not {name for name in changed if names.index(name) < first}  # batch norms' gains and statistics too


@pytest.mark.parametrize(("train", "trained"), [("head", 0), ("last_1", 1), ("last_3", 3)])
def test_a_study_trains_the_layers_that_its_settings_name(run, backbone, train, trained):
    description, before = backbone
    layers = backbone_layers(build_classifier(description, before, 3, 0))
    assert [name for name in layers if name in moved(run(train=train), before)] == layers[len(layers) - trained :]


def test_training_all_layers_is_the_default(run, plain):
    assert all(torch.equal(tensor, plain.state[name]) for name, tensor in run(train="all").state.items())


def test_more_layers_than_there_are_is_an_error(run):
    with pytest.raises(ValueError, match=r"training.train = 'last_99': the network has \d+ layers beside the classifi"):
        run(train="last_99")


@pytest.mark.parametrize("architecture", ["tf_efficientnet_lite0", "test_vit", "test_convnext", "test_resnet"])
def test_all_that_is_defined_before_the_first_trained_layer_is_frozen(architecture):
    model = timm.create_model(architecture, num_classes=5)
    layers = backbone_layers(model)
    freeze(model, 3)
    frozen = [name for name, parameter in model.named_parameters() if not parameter.requires_grad]
    names = [name for name, _ in model.named_parameters()]
    assert frozen == names[: names.index(layers[3])]
    freeze(model, len(layers))
    trained = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    assert trained == [f"{model.pretrained_cfg['classifier']}.{part}" for part in ("weight", "bias")]
    train_mode(model)
    norms = [part for part in model.modules() if isinstance(part, torch.nn.BatchNorm2d)]
    assert model.training
    assert not any(norm.training for norm in norms)
    with pytest.raises(ValueError, match=f"{len(layers) + 1} layers to freeze, but .* has {len(layers)}"):
        freeze(model, len(layers) + 1)


def test_without_frozen_layers_all_batch_norms_train():
    model = timm.create_model("test_resnet", num_classes=5)
    freeze(model, 0)
    train_mode(model)
    assert all(part.training for part in model.modules())


# Dropout of paths and before the classifier


@pytest.mark.parametrize("architecture", ["tf_efficientnet_lite0", "test_vit", "test_resnet", "test_convnext"])
def test_linear_rates_are_those_of_timm(architecture):
    ours = timm.create_model(architecture, num_classes=5)
    add_drop_path(ours, 0.4, constant=False)
    rates = [part.drop_prob for part in ours.modules() if isinstance(part, timm.layers.DropPath)]
    theirs = timm.create_model(architecture, num_classes=5, drop_path_rate=0.4)
    expected = [part.drop_prob for part in theirs.modules() if isinstance(part, timm.layers.DropPath)]
    if architecture == "tf_efficientnet_lite0":  # timm's last block of EfficientNet stays one step below the rate
        expected = [rate * 16 / 15 for rate in expected]
    assert rates == pytest.approx([rate for rate in expected if rate > 0])
    assert max(rates) == pytest.approx(0.4)


def test_constant_rates_are_the_same_everywhere_and_drop_whole_branches():
    model = timm.create_model("test_resnet", num_classes=5)
    check = add_drop_path(model, 1 - 1e-7, constant=True)
    assert {part.drop_prob for part in model.modules() if isinstance(part, timm.layers.DropPath)} == {1 - 1e-7}
    model.train()(torch.randn(2, 3, 32, 32))
    check()
    block = next(part for part in model.modules() if getattr(part, "drop_path", None) and part.downsample is None)
    block.train()
    x = torch.randn(4, block.conv1.in_channels, 8, 8)
    assert torch.equal(block(x), x.relu())  # only the skip is left


def test_stochastic_depth_that_the_network_never_calls_is_an_error():
    check = add_drop_path(timm.create_model("test_resnet", num_classes=5), 0.5, constant=True)
    with pytest.raises(ValueError, match="ResNet never calls the stochastic depth in its residual branches"):
        check()


@pytest.mark.parametrize("order", [(add_dropout, add_drop_path), (add_drop_path, add_dropout)])
def test_dropout_and_stochastic_depth_both_act_in_either_order(order):
    model = timm.create_model("test_resnet", num_classes=5)
    checks = [add(model, 0.5, **({"constant": True} if add is add_drop_path else {})) for add in order]
    model.train()(torch.randn(2, 3, 32, 32))
    for check in checks:
        check()


def features_of(part, images):
    """Return what the classifier of a network gets in training and in evaluation under an intervention."""
    torch.manual_seed(0)
    model = timm.create_model("test_vit", num_classes=5)
    clean = model.eval().forward_head(model.forward_features(images), pre_logits=True)
    part.modify(model)
    seen = []
    model.get_classifier().register_forward_hook(lambda _, inputs, __: seen.append(inputs[0]))
    model.train()(images)
    model.eval()(images)
    assert torch.allclose(seen[1], clean, atol=1e-6)
    return clean, seen[0]


def test_head_dropout_drops_features_before_the_classifier_and_nothing_else():
    clean, dropped = features_of(HeadDropout(family="head_dropout", dose=0.5), torch.randn(64, 3, 160, 160))
    kept = dropped != 0
    assert kept.double().mean().item() == pytest.approx(0.5, abs=0.05)
    assert torch.allclose(dropped[kept], 2 * clean[kept], atol=1e-5)


def test_embedding_noise_is_in_units_of_the_features_spread():
    clean, noisy = features_of(EmbeddingNoise(family="embedding_noise", dose=0.3), torch.randn(64, 3, 160, 160))
    assert (noisy - clean).std().item() == pytest.approx(0.3 * clean.std().item(), rel=0.05)
