"""The API's description is part of what we promise: it changes only on purpose."""

from __future__ import annotations

import json
from pathlib import Path

from razao.api.main import api

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"
REMEDY = "If the change is meant: make openapi, and read the difference."


def test_the_description_is_the_committed_one():
    now = json.loads(json.dumps(api.get_openapi_schema()))
    assert now == json.loads(COMMITTED.read_text()), REMEDY


def test_every_route_says_what_it_does():
    paths = api.get_openapi_schema()["paths"]
    silent = [
        f"{verb} {path}"
        for path, verbs in paths.items()
        for verb, route in verbs.items()
        if not route.get("description")
    ]
    assert silent == []
