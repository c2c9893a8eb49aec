"""What stands on a sheet: a deal and a look in, every printed string in its place out (a dict for typst)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any

from razao.capture.samples import codes, danfe, extras
from razao.capture.samples.deals import Deal
from razao.capture.samples.lines import DealLine
from razao.capture.samples.looks import Look
from razao.capture.samples.parties import Party
from razao.capture.samples.reasons import exemption_text
from razao.invoices.invoice import VatAmount

ZERO = Decimal("0.00")
Pair = list[str]


def spaced(number: str) -> str:
    """A nine-digit id in groups of three."""
    return " ".join(number[i : i + 3] for i in range(0, 9, 3)) if len(number) == 9 else number


def printed_id(party: Party, look: Look) -> str:
    """The tax id as this document writes it: bare, grouped, or with the country's letters."""
    number = party.tax_id
    if look.options["seller_id_prefix"] and party.country in {"PT", "ES"}:
        return f"{party.country}{number}"
    return spaced(number) if look.options["spaced_id"] and party.country == "PT" else number


def seller_block(rng: Random, deal: Deal, look: Look) -> dict[str, Any]:
    """Letterhead: brand, name, address lines, tax id, contacts, registry."""
    seller = deal.seller
    contacts = [f"Tel. {seller.phone}", seller.email, seller.web]
    return {
        "brand": seller.brand if look.options["logo"] != "none" else "",
        "name": seller.name,
        "address": [seller.street, seller.town],
        "tax": [look.words["seller_tax_id"], printed_id(seller, look)],
        "contacts": rng.sample(contacts, rng.randrange(0, 4)),
        "registry": seller.registry if rng.random() < 0.5 else "",
    }


def buyer_block(rng: Random, deal: Deal, look: Look) -> dict[str, Any]:
    """Who buys; only a tax id on many till receipts; 'consumidor final' where nobody is named."""
    buyer = deal.buyer
    words = look.words
    if buyer is None:
        number = "999999990" if rng.random() < 0.5 else ""
        return {
            "heading": words["buyer"],
            "name": words["anonymous"],
            "address": [],
            "tax": [words["tax_id"], number],
        }
    named = deal.invoice.buyer_name is not None
    abroad = [] if buyer.country == deal.seller.country else [COUNTRY_NAMES.get(buyer.country, "")]
    return {
        "heading": words["buyer"],
        "name": buyer.name if named else "",
        "address": [buyer.street, buyer.town, *abroad] if named else [],
        "tax": [words["tax_id"], printed_id(buyer, look)],
    }


COUNTRY_NAMES = {
    "PT": "Portugal",
    "ES": "España",
    "FR": "France",
    "DE": "Deutschland",
    "AO": "Angola",
}


def sign(deal: Deal, look: Look) -> int:
    """-1 where this document prints a credit note's amounts with a minus."""
    return -1 if deal.invoice.document_type == "NC" and look.options["columns"] < 0.12 else 1


def meta_pairs(rng: Random, deal: Deal, look: Look) -> list[Pair]:
    """Number, date, due date and what else stands beside them, in an order of the document's own."""
    words, invoice = look.words, deal.invoice
    pairs = [[words["date"], look.day(invoice.issue_date)]] if invoice.issue_date else []
    if not look.options["title_has_number"]:
        pairs.insert(0, [words["number"], invoice.number or ""])
    if invoice.due_date:
        pairs.append([words["due"], look.day(invoice.due_date)])
    extra: list[Pair] = []
    if deal.terms_days is not None:
        extra.append([words["terms"], words["days"].format(deal.terms_days)])
    elif invoice.document_type in {"FR", "FS"}:
        extra.append([words["terms"], words["prompt"]])
    if deal.order:
        extra.append([words["order"], deal.order])
    if rng.random() < 0.4:
        extra.append([words["customer"], str(rng.randrange(10, 99999))])
    if invoice.reference and rng.random() < 0.6:
        extra.append([words["reference"], invoice.reference])
    rng.shuffle(extra)
    return pairs + extra[:3]


