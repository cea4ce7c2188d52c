# The study, its paths, and the helpers that the rules share.
import re
import sys
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.settings.types import DeploymentMethod

WORKFLOW = Path(workflow.current_basedir).parent
sys.path.insert(0, str(WORKFLOW / "scripts"))

from weightscape.config.load import load_study
from weightscape.config.messages import ConfigError
from weightscape.config.plan import registered_sections
from weightscape.config.yaml_file import read_yaml
from weightscape.data.corruption import CORRUPTIONS
from weightscape.data.splits import SPLITS
from weightscape.digest import code_digest, folder_digest
from weightscape.figures.registry import declared_figures
from weightscape.files import file_sha256
from weightscape.condition_rows import PRETRAINED
from weightscape.config.study import EMBEDDING
from weightscape.report.texts import text_digest

try:
    for file in workflow.configfiles:
        read_yaml(
            file
        )  # refuses what Snakemake reads without a word, such as a key that appears twice
    study = load_study(config, ", ".join(map(str, workflow.configfiles)) or "--config")
except ConfigError as error:
    raise WorkflowError(str(error))

RESULTS = f"results/{study.name}"
DATA_SOURCES = {"data-source": study.data.source, **study.ood_sources}
RUN = f"{RESULTS}/runs/{{condition}}/block-{{block}}"
PLAN = f"{RESULTS}/plan.json"
TABLES = f"{RESULTS}/tables"
POOL_FILES = ("images", "labels", "sources")


wildcard_constraints:
    condition="|".join(re.escape(condition.name) for condition in study.conditions),
    block="|".join(map(str, study.blocks)),
    pool="|".join(map(re.escape, study.pools)) or "none",
    encoder="[a-z0-9_]+",
    stream_seed=r"\d+",
    start=r"pretrained|seed-\d+",
    part="|".join(map(re.escape, study.pool_parts)) or "none",


def images(name):
    """Return the image array of a data set of the study."""
    return f"{RESULTS}/data/{name}/images.npy"


def labels(name):
    """Return the label array of a data set of the study."""
    return f"{RESULTS}/data/{name}/labels.npy"


def table(*names):
    """Return the named tables as named inputs."""
    return {name: f"{TABLES}/{name}.parquet" for name in names}


def contents(source):
    """Return a digest of the user's files that a data set is read from, None if there are none."""
    files = folder_digest(*source.paths)
    return [files, *map(file_sha256, source.texts)] if source.texts else files


def fetched(name):
    """Return the mark that the files of a data set are there, if the workflow downloads them."""
    if not DATA_SOURCES[name].downloads:
        return []
    # Published files stay what they are, whenever they were looked for.
    return ancient(f"{RESULTS}/data/fetched/{name}.json")


def sets_before(ood):
    """Return the splits and the out-of-distribution sets before one: so each pair is compared once."""
    names = list(study.ood_sources)
    return [*SPLITS, *names[: names.index(ood)]]


def per_block(path, conditions):
    """Return `path` for every block of every condition, the conditions in the order of the study."""
    return [
        path.format(condition=condition.name, block=block)
        for condition in conditions
        for block in study.blocks
    ]


def weights(wildcards):
    """Return the fine-tuned weights of a block, in the order of its seeds."""
    return expand(
        f"{RUN}/weights-{{i}}.safetensors", i=range(study.seeds.per_job), **wildcards
    )


def condition_columns(wildcards):
    """Return the columns that name the condition in every table."""
    return study.condition(wildcards.condition).columns()


def seeds(wildcards):
    """Return the seeds of a block."""
    return study.seeds_of(int(wildcards.block))


def stream_seeds(wildcards):
    """Return the seeds that name the random streams of a block's runs."""
    condition = study.condition(wildcards.condition)
    return [condition.stream_seed(seed) for seed in seeds(wildcards)]


def starts(wildcards):
    """Return the names of the weights that the runs of a block start from, in the order of its seeds."""
    return [study.start(seed) for seed in stream_seeds(wildcards)]


def start_weights(start):
    """Return the weights of this name."""
    name = "model" if start == PRETRAINED else start
    return f"{RESULTS}/backbone/{name}.safetensors"


def synthetic_folder(pool):
    """Return the folder of the synthetic images of a pool."""
    return f"{RESULTS}/synthetic/{pool}"


# Pools of which a filter leaves some images out.
FILTERED = [
    name for name, pool in study.pools.items() if study.generator_of(pool).filter
]


def used_folder(pool):
    """Return the folder of the images of a pool that are used: those that its filter keeps, if it has one."""
    return (
        f"{synthetic_folder(pool)}/kept" if pool in FILTERED else synthetic_folder(pool)
    )


def synthetic_pool(wildcards):
    """Return the synthetic images that a condition trains on, if any, as named inputs."""
    pool = study.condition(wildcards.condition).pool
    if pool is None:
        return {}
    folder = used_folder(pool.name)
    return {f"synthetic_{name}": f"{folder}/{name}.npy" for name in POOL_FILES}


def sampled_by(wildcards):
    """Return the generator of a part of a pool."""
    return study.generator_of(study.pool_parts[wildcards.part].pool)


def sampled_from(wildcards):
    """Return what a part of a pool is drawn from, as named inputs."""
    generator = sampled_by(wildcards)
    trained = dict(rules.train_generator.output.items()) if generator.trains else {}
    real = {"train_images": images("train"), "train_labels": labels("train")}
    return {**trained, **(real if generator.made_from_real else {})}


def per_part(name):
    """Return an input function: a file of each part of a pool, in their order."""

    def parts(wildcards):
        pool = study.pools[wildcards.pool]
        return [
            f"{synthetic_folder(folder)}/{name}.npy"
            for folder, part in study.pool_parts.items()
            if part.pool == pool
        ]

    return parts


def real_images(**splits):
    """Return the images and labels of splits as named inputs, by what they are to the generator."""
    return {
        f"{name}_{what}": path(split)
        for name, split in splits.items()
        for what, path in (("images", images), ("labels", labels))
    }


def training_params(script, *modules):
    """Return the parameters of a rule that builds training sets; each depends on its own condition only."""
    return {
        "code": lambda wildcards: code_digest(
            script, "torch", *modules, *study.condition(wildcards.condition).modules
        ),
        "columns": condition_columns,
        "treatment": lambda wildcards: study.condition(wildcards.condition).settings(),
        "stream_seeds": stream_seeds,
        "seeds": seeds,
        "study": study.name,
        "device": study.training.device,
    }


def verbatim(value):
    """Return a parameter function that gives a text of the user's, in which braces are no wildcards."""
    return lambda wildcards: value


def gpus(wildcards):
    """Return the number of GPUs that a job with torch claims."""
    return 1 if study.training.device == "cuda" else 0
