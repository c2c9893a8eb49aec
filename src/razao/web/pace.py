"""How fast a person may turn pages: in: a person and a limit, out: whether this page is still within it.

Counted by each process for itself: it keeps one person's program from taking the site's time, and guards no secret. What
keeps passwords and invitations from being guessed is counted in the database, for all processes and machines together.
"""

from __future__ import annotations

import time
from functools import lru_cache

from allauth.core.internal.ratelimit import Rate, parse_rate

#: People remembered; beyond it counting begins anew.
REMEMBERED = 50_000
_counted: dict[object, tuple[int, int]] = {}


def within(person: object, limit: str) -> bool:
    """Count one page of ``person``; whether no more than ``limit`` (``600/m/user``) were asked for in this span of time."""
    rate = _rate(limit)
    span = int(time.monotonic() // rate.duration)
    before, number = _counted.get(person, (span, 0))
    if len(_counted) >= REMEMBERED:
        _counted.clear()
    number = number + 1 if before == span else 1
    _counted[person] = (span, number)
    return bool(number <= rate.amount)


@lru_cache(maxsize=8)
def _rate(limit: str) -> Rate:
    return parse_rate(limit)
