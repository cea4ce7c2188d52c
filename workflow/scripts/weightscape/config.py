"""The study's configuration: checked as a whole before any job starts, then used as typed objects."""

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import yaml

from weightscape.conditions import BASELINE, BASELINE_B, FAMILIES, Condition, Family, Range, expand_series
from weightscape.training.settings import TrainingSettings

if TYPE_CHECKING:
    from weightscape.data.sources import SourceFacts
    from weightscape.generator.settings import GeneratorSettings

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "study.schema.yaml"
RESERVED_SERIES = {"baseline", "baseline_b", "pretrained"}
# Shape and scale of a spectrum: the columns of the spectra table that a claim may be tested on.
SPECTRAL_METRICS = (
    "stable_rank", "effective_rank", "entropy", "alpha", "alpha_hill", "alpha_weighted", "log_alpha_norm",
    "num_spikes", "mp_softrank", "robust_num_spikes", "robust_softrank", "robust_spike_mass", "log_norm",
    "log_spectral_norm", "log_nuclear_norm",
)  # fmt: skip


class ConfigError(ValueError):
    """A value of the configuration is not allowed; the message names the file, the key, the value and what is."""


@dataclass(frozen=True)
class EvaluationSet:
    """A set of images that every run is evaluated on."""

    name: str
    kind: str
    corruption: str = ""
    severity: int | None = None


@dataclass(frozen=True)
class Study:
    """A validated study."""

    name: str
    title: str
    data: Mapping[str, Any]
    backbone: Mapping[str, Any]
    generator: Mapping[str, Any]
    synthetic_images: int
    training: TrainingSettings
    device: str
    seed_count: int
    seeds_per_job: int
    conditions: tuple[Condition, ...]
    class_names: tuple[str, ...]
    claims: Mapping[str, Any]

    @property
    def blocks(self) -> range:
        """Numbers of the seed blocks; a block is one job."""
        return range(self.seed_count // self.seeds_per_job)

    def seeds(self, block: int) -> list[int]:
        """Return the paired seed indices of a block."""
        return list(range(block * self.seeds_per_job, (block + 1) * self.seeds_per_job))

    def condition(self, name: str) -> Condition:
        """Return the condition called `name`."""
        return next(condition for condition in self.conditions if condition.name == name)

    @property
    def guidance_scales(self) -> list[float]:
        """Guidance scales that the conditions ask synthetic images of, ascending."""
        scales = {c.treatment.guidance_scale for c in self.conditions}
        return sorted(scale for scale in scales if scale is not None)

    @property
    def trains_generator(self) -> bool:
        """Whether the workflow trains the generator itself."""
        return bool(self.guidance_scales) and self._generator().trains

    def generator_settings(self, stage: str) -> dict[str, Any]:
        """Return the generator's settings that a stage, ``"training"`` or ``"sampling"``, depends on."""
        return self._generator().params(stage)

    def _generator(self) -> "GeneratorSettings":
        from weightscape.generator.settings import GeneratorSettings

        return GeneratorSettings.from_dict(self.generator)

    @property
    def data_conditions(self) -> list[Condition]:
        """Conditions whose training images differ from each other: the baselines and all that change the data."""
        return [c for c in self.conditions if c.family == "baseline" or c.treatment.changes_data]

    @property
    def corruption_sets(self) -> list[EvaluationSet]:
        """Corrupted copies of the test images, in the order kinds × severities."""
        corruptions = self.data.get("corruptions", {"kinds": [], "severities": []})
        return [
            EvaluationSet(f"test-{kind}-{severity}", "corruption", kind, severity)
            for kind in corruptions["kinds"]
            for severity in corruptions["severities"]
        ]

    @property
    def ood_sources(self) -> dict[str, dict[str, Any]]:
        """Sources of the out-of-distribution sets by the sets' names: their ``id``, or else the source's name."""
        return {
            source.get("id", source["name"]): {key: value for key, value in source.items() if key != "id"}
            for source in self.data.get("ood", [])
        }

    @property
    def evaluation_sets(self) -> list[EvaluationSet]:
        """Every set of images that the runs are evaluated on."""
        ood = [EvaluationSet(name, "ood") for name in self.ood_sources]
        splits = [EvaluationSet("validation", "validation"), EvaluationSet("test", "test")]
        return [*splits, *ood, *self.corruption_sets]


def load_study(config: Mapping[str, Any], file: str) -> Study:
    """Check the whole configuration and return the study.

    Parameters
    ----------
    config
        The parsed YAML.
    file
        Where it came from, for messages.

    Raises
    ------
    ConfigError
        At the first value that is not allowed.
    """
    try:
        _check_structure(config)
        study = _build(config)
        _check_study(study)
    except ConfigError as error:
        raise ConfigError(f"{file}: {error}") from None
    return study


# JSON Schema takes 50.0 for an integer and lets NaN pass every bound; both would fail in the middle of a job.
_VALIDATOR = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine_many(
        {
            "integer": lambda _, value: isinstance(value, int) and not isinstance(value, bool),
            "number": lambda _, value: _is_number(value),
        }
    ),
)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _check_structure(config: Mapping[str, Any]) -> None:
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    errors = _VALIDATOR(schema).iter_errors(config)
    for error in sorted(errors, key=lambda error: [str(part) for part in error.absolute_path]):
        raise ConfigError(_explain(error))


