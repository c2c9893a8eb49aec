"""Billing through the API: documents in, seen, integrated once however often it is asked, and undone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from razao.booking.billing_rules import Options
from razao.companies.models import User
from razao.companies.rights import Access
from razao.companies.tokens import issue
from razao.ledger.models import Batch
from tests.billing.shop import a_shop, table, with_customers

pytestmark = pytest.mark.django_db
SALE = {
    "number": "FT A/1",
    "document_type": "FT",
    "billing_type": "FT",
    "issue_date": "2026-05-14",
    "buyer_id": "C1",
    "buyer_tax_id": "503504564",
    "buyer_name": "Cliente SA",
    "net": "100.00",
    "vat": "23.00",
    "gross": "123.00",
    "breakdown": [{"rate": "23", "base": "100.00", "amount": "23.00"}],
    "lines": [{"article": "CANETA", "quantity": "1", "net": "100.00", "vat_rate": "23"}],
}


def shop(tmp_path: Any) -> tuple[Client, Access, str]:
    access = a_shop()
    with_customers(access, table(tmp_path))
    key = issue(User.objects.get(pk=access.user_id), "test")
    client = Client(headers={"Authorization": f"Bearer {key}"})
    return client, access, f"/api/v1/companies/{access.company.pk}/billing"


def send(
    client: Client, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, Any]:
    answer = client.generic(
        method,
        path,
        json.dumps(body) if body is not None else "",
        "application/json",
        headers=headers,
    )
    return answer.status_code, json.loads(answer.content)


def test_documents_are_prepared_seen_integrated_once_and_undone(tmp_path: Any) -> None:
    client, _, base = shop(tmp_path)
    wanted = {"documents": [SALE], "options": {"since": "2026-05-01"}}

    status, kept = send(client, "POST", f"{base}/preparations", wanted, **{"Idempotency-Key": "a1"})
    assert (status, kept["state"], kept["ready"], kept["total"]) == (200, "prepared", 1, "123.00")
    _, same = send(client, "POST", f"{base}/preparations", wanted, **{"Idempotency-Key": "a1"})
    assert same["id"] == kept["id"]

    one = f"{base}/preparations/{kept['id']}"
    _, entries = send(client, "GET", f"{one}/entries")
    assert [(x["account"], x["debit"], x["credit"]) for x in entries[0]["lines"]] == [
        ("211110001", "123.00", "0.00"),
        ("71113", "0.00", "100.00"),
        ("2433113", "0.00", "23.00"),
    ]
    status, refused = send(client, "POST", f"{one}/integrate", {"fingerprint": "0"})
    assert (status, refused["problems"][0]["code"]) == (409, "billing.another_plan")
    for _ in range(2):
        status, done = send(
            client, "POST", f"{one}/integrate", {"fingerprint": kept["fingerprint"]}
        )
        assert (status, done["state"]) == (200, "integrated")
    for _ in range(2):
        status, undone = send(
            client, "POST", f"{one}/undo", {"day": "2026-05-31", "reason": "engano"}
        )
        assert (status, undone["state"]) == (200, "undone")
    assert Batch.objects.count() == 2


def test_a_wrong_field_is_told_and_the_other_documents_go_on(tmp_path: Any) -> None:
    client, _, base = shop(tmp_path)
    wrong = SALE | {"number": "FT A/2", "colour": "red"}
    _, kept = send(client, "POST", f"{base}/preparations", {"documents": [SALE, wrong]})
    assert (kept["ready"], kept["problems"]) == (1, {"source.field_unknown": 1})
    _, problems = send(client, "GET", f"{base}/preparations/{kept['id']}/problems")
    assert problems[0]["source_key"] == "FT A/2"
    status, refused = send(
        client, "POST", f"{base}/preparations", {"documents": [SALE], "options": {"x": 1}}
    )
    assert (status, refused["problems"][0]["code"]) == (409, "billing.options_wrong")


NO_NUMBER = [{}, [1], True, "", "x", "NaN", "1e2147483648", "9" * 40]
WRONG = {
    "issue_date": [5, *NO_NUMBER],
    "self_settling": [5, {}, [1], "", "x"],
    **dict.fromkeys(("gross", "exchange_rate", "foreign_gross"), NO_NUMBER),
    "number": [{}, [1], True],
    "buyer_name": [{}, [1], True],
    "breakdown": [5, True, "x", [5], [["rate"]], *([{"rate": n}] for n in NO_NUMBER)],
    "lines": [{"net": "1"}, [{"article": []}], [{"quantity": "1e12"}]],
}


def test_a_value_that_its_field_cannot_hold_costs_one_document(tmp_path: Any) -> None:
    client, _, base = shop(tmp_path)
    wrong = [SALE | {name: value} for name, values in WRONG.items() for value in values]
    lacking = [{**SALE, "issue_date": None}, {**SALE, "number": ""}]
    whole = [SALE, SALE | {"number": "FT A/2", "source_key": "own"}]
    documents = [*wrong, *lacking, *whole]
    _, kept = send(client, "POST", f"{base}/preparations", {"documents": documents})
    assert (kept["ready"], kept["problems"]) == (
        2,
        {"source.row_wrong": len(wrong), "source.field_missing": 2},
    )
    one = f"{base}/preparations/{kept['id']}"
    _, entries = send(client, "GET", f"{one}/entries")
    assert [x["source_key"] for x in entries] == ["501964843|FT|FT A/1|2026", "own"]


@pytest.mark.parametrize("value", [5, "x", [1], {"a": 1}, 1.5, [["a"]], "1e9"])
def test_an_option_of_another_kind_is_told(tmp_path: Any, value: Any) -> None:
    client, _, base = shop(tmp_path)
    kinds = Options()
    for name in Options.__dataclass_fields__:
        if isinstance(getattr(kinds, name), str) and isinstance(value, str):
            continue
        wanted = {"documents": [SALE], "options": {name: value}}
        status, refused = send(client, "POST", f"{base}/preparations", wanted)
        assert (name, status, refused["problems"][0]["code"]) == (
            name,
            409,
            "billing.options_wrong",
        )


def test_files_of_the_server_are_out_of_reach(tmp_path: Any) -> None:
    client, _, base = shop(tmp_path)
    told = {
        "format": "razao billing configuration 1",
        "sources": [
            {"name": "x", "kind": "table", "settings": {"path": "/etc/passwd", "mapping": {}}}
        ],
    }
    assert send(client, "PUT", f"{base}/configuration", {"configuration": told})[0] == 200
    status, refused = send(client, "POST", f"{base}/preparations", {"source": "x"})
    assert (status, refused["problems"][0]["code"]) == (409, "source.outside_intake")