COLUMN_KEYS = {
    "article": "left",
    "description": "left",
    "quantity": "right",
    "unit": "center",
    "unit_price": "right",
    "discount": "right",
    "vat": "right",
    "total": "right",
}


def columns(rng: Random, deal: Deal, look: Look) -> list[dict[str, str]]:
    """The columns of the line table, some left out, in one of the usual orders."""
    keys = ["article", "description", "quantity", "unit", "unit_price", "discount", "vat", "total"]
    if rng.random() < 0.35:
        keys.remove("article")
    if rng.random() < 0.4:
        keys.remove("unit")
    if not any(line.discount for line in deal.lines) and rng.random() < 0.6:
        keys.remove("discount")
    if len({line.rate for line in deal.lines}) == 1 and rng.random() < 0.25:
        keys.remove("vat")
    if rng.random() < 0.15:
        keys.remove("quantity")
        keys.insert(0, "quantity")
    if "vat" in keys and rng.random() < 0.25:
        keys.remove("vat")
        keys.append("vat")
    words = look.words
    labels = {key: words.get(key, "") for key in keys}
    labels["total"] = words["line_total_gross" if deal.trade.gross else "line_total"]
    upper = look.options["upper"]
    return [
        {"key": k, "label": labels[k].upper() if upper else labels[k], "align": COLUMN_KEYS[k]}
        for k in keys
    ]


def row_of(line: DealLine, look: Look, factor: int) -> dict[str, str]:
    """One line's cells."""
    whole = look.options["whole"]
    price_places = 0 if whole else max(2, -int(line.unit_price.as_tuple().exponent))
    return {
        "article": line.article,
        "description": line.description,
        "quantity": look.quantity(line.quantity * factor),
        "unit": line.unit,
        "unit_price": look.number(line.unit_price, price_places),
        "discount": look.percent(line.discount) if line.discount else "",
        "vat": look.percent(line.rate),
        "total": look.number(line.printed * factor, 0 if whole else 2),
    }


def pages_of(
    deal: Deal, look: Look, factor: int, first: int = 16, other: int = 26
) -> list[dict[str, Any]]:
    """Lines cut into pages, with the sums carried over from page to page."""
    rows = [row_of(line, look, factor) for line in deal.lines]
    cuts = (
        [0, *range(first, len(rows), other), len(rows)] if len(rows) > first + 4 else [0, len(rows)]
    )
    pages, carried = [], ZERO
    places = 0 if look.options["whole"] else 2
    for start, stop in pairwise(cuts):
        before = carried
        carried += sum((line.printed for line in deal.lines[start:stop]), ZERO)
        pages.append(
            {
                "rows": rows[start:stop],
                "brought": [look.words["brought"], look.number(before * factor, places)]
                if start
                else [],
                "carry": [look.words["carry"], look.number(carried * factor, places)]
                if stop < len(rows)
                else [],
            }
        )
    return pages


def vat_table(deal: Deal, look: Look, factor: int) -> dict[str, Any] | None:
    """The tax summary in this document's column order; None where it shows none."""
    rows = [row for row in deal.invoice.vat if row.kind is None]
    if not rows or not look.options["vat_summary"]:
        return None
    words = look.words
    order = look.options["vat_order"]
    labels = {"r": words["vat_rate"], "b": words["vat_base"], "a": words["vat_amount"]}
    heads = [labels[key] for key in order]
    cells = []
    for row in rows:
        values = {
            "r": look.percent(row.rate),
            "b": look.money(row.base * factor, deal.invoice.currency or "EUR"),
            "a": look.money(row.amount * factor, deal.invoice.currency or "EUR"),
        }
        cells.append([values[key] for key in order])
    if look.options["vat_total_column"]:
        heads.append(words["line_total"])
        for row, line in zip(rows, cells, strict=True):
            line.append(look.number((row.base + row.amount) * factor))
    if any(row.exemption for row in rows):
        heads.append(words["vat_reason"])
        for row, line in zip(rows, cells, strict=True):
            line.append(row.exemption or "")
    return {"title": words["vat_summary"], "heads": heads, "rows": cells}


