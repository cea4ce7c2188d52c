"""Graphics cards by the speed that their vendor states."""

from typing import NamedTuple

UTILISATION = 0.3
"""Share of the stated speed that training of a network of medium size reaches, an assumption."""
FORWARD_AND_BACKWARD = 3
"""A training step costs about three times the forward pass (Kaplan et al., arXiv 2001.08361, section 2.1)."""


class Card(NamedTuple):
    """Stated speed in TFLOP/s: float32 without tensor cores, and bfloat16 (float16 where there is none), dense."""

    float32: float
    bfloat16: float


CARDS = {
    "t4": Card(8.1, 65.0),
    "v100": Card(15.7, 125.0),
    "l4": Card(30.3, 121.0),
    "a100": Card(19.5, 312.0),
    "rtx4090": Card(82.6, 165.2),
    "h100": Card(67.0, 989.0),
    "h200": Card(67.0, 989.0),
}
"""From NVIDIA's data sheets (V100, A100, H100 and H200: SXM)."""
