"""Bad input is refused before any job starts, with the file, the key, the value and what is allowed."""

import copy
import re

import numpy as np
import pytest
import yaml

from weightscape.config import checks
from weightscape.config.load import load_study, read_study
from weightscape.config.messages import ConfigError
from weightscape.generator.pool import Pool
from weightscape.spectra.columns import used_as


@pytest.fixture
def config(project):
    return yaml.safe_load((project / "config/smoke.yaml").read_text())


def refused(config: dict) -> str:
    with pytest.raises(ConfigError) as error:
        load_study(config, "config/mine.yaml")
    message = str(error.value)
    assert message.startswith("config/mine.yaml: ")
    assert "\n" not in message
    return message


def test_compiling_needs_a_compiler(config, monkeypatch):
    config["training"]["compile"] = True
    load_study(config, "config/mine.yaml")
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert "training.compile = True: needs the C++ compiler no-such-compiler, which this machine lacks" in refused(
        config
    )


def test_every_study_of_the_project_is_valid(project):
    """Those that read images which do not ship are in `test_shipped_studies`."""
    for path in sorted((project / "config").glob("*.yaml")):
        if path.stem != "photos":
            assert read_study(path).name == path.stem


CHANGES = [
    ({"conditons": {}}, r"unknown key conditons \(did you mean conditions\?\); allowed: study, title"),
    ({"study": "My Study"}, r"study = 'My Study': must be 1 to 40 of the characters a–z, 0–9 and _"),
    ({"data.image_size": "large"}, r"data.image_size = 'large': must be a whole number in \[8, 1024\]"),
    ({"data.source.name": "mnist5"}, r"data.source.name = 'mnist5' \(did you mean mnist5k\?\); allowed: .*uci_digits"),
    ({"data.splits.train": 100000}, r"data.splits.train asks for 100000 images, but \d+ are available"),
    (
        {"data.corruptions.kinds": ["fogs"]},
        r"data.corruptions.kinds\[0\] = 'fogs' \(did you mean fog\?\); allowed: .*gaussian_noise",
    ),
    ({"data.corruptions.severities": [6]}, r"data.corruptions.severities\[0\] = 6: must be a whole number in \[1, 5\]"),
    ({"data.corruptions.severities": [5, 5]}, r"data.corruptions.severities = \[5, 5\]: must not hold a value twice"),
    ({"data.corruptions.kinds": 2 * ["rotation"]}, r"data.corruptions.kinds = .*: must not hold a value twice"),
    ({"claims.shape": ["alpha", "alpha"]}, r"claims.shape = \['alpha', 'alpha'\]: must not hold a value twice"),
    ({"data.corruptions.images": 201}, r"data.corruptions.images = 201: at most data.splits.test = 200"),
    ({"backbone.name": "resnet"}, r"backbone.name = 'resnet'; allowed: efficientnet_lite0, file, scratch, timm"),
    ({"backbone": {"name": "timm"}}, r"backbone lacks the key architecture"),
    (
        {"backbone": {"name": "file", "architecture": "resnet18", "path": "no/such.pth"}},
        r"backbone.path = 'no/such.pth': no such file",
    ),
    (
        {"backbone": {"name": "timm", "architecture": "resnet81"}},
        r"backbone.architecture = 'resnet81' \(did you mean resnet18\?\); allowed: a name of timm.list_models\(\)",
    ),
    (
        {"backbone": {"name": "scratch", "architecture": "resnet18"}},
        r"backbone.name = 'scratch': needs the key encoder, a network with pre-trained weights by whose features",
    ),
    (
        {"backbone": {"name": "scratch", "architecture": "vgg16", "stem": "cifar"}},
        r"backbone.stem = 'cifar': allowed for ResNets of timm such as resnet18, not vgg16",
    ),
    (
        {"encoder": {"name": "scratch", "architecture": "resnet18"}},
        r"encoder.name = 'scratch': allowed are networks with pre-trained weights, since images are compared",
    ),
    (
        {"encoder": {"name": "timm", "architecture": "resnet81"}},
        r"encoder.architecture = 'resnet81' \(did you mean resnet18\?\); allowed: a name of timm.list_models\(\)",
    ),
    (
        {"generator.images": 10**9},
        r"generator.images: [\d,]+ GiB of images at data.image_size = \d+; this machine has [\d,]+ GiB of memory",
    ),
    (
        {"diversity": {"kernels": ["rbf"]}},
        r"diversity.kernels = \['rbf'\]: must name cosine, which the claims are judged by",
    ),
    ({"diversity": {"kernels": ["cosine", "poly"]}}, r"diversity.kernels\[1\] = 'poly'; allowed: cosine, rbf"),
    (
        {"diversity": {"encoders": [{"name": "timm", "architecture": "resnet81"}]}},
        r"diversity.encoders\[0\].architecture = 'resnet81' \(did you mean resnet18\?\)",
    ),
    (
        {"diversity": {"encoders": [{"name": "timm", "architecture": "resnet18", "id": "pixel"}]}},
        r"diversity.encoders\[0\]: the name 'pixel' is taken; give the encoder a name of its own with the key id",
    ),
    (
        {"diversity": {"encoders": 2 * [{"name": "timm", "architecture": "resnet18.a1_in1k"}]}},
        r"diversity.encoders\[1\]: the name 'resnet18_a1_in1k' is taken",
    ),
    ({"training.learning_rate": 0}, r"training.learning_rate = 0: must be a number in \(0, 10\]"),
    ({"training.optimizer": "lion"}, r"training.optimizer = 'lion'; allowed: adam, adamw, sgd"),
    ({"training.batch_size": 101}, r"training.batch_size = 101: at most training.images = 100"),
    ({"training.steps": 3}, r"training: either epochs or steps must be given, not both"),
    ({"training.epochs": None, "training.steps": 0}, r"training.steps = 0: must be a whole number of at least 1"),
    (
        {"training.epochs": None, "training.steps": 9, "training.equal": "passes"},
        r"training.equal = 'passes': allowed with training.epochs only, not with training.steps",
    ),
    ({"training.equal": "images"}, r"training.equal = 'images'; allowed: steps, passes"),
    (
        {"training.micro_batches": 3},
        r"training.micro_batches = 3: must divide training.batch_size = 50 into equal parts of two images or more",
    ),
    ({"training.micro_batches": 50}, r"training.micro_batches = 50: must divide training.batch_size = 50 into equal"),
    ({"training.schedule": "linear"}, r"training.schedule = 'linear'; allowed: constant, cosine, one_cycle, step"),
    (
        {"training.warmup": 0.1},
        r"training.warmup = 0.1: with training.schedule = one_cycle, which has a rise of its own, allowed: 0",
    ),
    ({"training.warmup": 1}, r"training.warmup = 1: must be a number in \[0, 1\)"),
    (
        {"training.schedule": "cosine", "training.milestones": [0.5]},
        r"training.milestones: allowed with training.schedule = step only, not with cosine",
    ),
    ({"training.milestones": [50]}, r"training.milestones\[0\] = 50: must be a number in \(0, 1\)"),
    ({"training.clip_norm": 0}, r"training.clip_norm = 0: must be a number in \(0, 1e\+06\]"),
    ({"spectra": {"every": 3}}, r"spectra.every = 3: at most training.epochs = 2"),
    ({"spectra": {"every": 0}}, r"spectra.every = 0: must be a whole number in \[1, 10000\]"),
    ({"spectra": {}}, r"spectra lacks the key every"),
    ({"spectra": 2}, r"spectra = 2: must be a mapping"),
    ({"training.precision": "float16"}, r"training.precision = 'float16' .*allowed: float32, bfloat16"),
    ({"training.compile": 1}, r"training.compile = 1: "),
    ({"training.ema": 1}, r"training.ema = 1: must be a number in \(0, 1\)"),
    (
        {"training.optimizer": "adamw", "conditions.weight_decay.mode": "l2"},
        r"conditions.weight_decay.mode = 'l2': with training.optimizer = adamw allowed: decoupled",
    ),
    (
        {"training.weight_decay": 0.5},
        r"conditions.weight_decay has the weight decay 0.5: must be above training.weight_decay = 0.5, which every run",
    ),
    ({"training.images": 500}, r"condition baseline wants 500 training images .* at most data.splits.train = 400"),
    ({"seeds.count": 2}, r"seeds.count = 2: must be a whole number in \[3, 1000\]"),
    ({"seeds.count": 4}, r"seeds.count = 4: must be a multiple of seeds.per_job = 3"),
    ({"seeds.first": 998}, r"seeds.first = 998: at most 997 with seeds.count = 3"),
    ({"conditions.dropout.family": "drop_out"}, r"conditions.dropout.family = 'drop_out' \(did you mean dropout\?\)"),
    (
        {"conditions.dropout.doses": [0.1, 1.5]},
        r"conditions.dropout.doses\[1\] = 1.5: dropout probability must be a number in \(0, 1\)",
    ),
    ({"conditions.dropout.doses": [0.1, 0.1]}, r"conditions.dropout.doses = \[0.1, 0.1\]: must not hold a value twice"),
    ({"conditions.dropout.dose": 1}, r"unknown key conditions.dropout.dose \(did you mean doses\?\)"),
    ({"conditions.weight_decay.mode": "L2"}, r"conditions.weight_decay.mode = 'L2'; allowed: decoupled, l2"),
    ({"conditions.randaugment.doses": [2.5]}, r"doses\[0\] = 2.5: magnitude of 30 must be a whole number"),
    (
        {"conditions.more": {"family": "more_real", "doses": [5]}},
        r"condition more-5 wants 500 training images .* at most data.splits.train = 400",
    ),
    (
        {"conditions.synthetic.mode": "add", "conditions.synthetic.doses": [2]},
        r"condition synthetic-2 wants 200 synthetic images: at most generator.images = 100",
    ),
    ({"conditions.baseline": {"family": "noise", "doses": [0.1]}}, r"conditions.baseline: the name is taken"),
    ({"generator.steps": 0}, r"generator.steps = 0: must be a whole number of at least 1"),
    (
        {"generator.trained_on": "subset"},
        r"generator.trained_on = 'subset': all runs must share their images, .* allowed: data.splits.train = "
        r"training.images, here 400 and 100",
    ),
    (
        {
            "generator": {
                "kind": "img2img",
                "model": "owner/name",
                "images": 400,
                "prompts": ["a {class_name}"],
                "filter": {"probability": 0.5},
            }
        },
        r"generator.filter: of kind 'img2img' no image can be left out, since each image stands at the place of",
    ),
    ({"generator.trained_on": "all"}, r"generator.trained_on = 'all'; allowed: pool, subset"),
    ({"generator.filter": {}}, r"generator.filter lacks the key probability"),
    ({"generator.filter": {"probability": 1.0}}, r"generator.filter.probability = 1.0: must be a number in \(0, 1\)"),
    ({"generator.filter": {"probability": 0.5, "drawn": 0.5}}, r"generator.filter.drawn = 0.5: must be .*\[1, 100\]"),
    ({"claims.recognised": 1.5}, r"claims.recognised = 1.5: must be a number in \[0, 1\]"),
    ({"claims.dropout": ["dropuot"]}, r"claims.dropout\[0\] = 'dropuot' \(did you mean dropout\?\)"),
    ({"training.batch_size": 50.0}, r"training.batch_size = 50.0: must be a whole number"),
    ({"training.learning_rate": float("nan")}, r"training.learning_rate = nan: must be a number in"),
    (
        {"training.optimizer": "sgd"},
        r"mode = 'decoupled': with training.optimizer = sgd allowed: l2",
    ),
    (
        {"conditions.synthetic.guidance_scale": True},
        r"conditions.synthetic.guidance_scale = True: must be a number in \[0, 20\]",
    ),
    (
        {"conditions.synthetic.guidance_scale": 1e-5},
        r"conditions.synthetic.guidance_scale = 1e-05: allowed are numbers of up to six digits",
    ),
    ({"conditions.dropout.doses": [0.1234561, 0.1234562]}, r"two doses become the condition dropout-0.123456"),
    ({"data.ood": [{"name": "mnist5k"}]}, r"data.ood\[0\] = .*: is the data set that the study trains on"),
    ({"data.ood": [{"name": "uci_digits", "images": 1798}]}, r"data.ood\[0\].images = 1798: at most the 1797 images"),
    ({"data.ood": [{"name": "uci_digits", "images": 0}]}, r"data.ood\[0\].images = 0: must be a whole number of at"),
    ({"data.ood": [{"name": "uci_digits"}] * 2}, r"data.ood\[1\]: the name 'uci_digits' is taken"),
    (
        {"backbone.architecture": "resnet18"},
        r"unknown key backbone.architecture; allowed: name, input_size",
    ),
    (
        {"claims.dropout": ["baseline"]},
        r"claims.dropout\[0\] = 'baseline'; allowed: series of family drop_path or dropout or .*, here dropout",
    ),
    ({"claims.dropout": []}, r"claims.dropout = \[\]: allowed: one or more series of family drop_path or dropout or "),
    ({"claims.weight_decay": []}, r"claims.weight_decay = \[\]: allowed: one or more series of family l2_sp or w"),
    ({"claims.weight_decay": ["randaugment"]}, r"claims.weight_decay\[0\] = 'randaugment'; allowed: .* weight_decay$"),
    ({"claims.diversity": ["dropout"]}, r"claims.diversity\[0\] = 'dropout'; allowed: .*here randaugment, synthetic"),
    ({"claims.synthetic": ["randaugment"]}, r"claims.synthetic\[0\] = 'randaugment'; allowed: .*here synthetic$"),
    ({"claims.augmentation": ["synthetic"]}, r"claims.augmentation\[0\] = 'synthetic'; allowed: .*here randaugment$"),
    (
        {"conditions.copies": {"family": "duplicate", "doses": [2]}, "claims.diversity": ["copies"]},
        r"claims.diversity\[0\] = 'copies'; allowed: .*here randaugment, synthetic$",
    ),
    (
        {"claims.scale": ["log_norm", "alpha"]},
        r"claims.scale\[1\] = 'alpha'; allowed: metrics that are not in claims.shape",
    ),
    (
        {"conditions.both": {"combine": ["dropout-0.2", "weight_decy-0.5"]}},
        r"conditions.both.combine\[1\] = 'weight_decy-0.5' \(did you mean weight_decay-0.5\?\); allowed: dropout, drop",
    ),
    (
        {"conditions.both": {"combine": ["dropout", "baseline"]}},
        r"conditions.both.combine\[1\] = 'baseline'; allowed: ",
    ),
    (
        {"conditions.both": {"combine": ["dropout"]}},
        r"conditions.both.combine = \['dropout'\]: needs at least 2 entries",
    ),
    ({"conditions.both": {"combine": ["dropout"] * 2}}, r"conditions.both.combine = .*: must not hold a value twice"),
    ({"conditions.both": {"combine": "dropout"}}, r"conditions.both.combine = 'dropout': must be a list"),
    (
        {"conditions.both": {"combine": ["dropout", "randaugment"], "doses": [1]}},
        r"unknown key conditions.both.doses; allowed: family, combine",
    ),
    (
        {
            "conditions.l2": {"family": "weight_decay", "mode": "l2", "doses": [0.1]},
            "conditions.both": {"combine": ["weight_decay", "l2"]},
        },
        r"condition both-0.5-0.1 combines weight_decay-0.5 and l2-0.1: weight_decay-0.5 and l2-0.1 are both of family "
        r"weight_decay; allowed: one",
    ),
    (
        {
            "conditions.stronger": {"family": "augment", "policy": "randaugment", "doses": [18]},
            "conditions.both": {"combine": ["randaugment", "stronger"]},
        },
        r"randaugment-9 and stronger-18 are both of policy randaugment; allowed: one",
    ),
    (
        {"conditions.both": {"combine": ["dropout", "weight_decay"]}, "claims.dropout": ["both"]},
        r"claims.dropout\[0\] = 'both'; allowed: series of family .*, here dropout$",
    ),
    (
        {
            "training.optimizer": "sgd",
            "conditions": {
                "both": {"combine": ["decay", "noise"]},
                "noise": {"family": "noise", "doses": [0.1]},
                "decay": {"family": "weight_decay", "mode": "decoupled", "doses": [0.1]},
            },
        },
        r"conditions.decay.mode = 'decoupled': with training.optimizer = sgd allowed: l2",
    ),
    ({"training.train": "last_0"}, r"training.train = 'last_0': must be all, head, or last_ with a number of layers"),
    ({"data.splits.generator": 0}, r"data.splits.generator = 0: allowed: 1 or more"),
    ({"claims.shape": ["stable_rnk"]}, r"claims.shape\[0\] = 'stable_rnk' \(did you mean stable_rank\?\)"),
]


