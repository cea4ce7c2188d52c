"""A study as its config gives it and as the workflow uses it: one model of the whole file."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from weightscape.backbone_source import BACKBONES, Backbone
from weightscape.condition_rows import PRETRAINED
from weightscape.conditions import BASELINE_B, Condition, baseline_replicates, expand_series
from weightscape.config.combination import Combination
from weightscape.config.names import Name, folder_name
from weightscape.config.series import Series, any_series
from weightscape.data.corruption import CORRUPTIONS
from weightscape.data.corruption_files import CorruptionFiles
from weightscape.data.source import SOURCES, Source
from weightscape.generator.generator import GENERATORS, Generator, Task
from weightscape.generator.label_filter import LabelFilter
from weightscape.generator.pool import Pool, PoolPart, parts_of, pool_order
from weightscape.section import DISTINCT, NO_EFFECT, UNLIMITED, Count, Range, Section
from weightscape.statistics.families import FEATURE_FAMILIES
from weightscape.statistics.plan import DEFAULT_MARGIN
from weightscape.statistics.recognised_share import DEFAULT_RECOGNISED
from weightscape.training.settings import TrainingSettings

if TYPE_CHECKING:

    class AnyOodSource(Source):
        """A data set with a name of its own, of which a part may be used."""

        id: str | None
        images: int | None

    class AnyGenerator(Generator):
        """A generator, the number of its images, how many of them a job draws, and what they are filtered by."""

        images: int
        images_per_job: int | None
        filter: LabelFilter | None

    class AnyEncoder(Backbone):
        """A frozen network with a name of its own."""

        id: str | None

    AnySource: TypeAlias = Source
    AnyBackbone: TypeAlias = Backbone
    AnySeries: TypeAlias = Series | Combination
else:
    AnySource, AnyBackbone, AnySeries = SOURCES.union(), BACKBONES.union(), any_series()
    AnyOodSource = SOURCES.union(
        id=(Name | None, Field(None, description="name of the set, where two have the same source")),
        images=(
            Count | None,
            Field(None, description="how many of its images are used, drawn by class; all if left out"),
        ),
    )
    AnyEncoder = BACKBONES.union(id=(Name | None, Field(None, description="name of its space in the tables")))
    AnyGenerator = Annotated[
        GENERATORS.union(
            images=(Count, Field(description="synthetic images in each pool")),
            images_per_job=(
                Count | None,
                Field(None, description="how many of them a job draws, in whole batches; all if left out"),
            ),
            filter=(
                LabelFilter | None,
                Field(None, description="leaves out synthetic images that do not look like their class"),
            ),
        ),
        BeforeValidator(lambda value: {"kind": "diffusion", **value} if isinstance(value, dict) else value),
    ]


class Splits(Section):
    """Numbers of images in the disjoint splits."""

    test: Count
    """test images"""
    validation: Count
    """images that training is watched on and temperatures are fitted on"""
    generator: Annotated[int, Range(0, UNLIMITED, integer=True)]
    """images that the diffusion model is trained on, and that synthetic images are compared with"""
    train: Count
    """the pool that each seed draws from"""


class Corruptions(Section):
    """Corrupted copies of test images."""

    kinds: Annotated[list[Literal[tuple(CORRUPTIONS.names())]], DISTINCT]  # type: ignore[valid-type]
    """corruptions"""
    severities: Annotated[list[Annotated[int, Range(1, 5, integer=True)]], DISTINCT]
    """severities"""
    images: Count
    """number of test images that are corrupted"""


class Data(Section):
    """Images of a study."""

    source: AnySource
    """the data set"""
    image_size: Annotated[int, Range(8, 1024, integer=True)]
    """side of the images in pixels, even; with the default generator a multiple of 8"""
    splits: Splits
    """number of images in each split"""
    ood: list[AnyOodSource] = Field(default_factory=list)
    """data sets with the same class names, for accuracy out of distribution, without which claims 2b to 2d stay
    undetermined"""
    corruptions: Corruptions | None = None
    """corrupted copies of test images"""
    corruption_files: CorruptionFiles | None = None
    """corrupted images that exist as files, such as CIFAR-10-C"""


Kernel = Literal["cosine", "rbf"]


def _cosine() -> list[Kernel]:
    return ["cosine"]


class Diversity(Section):
    """How diverse the training sets are."""

    encoders: list[AnyEncoder] = Field(default_factory=list)
    """frozen networks in whose features diversity is measured too, beside the pixels and the study's own backbone; each
    is a source as in `backbone`, with a name `id` where two have the same architecture"""
    kernels: Annotated[list[Kernel], DISTINCT] = Field(default_factory=_cosine)
    """kernels of the Vendi scores: `cosine`, always, and `rbf`, whose bandwidth is the median distance of test images
    and whose time grows with the cube of `training.images`"""


EMBEDDING = "embedding"
"""Space that the claims look at: features of the backbone before training, or of the network ``encoder``."""


def encoder_name(encoder: AnyEncoder) -> str:
    """Return the name of an encoder's space: its ``id``, or else its architecture, with underscores for dots."""
    architecture: str = getattr(encoder, "architecture", encoder.name)
    return encoder.id or architecture.replace(".", "_")


