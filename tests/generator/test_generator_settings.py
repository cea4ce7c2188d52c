"""The generator section of a config is checked as a whole, key by key, without torch."""

import subprocess
import sys

import pytest

from weightscape.generator.settings import KINDS, DiffusionSettings, GeneratorSettings, PipelineSettings


def test_an_empty_section_means_the_default_diffusion_model():
    assert GeneratorSettings.from_dict({}) == DiffusionSettings()


@pytest.mark.parametrize("stage", ["training", "sampling"])
def test_the_params_of_a_stage_read_back_to_the_same_values(stage):
    settings = DiffusionSettings(steps=7, channels=(8, 24), sampling_steps=3)
    params = settings.params(stage)
    assert GeneratorSettings.from_dict(params).params(stage) == params


def test_a_sampling_key_is_no_training_param_and_the_other_way_round():
    training, sampling = (set(DiffusionSettings().params(stage)) for stage in ("training", "sampling"))
    assert training & sampling == {"kind"}
    assert {"steps", "learning_rate", "channels"} < training
    assert {"sampling_steps", "sampling_batch_size"} < sampling


def test_params_are_plain_values():
    assert DiffusionSettings().params("training")["channels"] == [32, 64, 64]


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"kind": "gan"}, r"generator\.kind: found 'gan'; allowed: diffusion, pipeline"),
        ({"stepz": 3}, r"generator\.stepz: unknown key for kind 'diffusion'; allowed: kind, steps, batch_size"),
        ({"steps": 0}, r"generator\.steps: found 0; allowed: an integer of 1 or more"),
        ({"steps": True}, r"generator\.steps: found True; allowed: an integer of 1 or more"),
        ({"steps": "many"}, r"generator\.steps: found 'many'"),
        ({"learning_rate": "1e-3"}, r"generator\.learning_rate: found '1e-3'; allowed: a number above 0"),
        ({"learning_rate": float("nan")}, r"generator\.learning_rate: found nan"),
        ({"ema_decay": 1}, r"generator\.ema_decay: found 1; allowed: a number from 0 to below 1"),
        ({"class_dropout": 0}, r"generator\.class_dropout: found 0; allowed: a number above 0 and below 1"),
        ({"channels": []}, r"generator\.channels: found \[\]; allowed: a list of multiples of 8"),
        ({"channels": [32, 20]}, r"generator\.channels: found \[32, 20\]"),
        ({"fold": 3}, r"generator\.fold: found 3; allowed: 1, 2, 4 or 8"),
        ({"kind": "pipeline"}, r"generator\.model: missing, kind 'pipeline' needs a hub name or a directory"),
        ({"kind": "pipeline", "model": "m", "prompt": "a cat"}, r"generator\.prompt: .* allowed: a text with {class_"),
        ({"kind": "pipeline", "model": "m", "class_labels": [1, -1]}, r"generator\.class_labels: found \[1, -1\]"),
    ],
)
def test_a_value_that_is_not_allowed_is_named_with_its_key_and_what_is(section, message):
    with pytest.raises(ValueError, match=message):
        GeneratorSettings.from_dict(section)


def test_errors_name_the_file_that_they_are_given():
    with pytest.raises(ValueError, match=r"^config/a\.yaml: generator\.steps"):
        GeneratorSettings.from_dict({"steps": 0}, "config/a.yaml: generator")


def test_only_the_diffusion_kind_is_trained():
    assert {kind for kind, settings in KINDS.items() if settings.trains} == {"diffusion"}
    assert isinstance(GeneratorSettings.from_dict({"kind": "pipeline", "model": "owner/name"}), PipelineSettings)


def test_image_sizes_that_cannot_be_halved_are_refused_with_those_that_can():
    settings = DiffusionSettings(fold=2, channels=(8, 8, 8))
    settings.check_study(image_size=24, classes=10)
    with pytest.raises(ValueError, match=r"images of 28 px .* generator\.channels = \[8, 8, 8\] .* multiples of 8 px"):
        settings.check_study(image_size=28, classes=10)


def test_a_pipeline_needs_one_label_per_class():
    settings = PipelineSettings(model="m", class_labels=(1, 2, 3))
    settings.check_study(image_size=28, classes=3)
    with pytest.raises(ValueError, match=r"generator\.class_labels: found \[1, 2, 3\]; allowed: 2 labels, one per"):
        settings.check_study(image_size=28, classes=2)
    PipelineSettings(model="m").check_study(image_size=28, classes=2)


def test_settings_need_no_torch(project):
    code = "import sys, weightscape.generator.settings as s; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=project / "workflow" / "scripts")
