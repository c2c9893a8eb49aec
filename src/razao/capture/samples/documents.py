"""Documents: a seed and what is wanted in, one printed sample document with its truth out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from razao.capture.samples.content import sheet_of
from razao.capture.samples.deals import Deal, Parties, draw_deal
from razao.capture.samples.looks import HELD_BACK_SHEETS, draw_look
from razao.capture.samples.parties import Party, draw_party
from razao.capture.samples.printing import pages_in, print_sheet
from razao.capture.samples.trades import Trade, trades
from razao.invoices.invoice import Invoice

#: How often each country's sellers occur in a general set.
COUNTRIES = (
    ("PT",) * 84 + ("ES",) * 6 + ("FR",) * 2 + ("DE",) * 3 + ("IT",) * 1 + ("IE", "IE", "US", "GB")
)
#: Documents that the books of a country receive; Portuguese books receive those of COUNTRIES.
NEIGHBOURS = ("PT", "PT", "ES", "US")
LANGUAGES = {
    "PT": "pt",
    "AO": "pt",
    "CV": "pt",
    "MZ": "pt",
    "ST": "pt",
    "GW": "pt",
    "BR": "pt",
    "ES": "es",
    "FR": "fr",
    "DE": "de",
    "IT": "en",
    "IE": "en",
    "US": "en",
    "GB": "en",
}
#: What buyers' names say they do.
BUYERS = {
    "PT": ("Comércio", "Indústria", "Serviços", "Gestão", "Distribuição"),
    "ES": ("Comercial", "Servicios", "Distribuciones", "Gestión"),
}
FIRST_DAY, LAST_DAY = date(2024, 9, 1), date(2026, 10, 31)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What kind of document is to be drawn; None leaves it to chance."""

    country: str | None = None
    company: Party | None = None
    """the company whose books receive or issued the document"""
    seller: Party | None = None
    """a seller of received documents, where it is not to be drawn"""
    direction: str = "received"
    held_back: bool | None = None
    """True: layouts and wording that the development half never sees; None: all"""
    first: date = FIRST_DAY
    last: date = LAST_DAY
    code: bool | None = None
    """whether a QR code is printed (Portuguese sellers only)"""
    sheet: str | None = None
    lines: int | None = None
    trade: str | None = None
    """key of a trade"""
    document_type: str | None = None
    books: str = "PT"
    """country of the company whose books the document is for"""


@dataclass(frozen=True, slots=True)
class Document:
    """A printed sample."""

    invoice: Invoice
    pdf: bytes
    sheet: str
    country: str
    direction: str
    has_code: bool
    unjudged: frozenset[str]
    """fields that the sheet leaves open (a due date given as a number of days)"""
    deal: Deal


def usable_sheets(trade: Trade, wanted: Wanted) -> list[str]:
    """The layout families open to a trade."""
    if wanted.held_back is True:
        return [s for s in trade.sheets if s in HELD_BACK_SHEETS] or list(trade.sheets)
    if wanted.held_back is False:
        return [s for s in trade.sheets if s not in HELD_BACK_SHEETS] or list(trade.sheets)
    return list(trade.sheets)


def choose_country(rng: Random, books: str) -> str:
    """Where a seller is, seen from the books' country."""
    if books == "PT":
        return rng.choice(COUNTRIES)
    return books if rng.random() < 0.9 else rng.choice([c for c in NEIGHBOURS if c != books])


def choose_trade(rng: Random, wanted: Wanted) -> Trade:
    """A trade that fits what is wanted."""
    country = wanted.country or choose_country(rng, wanted.books)
    if wanted.seller:
        country = wanted.seller.country
    fitting = [t for t in trades() if t.country == country]
    if wanted.trade:
        return next(t for t in fitting if t.key == wanted.trade)
    if wanted.document_type:
        fitting = [t for t in fitting if wanted.document_type in t.types]
    if country == wanted.books:
        fitting = [t for t in fitting if not t.abroad_only]
    if wanted.direction == "issued":
        fitting = [
            t for t in fitting if t.key in {"software", "hardware", "marketing", "exporter"}
        ] or fitting
    if wanted.sheet:
        fitting = [t for t in fitting if wanted.sheet in t.sheets] or [
            t for t in trades() if wanted.sheet in t.sheets
        ]
    return rng.choice(fitting)


def choose_region(rng: Random, trade: Trade) -> str:
    """The fiscal space of a seller: mainland mostly, the islands at times."""
    if trade.country == "ES" and not trade.abroad_only:
        return rng.choice(("ES",) * 6 + ("ES-CN",))
    if trade.country != "PT" or trade.key in {"construction", "scrap", "secondhand"}:
        return trade.country
    return rng.choice(("PT",) * 17 + ("PT-AC", "PT-AC", "PT-MA"))


