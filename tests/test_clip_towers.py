"""CLIP's image towers: files of OpenAI and of open_clip, and timm's own, give the features of the original network."""

import clip_towers
import pytest
import timm
import torch
from torch import nn

from weightscape.backbone_source import BACKBONES
from weightscape.pretrained import load_backbone
from weightscape.spectra.study import start_rows

TOWERS = {
    "tiny_clip_vit.openai": lambda: clip_towers.VisionTransformer(32, 8, 32, 2, 2, 16),
    "tiny_clip_resnet.openai": lambda: clip_towers.ModifiedResNet((2, 1, 1, 1), 64, 8, 4, 16),
    "vit_base_patch32_clip_quickgelu_224.openai": lambda: clip_towers.VisionTransformer(224, 32, 768, 12, 12, 512),
    "resnet50_clip.openai": lambda: clip_towers.ModifiedResNet((3, 4, 6, 3), 224, 64, 32, 1024),
}
pytestmark = [
    pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning"),
    pytest.mark.filterwarnings("ignore:.torch.jit:FutureWarning"),
]
ARCHITECTURES = [pytest.param(name, marks=[] if "tiny" in name else pytest.mark.slow) for name in TOWERS]


def clip(architecture: str) -> clip_towers.CLIP:
    """Return a tower with random weights, every kind of tensor of which matters."""
    torch.manual_seed(0)
    model = clip_towers.CLIP(TOWERS[architecture]()).eval()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.1, 0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
        if isinstance(module, nn.BatchNorm2d | nn.LayerNorm):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.1, 0.1)
    return model


def features_from(path, architecture, images):
    model, description = load_backbone(
        BACKBONES.parse({"name": "file", "architecture": architecture, "path": str(path)})
    )
    assert (tuple(description.mean), tuple(description.std)) == (clip_towers.MEAN, clip_towers.STD)
    with torch.inference_mode():
        return model(images)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("kind", ["TorchScript", "state dict", "open_clip", "timm"])
def test_a_file_of_clip_gives_the_features_of_its_network(tmp_path, architecture, kind):
    model = clip(architecture)
    side = timm.create_model(architecture).pretrained_cfg["input_size"][-1]
    images = torch.randn(2, 3, side, side)
    path = tmp_path / "weights.pt"
    if kind == "TorchScript":  # as OpenAI's files are
        torch.jit.trace(model, images).save(path)
    elif kind == "state dict":
        torch.save(model.state_dict(), path)
    elif kind == "open_clip":  # as its training code writes them
        torch.save({"epoch": 1, "state_dict": {f"module.{k}": v for k, v in model.state_dict().items()}}, path)
    else:
        torch.save(model.state_dict(), path)
        source = {"name": "file", "architecture": architecture, "path": str(path)}
        torch.save(load_backbone(BACKBONES.parse(source))[0].state_dict(), path)
    with torch.inference_mode():
        expected = model.visual.features(images)
    features = features_from(path, architecture, images)
    torch.testing.assert_close(features, expected, rtol=1e-3, atol=1e-3 * expected.std().item())


def test_half_precision_is_read(tmp_path):
    """OpenAI's files hold 16-bit floats."""
    model = clip("tiny_clip_vit.openai")
    images = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        expected = model.visual.features(images)
    torch.jit.trace(model, images).half().save(tmp_path / "weights.pt")
    features = features_from(tmp_path / "weights.pt", "tiny_clip_vit.openai", images)
    torch.testing.assert_close(features, expected, rtol=0.05, atol=0.02)


@pytest.mark.parametrize("architecture", ["tiny_clip_vit.openai", "tiny_clip_resnet.openai"])
def test_q_k_and_v_have_rows_of_their_own(tmp_path, architecture):
    model = clip(architecture)
    torch.save(model.state_dict(), tmp_path / "weights.pt")
    source = {"name": "file", "architecture": architecture, "path": str(tmp_path / "weights.pt")}
    network, description = load_backbone(BACKBONES.parse(source))
    table = start_rows(
        {name: tensor.numpy() for name, tensor in network.state_dict().items()},
        description.layers, metrics=("norms",),
    )  # fmt: skip
    frobenius = table.set_index("layer")["log_norm"]
    if architecture == "tiny_clip_vit.openai":
        q, k, v = model.visual.transformer.resblocks[1].attn.in_proj_weight.chunk(3)
        rows = {f"blocks.1.attn.qkv.{part}": weight for part, weight in zip("qkv", (q, k, v), strict=True)}
    else:
        pool = model.visual.attnpool
        rows = {f"head.{part}": getattr(pool, f"{part}_proj").weight for part in "qkv"}
    for layer, weight in rows.items():
        assert frobenius[layer] == pytest.approx(weight.detach().double().square().sum().log10().item(), abs=1e-6)
