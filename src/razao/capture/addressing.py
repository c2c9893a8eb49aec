"""For whom a message is: its recipients, what its documents say, and an office's directory in, one parcel for each company out; pure.

Who is named as recipient decides; where nobody is, the tax number of the buyer (or seller) on each document
does. A message whose documents are for several companies is taken apart, so that nobody sees another's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from razao.capture.mail import Attachment
from razao.invoices.invoice import Invoice

RECEIVED, ISSUED = "received", "issued"


@dataclass(frozen=True, slots=True)
class Target:
    """A company, and whose documents it gets."""

    company: UUID
    direction: str


@dataclass(frozen=True, slots=True)
class Directory:
    """How an office's messages find their company."""

    mailbox: str
    """the mailbox's own address: ``name+CODE@host`` of it is for the company with that code"""
    addresses: Mapping[str, Target]
    codes: Mapping[str, UUID]
    """companies by code in lower case"""
    tax_ids: Mapping[str, UUID]


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one company gets: the whole message, or some of its files."""

    target: Target
    files: tuple[Attachment, ...] = ()
    """empty: the whole message"""


def by_recipient(directory: Directory, recipients: Iterable[str]) -> list[Target]:
    """The companies that the recipients name, each once."""
    found = (_named(directory, address.lower()) for address in recipients)
    return list(dict.fromkeys(target for target in found if target))


def _named(directory: Directory, address: str) -> Target | None:
    if address in directory.addresses:
        return directory.addresses[address]
    name, at, host = address.partition("@")
    mailbox, plus, code = name.partition("+")
    if plus and at and f"{mailbox}@{host}" == directory.mailbox and code in directory.codes:
        return Target(directory.codes[code], RECEIVED)
    return None


def by_tax_id(directory: Directory, invoices: Iterable[Invoice]) -> Target | None:
    """The company that the documents of one file are for; None when they name none, or several."""
    found = {target for i in invoices if (target := _party(directory, i))}
    return found.pop() if len(found) == 1 else None


def _party(directory: Directory, invoice: Invoice) -> Target | None:
    buyer = directory.tax_ids.get(invoice.buyer_tax_id or "")
    if buyer is not None:
        return Target(buyer, RECEIVED)
    seller = directory.tax_ids.get(invoice.seller_tax_id or "")
    return Target(seller, ISSUED) if seller is not None else None


def parcels(
    named: Sequence[Target], found: Sequence[tuple[Attachment, Target | None]]
) -> list[Parcel]:
    """What each company gets; nothing when nobody can tell, and then a person must.

    ``named`` is what the recipients say; ``found`` what each file with a document says of itself.
    """
    if len(named) == 1:
        return [Parcel(named[0])]
    known = {target for _, target in found if target}
    if named:
        known &= set(named)
    if len(known) == 1:
        return [Parcel(known.pop())]
    if not known or any(target not in known for _, target in found):
        return []
    files: dict[Target, list[Attachment]] = {}
    for attachment, target in found:
        if target is not None:
            files.setdefault(target, []).append(attachment)
    return [Parcel(target, tuple(each)) for target, each in files.items()]
