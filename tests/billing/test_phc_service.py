"""The PHC web service against a double that answers as public code shows, faults included."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from razao.billing.guard import target_of
from razao.billing.loaded import Asked
from razao.billing.sources import phc
from razao.kernel.problems import Refused


def document(stamp: str, number: int, net: str = "100") -> dict[str, Any]:
    """An ``ft`` as the service writes it, with its lines."""
    return {
        "ftstamp": stamp, "ndoc": 1, "nmdoc": "Factura", "fno": number, "fdata": "2026-05-14T00:00:00", "no": 7,
        "estab": 0, "nome": "Cliente SA", "ncont": "503504564", "anulado": False, "moeda": "EURO", "tiposaft": "FT",
        "ettiliq": float(net), "ettiva": float(net) * 0.23, "etotal": float(net) * 1.23,
        "fis": [{"lordem": 1, "ref": "CANETA", "design": "Caneta", "qtt": 1, "iva": 23, "ivaincl": False, "etiliquido": float(net)}],
    }  # fmt: skip


@dataclass
class Double:
    """What the double knows and how it misbehaves; ``faults`` are used up one request after another."""

    documents: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    page: int = 2
    logins: int = 0
    session: str = ""
    filters: list[Any] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    """Answers like the service."""

    protocol_version = "HTTP/1.1"
    double: Double

    def do_POST(self) -> None:
        form = parse_qs(
            self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True
        )
        if self.path.endswith("/REST/UserLoginWS/userLoginCompany"):
            self.login(form)
            return
        fault = self.double.faults.pop(0) if self.double.faults else ""
        if fault == "expired" or self.headers.get("Cookie") != self.double.session:
            self.answer(
                {"messages": [{"messageCodeLocale": "Session has expired"}], "result": None}
            )
        elif fault == "error":
            self.answer(
                {"messages": [{"messageCodeLocale": "Entity Ft is not available"}], "result": []}
            )
        elif fault == "half":
            self.answer(self.found(form), broken=True)
        elif fault == "silence":
            self.close_connection = True
            threading.Event().wait(0.5)
        else:
            self.answer(self.found(form))

    def login(self, form: dict[str, list[str]]) -> None:
        if form["password"] != ["segredo"]:
            self.answer({"messages": [{"messageCodeLocale": "Login failed"}]})
            return
        self.double.logins += 1
        self.double.session = f"ASP.NET_SessionId=s{self.double.logins}"
        self.answer({"result": [{}]}, cookie=f"{self.double.session}; path=/; HttpOnly")

    def found(self, form: dict[str, list[str]]) -> dict[str, Any]:
        query = json.loads(form["itemQuery"][0])
        self.double.filters.append(
            [(f["filterItem"], f["valueItem"]) for f in query["filterItems"]]
        )
        after = query["filterItems"][-1]["valueItem"]
        rows = [d for d in self.double.documents if d["ftstamp"] > after]
        return {"result": rows[: self.double.page], "messages": []}

    def answer(self, body: dict[str, Any], *, cookie: str = "", broken: bool = False) -> None:
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        if cookie:
            self.send_header("Set-Cookie", cookie)
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if broken else data)
        if broken:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def service(**fields: Any) -> Iterator[tuple[Double, Asked]]:
    """The double, and how it is asked."""
    double = Double(**fields)
    handler = type("Handler", (Handler,), {"double": double})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    given = {"url": f"http://127.0.0.1:{server.server_port}/phc", "user": "ana", "company": "X"}
    try:
        yield (
            double,
            Asked(
                given,
                "501964843",
                secret="segredo",
                since=date(2026, 5, 1),
                until=date(2026, 5, 31),
                inside_allowed=True,
            ),
        )
    finally:
        server.shutdown()
        server.server_close()


FIVE = [document(f"S{n}", n) for n in range(1, 6)]


def test_documents_come_page_after_page() -> None:
    with service(documents=FIVE) as (double, asked):
        loaded = phc.load(asked)

    assert loaded.frames.documents["number"].to_list() == [f"FT 1/{n}" for n in range(1, 6)]
    assert loaded.frames.lines.select("doc", "article", "net", "vat_rate").row(4) == (
        4,
        "CANETA",
        10000,
        2300,
    )
    assert loaded.marks["mark"].to_list() == ["S1", "S2", "S3", "S4", "S5"]
    assert double.filters[1] == [
        ("fdata", "2026-05-01"),
        ("fdata", "2026-05-31"),
        ("ftstamp", "S2"),
    ]
    assert double.logins == 1


def test_a_session_that_ends_is_opened_again_once() -> None:
    with service(documents=FIVE, faults=["", "expired"]) as (double, asked):
        assert len(phc.load(asked).frames) == 5
    assert double.logins == 2


def test_half_an_answer_and_silence_are_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phc, "SECONDS", 0.3)
    with service(documents=FIVE, faults=["half", "", "silence"]) as (_, asked):
        assert len(phc.load(asked).frames) == 5


def test_a_service_that_stays_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phc, "SECONDS", 0.2)
    monkeypatch.setattr(phc, "ATTEMPTS", 2)
    with (
        service(documents=FIVE, faults=["silence"] * 9) as (_, asked),
        pytest.raises(Refused, match=r"source\.(timeout|service_silent)"),
    ):
        phc.load(asked)


def test_an_error_inside_a_success_is_told_in_the_service_s_words() -> None:
    with service(documents=FIVE, faults=["error"]) as (_, asked), pytest.raises(Refused) as refusal:
        phc.load(asked)
    problem = refusal.value.problems[0]
    assert (problem.code, problem.values["message"]) == (
        "source.service_error",
        "Entity Ft is not available",
    )


def test_a_wrong_password_is_told_as_such() -> None:
    with service() as (_, asked), pytest.raises(Refused, match=r"source\.login_refused"):
        phc.load(Asked(asked.settings, asked.tax_id, "outra", inside_allowed=True))


def test_the_server_s_own_network_is_out_of_reach_unless_allowed() -> None:
    for url in (
        "http://127.0.0.1:1/x",
        "http://localhost/",
        "http://169.254.169.254/latest",
        "https://[::1]/",
        "http://[::ffff:10.0.0.1]/",
    ):
        with pytest.raises(Refused, match=r"source\.inside"):
            target_of(url, inside_allowed=False)
    for url in (
        "ftp://example.com/",
        "file:///etc/passwd",
        "http://user:pw@example.com/",
        "nonsense",
    ):
        with pytest.raises(Refused, match=r"source\.url_wrong"):
            target_of(url, inside_allowed=False)
    assert target_of("http://127.0.0.1:8080/a/", inside_allowed=True).path == "/a"
