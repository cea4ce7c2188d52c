"""Training sets and batches: paired across conditions, equal in the number of steps."""

import numpy as np
import pytest

from weightscape.training.datasets import LabelledImages, SyntheticPool, assemble, batches, variants_of
from weightscape.training.effective import effective_training_set
from weightscape.training.intervention import parse_treatment


def numbered(n: int, first: int = 0) -> LabelledImages:
    """Images whose first pixel's channels spell their number."""
    images = np.zeros((n, 4, 4, 3), np.uint8)
    numbers = np.arange(first, first + n)
    images[:, 0, 0, 0], images[:, 0, 0, 1] = numbers % 256, numbers // 256
    return LabelledImages(images, numbers % 10)


def numbers(images: np.ndarray) -> list[int]:
    return (images[:, 0, 0, 0].astype(int) + 256 * images[:, 0, 0, 1].astype(int)).tolist()


def synthetic_pool(n: int) -> SyntheticPool:
    """Images that are made from no real one, with numbers from 1000 on."""
    return SyntheticPool(*vars(numbered(n, first=1000)).values(), sources=np.full(n, -1))


POOL, SYNTHETIC = numbered(200), synthetic_pool(100)


def treatment(**values):
    return parse_treatment([values])


def synthetic(dose: float, mode: str = "replace"):
    return treatment(family="synthetic", mode=mode, guidance_scale=1.5, dose=dose)


def ids(interventions, seed: int = 0) -> list[int]:
    return numbers(assemble(interventions, POOL, SYNTHETIC, 50, "study", seed).images)


def test_conditions_share_the_real_images_within_a_seed():
    baseline = ids(())
    assert len(set(baseline)) == 50
    assert ids(treatment(family="dropout", dose=0.5)) == baseline
    assert ids(treatment(family="more_real", dose=2.0))[:50] == baseline
    assert ids(synthetic(0.4))[:30] == baseline[:30]
    assert ids(synthetic(0.4, "add"))[:50] == baseline
    assert ids((), seed=1) != baseline


@pytest.mark.parametrize(
    ("interventions", "n_real", "n_synthetic"),
    [
        ((), 50, 0),
        (synthetic(0.4), 30, 20),
        (synthetic(1.0), 0, 50),
        (synthetic(1.0, "add"), 50, 50),
        (treatment(family="more_real", dose=3.0), 150, 0),
        (treatment(family="duplicate", dose=2), 100, 0),
    ],
)
def test_numbers_of_images(interventions, n_real, n_synthetic):
    training = assemble(interventions, POOL, SYNTHETIC, 50, "study", 0)
    assert (training.n_real, training.n_synthetic, len(training)) == (n_real, n_synthetic, n_real + n_synthetic)
    assert sum(number >= 1000 for number in numbers(training.images)) == n_synthetic
    assert len(training.real) == len(set(numbers(training.real.images)))
    assert set(numbers(training.real.images)) == {number for number in numbers(training.images) if number < 1000}
    assert (training.labels == np.array(numbers(training.images)) % 10).all()


def test_too_few_synthetic_images_are_named():
    with pytest.raises(ValueError, match="150 synthetic images wanted, 100 exist"):
        assemble(synthetic(3.0, "add"), POOL, SYNTHETIC, 50, "study", 0)


def test_each_pass_shows_every_image_once_in_a_new_order():
    order = list(batches(50, 10, 10, "study", 0))
    first, second = np.concatenate(order[:5]), np.concatenate(order[5:])
    assert sorted(first) == sorted(second) == list(range(50))
    assert first.tolist() != second.tolist()


def test_a_replicate_shows_the_same_images_in_another_order():
    first, second, again = (np.concatenate(list(batches(50, 10, 5, "study", 0, n))) for n in (1, 2, 3))
    assert sorted(first) == sorted(second) == sorted(again)
    assert len({first.tobytes(), second.tobytes(), again.tobytes()}) == 3


def test_batches_go_on_across_passes_and_their_number_is_independent_of_the_images():
    for n in (7, 50, 333):
        order = list(batches(n, 10, 12, "study", 0))
        assert [len(batch) for batch in order] == [10] * 12
        whole = np.concatenate(order)
        for start in range(0, len(whole) - n + 1, n):
            assert sorted(whole[start : start + n]) == list(range(n))


def test_effective_training_set_is_what_the_first_epoch_sees():
    training = assemble(treatment(family="duplicate", dose=2), POOL, None, 50, "study", 0)
    seen = effective_training_set(training, treatment(family="duplicate", dose=2), 50, 10, "study", 0, {}, 10)
    assert len(seen) == 50
    order = np.concatenate(list(batches(100, 10, 5, "study", 0)))
    assert numbers(seen.images) == numbers(training.images[order])


def test_interventions_are_applied_in_their_order():
    both = [*synthetic(0.4), *treatment(family="duplicate", dose=2)]
    training = assemble(both, POOL, SYNTHETIC, 50, "study", 0)
    assert (training.n_real, training.n_synthetic) == (60, 40)


def variants(rounds: int) -> SyntheticPool:
    """As many variants of every image of `POOL`, with its label: the k-th of image i has the number 1000 k + i."""
    parts = [numbered(len(POOL), first=1000 * (number + 1)) for number in range(rounds)]
    images, labels = (np.concatenate([getattr(part, name) for part in parts]) for name in ("images", "labels"))
    return SyntheticPool(images, labels, np.tile(np.arange(len(POOL)), rounds))


def test_variants_that_replace_real_images_are_those_of_the_images_they_replace():
    baseline = ids(())
    training = assemble(synthetic(0.4), POOL, variants(1), 50, "study", 0)
    assert numbers(training.images) == [*baseline[:30], *(1000 + number for number in baseline[30:])]


def test_variants_that_are_added_are_those_of_the_runs_own_images():
    baseline = ids(())
    training = assemble(synthetic(1.5, "add"), POOL, variants(2), 50, "study", 0)
    first, second = (([number + 1000 * k for number in baseline]) for k in (1, 2))
    assert numbers(training.images) == [*baseline, *first, *second[:25]]


def test_variants_are_those_of_the_run_even_where_some_are_missing():
    pool = variants(2)
    kept = pool.take(np.flatnonzero(np.array(numbers(pool.images)) != 1000 + ids(())[0]))
    pool = SyntheticPool(kept.images, kept.labels, np.delete(pool.sources, ids(())[0]))
    training = assemble(synthetic(1.0, "add"), POOL, pool, 50, "study", 0)
    assert {number % 1000 for number in numbers(training.images)[50:]} <= set(ids(()))


def test_more_variants_than_there_are_of_the_runs_images_are_refused():
    with pytest.raises(ValueError, match="75 synthetic images wanted, 50 exist"):
        assemble(synthetic(1.5, "add"), POOL, variants(1), 50, "study", 0)


def test_variants_come_in_rounds_in_the_order_of_their_images():
    assert variants_of(np.array([4, 1, 3]), np.array([0, 1, 3, 4, 1, -1, 4, 4])).tolist() == [3, 1, 2, 6, 4, 7]