def test_a_combination_of_kinds_of_diversity_stands_for_diversity(config):
    config["conditions"]["flip"] = {"family": "augment", "policy": "flip", "doses": [0.5]}
    config["conditions"]["both"] = {"combine": ["randaugment", "flip"]}
    config["claims"]["diversity"] = ["both"]
    assert load_study(config, "x.yaml").claims.diversity == ["both"]
    config["conditions"]["both"] = {"combine": ["randaugment", "dropout"]}
    assert "claims.diversity[0] = 'both'; allowed: series of family" in refused(config)


@pytest.mark.parametrize(("changes", "message"), CHANGES, ids=[", ".join(changes) for changes, _ in CHANGES])
def test_a_wrong_value_is_named_with_what_is_allowed(config, changes, message):
    changed = copy.deepcopy(config)
    for key, value in changes.items():
        *path, last = key.split(".")
        place = changed
        for part in path:
            place = place[part]
        place[last] = value
    assert re.search(message, refused(changed)), refused(changed)


def test_a_kernel_of_too_many_images_is_refused(config, monkeypatch):
    monkeypatch.setattr(checks, "LARGEST", 99)
    config["diversity"] = {"kernels": ["cosine", "rbf"]}
    assert "rbf is for training.images of at most 99" in refused(config)


