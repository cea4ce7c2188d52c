"""Checks of generators, and of the pools of synthetic images that conditions ask of them."""

from weightscape.conditions import Condition
from weightscape.config.messages import ConfigError, shown, suggestion
from weightscape.config.study import AnyGenerator, Study
from weightscape.generator.generator import Task
from weightscape.generator.pool import Pool
from weightscape.training.datasets import recipe_of


def check_generators(study: Study) -> None:
    """Check that every generator can do what the study asks of it, and that every pool can be drawn.

    Raises
    ------
    ConfigError
        At the first value that does not fit.
    """
    for condition in study.conditions:
        _check_named(study, condition)
    for name, generator in study.all_generators.items():
        task = study.generator_task(name)
        if name and generator.trains:
            raise ConfigError(f"{task.key}.kind = {generator.kind!r}: the workflow trains the key generator only")
        if problem := generator.problem(task):
            raise ConfigError(problem)
        if generator.images_per_job is not None and generator.images_per_job % generator.images_at_once:
            raise ConfigError(
                f"{task.key}.images_per_job = {generator.images_per_job}: must be a multiple of the "
                f"{generator.images_at_once} images of a batch"
            )
        _check_filter(study, task, generator)
        _check_shared_images(study, task, generator)
    for condition in study.conditions:
        if condition.pool is not None:
            _check_pool(study, condition, condition.pool)


def _check_filter(study: Study, task: Task, generator: AnyGenerator) -> None:
    if generator.filter is None:
        return
    if generator.made_from_real:
        why = "each image stands at the place of the real one that it is made from"
    elif generator.own_classes(study.class_names) is not None:
        why = "its images show none of the study's classes"
    else:
        return
    raise ConfigError(f"{task.key}.filter: of kind {generator.kind!r} no image can be left out, since {why}")


def _check_shared_images(study: Study, task: Task, generator: AnyGenerator) -> None:
    train, images = study.data.splits.train, study.training.images
    if generator.learnt_from == "subset" and train != images:
        raise ConfigError(
            f"{task.key}.trained_on = 'subset': all runs must share their images, so that one generator adds none to "
            f"them; allowed: data.splits.train = training.images, here {train} and {images}"
        )


def _check_named(study: Study, condition: Condition) -> None:
    pool = condition.pool
    if pool is None or pool.generator in study.all_generators:
        return
    if not pool.generator:
        raise ConfigError(f"conditions.{condition.series} needs the key generator")
    raise ConfigError(
        f"conditions.{condition.series}.generator = {shown(pool.generator)}"
        f"{suggestion(pool.generator, study.generators)}; allowed: {', '.join(study.generators) or 'none, without'}"
        f"{'' if study.generators else ' the key generators'}"
    )


def _check_pool(study: Study, condition: Condition, pool: Pool) -> None:
    generator, task = study.generator_of(pool), study.generator_task(pool.generator)
    here, kind = f"conditions.{condition.series}", f"{task.key}.kind = {generator.kind!r}"
    if missing := [key for key in generator.required if key not in pool.settings]:
        raise ConfigError(f"{here} lacks the key {missing[0]}, which {kind} needs")
    allowed = (*generator.required, *generator.optional)
    if unknown := [key for key in pool.settings if key not in allowed]:
        raise ConfigError(f"{here}.{unknown[0]}: {kind} has no such setting; allowed: {', '.join(allowed) or 'none'}")
    for key, value in pool.settings.items():
        if float(f"{value:g}") != value or "e" in f"{value:g}":
            raise ConfigError(f"{here}.{key} = {value!r}: allowed are numbers of up to six digits")
    foreign = generator.own_classes(study.class_names) is not None
    if foreign != any(intervention.foreign for intervention in condition.treatment):
        families = "irrelevant" if foreign else "synthetic"
        what = "shows other classes than the study's" if foreign else "shows the study's classes"
        raise ConfigError(f"{here}: {task.key} {what}, so allowed: family {families}")
    if problem := generator.pool_problem(pool, task):
        raise ConfigError(f"{here}: {problem}")
    recipe = recipe_of(condition.treatment, study.training.images)
    wanted = recipe.synthetic
    if generator.made_from_real:
        # Image i is made from real image i mod n, and a run draws variants of its own images only.
        rounds = -(-wanted // max(recipe.real, study.training.images))
        wanted = rounds * study.data.splits.train
    if wanted > generator.images:
        of = f" with {rounds} of every image in data.splits.train" if generator.made_from_real else ""
        raise ConfigError(
            f"condition {condition.name} wants {wanted} synthetic images{of}: at most {task.key}.images = "
            f"{generator.images}"
        )
