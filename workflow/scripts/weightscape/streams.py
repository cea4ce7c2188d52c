"""Named random streams: every stochastic draw of a study comes from one, never from global state.

A stream is named by the study, the seed of the run and a purpose such as ``"subset"`` or ``"order/epoch-3"``. Two
conditions that ask for the same name get the same numbers, which is what pairs them within a seed.
"""

import hashlib

import numpy as np


def stream_seed(*name: str | int) -> int:
    """Return the 63-bit seed of the stream called `name`.

    The seed is the start of the SHA-256 digest of the name's parts, so it is the same on every platform and in every
    Python version, and streams with different names are independent for all practical purposes.

    Parameters
    ----------
    *name
        The parts of the name, for example ``("digits", 3, "subset")``. The number 3 and the text ``"3"`` differ.

    Examples
    --------
    >>> stream_seed("digits", 3, "subset") == stream_seed("digits", 3, "subset")
    True
    >>> stream_seed("digits", 3, "subset") == stream_seed("digits", 4, "subset")
    False
    """
    digest = hashlib.sha256(repr(name).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def stream(*name: str | int) -> np.random.Generator:
    """Return a NumPy generator for the stream called `name`; see `stream_seed`."""
    return np.random.Generator(np.random.PCG64(stream_seed(*name)))