@pytest.mark.parametrize("key", ["study", "data", "backbone", "training", "seeds", "conditions", "claims"])
def test_a_missing_section_is_named(config, key):
    del config[key]
    assert f"lacks the key {key}" in refused(config)


def test_seeds_are_counted_from_the_first_one(config):
    study = load_study(config | {"seeds": {"count": 6, "per_job": 3, "first": 20}}, "config/mine.yaml")
    assert [study.seeds_of(block) for block in study.blocks] == [[20, 21, 22], [23, 24, 25]]


def test_synthetic_conditions_need_a_generator(config):
    del config["generator"]
    assert "conditions.synthetic needs the key generator" in refused(config)


def test_an_image_folder_that_does_not_exist_is_refused(config):
    config["data"]["source"] = {"name": "image_folder", "path": "no/such/folder"}
    assert "no/such/folder" in refused(config)


def test_a_class_that_is_called_as_the_whole_set_is_refused(config, tmp_path):
    for name in ("all", "some"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "image.png").touch()
    config["data"]["source"] = {"name": "image_folder", "path": str(tmp_path)}
    config["data"]["splits"] = {"test": 1, "validation": 1, "generator": 0, "train": 1}
    assert 'data.source has a class "all"' in refused(config)


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (["cat"], "data.source has 1 class; allowed: two or more"),
        (["cat", "a" * 61], "data.source has a class called 'aaaaa"),
        (["cat", "$x$"], r"data.source has a class called '\$x\$'; allowed: up to 60 printable characters"),
        (["cat", "{dog}"], "data.source has a class called '{dog}'"),
        (["cat", "a\\b"], r"data.source has a class called 'a\\\\b'"),
        (["cat", "a\tb"], r"data.source has a class called 'a\\tb'"),
    ],
)
def test_classes_that_no_study_can_be_made_of_are_refused(config, tmp_path, names, problem):
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "image.png").touch()
    config["data"]["source"] = {"name": "image_folder", "path": str(tmp_path)}
    assert re.search(problem, refused(config)), refused(config)


