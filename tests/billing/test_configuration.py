"""A configuration begins with the country's values, travels as one file, and never carries secrets."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from razao.billing import configuration, interchange
from razao.billing.models import BillingSource, PostingCodeRate
from razao.billing.starting import start
from razao.companies.sealing import seal
from razao.kernel.problems import Refused
from tests.billing.shop import a_shop, table, with_customers
from tests.factories import a_company, an_office

pytestmark = pytest.mark.django_db


def test_starting_twice_changes_nothing() -> None:
    access = a_shop()
    PostingCodeRate.objects.filter(revenue="71113").update(revenue="7112")
    before = interchange.exported(access.company)
    start(access.company, today=date(2026, 6, 1))

    assert interchange.exported(access.company) == before


def test_a_started_company_knows_rates_of_every_region_and_reasons_for_none() -> None:
    rules = configuration.rules_of(a_shop().company)
    goods = {
        (rate, region, reason): (revenue, tax, code)
        for code_, rate, region, reason, revenue, _, _, tax, _, code, _ in rules.posting_rates.iter_rows()
        if code_ == "MERC"
    }

    assert goods[2300, "PT", ""] == ("71113", "2433113", "LNOR")
    assert goods[0, "*", "M16"] == ("7112", "", "LIC")
    assert goods[0, "*", "M07"] == ("71114", "", "LIS")
    assert {region for _, region, _ in goods} == {"PT", "PT-AC", "PT-MA", "*"}


def test_a_configuration_travels_from_one_company_to_another() -> None:
    house = an_office()
    first, second = (a_company(code=code, office=house) for code in ("c1", "c2"))
    from razao.companies.rights import company_for

    access = company_for(first.user_id, first.company.pk)
    start(access.company, today=date(2026, 5, 14))
    BillingSource.objects.create(
        company=access.company, name="phc", kind="phc", secret=seal("x"), inside_allowed=True
    )
    told = json.loads(json.dumps(interchange.exported(access.company)))
    assert "x" not in [source.get("secret") for source in told["sources"]]

    other = company_for(second.user_id, second.company.pk)
    counts = interchange.imported(other, told)

    assert counts["types"] == 6
    assert interchange.exported(other.company) == told
    source = BillingSource.objects.get(company=other.company)
    assert (source.secret, source.inside_allowed) == ("", False)


def places(told: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a configuration that holds a value; of a list its first."""
    rows = told.items() if isinstance(told, dict) else list(enumerate(told))[:1]
    for name, value in rows:
        yield (*place, name)
        if isinstance(value, dict | list):
            yield from places(value, (*place, name))


def test_a_value_of_a_wrong_kind_anywhere_is_refused_or_kept_and_breaks_nothing(
    tmp_path: Path,
) -> None:
    access = a_shop()
    with_customers(access, table(tmp_path))
    whole = interchange.exported(access.company)
    outcomes: Counter[str] = Counter()
    for *way, last in places(whole):
        for value in (5, None, "\0", {"a": [1]}, "1e2147483648"):
            told = deepcopy(whole)
            reduce(getitem, way, told)[last] = value
            try:
                interchange.imported(access, told)
                outcomes["kept"] += 1
            except Refused as refused:
                outcomes.update(p.code for p in refused.problems)
    assert set(outcomes) == {"kept", "billing.configuration_wrong"}


def test_a_wrong_file_is_refused_in_the_readers_language() -> None:
    access = a_shop()
    answers = []
    for section, row in (
        ("types", {"code": "X", "colour": "red"}),
        ("sources", {"name": "X", "kind": "phc", "secret": "y"}),
        ("articles", {"code": "X", "last": "many"}),
        ("articles", {"last": "many"}),
        ("articles", 5),
        ("treasury_places", {"name": "Caixa", "account": "9" * 5000}),
    ):
        with pytest.raises(Refused) as refused, translation.override("pt"):
            interchange.imported(access, {"format": interchange.FORMAT, section: [row]})
        [problem] = refused.value.problems
        assert problem.code == "billing.configuration_wrong"
        answers.append((problem.where, problem.values["message"]))
    kind = "um valor não é do tipo da sua coluna, ou é grande demais para ela"
    assert answers == [
        ("types 1", "colour não é coluna desta secção"),
        ("sources 1", "secret não é coluna desta secção"),
        ("articles 1", "last: «many» não é um número decimal."),
        ("articles 1", "falta code"),
        ("articles 1", kind),
        (
            "treasury_places 1",
            "account: Garanta que este valor tenha no máximo 30 caracteres (tem 5000).",
        ),
    ]
    with pytest.raises(Refused, match=r"billing\.configuration_wrong"):
        interchange.imported(access, {})
