"""Names that a user gives and that become folders, wildcards and columns: one rule for all of them."""

import re
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

LONGEST = 40


_PATTERN = rf"[a-z0-9][a-z0-9_]{{0,{LONGEST - 1}}}"


def _checked(name: str) -> str:
    if not re.fullmatch(_PATTERN, name):
        rule = f"must be 1 to {LONGEST} of the characters a–z, 0–9 and _, not _ first"
        raise PydanticCustomError("name", "{rule}", {"rule": rule})
    return name


def folder_name(text: str) -> str:
    """Return a name of the user's files as one of ours: in lower case, with _ for every other character.

    Examples
    --------
    >>> folder_name("Real World")
    'real_world'
    """
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:LONGEST]


Name = Annotated[str, AfterValidator(_checked), WithJsonSchema({"type": "string", "pattern": f"^{_PATTERN}$"})]
"""A name that is safe as a part of a path, as a wildcard and as a column."""
