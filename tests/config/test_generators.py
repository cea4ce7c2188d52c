"""Generators and the pools that conditions ask of them, checked before any job."""

import copy
import re

import pytest
import yaml

from weightscape.config.load import load_study
from weightscape.config.messages import ConfigError
from weightscape.generator.pool import Pool

TEXT = {"kind": "text2image", "model": "owner/name", "prompts": ["a {class_name}", "the {class_name}"], "images": 64}
IMAGES = {"kind": "img2img", "model": "owner/name", "prompts": ["a {class_name}"], "images": 800}
FAR = {**TEXT, "class_names": ["castle", "bicycle"]}


@pytest.fixture
def config(project) -> dict:
    return yaml.safe_load((project / "config/smoke.yaml").read_text())


def with_series(config: dict, generators: dict | None = None, **series) -> dict:
    """Return the study with one more series, `mine`, and more generators."""
    changed = copy.deepcopy(config)
    changed["generators"] = {"text": TEXT, "variants": IMAGES, "far": FAR} if generators is None else generators
    changed["conditions"]["mine"] = {"family": "synthetic", "mode": "add", "doses": [0.5], **series}
    return changed


def refused(config: dict) -> str:
    with pytest.raises(ConfigError) as error:
        load_study(config, "mine.yaml")
    return str(error.value).removeprefix("mine.yaml: ")


def test_each_distinct_setting_of_a_generator_has_its_pool(config):
    changed = with_series(config, vary="guidance_scale", ratio=0.5, doses=[1.5, 3.0])
    changed["conditions"]["more"] = {
        "family": "synthetic", "mode": "add", "generator": "text", "vary": "prompts", "ratio": 0.5,
        "guidance_scale": 2.0, "doses": [1, 2],
    }  # fmt: skip
    changed["conditions"]["varied"] = {
        "family": "synthetic", "mode": "replace", "generator": "variants", "vary": "strength", "ratio": 0.5,
        "guidance_scale": 2.0, "doses": [0.3],
    }  # fmt: skip
    changed["conditions"]["useless"] = {
        "family": "irrelevant", "mode": "add", "generator": "far", "guidance_scale": 2.0, "doses": [0.5],
    }  # fmt: skip
    study = load_study(changed, "mine.yaml")
    assert list(study.pools) == [
        "guidance-1.5", "guidance-3", "far-guidance-2", "text-guidance-2-prompts-1", "text-guidance-2-prompts-2",
        "variants-guidance-2-strength-0.3",
    ]  # fmt: skip
    assert study.pools["variants-guidance-2-strength-0.3"] == Pool("variants", guidance_scale=2.0, strength=0.3)
    assert study.foreign_pools == ["far-guidance-2"]
    assert study.trains_generator
    labels = {condition.name: condition.described()["dose_label"] for condition in study.conditions}
    assert labels["mine-3"] == "guidance scale"
    assert labels["synthetic-0.5"] == "synthetic images per real image"


def test_a_pool_is_drawn_in_parts_of_whole_batches(config):
    changed = with_series(config, {"text": {**TEXT, "images": 50, "images_per_job": 24}}, generator="text")
    changed["conditions"]["mine"] |= {"guidance_scale": 2.0}
    parts = load_study(changed, "mine.yaml").pool_parts
    assert list(parts)[1:] == [f"text-guidance-2/part-{number}" for number in range(3)]
    assert [(part.start, part.stop) for part in parts.values()] == [(0, 100), (0, 24), (24, 48), (48, 50)]
    changed["generators"]["text"]["images_per_job"] = 20
    assert refused(changed) == "generators.text.images_per_job = 20: must be a multiple of the 8 images of a batch"


REFUSED = [
    (
        {"generator": "txt", "guidance_scale": 2.0},
        r"conditions.mine.generator = 'txt' \(did you mean text\?\); allowed:",
    ),
    ({}, r"conditions.mine lacks the key guidance_scale, which generator.kind = 'diffusion' needs"),
    (
        {"generator": "variants", "guidance_scale": 2.0},
        r"conditions.mine lacks the key strength, which generators.variants.kind = 'img2img' needs",
    ),
    (
        {"generator": "text", "guidance_scale": 2.0, "strength": 0.5},
        r"conditions.mine.strength: generators.text.kind = 'text2image' has no such setting; "
        r"allowed: guidance_scale, prompts",
    ),
    (
        {"generator": "text", "guidance_scale": 2.0, "prompts": 3},
        r"conditions.mine: prompts = 3: at most the 2 variants of generators.text.prompts",
    ),
    (
        {"generator": "far", "guidance_scale": 2.0},
        r"conditions.mine: generators.far shows other classes than the study's, so allowed: family irrelevant",
    ),
    (
        {"family": "irrelevant", "generator": "text", "guidance_scale": 2.0},
        r"conditions.mine: generators.text shows the study's classes, so allowed: family synthetic",
    ),
    (
        {"generator": "text", "guidance_scale": 2.0, "doses": [0.7]},
        r"condition mine-0.7 wants 70 synthetic images: at most generators.text.images = 64",
    ),
    (
        {"generator": "variants", "guidance_scale": 2.0, "strength": 0.5, "doses": [3.0]},
        r"condition mine-3 wants 1200 synthetic images with 3 of every image in data.splits.train: at most "
        r"generators.variants.images = 800",
    ),
    ({"guidance_scale": 1.2345678}, r"conditions.mine.guidance_scale = 1.2345678: allowed are numbers of up to six"),
    (
        {"vary": "prompt", "guidance_scale": 2.0},
        r"conditions.mine.vary = 'prompt' \(did you mean prompts\?\); allowed:",
    ),
    (
        {"vary": "strength", "generator": "variants", "guidance_scale": 2.0, "ratio": 1.0, "doses": [0.5, 2.0]},
        r"conditions.mine.doses\[1\] = 2.0: .* must be a number in \(0, 1\]",
    ),
]


@pytest.mark.parametrize(("series", "message"), REFUSED)
def test_a_pool_that_cannot_be_drawn_is_refused(config, series, message):
    found = refused(with_series(config, **series))
    assert re.match(message, found), found


def test_a_name_without_generators_is_refused(config):
    found = refused(with_series(config, {}, generator="text", guidance_scale=2.0))
    assert found == "conditions.mine.generator = 'text'; allowed: none, without the key generators"


def test_only_the_key_generator_is_trained(config):
    found = refused(with_series(config, {"more": {"kind": "diffusion", "images": 100}}, guidance_scale=2.0))
    assert found == "generators.more.kind = 'diffusion': the workflow trains the key generator only"


def test_what_does_not_fit_a_named_generator_is_told_of_its_key(config):
    found = refused(with_series(config, {"text": {**TEXT, "prompts": ["a photo"]}}, guidance_scale=2.0))
    assert found == "generators.text.prompts: 'a photo' must name {class_name}, as it is for all classes"


def test_irrelevant_images_stand_for_diversity_and_not_for_synthetic_data(config):
    changed = with_series(config, family="irrelevant", generator="far", guidance_scale=2.0)
    changed["claims"]["diversity"].append("mine")
    assert load_study(changed, "mine.yaml").claims.diversity[-1] == "mine"
    changed["claims"]["synthetic"].append("mine")
    assert "claims.synthetic[1] = 'mine'; allowed: series of family synthetic" in refused(changed)
