"""Checks that no single key can tell: values that must fit each other, the data, the files and the machine."""

import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Collection, Sequence
from typing import get_args

from weightscape.backbone_source import Backbone
from weightscape.conditions import CONTROL_SEED_OFFSET, RESERVED_SERIES
from weightscape.config.combination import check_combinations
from weightscape.config.generators import check_generators
from weightscape.config.messages import ConfigError, problem_of, shown, suggestion
from weightscape.config.study import Study, encoder_name
from weightscape.data.source import Source, SourceFacts
from weightscape.data.splits import SPLITS, check_class_counts, check_split_sizes
from weightscape.diversity.rbf import LARGEST
from weightscape.spectra.columns import used_as
from weightscape.statistics.families import FEATURE_FAMILIES
from weightscape.training.datasets import recipe_of
from weightscape.training.intervention import FAMILIES, POLICIES
from weightscape.training.optimizers import OPTIMIZERS

ROLES = ("dropout", "weight_decay", "diversity", "augmentation", "synthetic", "early_stop")
OPTIONAL_ROLES = ("augmentation", "synthetic", "early_stop")
"""Without a generator there are no synthetic data to compare augmentations with; claim 1 can do without early stopping.
"""


def check_study(study: Study) -> None:
    """Check what no single key can tell.

    Raises
    ------
    ConfigError
        At the first value that does not fit; the message names the key, the value and what is allowed.
    """
    check_combinations(study)
    _check_names(study)
    _check_training(study)
    _check_data(study)
    _check_image_counts(study)
    _check_generator(study)
    _check_diversity(study)
    _check_memory(study)
    _check_claims(study)
    _check_networks(study)


def _check_networks(study: Study) -> None:
    if problem := study.backbone.check():
        raise ConfigError(f"backbone.{problem}")
    if study.encoder:
        _check_network("encoder", study.encoder)
    if study.backbone.from_scratch and not study.encoder:
        raise ConfigError(
            f"backbone.name = {study.backbone.name!r}: needs the key encoder, a network with pre-trained weights by "
            "whose features images are compared, such as {name: efficientnet_lite0}"
        )


def _check_network(key: str, encoder: Backbone) -> None:
    """Check a network by whose features images are compared."""
    if problem := encoder.check():
        raise ConfigError(f"{key}.{problem}")
    if encoder.from_scratch:
        raise ConfigError(
            f"{key}.name = {encoder.name!r}: allowed are networks with pre-trained weights, since images are compared "
            "by their features"
        )


def _check_names(study: Study) -> None:
    for name in study.series:
        if name in RESERVED_SERIES or re.fullmatch(r"baseline_\d+", name):
            raise ConfigError(f"conditions.{name}: the name is taken; {', '.join(RESERVED_SERIES)} are always there")
    name, times = Counter(condition.name for condition in study.conditions).most_common(1)[0]
    if times > 1:
        raise ConfigError(f"two doses become the condition {name}: use doses that differ in six digits")
    if study.pilot and study.pilot.study == study.name:
        raise ConfigError(f"pilot.study = {study.name!r}: is the study itself; a pilot has a name and seeds of its own")
    taken = {*SPLITS, *(corrupted.name for corrupted in study.corruption_sets)}
    for ood in study.ood_sets:
        if not ood.name or ood.name in taken:
            problem = f"the name {ood.name!r} is taken" if ood.name else "its name has none of a–z and 0–9"
            remedy = "give the set a name of its own with the key id"
            if ood.key.startswith("data.source"):
                remedy = "list this domain in data.ood instead, with the key id"
            raise ConfigError(f"{ood.key}: {problem}; {remedy}")
        taken.add(ood.name)


