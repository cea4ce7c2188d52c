"""Prompts of a text-to-image model: templates for each class, in variants of which each image draws one."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from math import prod
from string import Formatter
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from weightscape.generator.generator import Batch, Task
from weightscape.generator.hub import HubPipeline, Text
from weightscape.generator.pool import Pool
from weightscape.section import DISTINCT
from weightscape.streams import stream

Texts = Annotated[list[Text], DISTINCT, Field(min_length=1)]
CLASS = "class_name"
MOST_VARIANTS = 100_000


class PromptedPipeline(HubPipeline):
    """A pipeline that reads prompts."""

    optional: ClassVar[tuple[str, ...]] = ("prompts",)

    prompts: Texts | dict[str, Texts]
    """templates of the prompt, with `{class_name}` where the name of the class goes and the names of variations in
    braces; a list for all classes, or a list for each class by its name"""
    variations: dict[str, Texts] = Field(default_factory=dict)
    """texts by name: one of them takes the place of that name in braces"""
    negative_prompt: str | None = None
    """what images should not look like"""

    def problem(self, task: Task) -> str | None:
        """Return which of the settings cannot work, None if all may."""
        return super().problem(task) or self._prompt_problem(task)

    def pool_problem(self, pool: Pool, task: Task) -> str | None:
        """Return why the pool cannot be drawn, None if it can."""
        if self.negative_prompt is not None and pool.guidance_scale is not None and pool.guidance_scale <= 1:
            return f"guidance_scale = {pool.guidance_scale:g}: above 1, or {task.key}.negative_prompt has no effect"
        fewest = min(count_variants(self._templates(name), self.variations) for name in task.class_names)
        if pool.prompts is None or pool.prompts <= fewest:
            return None
        return f"prompts = {pool.prompts}: at most the {fewest} variants of {task.key}.prompts"

    def packages_needed(self) -> list[str]:
        """Return the packages that these settings need beside those of the workflow."""
        return ["transformers", *super().packages_needed()]

    def pipeline(self, task: Task, asked_by: Sequence[str]) -> Any:
        """Load the pipeline; see `HubPipeline.pipeline`."""
        return super().pipeline(task, [*asked_by, *([] if self.negative_prompt is None else ["negative_prompt"])])

    def ask_for(self, pipeline: Any, batch: Batch, prompts: list[str], **arguments: Any) -> np.ndarray:
        """Return the images that the pipeline makes of a batch with these prompts."""
        if self.negative_prompt is not None:
            arguments["negative_prompt"] = [self.negative_prompt] * len(prompts)
        return self.ask(pipeline, batch, prompt=prompts, **arguments)

    def prompt_drawer(self, task: Task) -> Callable[[Batch], list[str]]:
        """Return the function that draws the prompt of each image of a batch.

        The variants of a class are put in an order that the study draws once, and a pool with n prompts has the first n
        of them: fewer prompts are a part of more. Each image has a number in [0, 1) of its own, whatever n is.
        """
        variants = {
            name: shuffled_variants(self._templates(name), self.variations, name, task.study)
            for name in task.class_names
        }

        def draw(batch: Batch) -> list[str]:
            prompts = []
            for index, label in zip(batch.indices, batch.labels, strict=True):
                allowed = variants[task.class_names[label]][: batch.pool.prompts]
                prompts.append(allowed[int(stream(task.study, "prompt", index).random() * len(allowed))])
            return prompts

        return draw

    def _templates(self, class_name: str) -> Sequence[str]:
        return self.prompts if isinstance(self.prompts, list) else self.prompts[class_name]

    def _prompt_problem(self, task: Task) -> str | None:
        key = f"{task.key}.prompts"
        if isinstance(self.prompts, dict):
            if unknown := [name for name in self.prompts if name not in task.class_names]:
                return f"{key} has the key {unknown[0][:60]!r}; allowed: {', '.join(task.class_names)}"
            if missing := [name for name in task.class_names if name not in self.prompts]:
                return f"{key} lacks the class {missing[0]!r}"
        lists = [self.prompts] if isinstance(self.prompts, list) else list(self.prompts.values())
        named: set[str] = set()
        for template in (template for templates in lists for template in templates):
            places = places_of(template)
            if places is None or not set(places) <= {CLASS, *self.variations}:
                allowed = ", ".join(f"{{{name}}}" for name in (CLASS, *self.variations))
                return f"{key}: {template[:60]!r} has other braces than those allowed: {allowed}"
            if isinstance(self.prompts, list) and CLASS not in places:
                return f"{key}: {template[:60]!r} must name {{class_name}}, as it is for all classes"
            named |= set(places)
        if unused := [name for name in self.variations if name not in named]:
            return f"{task.key}.variations.{unused[0]}: no prompt names {{{unused[0]}}}"
        most = max(count_variants(templates, self.variations) for templates in lists)
        if most > MOST_VARIANTS:
            return f"{key} with {task.key}.variations has {most:,} variants; allowed: {MOST_VARIANTS:,}"
        return None


def places_of(template: str) -> list[str] | None:
    """Return the names in braces in a template, each once; None if its braces do not match or hold more than a name.

    Examples
    --------
    >>> places_of("a {style} photo of a {class_name}"), places_of("a {"), places_of("{x!r}")
    (['style', 'class_name'], None, None)
    """
    try:
        parts = [part for part in Formatter().parse(template) if part[1] is not None]
    except ValueError:
        return None
    if any(specification or conversion or not name for _, name, specification, conversion in parts):
        return None
    return list(dict.fromkeys(str(name) for _, name, _, _ in parts))


def count_variants(templates: Sequence[str], variations: Mapping[str, Sequence[str]]) -> int:
    """Return how many variants the templates have with every combination of the variations that they name."""
    return sum(prod(len(variations[name]) for name in _varied(template)) for template in templates)


def shuffled_variants(
    templates: Sequence[str], variations: Mapping[str, Sequence[str]], class_name: str, study: str
) -> list[str]:
    """Return all variants of a class's prompt, in the order of the study's stream "prompts".

    Underscores in the name of the class become spaces, as text encoders know them.
    """
    words = class_name.replace("_", " ")
    variants = [
        template.format(**{CLASS: words, **dict(zip(names, texts, strict=True))})
        for template in templates
        for names in [_varied(template)]
        for texts in product(*(variations[name] for name in names))
    ]
    return [variants[place] for place in stream(study, "prompts").permutation(len(variants))]


def _varied(template: str) -> list[str]:
    return [name for name in places_of(template) or [] if name != CLASS]
