"""Checks that no single key can tell: values that must fit each other, the data and the files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from weightscape.config.errors import ConfigError, suggestion
from weightscape.config.study import Study

# What may stand for each role in the claims, by family of interventions.
FAMILIES_OF_ROLE: Mapping[str, tuple[str, ...]] = {
    "dropout": ("dropout",),
    "weight_decay": ("weight_decay",),
    "diversity": ("noise", "augment", "synthetic", "more_real"),
    "augmentation": ("noise", "augment"),
    "synthetic": ("synthetic",),
}
# Shape and scale of a spectrum: the columns of the spectra table that a claim may be tested on.
SPECTRAL_METRICS = (
    "stable_rank", "effective_rank", "entropy", "alpha", "alpha_hill", "alpha_weighted", "log_alpha_norm",
    "num_spikes", "mp_softrank", "robust_num_spikes", "robust_softrank", "robust_spike_mass", "log_norm",
    "log_spectral_norm", "log_nuclear_norm",
)  # fmt: skip


def check_study(study: Study) -> None:
    """Check what no single key can tell: values that must fit each other, the data and the files."""
    _check_names(study)
    _check_seeds(study)
    _check_training(study)
    _check_backbone(study.backbone)
    _check_image_counts(study)
    _check_generator(study)
    _check_claims(study)


def _check_names(study: Study) -> None:
    names = [condition.name for condition in study.conditions]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"two doses become the condition {name}: use doses that differ in six digits")
    for scale in study.guidance_scales:
        if float(f"{scale:g}") != scale or "e" in f"{scale:g}":
            raise ConfigError(f"guidance_scale = {scale!r}: allowed are numbers of up to six digits")


def _check_training(study: Study) -> None:
    for condition in study.conditions:
        treatment = condition.treatment
        if study.training.optimizer == "sgd" and treatment.weight_decay and treatment.weight_decay_mode != "l2":
            raise ConfigError(
                f"conditions.{condition.series}.mode = {treatment.weight_decay_mode!r}: with training.optimizer = sgd "
                "allowed: l2"
            )


def _check_seeds(study: Study) -> None:
    if study.seed_count % study.seeds_per_job:
        raise ConfigError(
            f"seeds.count = {study.seed_count}: must be a multiple of seeds.per_job = {study.seeds_per_job}, "
            "since a job trains whole blocks of seeds"
        )
    from weightscape.statistics.constants import MINIMUM_SEEDS

    if study.seed_count < MINIMUM_SEEDS:
        raise ConfigError(f"seeds.count = {study.seed_count}: the statistics need at least {MINIMUM_SEEDS}")


def _check_backbone(backbone: Mapping[str, Any]) -> None:
    known = {"efficientnet_lite0": (), "timm": ("architecture",), "file": ("architecture", "path")}[backbone["name"]]
    for key in set(backbone) - {"name", "input_size", *known}:
        raise ConfigError(f"backbone.{key} = {backbone[key]!r}: backbone {backbone['name']} does not read it")
    if backbone["name"] in ("timm", "file") and "architecture" not in backbone:
        raise ConfigError("backbone lacks the key architecture: a timm model name, such as resnet18.a1_in1k")
    if backbone["name"] == "file":
        path = backbone.get("path", "")
        if not Path(path).is_file():
            raise ConfigError(f"backbone.path = {path!r}: no such file")
        if Path(path).suffix not in (".safetensors", ".pt", ".pth"):
            raise ConfigError(f"backbone.path = {path!r}: allowed: a file that ends in .safetensors, .pt or .pth")


def _check_image_counts(study: Study) -> None:
    splits = study.data["splits"]
    corruptions = study.data.get("corruptions")
    if corruptions and corruptions["images"] > splits["test"]:
        raise ConfigError(
            f"data.corruptions.images = {corruptions['images']}: at most data.splits.test = {splits['test']}"
        )
    for condition in study.conditions:
        wanted = round(study.training.images * condition.treatment.real_factor)
        if wanted > splits["train"]:
            raise ConfigError(
                f"condition {condition.name} wants {wanted} training images (training.images = "
                f"{study.training.images}): at most data.splits.train = {splits['train']}"
            )
    if study.training.batch_size > study.training.images:
        raise ConfigError(
            f"training.batch_size = {study.training.batch_size}: at most training.images = {study.training.images}"
        )


def _check_generator(study: Study) -> None:
    if study.generator:
        from weightscape.generator.settings import GeneratorSettings

        try:
            GeneratorSettings.from_dict(study.generator).check_study(study.data["image_size"], len(study.class_names))
        except ValueError as error:
            raise ConfigError(str(error)) from None
    if not study.guidance_scales:
        return
    if not study.synthetic_images:
        raise ConfigError("conditions with family synthetic need the key generator")
    for condition in study.conditions:
        wanted = round(study.training.images * condition.treatment.synthetic_ratio)
        if wanted > study.synthetic_images:
            raise ConfigError(
                f"condition {condition.name} wants {wanted} synthetic images: at most "
                f"generator.images = {study.synthetic_images}"
            )
    if study.data["splits"]["generator"] == 0:
        raise ConfigError(
            "data.splits.generator = 0: allowed: 1 or more, since a generator is trained on these images, "
            "and synthetic images are compared with them"
        )


def _check_claims(study: Study) -> None:
    family_of = {condition.series: condition.family for condition in study.conditions}
    for role, families in FAMILIES_OF_ROLE.items():
        allowed = sorted(series for series, family in family_of.items() if family in families)
        wanted = f"series of family {' or '.join(families)}, here {', '.join(allowed) or 'none'}"
        # Without a generator there are no synthetic data to compare augmentations with.
        if not study.claims[role] and role in ("dropout", "weight_decay", "diversity"):
            raise ConfigError(f"claims.{role} = []: allowed: one or more {wanted}")
        for index, name in enumerate(study.claims[role]):
            if name not in allowed:
                known = suggestion(name, allowed)
                raise ConfigError(f"claims.{role}[{index}] = {name!r}{known}; allowed: {wanted}")
    for role in ("shape", "scale"):
        for index, metric in enumerate(study.claims[role]):
            if metric not in SPECTRAL_METRICS:
                raise ConfigError(
                    f"claims.{role}[{index}] = {metric!r}{suggestion(metric, SPECTRAL_METRICS)}; "
                    f"allowed: {', '.join(SPECTRAL_METRICS)}"
                )
    for index, metric in enumerate(study.claims["scale"]):
        if metric in study.claims["shape"]:
            raise ConfigError(f"claims.scale[{index}] = {metric!r}: allowed: metrics that are not in claims.shape")
