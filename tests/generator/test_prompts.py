"""Prompts: templates, variations, and how many variants of them a pool has; without torch."""

from collections import Counter

import pytest

from weightscape.generator.generator import Batch, Task
from weightscape.generator.kinds.text2image import Text2Image
from weightscape.generator.pool import Pool
from weightscape.generator.prompts import count_variants, shuffled_variants

TASK = Task("generator", "study", ["tabby_cat", "dog"], 100, 16)
STYLES = {"style": ["sketch", "photo", "painting"], "place": ["in a park", "at home"]}


def settings(prompts, **more) -> Text2Image:
    return Text2Image(kind="text2image", model="owner/name", prompts=prompts, **more)


def drawn(prompts, count=100, variants=None, study="study", **more) -> list[str]:
    task = Task("generator", study, TASK.class_names, count, 16)
    batch = Batch(range(count), [index % 2 for index in range(count)], [], Pool(guidance_scale=2.0, prompts=variants))
    return settings(prompts, **more).prompt_drawer(task)(batch)


def test_a_template_names_the_class_in_words():
    assert drawn(["a photo of a {class_name}"], 2) == ["a photo of a tabby cat", "a photo of a dog"]


def test_each_image_draws_its_variant():
    templates = ["a {style} of a {class_name} {place}", "one {class_name}"]
    prompts = drawn(templates, 400, variations=STYLES)
    cats = Counter(prompt for prompt in prompts if "cat" in prompt)
    assert len(cats) == 7
    assert min(cats.values()) > 10
    assert "a sketch of a tabby cat at home" in cats
    assert prompts == drawn(templates, 400, variations=STYLES)
    assert prompts != drawn(
        ["a {style} of a {class_name} {place}", "one {class_name}"], 400, variations=STYLES, study="b"
    )


@pytest.mark.parametrize("few", [1, 2, 4])
def test_fewer_prompts_are_a_part_of_more(few):
    def of(number):
        return set(drawn(["a {style} of a {class_name} {place}"], 200, number, variations=STYLES))

    assert len(of(few)) == 2 * few
    assert of(few) < of(6) == of(None)


def test_an_image_has_the_same_variant_however_long_its_pool_is():
    prompts = drawn(["one {class_name}", "a {class_name}", "the {class_name}"], 50)
    assert drawn(["one {class_name}", "a {class_name}", "the {class_name}"], 20) == prompts[:20]


def test_classes_may_have_templates_of_their_own():
    prompts = drawn({"tabby_cat": ["a cat with stripes"], "dog": ["a {class_name}", "a hound"]}, 40)
    assert set(prompts[0::2]) == {"a cat with stripes"}
    assert set(prompts[1::2]) == {"a dog", "a hound"}


def test_variants_are_all_combinations_once():
    variants = shuffled_variants(["a {style} {class_name} {place}", "{class_name}"], STYLES, "dog", "study")
    assert len(variants) == len(set(variants)) == count_variants(["a {style} {place}", "x"], STYLES) == 7


@pytest.mark.parametrize(
    ("prompts", "more", "problem"),
    [
        (["a photo"], {}, "generator.prompts: 'a photo' must name {class_name}, as it is for all classes"),
        (
            ["a {style} {class_name}"],
            {},
            "generator.prompts: 'a {style} {class_name}' has other braces than those allowed: {class_name}",
        ),
        (["{class_name} {"], {"variations": {"a": ["b"]}}, "has other braces than those allowed: {class_name}, {a}"),
        (["{class_name!r}"], {}, "has other braces than those allowed"),
        (["{class_name}"], {"variations": STYLES}, "generator.variations.style: no prompt names {style}"),
        ({"dog": ["a"]}, {}, "generator.prompts lacks the class 'tabby_cat'"),
        (
            {"dog": ["a"], "tabby_cat": ["b"], "cow": ["c"]},
            {},
            "generator.prompts has the key 'cow'; allowed: tabby_cat, dog",
        ),
        (
            ["{class_name} {a} {b}"],
            {"variations": {name: [f"{number}" for number in range(400)] for name in "ab"}},
            "generator.prompts with generator.variations has 160,000 variants; allowed: 100,000",
        ),
    ],
)
def test_prompts_that_cannot_be_asked_are_told(prompts, more, problem):
    assert problem in settings(prompts, **more).problem(TASK)


def test_prompts_that_can_be_asked_are_no_problem():
    assert settings(["a {style} {class_name} {place}"], variations=STYLES).problem(TASK) is None


def test_more_prompts_than_there_are_variants_are_told():
    found = settings({"tabby_cat": ["a", "b"], "dog": ["c"]}).pool_problem(Pool(guidance_scale=2.0, prompts=2), TASK)
    assert found == "prompts = 2: at most the 1 variants of generator.prompts"


def test_a_negative_prompt_without_guidance_is_told():
    found = settings(["{class_name}"], negative_prompt="blurred").pool_problem(Pool(guidance_scale=1.0), TASK)
    assert found == "guidance_scale = 1: above 1, or generator.negative_prompt has no effect"
