"""Rules from examples: what a company's documents became in, the posting codes, types and variables that explain it out (M15).

Nothing is guessed: an account is taken where an amount of the document and a line of the entry are equal and
no other explanation fits; the account that most examples agree on wins, ties by its code.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from razao.billing.onboarding.examples import Example, Place

_PASSES = 6


@dataclass(slots=True)
class TypeFound:
    """What a billing type does."""

    journal: str
    credit: bool
    head: str = ""
    """account of the total; "" is the customer's own"""
    withholding: str = ""
    """account of tax withheld, where the total is posted less it"""


@dataclass(slots=True)
class Derived:
    """Everything that was found; accounts by what leads to them."""

    types: dict[str, TypeFound] = field(default_factory=dict)
    taxes: dict[tuple[bool, Place], str] = field(default_factory=dict)
    """by credit and place"""
    sales: dict[tuple[bool, str, Place], str] = field(default_factory=dict)
    """by credit, article and place"""
    customers: dict[str, str] = field(default_factory=dict)
    day_totals: bool = False


def derive(
    examples: list[Example], tax_prefixes: tuple[str, ...], customer_prefixes: tuple[str, ...]
) -> Derived:
    """The rules behind ``examples``. Prefixes say which accounts are of VAT and of customers."""
    found = Derived(day_totals=any(e.documents > 1 for e in examples))
    _heads(examples, found, customer_prefixes)
    _taxes(examples, found, tax_prefixes)
    for _ in range(_PASSES):
        before = len(found.sales)
        _sales(examples, found, tax_prefixes)
        if len(found.sales) == before:
            break
    return found


def _most(votes: Counter[str]) -> str:
    """What most agree on; ties by the code."""
    return min(votes, key=lambda account: (-votes[account], account)) if votes else ""


def _heads(examples: list[Example], found: Derived, customers: tuple[str, ...]) -> None:
    """Account of the total by type: the customers' own, or one of cash; tax withheld beside it."""
    heads: dict[str, Counter[str]] = defaultdict(Counter)
    held: dict[str, Counter[str]] = defaultdict(Counter)
    journals: dict[str, Counter[str]] = defaultdict(Counter)
    people: dict[str, Counter[str]] = defaultdict(Counter)
    credits = {example.billing_type: example.credit for example in examples}
    for example in examples:
        journals[example.billing_type][example.journal] += 1
        side = -1 if example.credit else 1
        totals = {side * example.gross, side * (example.gross - example.held)}
        fitting = [account for account, amount in example.accounts.items() if amount in totals]
        if len(fitting) != 1:
            fitting = [account for account in fitting if account.startswith(customers)]
        if len(fitting) == 1:
            own = fitting[0].startswith(customers)
            heads[example.billing_type]["" if own else fitting[0]] += 1
            if own and example.customer:
                people[example.customer][fitting[0]] += 1
        if example.held:
            less = [a for a, amount in example.accounts.items() if amount == side * example.held]
            held[example.billing_type].update(less if len(less) == 1 else ())
    for kind, votes in journals.items():
        found.types[kind] = TypeFound(
            journal=_most(votes),
            credit=credits[kind],
            head=_most(heads[kind]),
            withholding=_most(held[kind]),
        )
    found.customers = {number: _most(votes) for number, votes in people.items()}


def _taxes(examples: list[Example], found: Derived, prefixes: tuple[str, ...]) -> None:
    """Account of the tax by place, apart for credit notes."""
    votes: dict[tuple[bool, Place], Counter[str]] = defaultdict(Counter)
    for example in examples:
        side = 1 if example.credit else -1
        for place, tax in example.taxes.items():
            if list(example.taxes.values()).count(tax) > 1:
                continue
            fitting = [
                account
                for account, amount in example.accounts.items()
                if amount == side * tax and account.startswith(prefixes)
            ]
            if len(fitting) == 1:
                votes[example.credit, place][fitting[0]] += 1
    found.taxes = {key: _most(counted) for key, counted in votes.items()}


def _sales(examples: list[Example], found: Derived, tax_prefixes: tuple[str, ...]) -> None:
    """Account of sales by article and place, from what the known ones leave over."""
    votes: dict[tuple[bool, str, Place], Counter[str]] = defaultdict(Counter)
    for example in examples:
        rest, unknown = _left(example, found, tax_prefixes)
        for key, account in _explained(rest, unknown, example.credit):
            votes[key][account] += 1
    for key, counted in votes.items():
        found.sales.setdefault(key, _most(counted))


def _left(
    example: Example, found: Derived, tax_prefixes: tuple[str, ...]
) -> tuple[dict[str, int], dict[tuple[str, Place], int]]:
    """Accounts and nets of an example that nothing known explains yet."""
    kind = found.types[example.billing_type]
    head = kind.head or (found.customers.get(example.customer or "") or "")
    rest = {
        account: amount
        for account, amount in example.accounts.items()
        if account not in {head, kind.withholding} and not account.startswith(tax_prefixes)
    }
    side = 1 if example.credit else -1
    unknown: dict[tuple[str, Place], int] = {}
    for (article, place), net in example.nets.items():
        account = found.sales.get((example.credit, article, place))
        if account is None:
            unknown[article, place] = side * net
        else:
            rest[account] = rest.get(account, 0) - side * net
    return {account: amount for account, amount in rest.items() if amount}, unknown


def _explained(
    rest: dict[str, int], unknown: dict[tuple[str, Place], int], credit: bool
) -> Iterable[tuple[tuple[bool, str, Place], str]]:
    """Which account each unknown net went to, where only one answer fits."""
    if not unknown or not rest:
        return
    if len(rest) == 1:
        (account, amount), *_ = rest.items()
        if amount == sum(unknown.values()):
            for article, place in unknown:
                yield (credit, article, place), account
        return
    amounts = Counter(rest.values())
    nets = Counter(unknown.values())
    for (article, place), net in unknown.items():
        if amounts[net] == 1 and nets[net] == 1:
            account = next(a for a, amount in rest.items() if amount == net)
            yield (credit, article, place), account
