"""How a job uses torch."""

import torch


def start_torch(threads: int) -> None:
    """Use this many threads, and only algorithms that give the same bytes every time."""
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    # A check that costs a tenth of the time.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
