"""Retention: a company and the day on which a file came in, the day until which the law has it kept, out.

The database refuses what would let a file go earlier (``migrations/retention.sql``); a longer term may be
set at any time, a shorter one never.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from uuid import UUID

from razao.companies.models import Company
from razao.countries.pack import load


def kept_until(company: UUID, received: date) -> date:
    """The last day on which a file received then must still be there: the end of its year and the country's years after it."""
    return date(received.year + _years(company), 12, 31)


@lru_cache(maxsize=10_000)
def _years(company: UUID) -> int:
    """The years of the company's country, which never changes."""
    return load(Company.objects.values_list("country", flat=True).get(pk=company)).retention_years