def tax_totals(deal: Deal, look: Look, factor: int) -> list[list[Any]]:
    """The tax lines of the totals: one sum, or one per rate where there is no summary table."""
    invoice, words = deal.invoice, look.words
    currency = invoice.currency or "EUR"
    rows: list[VatAmount] = [row for row in invoice.vat if row.kind is None]
    if deal.trade.currency != "EUR" and not invoice.vat_total:
        return []
    split = not look.options["vat_summary"] and len(rows) > 1
    places = 0 if look.options["whole"] else 2
    vat_only = sum((row.amount for row in rows), ZERO)
    if not split:
        label = words["vat_total"]
        if len(rows) == 1 and not look.options["vat_summary"]:
            label = (
                f"{label} {look.percent(rows[0].rate)}"
                if "%" in look.percent(rows[0].rate)
                else f"{label} ({look.percent(rows[0].rate)}%)"
            )
        lines = [[label, look.money(vat_only * factor, currency), False]]
    else:
        lines = [
            [
                f"{words['vat_total'].split()[-1]} {look.percent(row.rate).rstrip('% ')}% ({look.number(row.base * factor, places)})",
                look.money(row.amount * factor, currency),
                False,
            ]
            for row in rows
        ]
    for row in invoice.vat:
        if row.kind:
            name = words.get(row.kind.removesuffix("_duty"), words["stamp"])
            if row.kind == "surcharge":
                name = f"{name} {look.percent(row.rate).rstrip('% ')}%"
            lines.append([name, look.money(row.amount * factor, currency), False])
    return lines


def totals(rng: Random, deal: Deal, look: Look, factor: int) -> list[list[Any]]:
    """The totals from the lines' sum to what is paid: label, amount, whether it is printed strong."""
    invoice, words = deal.invoice, look.words
    currency = invoice.currency or "EUR"

    def money(value: Decimal | None) -> str:
        return look.money((value or ZERO) * factor, currency)

    lines: list[list[Any]] = []
    if deal.global_discount or rng.random() < 0.2:
        lines.append(
            [words["gross_sum"], money(sum((ln.printed for ln in deal.lines), ZERO)), False]
        )
        lines.append([words["discount_sum"], money(deal.global_discount), False])
    lines.append([words["net_total"], money(invoice.net_total), False])
    lines += tax_totals(deal, look, factor)
    differs = invoice.payable != invoice.gross_total
    gross_label = words["gross_total"]
    if differs and "pagar" in gross_label.lower():
        gross_label = "Total"
    gross_label = gross_label.replace("EUR", currency)
    lines.append([gross_label, money(invoice.gross_total), not differs])
    if invoice.withholding is not None:
        rate = look.percent(deal.withheld_rate or ZERO).rstrip("% ")
        label = f"{words['withheld']} ({rate}%)" if rng.random() < 0.7 else words["withheld"]
        shown = money(-invoice.withholding) if rng.random() < 0.4 else money(invoice.withholding)
        lines.append([label, shown, False])
    if deal.retention:
        lines.append([words["retention"], money(deal.retention), False])
    if differs or rng.random() < 0.15:
        lines.append([words["payable"], money(invoice.payable), True])
    return lines


def notes(rng: Random, deal: Deal, look: Look) -> list[str]:
    """Reasons of exemption, references, and sentences that mean nothing to a reader of amounts."""
    words = look.words
    found = [
        exemption_text(rng, code)
        for code in dict.fromkeys(row.exemption for row in deal.invoice.vat if row.exemption)
        if deal.seller.country == "PT"
    ]
    if any(line.letter == "E" and line.exemption is None for line in deal.lines):
        found.append(words.get("intra", ""))
    reference = deal.invoice.reference
    if reference:
        found.append(f"{words['reference']}{look.options['colon'] or ':'} {reference}")
    if deal.seller.country == "PT" and rng.random() < 0.6:
        found.append(words["place"])
    return [text for text in found if text]


