"""Families with synthetic images: what their doses are, and which pool they ask for."""

import re

import pytest
from pydantic import ValidationError

from weightscape.generator.pool import Pool
from weightscape.section import meaning
from weightscape.training.families.irrelevant import Irrelevant
from weightscape.training.families.synthetic import Synthetic
from weightscape.training.intervention import Recipe


def synthetic(**values) -> Synthetic:
    return Synthetic(family="synthetic", **{"mode": "add", **values})


@pytest.mark.parametrize(
    ("values", "pool", "images"),
    [
        ({"guidance_scale": 2.0, "dose": 0.5}, Pool(guidance_scale=2.0), 50),
        ({"vary": "guidance_scale", "ratio": 1.0, "dose": 4.0}, Pool(guidance_scale=4.0), 100),
        (
            {"vary": "strength", "ratio": 2.0, "guidance_scale": 3.0, "dose": 0.3},
            Pool(guidance_scale=3.0, strength=0.3),
            200,
        ),
        ({"vary": "prompts", "ratio": 0.1, "guidance_scale": 3.0, "dose": 4}, Pool(guidance_scale=3.0, prompts=4), 10),
        ({"generator": "mine", "prompts": 2, "dose": 0.5}, Pool("mine", prompts=2), 50),
    ],
)
def test_the_dose_is_what_varies(values, pool, images):
    intervention = synthetic(**values)
    assert intervention.pool() == pool
    assert intervention.recipe(Recipe(100)) == Recipe(100, images)


def test_images_that_replace_real_ones_leave_their_number_as_it_is():
    assert synthetic(mode="replace", vary="guidance_scale", ratio=0.3, dose=2.0).recipe(Recipe(100)) == Recipe(70, 30)


def test_the_dose_is_called_what_varies():
    assert synthetic(guidance_scale=2.0, dose=0.5).dose_field == "ratio"
    assert meaning(Synthetic, synthetic(vary="prompts", ratio=1.0, dose=4).dose_field).startswith("number of variants")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"dose": 11.0}, "synthetic images per real image must be a number in (0, 10]"),
        ({"vary": "guidance_scale", "ratio": 1.0, "dose": 21.0}, "guidance scale must be a number in [0, 20]"),
        ({"vary": "strength", "ratio": 1.0, "dose": 1.1}, "must be a number in (0, 1]"),
        ({"vary": "prompts", "ratio": 1.0, "dose": 1.5}, "all if left out must be a whole number in [1, 1000]"),
        ({"vary": "prompts", "dose": 2.0}, "the key ratio must be given where vary = 'prompts'"),
        (
            {"vary": "guidance_scale", "guidance_scale": 2.0, "ratio": 1.0, "dose": 2.0},
            "guidance_scale must not be given twice, as a key and by vary = 'guidance_scale' as doses",
        ),
        ({"ratio": 1.0, "dose": 1.0}, "ratio must not be given twice, as a key and by vary = 'ratio' as doses"),
        (
            {"mode": "replace", "vary": "strength", "ratio": 1.5, "dose": 0.5},
            "must be a number in (0, 1] where synthetic images replace real ones",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(values, message):
    with pytest.raises(ValidationError, match=re.escape(message)):
        synthetic(**values)


def test_irrelevant_images_are_no_synthetic_data_of_claim_2():
    far = Irrelevant(family="irrelevant", mode="add", generator="far", dose=0.5)
    assert far.roles == {"diversity"}
    assert far.foreign
    assert not Synthetic.foreign
    assert far.pool() == Pool("far")
    assert far.recipe(Recipe(100)) == Recipe(100, 50)


def test_no_more_images_are_replaced_than_there_are():
    with pytest.raises(ValidationError, match="where synthetic images replace real ones"):
        Irrelevant(family="irrelevant", mode="replace", generator="far", dose=1.5)
