"""An e-mail message (.eml) in, the files it carries out; bodies and signatures are left out; pure."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import EmailPolicy
from email.utils import getaddresses
from itertools import islice
from typing import Any

from razao.archive.media import HEAD, JPEG, PNG, media_type_of, storable

#: Pictures below this size inside a message are logos and signatures.
PICTURE_MIN_BYTES = 15_000
ATTACHMENTS_MAX = 200
PARTS_MAX = 2_000
#: Lines that begin as a part does; a hundred thousand parts take the library minutes.
BOUNDARIES_MAX = 8_000
ADDRESS_HEADERS_MAX = 50
ADDRESSES_MAX = 5_000
#: Characters of a header that are taken apart; the library needs seconds for 100,000. A longer one is text.
HEADER_MAX = 10_000
#: What breaks the library: addresses that break off, comments and parts one inside the other by the thousand.
_BREAKS = (AttributeError, IndexError, TypeError, ValueError, RecursionError)
_NO_ADDRESS = re.compile(r'"[^"]*"|=\?[^?\s]*\?[bqBQ]\?[^?\s]*\?=')
_ADDRESS = re.compile(r"[^\s<>()\[\]:;,@\"]{1,64}@[^\s<>()\[\]:;,@\"]{1,255}")
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
    """The library's reading of headers; one that it breaks at, or would need long for, is taken as it is written."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        if len(value) <= HEADER_MAX:
            try:
                return super().header_fetch_parse(name, value)
            except _BREAKS:
                pass
        return " ".join(value[:HEADER_MAX].split())


def parse_mail(content: bytes) -> Mail:
    """The message. Damaged parts are left out rather than refused: what can be saved is saved."""
    message, attachments = _taken_apart(content)
    people = (address for text in _addressed(message) for address in _addresses(text))
    return Mail(
        subject=storable(str(message.get("subject", ""))),
        sender=storable(str(message.get("from", ""))),
        recipients=tuple(
            dict.fromkeys(storable(a.lower()) for a in islice(people, ADDRESSES_MAX) if a)
        ),
        attachments=attachments,
    )


def _taken_apart(content: bytes) -> tuple[Message, tuple[Attachment, ...]]:
    """The message and its files; of one that is nothing but parts, many or inside each other, its headers alone."""
    parser = BytesParser(EmailMessage, policy=_Patient())
    if content.count(b"\n--") <= BOUNDARIES_MAX:
        with contextlib.suppress(RecursionError):
            message = parser.parsebytes(content)
            return message, tuple(islice(_attachments(message), ATTACHMENTS_MAX))
    return parser.parsebytes(content, headersonly=True), ()


def _addresses(text: str) -> list[str]:
    if len(text) <= HEADER_MAX:
        try:
            return [address for _, address in getaddresses([text])]
        except _BREAKS:
            pass
    return _ADDRESS.findall(_NO_ADDRESS.sub(" ", text[: 100 * HEADER_MAX]))


def _addressed(message: Message) -> list[str]:
    """The headers that name recipients, in the order of ADDRESSED; each is parsed, so only the first ones are."""
    rows = [(name.lower(), str(raw)) for name, raw in message.raw_items()]
    wanted = [(name, raw) for want in ADDRESSED for name, raw in rows if name == want]
    parse = message.policy.header_fetch_parse
    return [
        raw if len(raw) > HEADER_MAX else str(parse(name, raw))
        for name, raw in wanted[:ADDRESS_HEADERS_MAX]
    ]


def _attachments(message: Message) -> Iterator[Attachment]:
    for number, part in enumerate(islice(message.walk(), PARTS_MAX), 1):
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
        yield Attachment(storable(part.get_filename() or f"anexo-{number}"), content, kind)
