"""Tags of the pages about captured invoices: in: rows and values of the views, out: their words and badges."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from razao.capture.models import CapturedInvoice
from razao.kernel.models import JobRun
from razao.web.capture import STATES
from razao.web.templatetags.razao_ui import badge

register = template.Library()

#: How far the reading of a file is, by the state of its job.
READING: dict[str, tuple[Any, str]] = {
    JobRun.State.QUEUED: (gettext_lazy("Waits to be read"), "wait"),
    JobRun.State.RUNNING: (gettext_lazy("Being read"), "work"),
    JobRun.State.RETRYING: (gettext_lazy("Is read again"), "work"),
    JobRun.State.FAILED: (gettext_lazy("Could not be read"), "fail"),
    JobRun.State.STOPPED: (gettext_lazy("Could not be read"), "fail"),
}


@register.simple_tag
def state_badge(row: CapturedInvoice, boxed: str = "") -> SafeString:
    """The state as word and shape, with the number of things to look at."""
    word, kind = STATES[row.state]
    if row.state == CapturedInvoice.State.RECEIVED and row.scan.run is not None:
        word, kind = READING.get(row.scan.run.state, STATES[row.state])
    text = str(word)
    if row.state == CapturedInvoice.State.DOUBTFUL and row.weight:
        text = f"{text} · {row.weight}"
    return badge(kind, text, boxed)


@register.simple_tag
def number_of(row: CapturedInvoice) -> str:
    """What an invoice is called in a list."""
    return row.number or _("no number")
