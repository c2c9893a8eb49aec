"""A preparation in a process of its own, as a worker makes it: company and number of documents in, seconds and memory as JSON out.

``python -m bench._preparation COMPANY DOCUMENTS FEW``, against the database of ``RAZAO_HOME``. Documents and rules are at
hand when the clock starts; the memory is the process's greatest from then until the plan is made, and counts all that the
process holds: interpreter, documents, rules and plan.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from razao.config.command import settings_ready


def main(company: str, count: int, few: int) -> None:
    """Measure and print."""
    settings_ready()
    from bench._billing_documents import configuration, documents
    from razao.booking.billing_entries import prepare
    from razao.booking.billing_rules import Options

    rules, billing, options = rules_of(UUID(company)), configuration(), Options()
    some = documents(few)
    prepare(some, rules, billing, options)
    start = time.perf_counter()
    prepare(some, rules, billing, options)
    small = (time.perf_counter() - start) / few
    many = documents(count)
    _forget_peak()
    start, before = time.perf_counter(), time.process_time()
    prepared = prepare(many, rules, billing, options)
    seconds, cpu = time.perf_counter() - start, time.process_time() - before
    memory = _peak()
    assert prepared.plan.entries.height == count, prepared.plan.problems.head()
    start = time.perf_counter()
    assert len(prepared.plan.fingerprint) == 64
    figures = {
        "documents": count,
        "lines_of_entries": prepared.plan.lines.height,
        "prepare_seconds": seconds,
        "prepare_cpu_seconds": cpu,
        "prepare_seconds_per_million": seconds * 1_000_000 / count,
        "fingerprint_seconds": time.perf_counter() - start,
        "prepare_memory_gib": memory,
        "cost_of_one_among_many_to_among_few": seconds / count / small,
    }
    print(json.dumps(figures))


def rules_of(company: UUID) -> Any:
    """The company's rules as they stand."""
    from django.db import transaction

    from razao.booking.loading import rules_for
    from razao.companies.models import Company
    from razao.kernel.tenancy import act_as

    with transaction.atomic():
        act_as(companies=[company])
        return rules_for(Company.objects.get(pk=company))


def _forget_peak() -> None:
    """Let the system count the greatest memory anew: making the documents took more than holding them does."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> float:
    """Greatest memory since, in GiB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    said = dict(line.split(":", 1) for line in status.splitlines())
    if "VmHWM" in said:
        return int(said["VmHWM"].split()[0]) / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
