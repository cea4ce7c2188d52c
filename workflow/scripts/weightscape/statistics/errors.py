"""The error of a claim that cannot be tested."""


class NotInStudyError(Exception):
    """A study lacks what a claim needs; the message is a sentence for the reader of the report."""
