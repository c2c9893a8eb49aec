"""A real Chromium for tests, and the site served to it; whatever the browser complains of fails the test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from uuid import UUID

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connections
from django.test import Client
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, Page, sync_playwright

from razao.companies.models import User

CHROMIUM = Path("/usr/bin/chromium")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser. Database connections belong to the driver's loop while it runs, and are closed with it."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # the driver runs a loop in this thread
    with sync_playwright() as driver:
        # Those of an earlier test's loop: their database was dropped, and nobody told them.
        connections.close_all()
        browser = driver.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        connections.close_all()
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@contextmanager
def served() -> Iterator[str]:
    """The site on a port of its own; its address."""
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    assert server.error is None
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


@contextmanager
def at_work(
    user: UUID,
    path: str = "/",
    *,
    site: str = "",
    size: tuple[int, int] = (1440, 900),
    patience: int = 30_000,
    still: bool = False,
    forgive: Callable[[str], bool] = lambda _complaint: False,
) -> Iterator[Page]:
    """The browser of somebody signed in, at ``path`` of ``site`` (served when none is given); ``forgive`` says which complaints are part of the story."""
    client = Client()
    client.force_login(
        User.objects.get(pk=user), backend="django.contrib.auth.backends.ModelBackend"
    )
    session = client.cookies["sessionid"].value
    complaints: list[str] = []
    with nullcontext(site) if site else served() as address, chromium() as browser:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="pt-PT",
            reduced_motion="reduce" if still else "no-preference",
        )
        context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
        shown = context.new_page()
        shown.set_default_timeout(patience)
        shown.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        shown.on("pageerror", lambda error: complaints.append(str(error)))
        shown.goto(f"{address}{path}")
        shown.wait_for_selector("html[data-ready]")
        yield shown
        assert [said for said in complaints if not forgive(said)] == []
