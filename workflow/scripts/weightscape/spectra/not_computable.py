"""The error that says that a number does not exist for a layer."""


class NotComputableError(ValueError):
    """A metric does not exist for these eigenvalues or weights; the message is its reason in the column ``status``."""