def _check_training(study: Study) -> None:
    seeds, training = study.seeds, study.training
    if seeds.first + seeds.count > CONTROL_SEED_OFFSET:
        raise ConfigError(
            f"seeds.first = {seeds.first}: at most {CONTROL_SEED_OFFSET - seeds.count} with seeds.count = {seeds.count}"
        )
    if seeds.count % seeds.per_job:
        raise ConfigError(
            f"seeds.count = {seeds.count}: must be a multiple of seeds.per_job = {seeds.per_job}, "
            "since a job trains whole blocks of seeds"
        )
    if problem := training.problem():
        raise ConfigError(problem)
    if study.spectra and training.epochs and study.spectra.every > training.epochs:
        raise ConfigError(f"spectra.every = {study.spectra.every}: at most training.epochs = {training.epochs}")
    compiler = os.environ.get("CXX", "clang++" if sys.platform == "darwin" else "g++")  # torch's choice
    if training.compile and shutil.which(compiler) is None:
        raise ConfigError(f"training.compile = True: needs the C++ compiler {compiler}, which this machine lacks")
    modes = OPTIMIZERS[training.optimizer].modes
    for condition in (condition for condition in study.conditions if not condition.parts):
        for intervention in condition.treatment:
            if (decay := intervention.weight_decay()) is None:
                continue
            if (mode := "decoupled" if decay[1] else "l2") not in modes:
                raise ConfigError(
                    f"conditions.{condition.series}.mode = {mode!r}: with training.optimizer = {training.optimizer} "
                    f"allowed: {', '.join(modes)}"
                )
            if decay[0] <= training.weight_decay:
                raise ConfigError(
                    f"conditions.{condition.series} has the weight decay {decay[0]:g}: must be above "
                    f"training.weight_decay = {training.weight_decay:g}, which every run has"
                )


def _check_data(study: Study) -> None:
    facts = _described("data.source", study.data.source)
    if problem := facts.problem():
        raise ConfigError(f"data.source {problem}")
    sizes = study.data.splits.model_dump()
    try:
        check_split_sizes(facts.counts, sizes)
        check_class_counts(facts.class_counts, facts.class_names, sizes)
        study.data.source.check_splits(sizes, study.name)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    sources = {"data.source": study.data.source}
    for ood in study.ood_sets:
        key, source = ood.key, ood.source
        described = _described(key, source)
        if source.domains():
            raise ConfigError(
                f"{key}.ood_domains: allowed in data.source only; here each domain is an entry of its own"
            )
        for other, known in sources.items():
            if source.is_same(known):
                what = "the data set that the study trains on" if other == "data.source" else f"the same as {other}"
                raise ConfigError(f"{key} = {shown(source.given())}: is {what}")
        sources[key] = source
        wanted, there = ood.images, sum(described.counts.values())
        if wanted is not None and wanted > there:
            raise ConfigError(f"{key}.images = {wanted}: at most the {there} images of the set")
        foreign = [name for name in described.class_names if name not in facts.class_names]
        if foreign:
            raise ConfigError(
                f"{key} has the class {shown(foreign[0])}, which data.source has not; "
                f"allowed: {shown(', '.join(facts.class_names))}"
            )


def _described(key: str, source: Source) -> SourceFacts:
    try:
        return source.facts
    except (ValueError, OSError) as error:
        raise ConfigError(f"{key} = {shown(source.given())}: {problem_of(error)}") from None


def _check_image_counts(study: Study) -> None:
    splits, corruptions = study.data.splits, study.data.corruptions
    if corruptions and corruptions.images > splits.test:
        raise ConfigError(f"data.corruptions.images = {corruptions.images}: at most data.splits.test = {splits.test}")
    if files := study.data.corruption_files:
        if problem := files.problem(study.class_names):
            raise ConfigError(f"data.corruption_files{problem}")
        if twice := sorted(set(files.kinds) & set(corruptions.kinds if corruptions else ())):
            raise ConfigError(f"data.corruption_files.kinds has {twice[0]!r}: is in data.corruptions.kinds already")
    for condition in study.conditions:
        recipe = recipe_of(condition.treatment, study.training.images)
        if recipe.real > splits.train:
            raise ConfigError(
                f"condition {condition.name} wants {recipe.real} training images (training.images = "
                f"{study.training.images}): at most data.splits.train = {splits.train}"
            )
    if study.pools and splits.generator == 0:
        raise ConfigError(
            "data.splits.generator = 0: allowed: 1 or more, since a generator is trained on these images, "
            "and synthetic images are compared with them"
        )


