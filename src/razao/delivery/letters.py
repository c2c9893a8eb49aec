"""E-mails about documents: in: a notice's kind and what it is about, out: subject and text in the person's language. Pure words."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.utils import formats, translation
from django.utils.translation import gettext as _

from razao.delivery.models import Delivery, Notice


def sender(office: str) -> str:
    """Who a letter is from: the office's name, which its client knows, on the installation's address."""
    _, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((" ".join(office.split()), address or settings.DEFAULT_FROM_EMAIL))


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str


def letter(
    kind: str, delivery: Delivery, *, company: str, office: str, link: str, language: str
) -> Letter:
    """The letter of a notice. It carries no content of the document: that is read signed in."""
    with translation.override(language):
        subject, first = _opening(kind)
        values = {"title": delivery.title, "company": company, "office": office}
        lines = [first.format(**values), ""]
        if delivery.due_date and kind != Notice.Kind.WITHDRAWN:
            day = formats.date_format(delivery.due_date, "SHORT_DATE_FORMAT")
            lines += [_("Due on {day}.").format(day=day), ""]
        if delivery.note:
            lines += [delivery.note, ""]
        if kind != Notice.Kind.WITHDRAWN:
            lines += [_("Sign in to read it:"), link, ""]
        lines += [office]
        return Letter(subject.format(**values), "\n".join(lines))


def _opening(kind: str) -> tuple[str, str]:
    return {
        "published": (
            _("New document: {title}"),
            _("{office} has put a document of {company} into your portal: {title}."),
        ),
        "corrected": (
            _("Corrected document: {title}"),
            _(
                "{office} has corrected a document of {company}; this one replaces the earlier: {title}."
            ),
        ),
        "withdrawn": (
            _("Document withdrawn: {title}"),
            _("{office} has withdrawn a document of {company}: {title}. Please do not use it."),
        ),
        "reminder": (
            _("Not opened yet: {title}"),
            _("A document of {company} waits in your portal and has not been opened: {title}."),
        ),
    }[kind]


def invitation(*, company: str, office: str, link: str, days: int, language: str) -> Letter:
    """The letter that invites somebody to a company's portal."""
    with translation.override(language):
        lines = [
            _("{office} invites you to read the documents of {company} in its portal.").format(
                office=office, company=company
            ),
            "",
            _("The link is for you alone and ends in {days} days:").format(days=days),
            link,
            "",
            office,
        ]
        subject = _("Your documents of {company}").format(company=company)
        return Letter(subject, "\n".join(lines))
