"""The API as its own description invites: every operation asked with whatever the committed schema allows, and beyond it.

No answer is an error of the server, none takes a body the description does not know for a good one.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from razao.companies.models import User
from razao.companies.tokens import issue
from tests.billing.shop import a_shop

pytestmark = pytest.mark.django_db
Schema = dict[str, Any]
DESCRIPTION: Schema = json.loads(
    (Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8")
)
OPERATIONS = [
    (method, path) for path, methods in DESCRIPTION["paths"].items() for method in methods
]
#: Texts that mean something to a part on the way: databases, paths, spreadsheets, markup, formats.
EXAMPLES = int(os.environ.get("RAZAO_SEARCH_EXAMPLES", "8"))
SHARP = [
    "",
    "\x00",
    "'",
    "../../etc/passwd",
    "=1+1",
    "<script>",
    "{0}",
    "%s",
    "٣",
    "9" * 400,
    "NaN",
]
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(SHARP),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def values(schema: Schema) -> st.SearchStrategy[Any]:
    """Values that the schema allows, sharp ones among them."""
    if "$ref" in schema:
        return named(schema["$ref"].rsplit("/", 1)[1])
    several = [s for key in ("anyOf", "allOf", "oneOf") for s in schema.get(key, [])]
    if several:
        return st.one_of(*(values(one) for one in several))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    return of_type(schema.get("type", "object" if "properties" in schema else ""), schema)


def of_type(kind: str, schema: Schema) -> st.SearchStrategy[Any]:
    if kind == "object" and "properties" not in schema:
        return st.dictionaries(st.text(max_size=8), ANYTHING, max_size=3)
    made: dict[str, st.SearchStrategy[Any]] = {
        "array": st.lists(values(schema.get("items", {})), max_size=3)
        if kind == "array"
        else st.none(),
        "object": objects(schema),
        "string": texts(schema.get("format", "")),
        "integer": st.integers(-(2**70), 2**70),
        "number": st.floats(allow_nan=False, allow_infinity=False),
        "boolean": st.booleans(),
        "null": st.none(),
    }
    return made.get(kind, ANYTHING)


@cache
def named(name: str) -> st.SearchStrategy[Any]:
    return st.deferred(lambda: values(DESCRIPTION["components"]["schemas"][name]))


def objects(schema: Schema) -> st.SearchStrategy[Any]:
    fields = {k: values(v) for k, v in schema.get("properties", {}).items()}
    required = set(schema.get("required", []))
    return st.fixed_dictionaries(
        {k: v for k, v in fields.items() if k in required},
        optional={k: v for k, v in fields.items() if k not in required},
    )


def texts(form: str) -> st.SearchStrategy[Any]:
    forms: dict[str, st.SearchStrategy[Any]] = {
        "uuid": st.uuids().map(str),
        "date": st.dates().map(str),
        "date-time": st.datetimes().map(lambda d: d.isoformat()),
        "binary": st.binary(max_size=60),
    }
    return forms.get(form, st.sampled_from(SHARP) | st.text(max_size=30))


@pytest.fixture
def shop() -> tuple[Client, UUID]:
    access = a_shop()
    key = issue(User.objects.get(pk=access.user_id), "walk")
    client = Client(headers={"Authorization": f"Bearer {key}"}, raise_request_exception=False)
    return client, access.company.pk


def test_no_answer_is_an_error_of_the_server(shop):
    client, company = shop
    broken = {}
    for operation in OPERATIONS:
        try:
            walked(client, company, *operation)
        except AssertionError as error:
            broken[operation] = str(error)
    assert broken == {}


def walked(client: Client, company: UUID, method: str, path: str) -> None:
    """Ask one operation in many ways. Raises AssertionError at an error of the server."""

    @settings(max_examples=EXAMPLES, phases=[Phase.generate])
    @given(data=st.data())
    def asked(data: Any) -> None:
        answer = ask(client, company, method, path, data)
        assert answer.status_code < 500, answer.content[:300]

    asked()


def ask(client: Client, company: UUID, method: str, path: str, data: Any) -> Any:
    """One operation with values drawn for it; what it changed is undone."""
    told = DESCRIPTION["paths"][path][method]
    address, query = path, {}
    for one in told.get("parameters", []):
        ours = one["name"] in {"company", "company_id"}
        value = str(company) if ours else data.draw(values(one["schema"]), label=one["name"])
        if one["in"] == "path":
            address = address.replace(f"{{{one['name']}}}", quote(str(value), safe=""))
        elif one["in"] == "query" and value is not None:
            query[one["name"]] = str(value)
    content = told.get("requestBody", {}).get("content", {})
    with transaction.atomic():
        answer = send(client, method, address, query, content, data)
        transaction.set_rollback(True)
    return answer


def send(
    client: Client, method: str, address: str, query: Schema, content: Schema, data: Any
) -> Any:
    sent = {"QUERY_STRING": "&".join(f"{k}={quote(v)}" for k, v in query.items())}
    if "multipart/form-data" in content:
        body = data.draw(values(content["multipart/form-data"]["schema"]), label="body")
        form = {k: _part(v) for k, v in body.items() if v is not None}
        return client.post(address, form, **sent)
    if "application/json" in content:
        schema = content["application/json"]["schema"]
        body = data.draw(values(schema) | ANYTHING, label="body")
        text = json.dumps(body)
        return client.generic(method.upper(), address, text, "application/json", **sent)
    return client.generic(method.upper(), address, **sent)


def _part(value: Any) -> Any:
    if isinstance(value, bytes):
        return SimpleUploadedFile("x.pdf", value)
    if isinstance(value, list) and value and isinstance(value[0], bytes):
        return [SimpleUploadedFile(f"{n}.pdf", one) for n, one in enumerate(value)]
    return value if isinstance(value, list) else str(value)