def choose_parties(rng: Random, trade: Trade, wanted: Wanted) -> Parties:
    """Seller and buyer; the company wanted takes its side."""
    company = wanted.company
    other = draw_party(
        rng,
        wanted.books,
        rng.choice(BUYERS.get(wanted.books, BUYERS["PT"])),
    )
    if wanted.direction == "issued":
        seller = company or draw_party(rng, trade.country, rng.choice(trade.words))
        return Parties(
            seller, other if rng.random() < 0.8 else draw_party(rng, wanted.books, person=True)
        )
    seller = wanted.seller or draw_party(
        rng,
        trade.country,
        rng.choice(trade.words),
        person=trade.person,
        region=choose_region(rng, trade),
    )
    buyer = company or other
    if company is None and trade.key == "exporter" and rng.random() < 0.5:
        buyer = draw_party(
            rng, rng.choice(("ES", "FR", "DE", "AO")), rng.choice(("Import", "Trading"))
        )
    return Parties(seller, buyer)


def as_export(deal: Deal) -> Deal:
    """A sale abroad is exempt: article 14.º RITI inside the Union, 14.º CIVA outside."""
    reason = "M16" if deal.buyer and deal.buyer.country in {"ES", "FR", "DE", "IT"} else "M05"
    net = deal.invoice.net_total or Decimal(0)
    lines = tuple(
        replace(line, rate=Decimal(0), exemption=reason, letter="E") for line in deal.lines
    )
    row = replace(
        deal.invoice.vat[0], rate=Decimal(0), base=net, amount=Decimal("0.00"), exemption=reason
    )
    invoice = replace(
        deal.invoice,
        vat=(row,),
        vat_total=Decimal("0.00"),
        gross_total=net,
        payable=net - (deal.invoice.withholding or Decimal(0)),
        lines=tuple(
            replace(ln, vat_rate=Decimal(0), exemption=reason) for ln in deal.invoice.lines
        ),
    )
    return replace(deal, lines=lines, invoice=invoice)


def anonymous(rng: Random, deal: Deal, *, known_buyer: bool) -> Deal:
    """Simplified invoices often name no buyer, or give only the tax id; a company asks for its own on them."""
    if deal.invoice.document_type != "FS" or rng.random() < 0.25:
        return deal
    if known_buyer or rng.random() < 0.45:
        return replace(deal, invoice=replace(deal.invoice, buyer_name=None))
    nobody = replace(deal.invoice, buyer_name=None, buyer_tax_id=None, buyer_country=None)
    return replace(deal, buyer=None, invoice=nobody)


def draw_document(seed: str, wanted: Wanted | None = None) -> Document:
    """One printed document; the same seed and wish give the same document."""
    rng = Random(seed)
    wanted = wanted or Wanted()
    trade = choose_trade(rng, wanted)
    day = wanted.first + timedelta(days=rng.randrange((wanted.last - wanted.first).days + 1))
    parties = choose_parties(rng, trade, wanted)
    kind = wanted.document_type or ""
    deal = draw_deal(rng, trade, parties, day, count=wanted.lines, kind=kind)
    if deal.buyer and deal.seller.country == "PT" and deal.buyer.country != "PT":
        deal = as_export(deal)
    deal = replace(
        anonymous(rng, deal, known_buyer=wanted.company is not None), direction=wanted.direction
    )
    sheet = wanted.sheet or rng.choice(usable_sheets(trade, wanted))
    language = LANGUAGES[deal.seller.country]
    look = draw_look(
        rng,
        language,
        sheet,
        region=deal.seller.region,
        currency=trade.currency,
        held_back=wanted.held_back is not False,
    )
    portuguese = deal.seller.country == "PT"
    has_code = portuguese and (rng.random() < 0.75 if wanted.code is None else wanted.code)
    if portuguese and not has_code and rng.random() < 0.5:
        deal = replace(deal, invoice=replace(deal.invoice, atcud=None))
    pdf = print_sheet(sheet_of(rng, deal, look, with_qr=has_code))
    pages = tuple(range(1, pages_in(pdf) + 1))
    return Document(
        invoice=replace(deal.invoice, pages=pages),
        pdf=pdf,
        sheet=sheet,
        country=deal.seller.country,
        direction=wanted.direction,
        has_code=has_code,
        unjudged=unjudged_of(deal),
        deal=deal,
    )


def unjudged_of(deal: Deal) -> frozenset[str]:
    """Fields on which the printed document is silent or open to reading."""
    open_fields = set()
    if deal.terms_days is not None:
        open_fields.add("due_date")
    if deal.seller.country == "BR" or (deal.trade.currency != "EUR" and not deal.invoice.vat_total):
        open_fields |= {"vat", "vat_total"}
    if deal.seller.country == "BR":  # ICMS is inside the price
        open_fields |= {"net_total", "lines", "payable", "due_date"}
    if deal.invoice.buyer_tax_id is None:
        open_fields |= {"buyer_country", "buyer_name", "buyer_tax_id"}
    elif deal.invoice.buyer_name is None:
        open_fields |= {"buyer_name"}
    return frozenset(open_fields)
