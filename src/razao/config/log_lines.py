"""What a process says while it runs: log records in, one JSON object a line out, without anything about a person.

Texts of libraries are written as they stand in their code, unfilled, and exceptions as their class and the
places they passed: what would fill either may be somebody's name, address or amount.
"""

from __future__ import annotations

import contextvars
import json
import logging
import re
import secrets
import traceback
from datetime import UTC, datetime
from typing import Any

#: The request that is being answered; "" outside one.
request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
#: What a record of ours may carry beyond its text, in the order it is written.
FIELDS = ("route", "method", "status", "job", "name_of_job", "queue", "state", "attempt", "ms")


def name_request(given: str | None) -> str:
    """The id of a request: the one its sender gave, where it is nothing but an id, else a new one."""
    return given if given and _GIVEN.fullmatch(given) else secrets.token_hex(12)


class JsonLines(logging.Formatter):
    """One JSON object a record: instant (UTC), level, logger, text, request id and what else FIELDS names."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "text": self._text(record),
        }
        if request := request_id.get():
            line["request"] = request
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[1] is not None:
            line |= _passed(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)

    @staticmethod
    def _text(record: logging.LogRecord) -> str:
        if record.name.startswith("razao"):
            return record.getMessage()
        # The queue fills its texts itself, arguments of jobs included, and names what happened beside.
        return str(getattr(record, "action", None) or record.msg)


def _passed(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": type(error).__qualname__,
        "passed": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames][-30:],
    }