def _explain(error: jsonschema.ValidationError) -> str:
    """Say which key has which value and what is allowed."""
    key = _key(error.absolute_path)
    where = key or "the study"
    schema = error.schema
    assert isinstance(schema, Mapping)
    if error.validator == "additionalProperties":
        known = list(schema["properties"])
        unknown = next(name for name in error.instance if name not in known)
        prefix = f"{key}." if key else ""
        return f"unknown key {prefix}{unknown}{_suggestion(unknown, known)}; allowed: {', '.join(known)}"
    if error.validator == "required":
        missing = next(name for name in error.validator_value if name not in error.instance)
        return f"{where} lacks the key {missing}; required: {', '.join(error.validator_value)}"
    allowed = {
        "enum": lambda value: f"allowed: {', '.join(map(str, value))}",
        "type": lambda value: f"must be of type {value}",
        "minimum": lambda value: f"must be at least {value}",
        "maximum": lambda value: f"must be at most {value}",
        "exclusiveMinimum": lambda value: f"must be greater than {value}",
        "multipleOf": lambda value: f"must be a multiple of {value}",
        "pattern": lambda value: f"must match the pattern {value}",
        "minItems": lambda value: f"needs at least {value} item",
        "minProperties": lambda value: f"needs at least {value} entry",
        "uniqueItems": lambda _: "must not hold a value twice",
    }
    rule = allowed.get(str(error.validator), lambda _: error.message)
    return f"{where} = {error.instance!r}: {rule(error.validator_value)}"


def _key(path: Iterable[str | int]) -> str:
    key = ""
    for part in path:
        key += f"[{part}]" if isinstance(part, int) else f"{'.' if key else ''}{part}"
    return key