def _check_generator(study: Study) -> None:
    if study.data.image_size % 2:
        raise ConfigError(f"data.image_size = {study.data.image_size}: must be even")
    check_generators(study)


def _check_diversity(study: Study) -> None:
    given, images = study.diversity, study.training.images
    if "cosine" not in given.kernels:
        raise ConfigError(f"diversity.kernels = {given.kernels}: must name cosine, which the claims are judged by")
    if "rbf" in given.kernels and images > LARGEST:
        raise ConfigError(f"diversity.kernels = {given.kernels}: rbf is for training.images of at most {LARGEST}")
    taken = {"pixel", "embedding"}
    for index, encoder in enumerate(given.encoders):
        key = f"diversity.encoders[{index}]"
        _check_network(key, encoder)
        name = encoder_name(encoder)
        if name in taken:
            raise ConfigError(f"{key}: the name {name!r} is taken; give the encoder a name of its own with the key id")
        taken.add(name)


def _check_claims(study: Study) -> None:
    claims = study.claims.model_dump()
    roles_of = _roles(study)
    for role in ROLES:
        names = claims[role]
        families = sorted({get_args(cls.model_fields["family"].annotation)[0]
                           for cls in (*FAMILIES.classes(), *POLICIES.classes()) if role in cls.roles})  # fmt: skip
        allowed = sorted(name for name, roles in roles_of.items() if role in roles)
        wanted = f"series of family {' or '.join(families)}, here {', '.join(allowed) or 'none'}"
        if not names and role not in OPTIONAL_ROLES:
            raise ConfigError(f"claims.{role} = []: allowed: one or more {wanted}")
        _check_listed(f"claims.{role}", names, allowed, wanted)
    metrics = used_as("claim")
    for family in FEATURE_FAMILIES:
        _check_listed(f"claims.{family.name}", claims[family.name], metrics, ", ".join(metrics))
    for index, metric in enumerate(claims["scale"]):
        if metric in claims["shape"]:
            raise ConfigError(f"claims.scale[{index}] = {metric!r}; allowed: metrics that are not in claims.shape")


def _roles(study: Study) -> dict[str, frozenset[str]]:
    """Return under which keys of ``claims`` each series may stand: a combination where all of its parts may."""
    roles = {name: series.roles for name, series in study.plain_series.items()}
    for condition in study.conditions:
        if condition.parts:
            parts = [roles[study.condition(part).series] for part in condition.parts]
            roles[condition.series] = frozenset.intersection(*parts)
    return roles


def _check_listed(key: str, names: Sequence[str], allowed: Collection[str], wanted: str) -> None:
    """Check that all names of a list are allowed."""
    for index, name in enumerate(names):
        if name not in allowed:
            raise ConfigError(f"{key}[{index}] = {shown(name)}{suggestion(name, allowed)}; allowed: {wanted}")


def _check_memory(study: Study) -> None:
    """Check that the largest arrays of a job fit into this machine's memory."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    pixels = 3 * study.data.image_size**2
    input_size = study.backbone.input_size or study.data.image_size
    images = {
        "data.splits": sum(study.data.source.facts.counts.values()) * pixels,
        "training.batch_size": study.training.batch_size * 3 * input_size**2 * 4,
        **{f"{study.generator_task(name).key}.images": study.generator_task(name).images * pixels
           for name in study.all_generators},
    }  # fmt: skip
    for key, size in images.items():
        if size > memory:
            raise ConfigError(
                f"{key}: {size / 2**30:,.0f} GiB of images at data.image_size = {study.data.image_size}; "
                f"this machine has {memory / 2**30:,.0f} GiB of memory"
            )
