"""The list of the portal: in: documents as a query gave them, out: their rows as HTML.

Drawn here and not by a template, because every client's first page is this list: thirty rows cost a fifth of what they
would as a loop of tags.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from html import escape
from uuid import UUID

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from razao.delivery.reading import Listed
from razao.web import figures
from razao.web.templatetags.razao_ui import badge

SOME = UUID(int=0)
ROW = (
    '<li><button class="letter{}" form="opener" formaction="{}"><span class="dot" aria-hidden="true"></span>'
    '<span class="title">{}{}</span><span class="due">{}</span><span class="about">{}</span></button></li>'
)


def rows(found: Sequence[Listed], today: date, names: Mapping[UUID, str]) -> SafeString:
    """The rows; ``names`` of companies are shown where there are several."""
    before, after = reverse("portal:open", kwargs={"delivery": SOME}).split(str(SOME))
    unread = format_html('<span class="sr">{} </span>', _("Unread:"))
    due_on = _("due on %(day)s")
    language = get_language() or ""
    parts = []
    for one in found:
        about: list[str] = [escape(names[one.company])] if len(names) > 1 else []
        about.append(_day(language, one.published_on))
        if one.period:
            about.append(escape(one.period))
        if one.due_date:
            about.append(escape(due_on % {"day": _day(language, one.due_date)}))
        about.append(_size(language, one.size))
        parts.append(
            ROW.format(
                "" if one.was_opened else " unread",
                f"{before}{one.delivery}{after}",
                "" if one.was_opened else unread,
                escape(one.title),
                _mark(one, today),
                " · ".join(about),
            )
        )
    return mark_safe("".join(parts))  # noqa: S308  (every value is escaped above)


def _mark(one: Listed, today: date) -> str:
    if one.withdrawn:
        return badge("off", _("Withdrawn"))
    if one.superseded:
        return badge("off", _("Replaced"))
    due = due_word(one, today)
    if due == "late":
        return badge("fail", _("Overdue"))
    return badge("doubt", _("Due soon")) if due == "soon" else ""


def due_word(one: Listed, today: date) -> str:
    """How near a due date is: '' none, ``late``, ``soon`` (a week), ``later``."""
    if one.due_date is None or one.withdrawn or one.superseded:
        return ""
    days = (one.due_date - today).days
    return "late" if days < 0 else "soon" if days <= 7 else "later"


@lru_cache(maxsize=4096)
def _day(language: str, day: date) -> str:
    del language  # part of what the text depends on
    return escape(figures.day(day))


@lru_cache(maxsize=4096)
def _size(language: str, octets: int) -> str:
    del language
    return escape(figures.size(octets))
