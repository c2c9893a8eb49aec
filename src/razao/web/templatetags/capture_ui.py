"""Tags of the pages about captured invoices: in: rows and values of the views, out: their words and badges."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from razao.capture.models import CapturedInvoice
from razao.web.capture import STATES
from razao.web.templatetags.razao_ui import badge

register = template.Library()


@register.simple_tag
def state_badge(row: CapturedInvoice, boxed: str = "") -> SafeString:
    """The state as word and shape, with the number of things to look at."""
    word, kind = STATES[row.state]
    text = str(word)
    if row.state == CapturedInvoice.State.DOUBTFUL and row.weight:
        text = f"{text} · {row.weight}"
    return badge(kind, text, boxed)


@register.simple_tag
def number_of(row: CapturedInvoice) -> str:
    """What an invoice is called in a list."""
    return row.number or _("no number")