@pytest.mark.parametrize("name", ["loop", "a\0b", "a\nb", "y" * 100_000, "missing"])
@pytest.mark.parametrize("key", ["source", "ood"])
def test_a_folder_that_cannot_be_looked_at_is_refused_in_one_short_line(config, tmp_path, key, name):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for label in "0123456789":
        (tmp_path / "images" / label).mkdir(parents=True)
        for index in range(10):
            (tmp_path / "images" / label / f"{index}.png").touch()
    bad, good = ({"name": "image_folder", "path": str(tmp_path / folder)} for folder in (name, "images"))
    config["data"]["splits"] = {"test": 50, "validation": 10, "generator": 10, "train": 30}
    config["data"] |= (
        {"source": bad, "ood": []} if key == "source" else {"source": good, "ood": [bad | {"id": "other"}]}
    )
    message = refused(config)
    assert ("data.source = " if key == "source" else "data.ood[0] = ") in message
    assert message.isprintable()
    assert len(message) < 1000


def test_a_class_of_one_image_is_refused_before_any_job(config, tmp_path):
    for name, count in (("cat", 100), ("dog", 1)):
        (tmp_path / name).mkdir()
        for index in range(count):
            (tmp_path / name / f"{index}.png").touch()
    config["data"]["source"] = {"name": "image_folder", "path": str(tmp_path)}
    config["data"]["splits"] = {"test": 20, "validation": 10, "generator": 10, "train": 60}
    assert "data.source has 1 of the class 'dog'; allowed: 4 or more" in refused(config)


