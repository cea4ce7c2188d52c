"""The settings of generators: what each stage reads, and what fits a study; without torch."""

import subprocess
import sys

import pytest

from weightscape.generator.generator import GENERATORS, Task
from weightscape.generator.kinds.class2image import Class2Image
from weightscape.generator.kinds.diffusion import Diffusion


def task(image_size=28, classes=2, device="cpu"):
    return Task("generator", "study", [f"class_{label}" for label in range(classes)], 10, image_size, device)


@pytest.mark.parametrize("stage", ["training", "sampling"])
def test_the_params_of_a_stage_read_back_to_the_same_values(stage):
    settings = Diffusion(steps=7, channels=[8, 24], sampling_steps=3)
    params = settings.params(stage)
    assert GENERATORS.parse(params).params(stage) == params


def test_a_sampling_key_is_no_training_param_and_the_other_way_round():
    training, sampling = (set(Diffusion().params(stage)) for stage in ("training", "sampling"))
    assert training & sampling == {"kind"}
    assert {"steps", "learning_rate", "channels"} < training
    assert {"sampling_steps", "sampling_batch_size"} < sampling


def test_what_the_config_leaves_open_is_chosen_by_the_colour_of_the_images():
    settings = Diffusion(steps=7)
    grey, colour = settings.chosen(1), settings.chosen(3)
    assert (grey.steps, colour.steps) == (7, 7)
    assert (grey.channels, grey.flips, grey.sampling_steps) == ([32, 64, 64], False, 8)
    assert (colour.channels, colour.flips, colour.sampling_steps) == ([48, 96, 96], True, 16)
    assert not Diffusion(flips=False).chosen(3).flips


def test_both_choices_of_widths_must_fit_the_images():
    assert Diffusion().problem(task(24, 10)) is None
    assert "generator.channels = [32, 64, 64]" in Diffusion().problem(task(28, 10))


def test_the_generator_says_which_images_it_learns_from():
    assert Diffusion().learnt_from == "pool"
    assert Diffusion(trained_on="subset").learnt_from == "subset"
    assert Class2Image(kind="class2image", model="owner/name").learnt_from == "elsewhere"


def test_only_the_diffusion_kind_is_trained():
    assert [name for name in GENERATORS.names() if GENERATORS[name].trains] == ["diffusion"]
    assert isinstance(GENERATORS.parse({"kind": "class2image", "model": "owner/name"}), Class2Image)


def test_image_sizes_that_cannot_be_halved_are_told_with_those_that_can():
    settings = Diffusion(fold=2, channels=[8, 8, 8])
    assert settings.problem(task(24, 10)) is None
    problem = settings.problem(task(28, 10))
    assert problem is not None
    assert problem.startswith("images of 28 px")
    assert "generator.channels = [8, 8, 8]" in problem
    assert problem.endswith("multiples of 8 px")


def test_a_pipeline_needs_one_label_per_class():
    settings = Class2Image(kind="class2image", model="m", class_labels=[1, 2, 3])
    assert settings.problem(task(28, 3)) is None
    problem = settings.problem(task(28, 2))
    assert problem == "generator.class_labels = [1, 2, 3]; allowed: 2 labels, one per class"
    assert Class2Image(kind="class2image", model="m").problem(task(28, 2)) is None


@pytest.mark.parametrize(("model", "problem"), [("no/such/folder", "no such directory"), ("./a", "no such directory")])
def test_a_pipeline_directory_that_does_not_exist_is_told(model, problem):
    assert problem in Class2Image(kind="class2image", model=model).problem(task(28, 2))


def test_a_directory_that_holds_no_pipeline_is_told(tmp_path):
    assert "model_index.json" in Class2Image(kind="class2image", model=str(tmp_path)).problem(task(28, 2))


def test_settings_need_no_torch(project):
    code = "import sys; from weightscape.generator.generator import GENERATORS; GENERATORS.classes()"
    code += "; assert not {'torch', 'diffusers', 'pandas'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=project / "workflow" / "scripts")
