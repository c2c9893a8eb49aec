"""Log lines: what a person reads in a failure's text is not in them."""

from __future__ import annotations

import json
import logging
import sys

from razao.config.log_lines import JsonLines, name_request


def written(name: str, text: str, *arguments: object, exc_info: object = None) -> dict[str, object]:
    record = logging.LogRecord(name, logging.ERROR, __file__, 1, text, arguments, exc_info)
    line: dict[str, object] = json.loads(JsonLines().format(record))
    del line["at"]
    return line


def test_a_library_s_text_stays_unfilled_and_ours_is_filled():
    assert [
        written("django.request", "%s: %s", "Not Found", "/ana@example.pt")["text"],
        written("razao.jobs", "job %s", "7")["text"],
    ] == ["%s: %s", "job 7"]


def test_a_failure_is_its_class_and_where_it_passed():
    try:
        int("Key (email)=(ana@example.pt) already exists")
    except ValueError:
        line = written("razao.jobs", "failed", exc_info=sys.exc_info())
    assert line.pop("passed") != []
    assert line == {
        "level": "error",
        "logger": "razao.jobs",
        "text": "failed",
        "error": "ValueError",
    }


def test_only_an_id_is_taken_for_one():
    made = [name_request(given) for given in (None, "short", "ana@example.pt", 'x"\n{"at": 1}')]
    assert [len(one) for one in made] == [24, 24, 24, 24]
    assert name_request("0193a7c2-proxy.7") == "0193a7c2-proxy.7"