@pytest.mark.parametrize("spelling", ["{0}", "{0}/", "{0}/../{1}", "link"])
def test_the_training_data_are_no_out_of_distribution_set_however_they_are_written(
    config, tmp_path, monkeypatch, spelling
):
    for name in "0123456789":
        (tmp_path / "images" / name).mkdir(parents=True)
        for index in range(10):
            (tmp_path / "images" / name / f"{index}.png").touch()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "images")
    folder = str(tmp_path / "images")
    config["data"]["source"] = {"name": "image_folder", "path": folder}
    config["data"]["splits"] = {"test": 50, "validation": 10, "generator": 10, "train": 30}
    config["data"]["ood"] = [{"name": "image_folder", "path": spelling.format(folder, "images"), "id": "other"}]
    assert re.search(r"data.ood\[0\] = .*: is the data set that the study trains on", refused(config)), refused(config)


@pytest.mark.parametrize("name", ["../../x", "", "{x}", "a-b", "test\n", "test-rotation-1", "é", "a" * 41])
def test_a_name_that_is_no_safe_part_of_a_path_is_refused(config, name):
    for key, place, holder in (
        ("study", config, "study"),
        (r"data.ood\[0\].id", config["data"]["ood"][0], "id"),
    ):
        before = place.get(holder)
        place[holder] = name
        assert re.search(rf"{key} = .*: must be 1 to 40 of the characters", refused(config)), refused(config)
        place[holder] = before
        if before is None:
            del place[holder]
    config["conditions"][name] = {"family": "noise", "doses": [0.1]}
    assert re.search(r"conditions(\.\S*)? = .*: must be 1 to 40|conditions has the key", refused(config)), refused(
        config
    )


