"""A seed's company and its people, as a value that travels between processes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from razao.companies.rights import Access, company_for


@dataclass(frozen=True)
class Place:
    """Where a seed's story happens."""

    seed: int
    code: str
    office: UUID
    company: UUID
    accountant: UUID
    client: UUID
    folder: str
    mail: str

    def at_work(self) -> Access:
        """The accountant at work, in the caller's transaction."""
        return company_for(self.accountant, self.company)
