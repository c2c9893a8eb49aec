"""Review with thousands pending: milliseconds of the server for the next invoice, the list, a correction and a posting; and its queries.

``cpu``: mean processor time of the web process alone, which other work on the machine disturbs less.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bench._home import own_home
from bench._pending import fill
from bench.portal import analyse


def main(argv: list[str]) -> None:
    """Print medians and 95th percentiles."""
    parser = argparse.ArgumentParser(prog="bench review")
    parser.add_argument("--documents", type=int, default=10_000, help="invoices that wait")
    parser.add_argument("--suppliers", type=int, default=2_000)
    parser.add_argument("--times", type=int, default=100, help="requests of each kind")
    parser.add_argument("--profile", default="", help="print where the time of one kind goes")
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args(argv)
    with own_home():
        started = time.perf_counter()
        access = fill(wanted.documents, wanted.suppliers)
        analyse()
        filled = time.perf_counter() - started
        figures = {"documents": wanted.documents, "suppliers": wanted.suppliers}
        figures |= {"filled_seconds": filled, **measure(access, wanted.times, wanted.profile)}
    if wanted.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:24} {value:,.1f}" if isinstance(value, float) else f"{name:24} {value:,}")


def measure(access: Any, times: int, profiled: str) -> dict[str, float | int]:
    """Each kind of request so many times, through the whole of the application."""
    clerk = Clerk(access)
    figures: dict[str, float | int] = {}
    for name, ask in clerk.kinds().items():
        ask()  # caches warm
        took = []
        busy = time.process_time()
        with profile(name == profiled):
            for _ in range(times):
                start = time.perf_counter()
                ask()
                took.append(1000 * (time.perf_counter() - start))
        figures[f"{name}_cpu_ms"] = 1000 * (time.process_time() - busy) / times
        figures[f"{name}_ms_p50"] = statistics.median(took)
        figures[f"{name}_ms_p95"] = statistics.quantiles(took, n=20)[18]
        figures[f"{name}_queries"] = queries_of(ask)
    return figures


class Clerk:
    """A clerk's browser, as far as the server sees it."""

    def __init__(self, access: Any) -> None:
        from django.test import Client

        from razao.companies.models import User

        self.access = access
        self.client = Client(SERVER_NAME="localhost")
        self.client.force_login(
            User.objects.get(pk=access.user_id), "django.contrib.auth.backends.ModelBackend"
        )
        self.base = f"/c/{access.company.pk}/documents/"
        self.at = ""
        self.typed = 0

    def kinds(self) -> dict[str, Callable[[], None]]:
        """What is measured, in the order in which it is."""
        return {
            "next": self.next,
            "page": self.page,
            "list": self.list,
            "second_page": self.second_page,
            "searched": self.searched,
            "correction": self.correction,
            "post": self.post,
        }

    def next(self) -> None:
        """The invoice after this one with all its panes, as the page fetches it ahead."""
        answer = self.client.get(f"{self.base}next/", {"after": self.at} if self.at else {})
        assert answer.status_code == 302
        self.at = answer["Location"].rstrip("/").split("/")[-1]
        self.client.cookies.pop("messages", None)
        assert self.client.get(answer["Location"], {"part": "panes"}).status_code == 200

    def page(self) -> None:
        """The whole page of an invoice."""
        assert self.client.get(f"{self.base}{self.at}/").status_code == 200

    def list(self) -> None:
        """The list as it opens."""
        assert self.client.get(self.base).status_code == 200

    def second_page(self) -> None:
        """More rows of the list, as scrolling asks for them."""
        head = {"HX-Request": "true", "HX-Target": "more-rows"}
        assert self.client.get(self.base, {"page": "50"}, headers=head).status_code == 200

    def searched(self) -> None:
        """The list narrowed to a word."""
        assert self.client.get(self.base, {"q": "Fornecedor 17"}).status_code == 200

    def correction(self) -> None:
        """Another due date: the invoice is proposed anew and its pane comes back."""
        self.typed += 1
        said = {"act": "correct", "field": "due_date", "text": f"{1 + self.typed % 28:02}/12/2026"}
        answer = self.client.post(f"{self.base}{self.at}/do/", said)
        assert answer.status_code == 200
        assert "X-Refused" not in answer

    def post(self) -> None:
        """Post a ready invoice."""
        from django.db import transaction

        from razao.capture.models import CapturedInvoice
        from razao.companies.rights import company_for

        with transaction.atomic():
            company_for(self.access.user_id, self.access.company.pk)
            row = CapturedInvoice.objects.filter(state="ready").order_by("pk").first()
        assert row is not None
        answer = self.client.post(f"{self.base}{row.pk}/post/", {"fingerprint": row.fingerprint})
        assert answer["Content-Type"] == "application/json", row.problems


def queries_of(ask: Callable[[], None]) -> int:
    """How many statements one request sends."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        ask()
    return len(seen)


@contextmanager
def profile(on: bool) -> Iterator[None]:
    """Print the calls that took longest, where that is asked for."""
    import cProfile
    import pstats

    if not on:
        yield
        return
    with cProfile.Profile() as seen:
        yield
    pstats.Stats(seen).sort_stats("cumulative").print_stats(60)
