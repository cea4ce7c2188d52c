"""What training aims at: labels, or distributions over the classes where images are mixed or have no class."""

import numpy as np

from weightscape.data.imageset import NO_CLASS


def soft_targets(labels: np.ndarray, num_classes: int) -> np.ndarray:
    """Return labels as distributions over the classes.

    Parameters
    ----------
    labels
        int64, shape (n,), classes or `NO_CLASS`.
    num_classes
        Number of classes.

    Returns
    -------
    numpy.ndarray
        float32, shape (n, num_classes).

    Examples
    --------
    >>> soft_targets(np.array([1, NO_CLASS]), 2).tolist()
    [[0.0, 1.0], [0.5, 0.5]]
    """
    targets = np.full((len(labels), num_classes), 1 / num_classes, np.float32)
    known = labels != NO_CLASS
    targets[known] = np.eye(num_classes, dtype=np.float32)[labels[known]]
    return targets


def likeliest_labels(targets: np.ndarray) -> np.ndarray:
    """Return the likeliest class of each target, `NO_CLASS` where all are equally likely.

    Parameters
    ----------
    targets
        Labels, int64 of shape (n,), which are returned as they are, or distributions, float32 of shape (n, classes).

    Examples
    --------
    >>> likeliest_labels(np.array([[0.2, 0.8], [0.5, 0.5]], np.float32)).tolist()
    [1, -1]
    """
    if targets.ndim == 1:
        return targets
    flat = targets.max(axis=1) == targets.min(axis=1)
    return np.where(flat, NO_CLASS, targets.argmax(axis=1)).astype(np.int64)
