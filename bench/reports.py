"""Large reports as jobs: a journal of 50,000 lines as PDF and XLSX through the queue; seconds, progress seen, and the worker's greatest memory."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from typing import Any

import psutil

from bench._home import own_home
from bench.ledger import LINES, drafts, open_company, post

FORMS = ("pdf", "xlsx")


def main(argv: list[str]) -> None:
    """Print figures of one run."""
    parser = argparse.ArgumentParser(prog="bench reports")
    parser.add_argument("--lines", type=int, default=50_000)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args(argv)
    with own_home():
        figures = measure(wanted.lines)
    if wanted.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:30} {value:,.1f}" if isinstance(value, float) else f"{name:30} {value}")


def measure(lines: int) -> dict[str, Any]:
    """The journal of a company with ``lines`` lines, asked for and made by a worker process, one form after the other."""
    company = open_company("reports")
    post(company, drafts(lines // LINES, series="R"))
    figures: dict[str, Any] = {"lines": lines}
    for form in FORMS:
        ask(company, form)
        worker = Worker()
        worker.join()
        row = made(company)
        took = (row.run.finished_at - row.run.started_at).total_seconds()
        figures |= {
            f"{form}_seconds": took,
            f"{form}_megabytes": round((row.size or 0) / 1e6, 1),
            f"{form}_state": row.run.state,
            f"{form}_processor_seconds": worker.processor,
            f"{form}_greatest_memory_mb": worker.memory / 1e6,
        }
    return figures


def ask(company: tuple[Any, Any], form: str) -> None:
    """Ask for the journal, as the page does."""
    from django.db import transaction

    from razao.companies.rights import company_for
    from razao.reports import flow
    from razao.reports.index import Form
    from razao.reports.parameters import read

    with transaction.atomic():
        access = company_for(*company)
        flow.ask(access, "journal", read(access.company, {"year": "2025"}), Form(form))


def made(company: tuple[Any, Any]) -> Any:
    """The file asked for last."""
    from django.db import transaction

    from razao.companies.rights import company_for
    from razao.reports.models import MadeFile

    with transaction.atomic():
        company_for(*company)
        return MadeFile.objects.select_related("run").latest("asked_at")


class Worker(threading.Thread):
    """A worker process until the queue is empty, watched: its memory and its children's, added up, at their greatest."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = 0
        self.processor = 0.0
        self.process = subprocess.Popen(
            [sys.executable, "-m", "razao.config.command", "worker", "--until-empty"]
        )
        self.start()

    def run(self) -> None:
        """Look at it until it ends."""
        watched = psutil.Process(self.process.pid)
        while self.process.poll() is None:
            try:
                family = [watched, *watched.children(recursive=True)]
                self.memory = max(self.memory, sum(one.memory_info().rss for one in family))
                spent = watched.cpu_times()
                self.processor = sum(spent[:4])
            except psutil.Error:
                continue
            time.sleep(0.1)