@pytest.mark.parametrize("value", [None, 7, False, True, ["a"], {"a": 1}])
def test_a_name_of_another_type_is_refused(config, value):
    config["data"]["ood"][0]["id"] = value
    if value is None:
        assert load_study(config, "x").ood_sources
    else:
        assert "must be text" in refused(config)


def test_a_long_value_is_cut_in_its_message(config):
    config["training"]["optimizer"] = "x" * 100_000
    assert len(refused(config)) < 300


def test_the_study_lists_conditions_blocks_and_sets(config):
    study = load_study(config, "config/smoke.yaml")
    assert [condition.name for condition in study.conditions][:3] == ["baseline", "baseline_b", "dropout-0.2"]
    assert study.condition("baseline_b").stream_seed(2) == 1002
    assert [study.seeds_of(block) for block in study.blocks] == [[0, 1, 2]]
    assert study.pools == {"guidance-1.5": Pool(guidance_scale=1.5)}
    assert {condition.name for condition in study.data_conditions} == {
        "baseline", "baseline_b", "randaugment-9", "synthetic-0.5",
    }  # fmt: skip
    assert "test-rotation-5" in {evaluation_set.name for evaluation_set in study.evaluation_sets}


def test_combinations_hold_all_interventions_of_their_parts_and_depend_on_nothing_else(config):
    config["conditions"]["dropout"]["doses"] = [0.2, 0.4]
    config["conditions"]["both"] = {"combine": ["dropout", "weight_decay-0.5", "randaugment"]}
    study = load_study(config, "config/mine.yaml")
    both = [condition for condition in study.conditions if condition.parts]
    assert [condition.name for condition in both] == ["both-0.2-0.5-9", "both-0.4-0.5-9"]
    assert [condition.series for condition in both] == ["both-0.2-0.5-9", "both-0.4-0.5-9"]
    assert both[1].parts == ("dropout-0.4", "weight_decay-0.5", "randaugment-9")
    assert both[1].settings() == [study.condition(part).settings()[0] for part in both[1].parts]
    assert both[1].modules == [study.condition(part).modules[0] for part in both[1].parts]
    assert both[1].columns() == {
        "condition": "both-0.4-0.5-9", "series": "both-0.4-0.5-9", "family": "combination", "dose": None,
    }  # fmt: skip
    assert both[1].described()["parts"] == list(both[1].parts)
    assert both[1] in study.data_conditions
    config["conditions"]["both"]["combine"].remove("randaugment")
    assert all(c not in load_study(config, "x").data_conditions for c in load_study(config, "x").conditions if c.parts)
    config["conditions"]["dropout"]["doses"] = [0.4]
    assert load_study(config, "x").condition("both-0.4-0.5").parts == ("dropout-0.4", "weight_decay-0.5")


