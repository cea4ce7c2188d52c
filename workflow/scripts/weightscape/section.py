"""A part of a study's config as a checked object: strict types, no unknown key, nothing that can change later."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Base of everything that a config holds.

    The text below a field is what the manual of the config and the axes of figures call it. It is not part of any code
    digest: rewording it runs nothing again.
    """

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        populate_by_name=True,
    )

    def given(self) -> dict[str, Any]:
        """Return the keys that were given, as plain values: what a rule that uses this section depends on."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    @property
    def module(self) -> str:
        """The module that defines this section, for digests (`weightscape.digest.code_digest`)."""
        return type(self).__module__


def meaning(section: type[Section], field: str) -> str:
    """Return what a field of a section is called, in words."""
    return section.model_fields[field].description or field.replace("_", " ")