def _suggestion(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _build(config: Mapping[str, Any]) -> Study:
    series = config["conditions"]
    for name, settings in series.items():
        _check_series(name, settings)
    training = dict(config["training"])
    device = training.pop("device", "cpu")
    generator = dict(config.get("generator", {}))
    synthetic_images = generator.pop("images", 0)
    return Study(
        name=config["study"],
        title=config["title"],
        data=config["data"],
        backbone=config["backbone"],
        generator=generator,
        synthetic_images=synthetic_images,
        training=TrainingSettings(**training),
        device=device,
        seed_count=config["seeds"]["count"],
        seeds_per_job=config["seeds"]["per_job"],
        conditions=(
            BASELINE,
            BASELINE_B,
            *(condition for name, settings in series.items() for condition in expand_series(name, settings)),
        ),
        class_names=_class_names(config["data"]),
        claims=config["claims"],
    )


def _check_series(name: str, series: Mapping[str, Any]) -> None:
    key = f"conditions.{name}"
    if name in RESERVED_SERIES:
        raise ConfigError(f"{key}: the name is taken; {', '.join(sorted(RESERVED_SERIES))} are always there")
    if series["family"] not in FAMILIES:
        raise ConfigError(
            f"{key}.family = {series['family']!r}{_suggestion(series['family'], FAMILIES)}; "
            f"allowed: {', '.join(FAMILIES)}"
        )
    family = FAMILIES[series["family"]]
    _check_options(key, series, family)
    doses = family.dose_range(series)
    for index, dose in enumerate(series["doses"]):
        if dose not in doses:
            raise ConfigError(f"{key}.doses[{index}] = {dose!r}: {family.dose_meaning} must be {doses}")


def _check_options(key: str, series: Mapping[str, Any], family: Family) -> None:
    known = ["family", "doses", *family.options]
    for option in series:
        if option not in known:
            raise ConfigError(f"unknown key {key}.{option}{_suggestion(option, known)}; allowed: {', '.join(known)}")
    for option, allowed in family.options.items():
        if option not in series:
            raise ConfigError(f"{key} lacks the key {option}; allowed values: {_values(allowed)}")
        value = series[option]
        fits = _is_number(value) or not isinstance(allowed, Range)
        if not fits or value not in allowed:
            raise ConfigError(f"{key}.{option} = {value!r}; allowed: {_values(allowed)}")


def _values(allowed: tuple[str, ...] | Range) -> str:
    return str(allowed) if isinstance(allowed, Range) else ", ".join(allowed)


def _check_study(study: Study) -> None:
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


def _class_names(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Check the data sources and the sizes of the splits; return the names of the classes."""
    from weightscape.data.splits import check_split_sizes

    facts = _describe("data.source", data["source"])
    try:
        check_split_sizes(facts.counts, data["splits"])
    except ValueError as error:
        raise ConfigError(str(error)) from None
    taken = {*data["splits"]}
    for index, source in enumerate(data.get("ood", [])):
        key = f"data.ood[{index}]"
        name = source.get("id", source["name"])
        source = {option: value for option, value in source.items() if option != "id"}
        if source == data["source"]:
            raise ConfigError(f"{key} = {source}: is the data set that the study trains on")
        if name in taken:
            raise ConfigError(f"{key}: the name {name!r} is taken; give the set a name of its own with the key id")
        taken.add(name)
        foreign = [name for name in _describe(key, source).class_names if name not in facts.class_names]
        if foreign:
            raise ConfigError(
                f"{key} has the class {foreign[0]!r}, which data.source has not; "
                f"allowed: {', '.join(facts.class_names)}"
            )
    return facts.class_names


def _describe(key: str, source: Mapping[str, Any]) -> "SourceFacts":
    from weightscape.data.sources import describe_source, source_names

    name = source["name"]
    if name not in source_names():
        raise ConfigError(
            f"{key}.name = {name!r}{_suggestion(name, source_names())}; allowed: {', '.join(source_names())}"
        )
    try:
        return describe_source(source)
    except (ValueError, OSError) as error:
        raise ConfigError(f"{key} = {dict(source)}: {error}") from None


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
        try:
            study.generator_settings("training")
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
    if study.trains_generator and study.data["splits"]["generator"] == 0:
        raise ConfigError("data.splits.generator = 0: the generator needs images to train on")


def _check_claims(study: Study) -> None:
    series = {condition.series for condition in study.conditions} - RESERVED_SERIES
    changing_data = {condition.series for condition in study.conditions if condition.treatment.changes_data}
    for first, second in (("dropout", "weight_decay"), ("dropout", "diversity"), ("weight_decay", "diversity"),
                          ("augmentation", "synthetic")):  # fmt: skip
        shared = set(study.claims[first]) & set(study.claims[second])
        if shared:
            raise ConfigError(f"claims.{second} = {study.claims[second]}: {sorted(shared)[0]} is in claims.{first} too")
    for role in ("dropout", "weight_decay", "diversity", "augmentation", "synthetic"):
        for index, name in enumerate(study.claims[role]):
            if name not in series:
                raise ConfigError(
                    f"claims.{role}[{index}] = {name!r}{_suggestion(name, series)}; "
                    f"allowed: series of conditions, {', '.join(sorted(series))}"
                )
            if role in ("diversity", "augmentation", "synthetic") and name not in changing_data:
                raise ConfigError(
                    f"claims.{role}[{index}] = {name!r}: does not change the training data; "
                    f"allowed: {', '.join(sorted(changing_data))}"
                )
    for role in ("shape", "scale"):
        for index, metric in enumerate(study.claims[role]):
            if metric not in SPECTRAL_METRICS:
                raise ConfigError(
                    f"claims.{role}[{index}] = {metric!r}{_suggestion(metric, SPECTRAL_METRICS)}; "
                    f"allowed: {', '.join(SPECTRAL_METRICS)}"
                )
