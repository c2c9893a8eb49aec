"""Brazil's DANFE: a deal in, the boxes of the auxiliary document of an NF-e out (ICMS inside the price)."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from razao.capture.samples.deals import Deal
from razao.capture.samples.looks import Look
from razao.countries.nfe_key import check_digit
from razao.kernel.money import tax_on

#: IBGE codes of the states of the towns in names.toml.
STATES = {"São Paulo": "35", "Belo Horizonte": "31", "Curitiba": "41"}
ICMS = Decimal(18)


def punctuated(cnpj: str) -> str:
    """12.345.678/0001-95."""
    return f"{cnpj[:2]}.{cnpj[2:5]}.{cnpj[5:8]}/{cnpj[8:12]}-{cnpj[12:]}"


def access_key(rng: Random, deal: Deal) -> str:
    """The 44 characters of the NF-e's key: state, month, issuer, model, series, number, code, check digit."""
    day = deal.invoice.issue_date
    state = STATES.get(deal.seller.town.split(" ", 1)[1], "35")
    number = (deal.invoice.number or "").replace(".", "")
    stem = f"{state}{day:%y%m}{deal.seller.tax_id}55001{number}1{rng.randrange(10**7, 10**8)}"
    return stem + check_digit(stem)


def boxes(rng: Random, deal: Deal, look: Look) -> dict[str, str]:
    """The strings that only a DANFE has."""
    gross = deal.invoice.gross_total or Decimal(0)
    key = access_key(rng, deal)
    buyer = deal.buyer
    return {
        "date": look.day(deal.invoice.issue_date) if deal.invoice.issue_date else "",
        "key": " ".join(key[i : i + 4] for i in range(0, 44, 4)),
        "issuer": punctuated(deal.seller.tax_id),
        "recipient": punctuated(buyer.tax_id) if buyer else "",
        "base": look.number(gross),
        "icms": look.number(tax_on(gross, ICMS)),
        "products": look.number(gross),
        "total": look.number(gross),
        "state_registration": f"{rng.randrange(10**8, 10**9)}",
        "protocol": f"1{rng.randrange(10**13, 10**14)}",
    }
