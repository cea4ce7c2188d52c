"""Schedules of the learning rate: those of torch, at every step."""

import pytest
import torch
from torch.optim import lr_scheduler

from weightscape.training.schedules import SCHEDULES, learning_rate

STEPS = 100
PEAK = 0.1


def rates(name, steps=STEPS, **options):
    return [learning_rate(name, step, steps, PEAK, **options) for step in range(steps)]


def torch_rates(scheduler, steps=STEPS):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=PEAK)
    schedule = scheduler(optimizer)
    seen = []
    for _ in range(steps):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return seen


ORACLES = {
    "constant": lambda optimizer: lr_scheduler.ConstantLR(optimizer, factor=1.0),
    "cosine": lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, T_max=STEPS),
    "step": lambda optimizer: lr_scheduler.MultiStepLR(optimizer, milestones=[40, 90]),
}


@pytest.mark.parametrize("name", ORACLES)
def test_schedules_are_those_of_torch(name):
    assert rates(name, milestones=[0.4, 0.9]) == pytest.approx(torch_rates(ORACLES[name]), rel=1e-9)


def test_one_cycle_is_torchs_schedule():
    """Same rates as torch's OneCycleLR with its default shape, up to where each puts its end points."""
    ours = rates("one_cycle", 1000)
    theirs = torch_rates(lambda optimizer: lr_scheduler.OneCycleLR(optimizer, max_lr=PEAK, total_steps=1000), 1000)
    assert ours == pytest.approx(theirs, abs=0.01 * PEAK)
    assert max(ours) == pytest.approx(PEAK)


@pytest.mark.parametrize("rising", [1, 20])
def test_a_warm_up_is_torchs_linear_one_before_the_schedule(rising):
    def warmed(optimizer):
        rise = lr_scheduler.LinearLR(optimizer, start_factor=1 / rising, total_iters=rising - 1)
        fall = lr_scheduler.CosineAnnealingLR(optimizer, T_max=STEPS - rising)
        return lr_scheduler.SequentialLR(optimizer, [rise, fall], milestones=[rising])

    ours = rates("cosine", warmup=rising / STEPS)
    assert ours == pytest.approx(torch_rates(warmed), rel=1e-9)
    assert ours[rising - 1] == ours[rising] == PEAK


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_the_shortest_schedules_have_rates(name, steps):
    for warmup in (0.0, 0.5, 0.99):
        assert all(0 < rate <= PEAK for rate in rates(name, steps, warmup=warmup, milestones=[0.5])[:1])
