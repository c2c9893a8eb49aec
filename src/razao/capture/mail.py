"""An e-mail message (.eml) in, the files it carries out; bodies and signatures are left out; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import EmailPolicy
from email.utils import getaddresses
from typing import Any

from razao.archive.media import HEAD, JPEG, PNG, media_type_of

#: Pictures below this size inside a message are logos and signatures.
PICTURE_MIN_BYTES = 15_000
ATTACHMENTS_MAX = 200
ADDRESS_HEADERS_MAX = 50
#: Headers that say to whom a message was sent; the first ones are written by the server that delivered it.
ADDRESSED = ("delivered-to", "x-original-to", "envelope-to", "to", "cc", "resent-to")


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file of a message."""

    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Mail:
    """What matters of a message for the intake."""

    subject: str
    sender: str
    recipients: tuple[str, ...]
    attachments: tuple[Attachment, ...]


class _Patient(EmailPolicy):
    """The library's reading of headers; one that it breaks at (an address without its end) is taken as it is written."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        try:
            return super().header_fetch_parse(name, value)
        except (AttributeError, IndexError, TypeError, ValueError):
            return " ".join(value.split())


def parse_mail(content: bytes) -> Mail:
    """The message. Damaged parts are left out rather than refused: what can be saved is saved."""
    message = BytesParser(EmailMessage, policy=_Patient()).parsebytes(content)
    assert isinstance(message, EmailMessage)
    people = getaddresses(_addressed(message))
    return Mail(
        subject=str(message.get("subject", "")),
        sender=str(message.get("from", "")),
        recipients=tuple(dict.fromkeys(a.lower() for _, a in people if a)),
        attachments=tuple(_attachments(message))[:ATTACHMENTS_MAX],
    )


def _addressed(message: EmailMessage) -> list[str]:
    """The headers that name recipients, in the order of ADDRESSED; each is parsed, so only the first ones are."""
    rows = [(name.lower(), raw) for name, raw in message.raw_items()]
    wanted = [(name, raw) for want in ADDRESSED for name, raw in rows if name == want]
    parse = message.policy.header_fetch_parse
    return [str(parse(name, str(raw))) for name, raw in wanted[:ADDRESS_HEADERS_MAX]]


def _attachments(message: EmailMessage) -> Iterator[Attachment]:
    for number, part in enumerate(message.walk(), 1):
        if part.is_multipart() or (
            part.get_content_maintype() == "text" and not part.get_filename()
        ):
            continue
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes) or not content:
            continue
        kind = media_type_of(content[:HEAD])
        inline = part.get_content_disposition() != "attachment"
        if kind in (PNG, JPEG) and inline and len(content) < PICTURE_MIN_BYTES:
            continue
        yield Attachment(part.get_filename() or f"anexo-{number}", content, kind)