EVERY_FAMILY = {
    "drop_path": ({"rates": "constant"}, 0.2, {"dropout"}),
    "head_dropout": ({}, 0.5, {"dropout"}),
    "l2_sp": ({"mode": "l2"}, 0.01, {"weight_decay"}),
    "mixup": ({}, 0.2, {"diversity", "augmentation"}),
    "cutmix": ({}, 1.0, {"diversity", "augmentation"}),
    "noise": ({"space": "normalised"}, 0.03, {"diversity", "augmentation"}),
    "embedding_noise": ({}, 0.5, set()),
    "label_smoothing": ({}, 0.1, set()),
    "freeze": ({}, 0.5, set()),
}


@pytest.mark.parametrize("family", EVERY_FAMILY)
def test_a_family_may_stand_for_what_it_is_and_nothing_else(config, family):
    options, dose, roles = EVERY_FAMILY[family]
    config["conditions"]["mine"] = {"family": family, **options, "doses": [dose]}
    for role in ("dropout", "weight_decay", "diversity", "augmentation", "synthetic", "early_stop"):
        claims = {**config["claims"], role: [*config["claims"][role], "mine"]}
        if role in roles:
            assert (
                load_study(config | {"claims": claims}, "x").condition(f"mine-{dose:g}").treatment[0].family == family
            )
        else:
            assert f"claims.{role}[{len(config['claims'][role])}] = 'mine'" in refused(config | {"claims": claims})


