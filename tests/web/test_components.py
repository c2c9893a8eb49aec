"""Components say figures, days, states, errors and lists the same way on every page."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django import forms
from django.http import QueryDict
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from razao.kernel.money import LIMIT
from razao.kernel.problems import Problem, Severity
from razao.web import figures, plots
from razao.web.icons import ICONS
from razao.web.listing import Chip, Column, Listing
from razao.web.listing_files import csv_file


def drawn(source: str, **values: object) -> str:
    return Template("{% load razao_ui %}" + source).render(Context(values)).strip()


@pytest.mark.parametrize(
    ("language", "amount", "day"),
    [
        ("pt", "−1\u00a0234\u00a0567,80", "05/11/2026"),
        ("pt-br", "−1.234.567,80", "05/11/2026"),
        ("es", "−1.234.567,80", "05/11/2026"),
        ("en", "−1,234,567.80", "2026-11-05"),
    ],
)
def test_amounts_and_days_are_written_as_the_language_writes_them(language, amount, day):
    with translation.override(language):
        assert figures.money(Decimal("-1234567.8")) == amount
        assert figures.day(date(2026, 11, 5)) == day


@given(st.decimals(-LIMIT, LIMIT, places=2))
def test_an_amount_reads_back_to_the_cent(amount):
    with translation.override("pt"):
        text = figures.money(amount)
    plain = text.replace("\u00a0", "").replace(",", ".").replace("−", "-")
    assert Decimal(plain) == amount


def test_small_figures():
    with translation.override("pt"):
        assert figures.percent(Decimal("23.00")) == "23\u00a0%"
        assert figures.percent(Decimal("-11.5")) == "−11,50\u00a0%"
        assert [figures.size(n) for n in (812, 204_800, 3_400_000)] == [
            "812\u00a0B",
            "205\u00a0kB",
            "3,4\u00a0MB",
        ]
        assert figures.stamp(datetime(2026, 11, 5, 9, 7, tzinfo=UTC)) == "05/11/2026 09:07"
        assert drawn("{{ 0|money_or_blank }}{{ a|minor }}", a=Decimal("12.30")) == "1230"


def test_a_state_is_a_word_and_a_shape():
    html = drawn('{% badge "doubt" "Com dúvida" %}')
    assert html.startswith('<span class="badge doubt"><svg')
    assert html.endswith("Com dúvida</span>")


def test_problems_that_block_come_first_and_say_what_to_do():
    found = [
        Problem("companies.country_unknown", Severity.ADVICE, where="BR"),
        Problem("companies.code_taken", where="demo"),
    ]
    with translation.override("en"):
        html = drawn("{% problems found %}", found=found)
    assert html.index("The code demo is in use") < html.index("The country BR is not known")
    assert "Choose another code." in html


class Invoice(forms.Form):
    number = forms.CharField(label="Número", help_text="Como no documento")


def test_an_error_stands_beside_its_field_and_belongs_to_it():
    html = drawn("{% field form.number %}", form=Invoice({"number": ""}))
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_number_error id_number_help"' in html
    assert '<ul class="errors" id="id_number_error">' in html


def a_list(query: str = "") -> Listing:
    columns = (Column("date", "Data", order=("date", "number")), Column("text", "Texto"))
    chips = (Chip("state", "doubt", "Com dúvida", 3),)
    return Listing("/x/", QueryDict(query), columns, "-date", chips, page_rows=10)


def test_a_lists_state_stands_in_its_address():
    assert a_list().order_by == ["-date", "-number", "-pk"]
    assert a_list("sort=date&page=4&state=doubt").link(state=None) == "/x/?sort=date"
    assert a_list("sort=date").sort_link("date") == "/x/?sort=-date"
    assert a_list("sort=password").sort == "-date"
    assert [a_list(f"page={p}").page for p in ("2", "0", "x", "99999999")] == [2, 1, 1, 1]


def test_a_chosen_chip_takes_its_filter_away():
    html = drawn("{% chips listing %}", listing=a_list("state=doubt"))
    assert '<a class="chip" href="/x/" aria-current="true">' in html


def test_ten_thousand_rows_come_a_page_at_a_time():
    shown = a_list("page=3").load(range(10_000), 10_000)
    assert (shown.rows, shown.more) == (list(range(20, 30)), True)
    with translation.override("en"):
        html = drawn("{% more_rows listing 2 %}", listing=shown)
    assert 'hx-get="/x/?page=4"' in html
    assert "30 of 10,000 shown; load more" in html
    last = a_list("page=1000").load(range(10_000))
    assert (last.rows[-1], last.more) == (9_999, False)


def test_a_column_that_orders_the_list_says_so():
    html = drawn('{% head listing "date" %}{% head listing "text" %}', listing=a_list())
    assert 'aria-sort="descending"' in html
    assert html.endswith('<th scope="col" class="col-text">Texto</th>')


def test_a_list_as_csv_opens_as_a_table_and_runs_no_formula():
    body = b"".join(csv_file("x", ["A", "B"], [[Decimal("-1234.50"), "=1+1"]]).streaming_content)
    assert body.decode("utf-8-sig") == "A;B\r\n-1234,50;'=1+1\r\n"


@given(st.lists(st.integers(-(10**9), 10**9), max_size=24))
def test_plots_take_any_figures_and_need_no_style(values):
    html = plots.spark(values) + plots.bars(
        [plots.Bar(str(n), v) for n, v in enumerate(values)], title="t"
    )
    assert "style=" not in html
    assert "nan" not in html


def figures_of(*values: int) -> list[tuple[str, str]]:
    """Figures written into a plot of ``values``, and at which height."""
    html = plots.bars([plots.Bar(str(n), v) for n, v in enumerate(values)], title="t")
    return re.findall(r'class="value" x="[0-9.]+" y="([0-9.]+)"[^>]*>([^<]+)<', html)


def test_the_highest_bar_of_a_plot_and_the_lowest_below_zero_say_their_figure():
    assert figures_of(3, 54, 9) == [("12.0", "54")]
    assert figures_of(30, -10, 30, 0) == [("12.0", "30"), ("105.0", "−10")]
    assert figures_of(-7, -8) == [("12.0", "−8")]
    assert figures_of(0, 0) == []
    assert figures_of() == []


def test_every_icon_is_drawn_with_plain_numbers():
    wrong = [
        name for name, path in ICONS.items() if set(path) - set("MmLlHhVvAaCcSsZz0123456789 .-")
    ]
    assert wrong == []
