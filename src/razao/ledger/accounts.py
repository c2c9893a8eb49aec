"""Accounts of parties: a prefix in, the first free code out; what an invoice says of a party in, its account out (S12)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.db import IntegrityError, transaction

from razao.companies.models import Company, Party
from razao.companies.rights import Access, May
from razao.countries.account_codes import stems
from razao.countries.pack import load
from razao.countries.tax_ids import check_tax_id
from razao.kernel.audit import record
from razao.kernel.problems import Problem, Refused, Severity, blocking
from razao.ledger.models import Account

#: From this likeness of names on (0–1), a person is asked whether two parties are one.
ALIKE = 0.86
#: Words that say what kind of company it is, and nothing of which.
FORMS = frozenset({"lda", "ld", "sa", "unipessoal", "limitada", "ltda", "sl", "slu", "the", "e"})


@dataclass(frozen=True, slots=True)
class NewParty:
    """What is to be known of a party for its account. ``country`` is ISO 3166-1 alpha-2."""

    tax_id: str
    name: str
    country: str = "PT"
    address: str = ""
    withholding_code: str = ""


def next_code(company: Company, prefix: str) -> str:
    """The first free account code that begins with ``prefix`` (S12: what ``+`` in an account field gives).

    Below a group of parties the code has the pack's number of digits after the group's code; a prefix above
    the groups means the first group that it leads to. Raises Refused (``accounts.no_group``,
    ``accounts.group_full``).
    """
    group = _group(company, prefix)
    pack = load(company.country)
    begin = group + pack.party_separator
    width = max(len(begin) + pack.party_code_digits, len(prefix) + 1)
    stem = prefix if prefix.startswith(begin) else begin
    rows = Account.objects.filter(company=company, code__startswith=stem)
    taken = set(rows.values_list("code", flat=True))
    places = width - len(stem)
    for number in range(1, 10**places):
        code = f"{stem}{number:0{places}}"
        if code not in taken:
            return code
    raise Refused(Problem("accounts.group_full", where=stem))


def _group(company: Company, prefix: str) -> str:
    """Code of the group of parties that ``prefix`` lies in, or leads to."""
    groups = Account.objects.filter(company=company, party_group=True).order_by("code")
    codes = list(groups.values_list("code", flat=True))
    above = [code for code in codes if prefix.startswith(code)]
    below = [code for code in codes if code.startswith(prefix)]
    found = max(above, key=len, default="") or (below[0] if below else "")
    if not found:
        raise Refused(Problem("accounts.no_group", where=prefix))
    return found


def parent_of(company: Company, code: str) -> Account | None:
    """The nearest account above ``code``, itself excluded."""
    rows = Account.objects.filter(company=company, code__in=stems(code))
    return max(rows, key=lambda account: len(account.code), default=None)


def check_party(company: Company, party: NewParty) -> list[Problem]:
    """What is wrong or doubtful about opening ``party``: its tax id, and parties that look like it."""
    checked = check_tax_id(party.country, party.tax_id)
    said = checked.problem("tax_id")
    problems = [said] if said else []
    if not party.name.strip():
        problems.append(Problem("accounts.name_missing", where="name"))
    name = _plain(party.name)
    for other in Party.objects.filter(company=company).exclude(tax_id=checked.normalised):
        likeness = SequenceMatcher(None, name, _plain(other.name))
        if likeness.quick_ratio() >= ALIKE and likeness.ratio() >= ALIKE:
            values = {"name": other.name, "tax_id": other.tax_id}
            problems.append(Problem("accounts.alike", Severity.WARNING, "name", values))
    return problems


def _plain(name: str) -> str:
    """A name without accents, punctuation, order of case and words that only say the legal form."""
    bare = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(c for c in bare if not unicodedata.combining(c) and c not in ".'’")
    words = re.findall(r"[a-z0-9]+", letters)
    return " ".join(word for word in words if word not in FORMS)


def party_account(company: Company, tax_id: str, classifier: str) -> Account | None:
    """The account of the party with ``tax_id`` within a classifier (S10a); the lowest code where there are several."""
    rows = Account.objects.filter(
        company=company, party__tax_id=tax_id, classifier=classifier, active=True, postable=True
    )
    return rows.order_by("code").first()


def open_party_account(
    access: Access, party: NewParty, *, code: str, counterpart: str = "", classifier: str = ""
) -> Account:
    """Open the account ``code`` for ``party`` (made when the company does not know its tax id).

    The rest (kind, classifier, taxonomy) is as its parent account says. ``counterpart`` is the code of its
    usual income or expense account. Warnings of ``check_party`` do not stop it. Raises Refused
    (``tax_id.*``, ``accounts.*``).
    """
    access.require(May.REVIEW)
    company = access.company
    problems = check_party(company, party)
    parent = parent_of(company, code)
    against = Account.objects.filter(company=company, code=counterpart).first()
    if parent is None:
        problems.append(Problem("accounts.no_parent", where=code))
    if counterpart and against is None:
        problems.append(Problem("accounts.counterpart_missing", where=counterpart))
    if Account.objects.filter(company=company, code=code).exists():
        problems.append(Problem("accounts.code_taken", where=code))
    if blocking(problems) or parent is None:
        raise Refused(*blocking(problems))
    account = _create(company, party, code, parent, against, classifier)
    record("account.opened", user=access.user_id, company=company.pk, subject=code)
    return account


def _create(
    company: Company,
    party: NewParty,
    code: str,
    parent: Account,
    against: Account | None,
    classifier: str,
) -> Account:
    number = check_tax_id(party.country, party.tax_id).normalised
    try:
        with transaction.atomic():
            entity, _ = Party.objects.get_or_create(
                company=company,
                tax_id=number,
                defaults={
                    "name": party.name.strip(),
                    "country": party.country,
                    "address": party.address,
                    "withholding_code": party.withholding_code,
                },
            )
            return Account.objects.create(
                company=company,
                code=code,
                name=party.name.strip(),
                kind=parent.kind,
                classifier=classifier or parent.classifier,
                party=entity,
                counterpart=against,
                taxonomy=parent.taxonomy,
                contra=parent.contra,
                either_side=parent.either_side,
            )
    except IntegrityError as error:
        # somebody opened an account of that code a moment ago
        raise Refused(Problem("accounts.code_taken", where=code)) from error


def open_plain_account(access: Access, *, code: str, name: str) -> Account:
    """Open the account ``code`` for nobody in particular; the rest is as the country's chart or its parent account says.

    Raises Refused (``accounts.name_missing``, ``accounts.no_parent``, ``accounts.code_taken``).
    """
    access.require(May.CONFIGURE)
    company = access.company
    parent, known = parent_of(company, code), load(company.country).account_by_code.get(code)
    name = name.strip() or (known.name if known else "")
    problems = []
    if not name:
        problems.append(Problem("accounts.name_missing", where="name"))
    if parent is None:
        problems.append(Problem("accounts.no_parent", where=code))
    if Account.objects.filter(company=company, code=code).exists():
        problems.append(Problem("accounts.code_taken", where=code))
    if problems or parent is None:
        raise Refused(*problems)
    account = Account.objects.create(
        company=company,
        code=code,
        name=name,
        kind=parent.kind,
        classifier=parent.classifier,
        taxonomy=parent.taxonomy,
        contra=parent.contra,
        either_side=parent.either_side,
    )
    record("account.opened", user=access.user_id, company=company.pk, subject=code)
    return account
