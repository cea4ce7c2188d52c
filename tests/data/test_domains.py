"""A folder of domains, each with one folder per class (DomainNet, Office-Home, PACS)."""

import numpy as np
import pytest
import yaml
from pydantic import ValidationError

from weightscape.config.load import load_study
from weightscape.config.messages import ConfigError
from weightscape.data.source import SOURCES


@pytest.fixture
def pacs(image_tree):
    """Three domains of three classes; photo has 20 images of each, the others 4."""
    sizes = {"photo": 20, "Art Painting": 4, "sketch": 4}
    return image_tree({f"{domain}/{name}": n for domain, n in sizes.items() for name in ("dog", "horse", "person")})


@pytest.fixture
def config(project, pacs):
    """The smoke study on the photos of the domains."""
    study = yaml.safe_load((project / "config/smoke.yaml").read_text())
    study["data"]["source"] = {"name": "image_folder", "path": str(pacs), "train_domain": "photo"}
    study["data"]["source"]["ood_domains"] = ["Art Painting", "sketch"]
    study["data"]["splits"] = {"test": 12, "validation": 9, "generator": 9, "train": 30}
    study["data"]["corruptions"]["images"] = 12
    study["data"]["ood"] = []
    study["training"] |= {"images": 15, "batch_size": 5}
    return study


def source(path, **keys):
    return SOURCES.parse({"name": "image_folder", "path": str(path), **keys})


def refused(config):
    with pytest.raises(ConfigError) as caught:
        load_study(config, "mine.yaml")
    return str(caught.value)


def test_domains_are_not_learned_as_classes_without_a_word(config, pacs):
    config["data"]["source"] = {"name": "image_folder", "path": str(pacs)}
    assert refused(config).endswith(
        f"{pacs}: Art Painting, photo, sketch may be classes, with the folders dog, horse, person in them, or domains "
        "of the classes dog, horse, person; for domains give train_domain (such as Art Painting) and ood_domains, for "
        "classes nested: true"
    )


def test_nested_classes_are_read_where_the_config_says_so(pacs):
    facts = source(pacs, nested=True).describe()
    assert facts.class_names == ("Art Painting", "photo", "sketch")
    assert facts.class_counts == {"all": [12, 60, 12]}


def test_deeper_folders_of_other_names_are_no_domains(image_tree):
    path = image_tree({"dog/2019": 2, "dog/2020": 2, "cat/2020": 2, "cat/more": 1})
    assert source(path).describe().class_counts == {"all": [3, 4]}


def test_domains_in_a_part_are_refused_too(image_tree):
    path = image_tree({f"train/{domain}/{name}": 1 for domain in ("a", "b") for name in ("x", "y")})
    with pytest.raises(ValueError, match="train: a, b may be classes, with the folders x, y in them, or domains"):
        source(path).describe()


def test_the_domain_of_training_is_one_data_set_and_each_other_one_is_a_set_of_its_name(config, pacs):
    study = load_study(config, "mine.yaml")
    assert study.class_names == ("dog", "horse", "person")
    assert study.data.source.facts.counts == {"all": 60}
    assert study.data.source.paths == (str(pacs / "photo"),)
    assert list(study.ood_sources) == ["art_painting", "sketch"]
    assert [s.name for s in study.evaluation_sets if s.kind == "ood"] == ["art_painting", "sketch"]
    art = study.ood_sources["art_painting"]
    assert art.facts.counts == {"all": 12}
    assert art.paths == (str(pacs / "Art Painting"),)
    rebuilt = SOURCES.parse(art.given()).load(8)
    assert len(rebuilt) == 12
    assert not (rebuilt.images[:, None] == study.data.source.load(8).images).all((2, 3, 4)).any()


def test_domains_and_other_sets_stand_side_by_side(config, pacs):
    entry = {"name": "image_folder", "path": str(pacs), "train_domain": "sketch", "id": "few", "images": 5}
    config["data"]["source"]["ood_domains"] = ["Art Painting"]
    config["data"]["ood"] = [entry]
    study = load_study(config, "mine.yaml")
    assert study.ood_images == {"art_painting": None, "few": 5}
    config["data"]["source"]["ood_domains"] = ["Art Painting", "sketch"]
    assert "data.ood[0] = " in refused(config)
    assert "is the same as data.source.ood_domains[1]" in refused(config)


def test_a_selection_of_classes(config):
    config["data"]["source"]["classes"] = ["person", "dog"]
    config["data"]["splits"] = {"test": 8, "validation": 6, "generator": 6, "train": 20}
    config["data"]["corruptions"]["images"] = 8
    study = load_study(config, "mine.yaml")
    assert study.class_names == ("dog", "person")
    assert {s.facts.class_names for s in study.ood_sources.values()} == {("dog", "person")}
    dataset = study.data.source.load(8)
    assert np.bincount(dataset.labels).tolist() == [20, 20]
    config["data"]["source"]["classes"] = ["person", "cow"]
    assert "photo: has no class 'cow'; allowed: dog, horse, person" in refused(config)


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"train_domain": "fotos"}, "has no domain 'fotos'; allowed: Art Painting, photo, sketch"),
        ({"ood_domains": ["sketch", "clipart"]}, "has no domain 'clipart'; allowed: Art Painting, photo, sketch"),
        ({"ood_domains": ["sketch", "photo"]}, "ood_domains must not hold train_domain, 'photo'"),
        ({"ood_domains": ["sketch", "sketch"]}, "data.source.ood_domains = "),
        ({"train_domain": None}, "ood_domains needs train_domain"),
        ({"classes": []}, "data.source.classes = []: needs at least 1 entry"),
    ],
)
def test_domains_that_do_not_fit_are_refused(config, keys, problem):
    config["data"]["source"] |= keys
    assert problem in refused(config)


def test_names_of_domains_that_are_taken_or_empty_are_refused(config, pacs):
    (pacs / "sketch").rename(pacs / "Test")
    config["data"]["source"]["ood_domains"] = ["Test"]
    assert (
        "data.source.ood_domains[0]: the name 'test' is taken; list this domain in data.ood instead, with the key id"
        in refused(config)
    )
    (pacs / "Test").rename(pacs / "素描")
    config["data"]["source"]["ood_domains"] = ["素描"]
    assert "data.source.ood_domains[0]: its name has none of a–z and 0–9" in refused(config)


def test_only_the_data_set_of_the_study_has_domains_for_testing(config, pacs):
    del config["data"]["source"]["ood_domains"]
    entry = {"name": "image_folder", "path": str(pacs), "train_domain": "sketch", "ood_domains": ["Art Painting"]}
    config["data"]["ood"] = [entry]
    assert "data.ood[0].ood_domains: allowed in data.source only" in refused(config)


def test_the_entry_alone_refuses_what_does_not_fit():
    with pytest.raises(ValidationError, match="ood_domains needs train_domain"):
        source("x", ood_domains=["a"])
