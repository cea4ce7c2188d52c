"""The image towers of CLIP as OpenAI's code builds them, and small towers of the same classes of timm.

After https://github.com/openai/CLIP, ``clip/model.py``: the names of the tensors are those of its files.
"""

from dataclasses import replace
from functools import partial

import torch
from timm.layers import LayerNorm
from timm.models import byobnet
from timm.models._builder import build_model_with_cfg
from timm.models._registry import generate_default_cfgs, register_model
from timm.models.vision_transformer import _create_vision_transformer
from torch import nn
from torch.nn import functional

MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)

default_cfgs = generate_default_cfgs(
    {
        "tiny_clip_vit.openai": {
            "input_size": (3, 32, 32), "num_classes": 16, "fixed_input_size": True, "mean": MEAN, "std": STD,
            "first_conv": "patch_embed.proj", "classifier": "head",
        },
        "tiny_clip_resnet.openai": {
            "input_size": (3, 64, 64), "num_classes": 16, "fixed_input_size": True, "pool_size": (2, 2),
            "mean": MEAN, "std": STD, "first_conv": "stem.conv1.conv", "classifier": "head.proj",
        },
    }
)  # fmt: skip


@register_model
def tiny_clip_vit(pretrained=False, **kwargs):
    """timm's model ``vit_base_patch32_clip_quickgelu_224``, smaller."""
    small = {"patch_size": 8, "embed_dim": 32, "depth": 2, "num_heads": 2, "pre_norm": True}
    small |= {"norm_layer": partial(LayerNorm, eps=1e-5), "act_layer": "quick_gelu"}
    return _create_vision_transformer("tiny_clip_vit", pretrained=pretrained, **(small | kwargs))


@register_model
def tiny_clip_resnet(pretrained=False, **kwargs):
    """timm's model ``resnet50_clip``, smaller."""
    large = byobnet.model_cfgs["resnet50_clip"]
    blocks = [replace(block, d=2 if index == 0 else 1, c=block.c // 8) for index, block in enumerate(large.blocks)]
    small = replace(large, blocks=tuple(blocks), stem_chs=(4, 4, 8))
    return build_model_with_cfg(
        byobnet.ByobNet, "tiny_clip_resnet", pretrained, model_cfg=small,
        pretrained_filter_fn=byobnet.checkpoint_filter_fn, **kwargs,
    )  # fmt: skip


class QuickGELU(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.attn = nn.MultiheadAttention(width, heads)
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mlp = nn.Sequential()
        self.mlp.add_module("c_fc", nn.Linear(width, 4 * width))
        self.mlp.add_module("gelu", QuickGELU())
        self.mlp.add_module("c_proj", nn.Linear(4 * width, width))

    def forward(self, x):
        normed = self.ln_1(x)
        x = x + self.attn(normed, normed, normed, need_weights=False)[0]
        return x + self.mlp(self.ln_2(x))


class VisionTransformer(nn.Module):
    """The tower of ViT-B/32; `features` are what is projected into the space of images and texts."""

    def __init__(self, side, patch, width, depth, heads, outputs):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, patch, patch, bias=False)
        self.class_embedding = nn.Parameter(torch.randn(width))
        self.positional_embedding = nn.Parameter(torch.randn((side // patch) ** 2 + 1, width))
        self.ln_pre, self.ln_post = nn.LayerNorm(width), nn.LayerNorm(width)
        self.transformer = nn.Module()
        self.transformer.resblocks = nn.Sequential(*(Block(width, heads) for _ in range(depth)))
        self.proj = nn.Parameter(torch.randn(width, outputs))

    def features(self, x):
        x = self.conv1(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_embedding.expand(len(x), 1, -1), x], dim=1) + self.positional_embedding
        x = self.transformer.resblocks(self.ln_pre(x).transpose(0, 1)).transpose(0, 1)
        return self.ln_post(x[:, 0])

    def forward(self, x):
        return self.features(x) @ self.proj


class Bottleneck(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = nn.Conv2d(width, 4 * width, 1, bias=False), nn.BatchNorm2d(4 * width)
        self.avgpool = nn.AvgPool2d(stride)
        self.downsample = None
        if stride > 1 or inputs != 4 * width:
            self.downsample = nn.Sequential()
            self.downsample.add_module("-1", nn.AvgPool2d(stride))
            self.downsample.add_module("0", nn.Conv2d(inputs, 4 * width, 1, bias=False))
            self.downsample.add_module("1", nn.BatchNorm2d(4 * width))

    def forward(self, x):
        out = functional.relu(self.bn1(self.conv1(x)))
        out = self.avgpool(functional.relu(self.bn2(self.conv2(out))))
        out = self.bn3(self.conv3(out))
        return functional.relu(out + (x if self.downsample is None else self.downsample(x)))


class AttentionPool(nn.Module):
    def __init__(self, side, width, heads, outputs):
        super().__init__()
        self.positional_embedding = nn.Parameter(torch.randn(side**2 + 1, width) / width**0.5)
        self.k_proj, self.q_proj, self.v_proj = (nn.Linear(width, width) for _ in range(3))
        self.c_proj = nn.Linear(width, outputs)
        self.heads = heads

    def features(self, x):
        x = x.flatten(2).permute(2, 0, 1)
        x = torch.cat([x.mean(0, keepdim=True), x]) + self.positional_embedding[:, None]
        q, k, v = self.q_proj(x[:1]), self.k_proj(x), self.v_proj(x)
        q, k, v = (y.unflatten(2, (self.heads, -1)).permute(1, 2, 0, 3) for y in (q, k, v))
        weights = (q @ k.transpose(2, 3) / k.shape[3] ** 0.5).softmax(3)
        return (weights @ v).permute(0, 2, 1, 3).flatten(2)[:, 0]


class ModifiedResNet(nn.Module):
    """The tower of RN50; `features` are what is projected into the space of images and texts."""

    def __init__(self, layers, side, width, heads, outputs):
        super().__init__()
        half = width // 2
        for index, (inputs, channels, stride) in enumerate([(3, half, 2), (half, half, 1), (half, width, 1)], start=1):
            self.add_module(f"conv{index}", nn.Conv2d(inputs, channels, 3, stride, padding=1, bias=False))
            self.add_module(f"bn{index}", nn.BatchNorm2d(channels))
        inputs = width
        for stage, depth in enumerate(layers):
            blocks = []
            for index in range(depth):
                blocks.append(Bottleneck(inputs, width * 2**stage, 2 if stage and not index else 1))
                inputs = 4 * width * 2**stage
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))
        self.attnpool = AttentionPool(side // 32, inputs, heads, outputs)

    def features(self, x):
        for index in (1, 2, 3):
            x = functional.relu(getattr(self, f"bn{index}")(getattr(self, f"conv{index}")(x)))
        x = functional.avg_pool2d(x, 2)
        for stage in (1, 2, 3, 4):
            x = getattr(self, f"layer{stage}")(x)
        return self.attnpool.features(x)

    def forward(self, x):
        return self.attnpool.c_proj(self.features(x))


class CLIP(nn.Module):
    """A tower as a part of CLIP, beside what belongs to texts."""

    def __init__(self, visual):
        super().__init__()
        self.visual = visual
        self.text_projection = nn.Parameter(torch.randn(8, 8))
        self.token_embedding = nn.Embedding(5, 8)
        self.logit_scale = nn.Parameter(torch.ones([]))

    def forward(self, image):
        return self.visual(image)