def payment(rng: Random, deal: Deal, look: Look) -> list[Pair]:
    """Where to pay: IBAN, or a Multibanco reference."""
    found: list[Pair] = []
    if deal.seller.iban and rng.random() < 0.45:
        found.append([look.words["iban"], deal.seller.iban])
    if deal.seller.country == "PT" and deal.invoice.document_type == "FT" and rng.random() < 0.3:
        digits = f"{rng.randrange(10**8, 10**9)}"
        found += [
            ["Entidade", str(rng.randrange(10000, 99999))],
            ["Referência", spaced(digits)],
            ["Montante", look.money(deal.invoice.payable or ZERO, "EUR")],
        ]
    return found


def certified(deal: Deal, look: Look) -> str:
    """The sentence of certified programs (Portaria 363/2010) with the signature's four characters."""
    return look.words["certified"].format(deal.signature, deal.certificate)


def extras_of(rng: Random, deal: Deal, look: Look) -> dict[str, Any]:
    """What else stands on the page; only Portuguese sellers' documents have these."""
    if deal.seller.country != "PT":
        return {"delivery": [], "counts": [], "change": [], "arrears": [], "small": ""}
    return {
        "delivery": extras.delivery(rng, deal, look),
        "counts": extras.counts(rng, deal, look),
        "change": extras.change(rng, deal, look) if look.sheet == "till" else [],
        "arrears": extras.arrears(rng, deal, look) if look.sheet == "utility" else [],
        "small": extras.small_print(rng, deal),
    }


def sheet_of(rng: Random, deal: Deal, look: Look, *, with_qr: bool) -> Mapping[str, Any]:
    """Everything that the layout prints."""
    factor = sign(deal, look)
    words, invoice = look.words, deal.invoice
    kind = words[invoice.document_type or "FT"]
    title = f"{kind.removesuffix(' n.º').removesuffix(' nº')}"
    if look.options["title_has_number"]:
        title = f"{kind} {invoice.number}"
    qr = None
    if with_qr:
        side, values = codes.modules(codes.message(rng, deal))
        qr = {"side": side, "values": values}
    return {
        "sheet": look.sheet,
        "font": look.font,
        "size": look.size,
        "accent": look.accent,
        "options": dict(look.options),
        "language": look.language,
        "title": title,
        "kind": kind.removesuffix(" n.º").removesuffix(" nº"),
        "day": look.day(invoice.issue_date) if invoice.issue_date else "",
        "place": f"{deal.seller.town.split(' ', 1)[-1]}, " if rng.random() < 0.7 else "",
        "words": {"number": words["number"], "seller": words["seller"]},
        "copy": words["copy"],
        "seller": seller_block(rng, deal, look),
        "buyer": buyer_block(rng, deal, look),
        "meta": meta_pairs(rng, deal, look),
        "columns": columns(rng, deal, look),
        "pages": pages_of(deal, look, factor),
        "vat": vat_table(deal, look, factor),
        "totals": totals(rng, deal, look, factor),
        "payable": look.money((invoice.payable or ZERO) * factor, invoice.currency or "EUR"),
        "payable_label": words["payable"],
        "notes": notes(rng, deal, look),
        "payment": payment(rng, deal, look),
        "atcud": f"ATCUD:{rng.choice(('', ' '))}{invoice.atcud}" if invoice.atcud else "",
        "qr": qr,
        "certified": certified(deal, look) if deal.seller.country == "PT" else "",
        "page": words["page"],
        "thanks": words["thanks"],
        "number": invoice.number,
        "extras": extras_of(rng, deal, look),
        "danfe": danfe.boxes(rng, deal, look) if look.sheet == "danfe" else None,
    }
