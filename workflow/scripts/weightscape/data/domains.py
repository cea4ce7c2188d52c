"""Data sets of several domains: the study trains on one and is tested out of distribution on others."""

from collections.abc import Sequence
from typing import Annotated

from pydantic_core import PydanticCustomError

from weightscape.section import DISTINCT

DomainNames = Annotated[list[str], DISTINCT]
"""Names of domains, none twice."""


def check_domains(train_domain: str | None, ood_domains: Sequence[str]) -> None:
    """Refuse domains for testing without, or with, the domain of training among them."""
    if ood_domains and train_domain is None:
        raise PydanticCustomError("domains", "ood_domains needs train_domain, the domain that the study trains on")
    if train_domain in ood_domains:
        raise PydanticCustomError(
            "domains",
            "ood_domains must not hold train_domain, {domain}, which the study trains on",
            {"domain": repr(train_domain)},
        )