def test_coupled_and_decoupled_decay_stand_side_by_side(config):
    config["conditions"]["l2"] = {"family": "weight_decay", "mode": "l2", "doses": [0.1]}
    config["claims"]["weight_decay"] = ["weight_decay", "l2"]
    study = load_study(config, "config/mine.yaml")
    modes = [study.condition(name).treatment[0].mode for name in ("weight_decay-0.5", "l2-0.1")]
    assert modes == ["decoupled", "l2"]


def test_two_out_of_distribution_sets_of_one_kind_have_names_of_their_own(config, tmp_path):
    for domain in ("sketch", "photo"):
        for name in "0123456789":
            (tmp_path / domain / name).mkdir(parents=True)
            (tmp_path / domain / name / "1.png").write_bytes(b"")
    config["data"]["ood"] = [
        {"name": "image_folder", "path": str(tmp_path / domain), "id": domain} for domain in ("sketch", "photo")
    ]
    study = load_study(config, "config/mine.yaml")
    assert list(study.ood_sources) == ["sketch", "photo"]
    assert study.ood_sources["photo"].given() == {"name": "image_folder", "path": str(tmp_path / "photo")}


def test_every_metric_that_a_claim_may_name_is_a_column_of_the_spectra():
    from weightscape.spectra import analyze

    weights = {"layer": np.random.default_rng(0).standard_normal((40, 60))}
    assert set(used_as("claim")) <= set(analyze(weights).columns)


def test_corruption_files_are_checked_before_any_job(config, tmp_path):
    np.save(tmp_path / "fog.npy", np.zeros((50, 32, 32, 3), np.uint8))
    np.save(tmp_path / "rotation.npy", np.zeros((50, 32, 32, 3), np.uint8))
    np.save(tmp_path / "labels.npy", np.arange(50) % 10)
    files = {"path": str(tmp_path), "kinds": ["fog"], "severities": [1, 5], "images": 10}
    config["data"]["corruption_files"] = files
    names = [entry.name for entry in load_study(config, "config/mine.yaml").evaluation_sets]
    assert names[-2:] == ["files-fog-1", "files-fog-5"]
    files["kinds"] = ["rotation"]
    assert "data.corruption_files.kinds has 'rotation': is in data.corruptions.kinds already" in refused(config)
    files["kinds"], files["images"] = ["fog"], 11
    assert "data.corruption_files.images = 11: at most the 10 of a severity" in refused(config)


def test_the_papers_mixtures_of_autoaugment_are_combinations(config, project):
    """As the page on changed images has them."""
    page = (project / "docs/images-changed.md").read_text(encoding="utf-8")
    config["conditions"] |= yaml.safe_load(page.split("```yaml")[1].split("```")[0])["conditions"]
    study = load_study(config, "config/mine.yaml")
    (auto3,) = (condition for condition in study.conditions if condition.name.startswith("auto3"))
    assert [getattr(part, "policy", part.family) for part in auto3.treatment] == [
        "autoaugment", "flip", "elastic", "noise",
    ]  # fmt: skip
    assert {"gaussian_noise", "elastic_transform", "rotation"} <= set(auto3.corruptions_seen)
