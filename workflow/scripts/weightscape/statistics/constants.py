"""The constants of the inference, apart from its code so that the check of a config imports nothing heavy."""

MINIMUM_SEEDS = 3
"""Fewest seeds of a study: deleting one must leave the two that a cross-validated inner product needs."""

SEEDS_FOR_SIGN_FLIP = 6
"""Fewest seeds with which the exact two-sided sign-flip test can fall below .05: its smallest p is 2 / 2^seeds."""

CONFIDENCE = 0.95
"""Level of every interval."""

SIGNIFICANCE = 0.05
"""A claim is decided when its Holm-adjusted p is at most this."""

BASELINE = "baseline"
"""The condition that every other one is paired with."""

BASELINE_B = "baseline_b"
"""The second set of baseline seeds: the negative control."""

LAYER_GROUPS = ("stem", "early", "middle", "late")
"""Groups of layers whose weights are pre-trained; the head starts from a random draw and is left out."""
