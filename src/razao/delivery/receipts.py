"""The receipt of a delivery as PDF/A: in: a delivery, out: its hash, who was notified, fetched and opened, when, and the chain's positions."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from razao.archive.chain import head_of
from razao.archive.models import ChainLink
from razao.companies.models import Office
from razao.companies.rights import Access
from razao.delivery.models import Delivery, DeliveryStep, Opening, PortalDocument, State
from razao.delivery.queries import document_of, links_of, openings_of
from razao.kernel.problems import NotFound

TEMPLATE = Path(__file__).with_name("receipt.typ")


def receipt(access: Access, delivery: Delivery) -> bytes:
    """The receipt, in the language in force. Raises NotFound for what never reached the portal."""
    document = document_of(delivery)
    if document is None:
        raise NotFound(f"document of delivery {delivery.pk}")
    content = _content(access, delivery, document)
    return bytes(
        typst.compile(
            str(TEMPLATE),
            format="pdf",
            pdf_standards=["a-2b"],
            sys_inputs={"data": json.dumps(content, ensure_ascii=False)},
        )
    )


def _content(access: Access, delivery: Delivery, document: PortalDocument) -> dict[str, Any]:
    now = datetime.now(UTC)
    office = Office.objects.filter(pk=access.company.office_id).first()
    position, end = head_of(access.company.pk)
    return {
        "title": _("Receipt of delivery"),
        "office": office.name if office else "Razão",
        "language": (translation.get_language() or "pt").split("-")[0],
        "day": [now.year, now.month, now.day],
        "facts": _facts(access, delivery, document, office),
        "hash_word": _("SHA-256 of the document"),
        "sha256": document.file.sha256,
        "events_title": _("What happened"),
        "heads": [_("Time"), _("Fact"), _("Position")],
        "events": _events(delivery),
        "notes": [
            _(
                "Opened means: the person, signed in, asked for the document by a click. Mail programs and "
                "scanners that follow links open nothing."
            ),
            _(
                "Positions are those of the company's hash chain, which ends at {position} with {hash}. The "
                "export of the year proves them without this program."
            ).format(position=position, hash=end.hex()),
        ],
        "footer": f"{access.company.name} · {access.company.tax_id} · {stamp(now)}",
    }


def _facts(
    access: Access, delivery: Delivery, document: PortalDocument, office: Office | None
) -> list[list[str]]:
    facts = [
        [_("Document"), delivery.title],
        [_("Company"), f"{access.company.name} ({access.company.tax_id})"],
        [_("Office"), office.name if office else ""],
        [_("Period"), delivery.period],
        [_("Due"), delivery.due_date.strftime("%d/%m/%Y") if delivery.due_date else ""],
        [_("Sent by"), str(delivery.asked_by)],
        [_("In the portal since"), stamp(document.published_at)],
        [_("Size"), f"{document.file.size} bytes"],
    ]
    return [fact for fact in facts if fact[1]]


def stamp(at: datetime) -> str:
    """An instant to the second, in the office's time zone, which is named."""
    local = timezone.localtime(at)
    return local.strftime("%d/%m/%Y %H:%M:%S %Z")


def _events(delivery: Delivery) -> list[dict[str, Any]]:
    links = {link.subject: link for link in links_of(delivery)}
    steps = DeliveryStep.objects.filter(
        delivery=delivery,
        state__in=[State.DELIVERED, State.SUPERSEDED, State.WITHDRAWN],
    )
    events = [_event(step.at, _step_words(step), links.get(step.pk)) for step in steps]
    events += [
        _event(
            fact.at,
            _fact_words(fact),
            links.get(fact.pk),
            strong=fact.fact == Opening.Fact.OPENED,
        )
        for fact in openings_of(delivery)
    ]
    events.sort(key=lambda event: event["sort"])
    return events


def _event(
    at: datetime, what: str, link: ChainLink | None, *, strong: bool = False
) -> dict[str, Any]:
    return {
        "sort": at.timestamp(),
        "at": stamp(at),
        "what": what,
        "strong": strong,
        "position": str(link.position) if link else "",
        "hash": bytes(link.hash).hex() if link else "",
    }


def _step_words(step: DeliveryStep) -> str:
    if step.state == State.DELIVERED:
        return _("Put into the portal")
    if step.state == State.SUPERSEDED:
        return _("Replaced by a corrected document")
    return _("Withdrawn: {reason}").format(reason=step.cause)


def _fact_words(fact: Opening) -> str:
    words = {
        Opening.Fact.NOTIFIED: _("Notified by e-mail: {who}"),
        Opening.Fact.FETCHED: _("Fetched by {who}"),
        Opening.Fact.OPENED: _("Opened by {who}"),
    }[Opening.Fact(fact.fact)]
    where = f" [{fact.address}]" if fact.address else ""
    return words.format(who=fact.who) + where