class SpectraAlongTraining(Section):
    """Spectra along training."""

    every: Annotated[int, Range(1, 10000, integer=True)]
    """epochs between two points of each run at which the metrics of `claims` are taken; also before its first step and
    at its end"""


class Seeds(Section):
    """Training runs per condition."""

    count: Annotated[int, Range(3, 1000, integer=True)]
    """runs per condition; a sign-flip test needs 6 before it can reach p < .05"""
    per_job: Annotated[int, Range(1, 1000, integer=True), NO_EFFECT]
    """seeds that one job trains, a divisor of `count`; raising `count` adds jobs and repeats none"""
    first: Annotated[int, Range(0, 999, integer=True)] = 0
    """number of the first seed: a plan that was made after a look at some seeds is judged on others"""


class Claims(Section):
    """Which series the claims are about, and the metrics of the feature families."""

    dropout: Annotated[list[str], DISTINCT]
    """series of dropout (family `dropout`, `head_dropout` or `drop_path`) that claim 1 compares data diversity with, at
    least one"""
    weight_decay: Annotated[list[str], DISTINCT]
    """series of decay (family `weight_decay` or `l2_sp`) that claim 1 compares data diversity with, at least one"""
    diversity: Annotated[list[str], DISTINCT]
    """series that stand for diverse data in claim 1, at least one; each is judged on its own, and all together"""
    augmentation: Annotated[list[str], DISTINCT]
    """series that claim 2 compares synthetic data with; may be empty"""
    synthetic: Annotated[list[str], DISTINCT]
    """series of synthetic data that claim 2 compares; may be empty"""
    early_stop: Annotated[list[str], DISTINCT] = Field(default_factory=list)
    """series of family `early_stop`, whose direction claim 1 removes from all effects; without one, claim 1 cannot tell
    diversity from more or less training"""
    change: Annotated[list[str], Field(min_length=1), DISTINCT]
    """metrics of the spectra of the weights' change ΔW: the primary feature family"""
    shape: Annotated[list[str], Field(min_length=1), DISTINCT]
    """metrics of the spectra of the weights, as in the paper"""
    scale: Annotated[list[str], Field(min_length=1), DISTINCT]
    """metrics of the size of the weights, none of them in `shape`"""
    margin: Annotated[float, Range(0, 1000, low_open=True)] = DEFAULT_MARGIN
    """contrasts of claim 1 between −margin and margin, in between-seed SDs, count as negligible"""
    recognised: Annotated[float, Range(0, 1)] = DEFAULT_RECOGNISED
    """the gate of claim 2: a classifier of real images must recognise synthetic ones, above chance, at least this share
    as often as unseen real ones, as a lower bound; otherwise claim 2 stays undetermined"""


class Pilot(Section):
    """How the doses were chosen, as `weightscape match-doses` prints it."""

    study: Name
    """name of the pilot, whose seeds the study never uses"""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """sum of the pilot's config"""
    rule: Annotated[str, Field(min_length=1)]
    """how doses follow from the pilot"""


@dataclass(frozen=True)
class OodSet:
    """An out-of-distribution set.

    Attributes
    ----------
    name
        A domain's name, the ``id`` of an entry, or else its source's name.
    key
        The key of the config that asks for it.
    source
        Where its images come from.
    images
        How many of them are used, None for all.
    """

    name: str
    key: str
    source: Source
    images: int | None = None


@dataclass(frozen=True)
class EvaluationSet:
    """A set of images that every run is evaluated on."""

    name: str
    kind: str
    corruption: str = ""
    severity: int | None = None


