"""The tensors of a file before and after they are read."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

FLOATS = ("float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2")
"""Types of weights; those that NumPy lacks are read as float32."""

COUNTS = ("int64", "int32", "int16", "int8", "uint8", "bool")
"""Types of what else a state dict holds, such as the number of batches."""


@dataclass(frozen=True)
class Tensor:
    """A tensor of a file.

    Attributes
    ----------
    shape
        Of the array that `read` returns.
    dtype
        Type in the file, by PyTorch's name.
    read
        Returns the array.
    """

    shape: tuple[int, ...]
    dtype: str
    read: Callable[[], np.ndarray]

    def transpose(self, axes: tuple[int, ...]) -> "Tensor":
        """Return the tensor with its axes in another order."""
        return Tensor(tuple(self.shape[axis] for axis in axes), self.dtype, lambda: self.read().transpose(axes))


class Weights(Mapping[str, np.ndarray]):
    """The weights of a model by name; each is read, and checked to be finite, when it is asked for."""

    def __init__(self, source: str, tensors: Mapping[str, Tensor]):
        self._source = source
        self._tensors = tensors

    def __getitem__(self, name: str) -> np.ndarray:
        """Read one weight.

        Raises
        ------
        ValueError
            If it holds NaN or infinity; the message starts with the source.
        """
        array = self._tensors[name].read()
        bad = array.size - int(np.count_nonzero(np.isfinite(array)))
        if bad:
            raise ValueError(f"{self._source}: {name}: {bad} of {array.size} weights are NaN or infinite")
        return array

    def __contains__(self, name: object) -> bool:
        return name in self._tensors

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)
