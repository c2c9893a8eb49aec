"""What was derived, as a configuration: findings and the country's VAT codes in, ``BillingRules`` out (M15).

Articles that never disagree share a posting code: the first holds the most frequent accounts, so that an
article nobody has seen yet is booked as most are.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import polars as pl

from razao.billing.onboarding.deriving import Derived, TypeFound
from razao.billing.onboarding.examples import Example, Place
from razao.booking.billing_rules import (
    ARTICLES,
    CUSTOMERS,
    POSTING_CODES,
    POSTING_RATES,
    TYPES,
    VARIABLES,
    BillingRules,
)
from razao.booking.rules import Schema

Codes = dict[str, dict[Place, str]]


def configuration(
    found: Derived,
    examples: list[Example],
    *,
    vat_code: dict[tuple[str, int], str],
    free_code: dict[str, str],
    entry_types: dict[str, str],
) -> BillingRules:
    """The configuration that the findings make.

    ``vat_code``: by tax account and rate; ``free_code``: by exemption; ``entry_types``: by billing type.
    """
    codes, of_article = _posting_codes(found, examples)
    cash = _cash(found)
    withholding = next((t.withholding for t in found.types.values() if t.withholding), "")
    variables = [
        (kind, *row)
        for kind, told in sorted(found.types.items())
        for row in _variables(told, found, cash)
    ]
    types = [
        (kind, t.journal, entry_types.get(kind, ""), bool(t.head), False, None, "")
        for kind, t in sorted(found.types.items())
    ]
    return BillingRules(
        types=_frame(types, TYPES),
        variables=_frame(variables, VARIABLES),
        posting_codes=_frame([(code, cash, "") for code in codes], POSTING_CODES),
        posting_rates=_frame(_rates(codes, of_article, found, vat_code, free_code), POSTING_RATES),
        articles=_frame(
            [
                (a, code, False, False, *("",) * 5, None, None, None)
                for a, code in sorted(of_article.items())
                if a
            ],
            ARTICLES,
        ),
        customers=_frame(
            [(number, None, account, None) for number, account in sorted(found.customers.items())],
            CUSTOMERS,
        ),
        withholding=withholding,
        default_posting_code=next(iter(codes), ""),
    )


def _frame(rows: list[Any], schema: Schema) -> pl.DataFrame:
    return pl.DataFrame(rows, dict(schema), orient="row")


def _posting_codes(found: Derived, examples: list[Example]) -> tuple[Codes, dict[str, str]]:
    """Posting codes with the account of each place, and the code of each article."""
    seen = Counter(article for e in examples for article, _ in e.nets)
    wanted: dict[str, dict[Place, str]] = {}
    for (credit, article, place), account in sorted(found.sales.items()):
        if not credit:
            wanted.setdefault(article, {})[place] = account
    codes: Codes = {}
    of_article: dict[str, str] = {}
    for article in sorted(wanted, key=lambda a: (-seen[a], a)):
        places = wanted[article]
        fitting = [
            c for c, held in codes.items() if all(held.get(p, a) == a for p, a in places.items())
        ]
        same = [c for c in fitting if any(codes[c].get(p) == a for p, a in places.items())]
        code = next(iter(same or fitting), f"V{len(codes) + 1}")
        codes.setdefault(code, {}).update(places)
        of_article[article] = code
    return codes or {"V1": {}}, of_article


def _cash(found: Derived) -> str:
    votes = Counter(t.head for t in found.types.values() if t.head)
    return min(votes, key=lambda a: (-votes[a], a)) if votes else ""


def _variables(told: TypeFound, found: Derived, cash: str) -> list[tuple[str, str, str, str]]:
    """The variables of a type."""
    debit, credit = ("C", "D") if told.credit else ("D", "C")
    total = "received" if told.withholding else "gross"
    place = "customer" if not told.head else "cash" if told.head == cash else "fixed"
    rows = [(total, debit, place, told.head if place == "fixed" else "")]
    if told.withholding:
        rows.append(("withholding", debit, "withholding", ""))
    rows.append(("net", credit, "returns" if told.credit else "revenue", ""))
    moved = {
        account
        for (is_credit, where), account in found.taxes.items()
        if is_credit and found.taxes.get((False, where)) != account
    }
    fixed = next(iter(moved)) if told.credit and len(moved) == 1 else ""
    rows.append(("tax", credit, "fixed" if fixed else "tax", fixed))
    return rows


def _rates(
    codes: Codes,
    of_article: dict[str, str],
    found: Derived,
    vat_code: dict[tuple[str, int], str],
    free_code: dict[str, str],
) -> list[tuple[Any, ...]]:
    """Each posting code's accounts at each place; a place known for returns alone is one too."""
    returned: dict[tuple[str, Place], Counter[str]] = {}
    for (credit, article, place), account in found.sales.items():
        if credit:
            code = of_article.get(article, next(iter(codes)))
            returned.setdefault((code, place), Counter())[account] += 1
    anywhere: Counter[str] = sum(returned.values(), Counter())
    usual = min(anywhere, key=lambda a: (-anywhere[a], a)) if anywhere else ""
    rows = []
    for code, places in codes.items():
        for place in sorted({*places, *(p for c, p in returned if c == code)}):
            rate, region, reason = place
            votes = returned.get((code, place))
            back = min(votes, key=lambda a: (-votes[a], a)) if votes else usual
            tax = found.taxes.get((False, place)) or found.taxes.get((True, place)) or ""
            stated = (
                vat_code.get((tax, rate), "")
                if rate
                else free_code.get(reason, free_code.get("", ""))
            )
            alone = len({p for p in places if p[0] == rate and p[2] == reason}) == 1
            rows.append(
                (
                    *(
                        code,
                        rate,
                        "*" if alone else region,
                        reason,
                        places.get(place, ""),
                        back,
                        "",
                    ),
                    *(tax, "", stated, ""),
                )
            )
    return rows