class Study(Section):
    """A study: one YAML file in `config/`."""

    name: Annotated[Name, NO_EFFECT] = Field(alias="study")
    """name of the study and of its folder in `results/`"""
    title: Annotated[str, Field(min_length=1, max_length=200), NO_EFFECT]
    """title of the report"""
    amendments: list[Annotated[str, Field(min_length=1)]] = Field(default_factory=list)
    """what was changed after results of an earlier run had been seen, a sentence each; part of the plan, and shown at
    the head of the report"""
    pilot: Pilot | None = None
    """how the doses were chosen on other seeds; part of the plan"""
    data: Data
    """images"""
    backbone: AnyBackbone
    """the network that is trained"""
    encoder: AnyBackbone | None = None
    """the frozen network in whose features images are compared, for diversity and the quality of synthetic images; the
    backbone before training if left out, which a backbone from scratch cannot be"""
    generator: AnyGenerator | None = None
    """the source of synthetic images, for studies that have any"""
    generators: dict[Name, AnyGenerator] = Field(default_factory=dict)
    """more sources of synthetic images by names of your choice, which conditions name with their key `generator`"""
    training: TrainingSettings
    """what all runs share"""
    diversity: Diversity = Field(default_factory=Diversity)
    """how diverse the training sets are"""
    spectra: SpectraAlongTraining | None = None
    """spectra along training, for a table and a figure; without it they are taken after training only"""
    seeds: Seeds
    """training runs per condition"""
    baselines: Annotated[int, Range(1, 100, integer=True)] = 1
    """baseline runs per seed; they share its images and the initialisation of the classifier and differ in the order of
    the batches, and every difference is from their mean: more of them make every effect more precise at once"""
    series: dict[Name, AnySeries] = Field(alias="conditions", min_length=1)
    """series: a name of your choice, a `family`, its options and a list of `doses`; or combinations of them: a name and
    `combine`"""
    claims: Claims
    """which series the claims are about"""

    @property
    def plain_series(self) -> dict[str, Series]:
        """The series that have doses: all but combinations."""
        return {name: series for name, series in self.series.items() if isinstance(series, Series)}

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """All conditions: the baseline with its replicates, the second baseline, every series at each of its doses."""
        plain = {name: expand_series(name, series.interventions()) for name, series in self.plain_series.items()}
        series = [
            entry.conditions(name, plain) if isinstance(entry, Combination) else plain[name]
            for name, entry in self.series.items()
        ]
        return (
            *baseline_replicates(self.baselines),
            BASELINE_B,
            *(condition for conditions in series for condition in conditions),
        )

    @cached_property
    def _by_name(self) -> dict[str, Condition]:
        return {condition.name: condition for condition in self.conditions}

    def condition(self, name: str) -> Condition:
        """Return the condition called `name`."""
        return self._by_name[name]

    @property
    def shown_conditions(self) -> list[Condition]:
        """Conditions as people see them: the baseline's replicates are one."""
        return [c for c in self.conditions if c.replicate == 1]

    @property
    def data_conditions(self) -> list[Condition]:
        """Conditions whose training images differ from each other: the two baselines and all that change the data."""
        return [c for c in self.shown_conditions if not c.treatment or c.changes_data]

    @property
    def blocks(self) -> range:
        """Numbers of the seed blocks; a block is one job."""
        return range(self.seeds.count // self.seeds.per_job)

    @property
    def stream_seeds(self) -> list[int]:
        """Seeds that name the random streams of the runs, each once, ascending."""
        seeds = range(self.seeds.first, self.seeds.first + self.seeds.count)
        return sorted({condition.stream_seed(seed) for condition in self.conditions for seed in seeds})

    def start(self, stream_seed: int) -> str:
        """Return the name of the weights that the runs of a stream seed start from."""
        return f"seed-{stream_seed}" if self.backbone.from_scratch else PRETRAINED

    @property
    def starts(self) -> list[str]:
        """Names of all weights that runs start from."""
        return list(dict.fromkeys(map(self.start, self.stream_seeds)))

    def seeds_of(self, block: int) -> list[int]:
        """Return the paired seed indices of a block."""
        start = self.seeds.first + block * self.seeds.per_job
        return list(range(start, start + self.seeds.per_job))

    @property
    def along_training(self) -> dict[str, Any] | None:
        """How often spectra are taken along training, and which of their metrics; None where none are."""
        if self.spectra is None:
            return None
        metrics: dict[str, list[str]] = {}
        for family in FEATURE_FAMILIES:
            metrics[family.of] = sorted({*metrics.get(family.of, ()), *getattr(self.claims, family.name)})
        return {"every": self.spectra.every, "metrics": metrics}

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes, in the order of their labels."""
        return self.data.source.facts.class_names

    @cached_property
    def pools(self) -> dict[str, Pool]:
        """Pools of synthetic images that the conditions draw from, by name."""
        pools = {condition.pool for condition in self.conditions if condition.pool is not None}
        return {pool.name: pool for pool in sorted(pools, key=pool_order)}

    @property
    def foreign_pools(self) -> list[str]:
        """Pools whose images show none of the study's classes."""
        return [name for name, pool in self.pools.items() if self.generator_of(pool).own_classes(self.class_names)]

    @property
    def pool_parts(self) -> dict[str, PoolPart]:
        """What one job draws of a pool, by its folder."""
        parts: dict[str, PoolPart] = {}
        for pool in self.pools.values():
            generator = self.generator_of(pool)
            parts |= parts_of(pool, drawn_images(generator), generator.images_per_job)
        return parts

    @property
    def all_generators(self) -> dict[str, "AnyGenerator"]:
        """All generators by name, that of the key `generator` by the empty one."""
        return {**({"": self.generator} if self.generator else {}), **self.generators}

    def generator_of(self, pool: Pool) -> "AnyGenerator":
        """Return the generator that draws a pool."""
        return self.all_generators[pool.generator]

    def generator_task(self, name: str) -> Task:
        """Return what the study asks of one of `all_generators`."""
        generator = self.all_generators[name]
        return Task(
            key=f"generators.{name}" if name else "generator",
            study=self.name,
            class_names=generator.own_classes(self.class_names) or self.class_names,
            images=drawn_images(generator),
            image_size=self.data.image_size,
            device=self.training.device,
        )

    @property
    def trains_generator(self) -> bool:
        """Whether the workflow trains the generator itself."""
        return any(self.generator_of(pool).trains for pool in self.pools.values())

    @property
    def seen_split(self) -> str:
        """The split whose images generators have seen, trained on or made images from; `generator` if there is none."""
        own = any(each.learnt_from == "subset" or each.made_from_real for each in self.all_generators.values())
        return "train" if own else "generator"

    @property
    def unseen_split(self) -> str:
        """The split of real images, unseen by generators, from which the classifier learns that judges them."""
        return "generator" if self.seen_split == "train" else "train"

    @property
    def corruption_sets(self) -> list[EvaluationSet]:
        """Corrupted copies of the test images, in the order kinds × severities."""
        corruptions = self.data.corruptions
        pairs = product(corruptions.kinds, corruptions.severities) if corruptions else ()
        return [EvaluationSet(f"test-{kind}-{severity}", "corruption", kind, severity) for kind, severity in pairs]

    @property
    def corruption_file_sets(self) -> list[EvaluationSet]:
        """Corrupted images that exist as files, in the order kinds × severities."""
        files = self.data.corruption_files
        pairs = product(files.kinds, files.severities) if files else ()
        return [EvaluationSet(f"files-{kind}-{severity}", "corruption", kind, severity) for kind, severity in pairs]

    @cached_property
    def ood_sets(self) -> tuple[OodSet, ...]:
        """The out-of-distribution sets: other domains of the study's data set, then the entries of ``data.ood``."""
        own = [
            OodSet(folder_name(domain), f"data.source.ood_domains[{index}]", source)
            for index, (domain, source) in enumerate(self.data.source.domains().items())
        ]
        given = [
            OodSet(
                source.id or source.name,
                f"data.ood[{index}]",
                SOURCES.parse(source.model_dump(exclude={"id", "images"}, exclude_unset=True)),
                source.images,
            )
            for index, source in enumerate(self.data.ood)
        ]
        return (*own, *given)

    @property
    def ood_sources(self) -> dict[str, Source]:
        """Sources of the out-of-distribution sets by the sets' names."""
        return {ood.name: ood.source for ood in self.ood_sets}

    @property
    def ood_images(self) -> dict[str, int | None]:
        """How many images of each out-of-distribution set are used, None for all, by the sets' names."""
        return {ood.name: ood.images for ood in self.ood_sets}

    @cached_property
    def encoders(self) -> dict[str, Backbone]:
        """Networks other than the backbone by whose features images are compared, by the names of their spaces."""
        primary = {EMBEDDING: self.encoder} if self.encoder else {}
        return primary | {
            encoder_name(encoder): BACKBONES.parse(encoder.model_dump(exclude={"id"}, exclude_unset=True))
            for encoder in self.diversity.encoders
        }

    @property
    def evaluation_sets(self) -> list[EvaluationSet]:
        """Every set of images that the runs are evaluated on."""
        ood = [EvaluationSet(name, "ood") for name in self.ood_sources]
        splits = [EvaluationSet("validation", "validation"), EvaluationSet("test", "test")]
        return [*splits, *ood, *self.corruption_sets, *self.corruption_file_sets]


def drawn_images(generator: "AnyGenerator") -> int:
    """Return how many images a generator draws for each pool: more than are kept where they are filtered."""
    return generator.filter.count(generator.images) if generator.filter else generator.images
