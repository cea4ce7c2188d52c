"""timm's weights from the hub: from what was downloaded before, and one clear line where there is no network."""

import socket
import ssl
import urllib.request
from urllib.error import HTTPError, URLError

import huggingface_hub.constants
import pytest
import timm
import torch
from huggingface_hub import errors
from safetensors.torch import save_file

from weightscape import hub
from weightscape.backbone_source import BACKBONES
from weightscape.pretrained import load_backbone

TEST_VIT = {"name": "timm", "architecture": "test_vit.r160_in1k"}


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache of the hub, and no network."""

    def no_network(*_, **__):
        raise URLError(socket.gaierror("Name or service not known"))

    monkeypatch.setattr(urllib.request, "urlopen", no_network)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("cache")
def test_without_a_network_the_error_is_one_line_at_once_that_says_how_to_bring_the_weights():
    with pytest.raises(ValueError, match=r"^backbone timm: no weights of test_vit.r160_in1k: the hub") as error:
        load_backbone(BACKBONES.parse(TEST_VIT))
    message = str(error.value)
    assert "\n" not in message
    saves = "timm.create_model('test_vit.r160_in1k', pretrained=True, num_classes=0).state_dict(), 'weights.pt')"
    assert f"torch.save({saves}" in message
    assert "backbone: {name: file, architecture: test_vit.r160_in1k, path: weights.pt}" in message
    assert isinstance(error.value.__cause__, errors.LocalEntryNotFoundError)


def test_what_was_downloaded_before_is_loaded_without_a_network(cache):
    torch.manual_seed(0)
    trained = timm.create_model("test_vit.r160_in1k")
    repository = cache / "models--timm--test_vit.r160_in1k"
    commit = "0" * 40
    (repository / "refs").mkdir(parents=True)
    (repository / "refs/main").write_text(commit)
    (repository / "snapshots" / commit).mkdir(parents=True)
    save_file(trained.state_dict(), repository / "snapshots" / commit / "model.safetensors")
    model, _ = load_backbone(BACKBONES.parse(TEST_VIT))
    assert torch.equal(model.blocks[0].attn.qkv.weight, trained.blocks[0].attn.qkv.weight)


@pytest.mark.parametrize(
    ("answer", "online"),
    [
        (None, True),
        (HTTPError("https://hub", 404, "not found", None, None), True),
        (URLError(ssl.SSLError("self-signed")), True),
        (URLError(socket.gaierror("no name")), False),
        (TimeoutError(), False),
    ],
    ids=["answers", "answers with an error", "other certificates", "no name", "no answer"],
)
def test_the_hub_is_asked_once(monkeypatch, answer, online):
    asked = []

    class Response:
        def close(self):
            pass

    def urlopen(request, timeout):
        asked.append((request.get_method(), timeout))
        if answer:
            raise answer
        return Response()

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    assert hub.use_cache_without_network() is online
    assert huggingface_hub.constants.HF_HUB_OFFLINE is not online
    assert asked == [("HEAD", hub.TIMEOUT)]


def test_nothing_is_asked_where_the_user_says_there_is_no_network(monkeypatch):
    monkeypatch.setattr(urllib.request, "urlopen", None)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    assert hub.use_cache_without_network() is False
