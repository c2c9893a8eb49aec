"""The process that ``bench._rounds`` kills: database, person, company, preparation and fingerprint in, an integration out, if it is let."""

from __future__ import annotations

import sys
from uuid import UUID

import django


def main(database: str, user: str, company: str, preparation: str, fingerprint: str) -> None:
    """Get ready, say so, wait for a line, integrate."""
    django.setup()
    from django.db import connections, transaction

    from razao.billing import flow
    from razao.companies.rights import company_for

    for alias in connections:
        connections[alias].settings_dict["NAME"] = database
    with transaction.atomic():
        company_for(UUID(user), UUID(company))
    print("ready", flush=True)
    sys.stdin.readline()
    with transaction.atomic():
        access = company_for(UUID(user), UUID(company))
        flow.integrate(access, UUID(preparation), fingerprint)
    print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
