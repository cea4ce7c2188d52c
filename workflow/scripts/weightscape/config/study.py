"""A study as the workflow uses it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from weightscape.conditions import Condition
from weightscape.training.settings import TrainingSettings

if TYPE_CHECKING:
    from weightscape.generator.settings import GeneratorSettings


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
