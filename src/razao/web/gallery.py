"""The design system's show room, where DEBUG is on: every component with figures as an office has them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from razao.kernel.problems import Problem, Severity
from razao.web.listing import Chip, Column, Listing
from razao.web.plots import Bar

_SUPPLIERS = (
    "EDP Comercial – Comercialização de Energia, S.A.",
    "Transportes Figueiredo & Irmãos, Lda.",
    "MEO – Serviços de Comunicações e Multimédia, S.A.",
    "Sociedade Agrícola e Comercial Irmãos Vasconcelos de Albuquerque, Sucessores, Unipessoal, Lda.",
    "Galp Power, S.A.",
    "Papelaria Fernandes",
)
_STATES = (
    ("done", "Lançado"),
    ("ready", "Pronto"),
    ("doubt", "Com dúvida"),
    ("work", "A ler"),
    ("wait", "Em espera"),
    ("fail", "Recusado"),
)
_MONTHS = ("jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez")


class _Invoice(forms.Form):
    supplier = forms.CharField(label="Fornecedor")
    tax_id = forms.CharField(label="NIF")
    date = forms.DateField(label="Data")
    amount = forms.DecimalField(label="Total", decimal_places=2)
    account = forms.ChoiceField(label="Conta", choices=[("62413", "62413 Água – Taxa normal")])
    note = forms.CharField(label="Texto", required=False, help_text="Aparece no extrato da conta.")
    gift = forms.BooleanField(
        label="É oferta", required=False, help_text="Vai para a conta de ofertas do artigo."
    )


def _rows() -> list[Any]:
    return [
        SimpleNamespace(
            date=date(2026, 11, 1 + n),
            number=f"FT 2026/{1180 + n}",
            supplier=_SUPPLIERS[n % len(_SUPPLIERS)],
            text=("Eletricidade outubro, instalação 2", "Frete Porto–Évora", "Comunicações")[n % 3],
            state=_STATES[n % 6][0],
            said=_STATES[n % 6][1],
            amount=Decimal(("1234.56", "-98.40", "12450.00", "7.35", "380.12", "61.50")[n % 6]),
        )
        for n in range(12)
    ]


def _listing(request: HttpRequest) -> Listing:
    columns = (
        Column("date", "Data", "day", ("date",)),
        Column("number", "Número", "text", ("number",)),
        Column("supplier", "Fornecedor", "text", ("supplier",)),
        Column("state", "Estado", "state"),
        Column("amount", "Valor", "num", ("amount",)),
    )
    chips = (
        Chip("state", "doubt", "Com dúvida", 14),
        Chip("state", "ready", "Pronto", 1203),
        Chip("state", "done", "Lançado", 8783),
        Chip("month", "2026-11", "Novembro"),
    )
    shown = Listing(request.path, request.GET or QueryDict("state=doubt"), columns, "-date", chips)
    shown.rows, shown.more, shown.total = _rows(), True, 10_000
    return shown


def _tree() -> list[Any]:
    rows = (
        ("6", "Gastos", 1, True, "48211.70", "310.00"),
        ("62", "Fornecimentos e serviços externos", 2, True, "31007.12", "310.00"),
        ("624", "Energia e fluidos", 3, True, "9120.44", "0"),
        ("6241", "Eletricidade", 4, False, "7411.02", "0"),
        ("6243", "Água", 4, False, "1709.42", "0"),
        ("63", "Gastos com o pessoal", 2, False, "17204.58", "0"),
        ("7", "Rendimentos", 1, True, "0", "92450.00"),
        ("72", "Prestações de serviços", 2, False, "0", "92450.00"),
    )
    return [
        SimpleNamespace(
            code=code,
            name=name,
            level=level,
            folds=folds,
            debit=Decimal(debit),
            credit=Decimal(credit),
            balance=Decimal(debit) - Decimal(credit),
            months=[3, 4, 4, 6, 5, 7, 6 + level, 4, 8, 9, 8, 7],
        )
        for code, name, level, folds, debit, credit in rows
    ]


def _heat() -> list[Any]:
    counts = ((41, 12, 3, 9, 1240), (8, 0, 0, 2, 311), (120, 64, 22, 17, 5120), (0, 0, 0, 0, 0))
    ages = ((1, 2, 3, 1, 0), (1, 0, 0, 1, 0), (2, 3, 4, 2, 0), (0, 0, 0, 0, 0))
    return [
        SimpleNamespace(
            name=name,
            cells=[
                SimpleNamespace(count=c, age=a) for c, a in zip(counts[n], ages[n], strict=True)
            ],
        )
        for n, name in enumerate(_SUPPLIERS[:4])
    ]


def _problems() -> list[Problem]:
    return [
        Problem("companies.code_taken", where="demo"),
        Problem("rights.not_allowed", Severity.WARNING, values={"role": "clerk"}),
        Problem("companies.country_unknown", Severity.ADVICE, where="BR"),
    ]


def gallery(request: HttpRequest) -> HttpResponse:
    """The page with everything on it."""
    form = _Invoice(
        {
            "supplier": _SUPPLIERS[3],
            "tax_id": "509442014",
            "date": "31/11/2026",
            "amount": "1234.56",
        }
    )
    form.add_error("tax_id", "O último algarismo não confere: devia ser 3.")
    job = {
        "name": "capture.read",
        "title": "A ler 240 documentos de Transportes Figueiredo & Irmãos",
        "state": "running",
    }
    return render(
        request,
        "razao/gallery.html",
        {
            "listing": _listing(request),
            "total": Decimal("18342871.09"),
            "vat": Decimal("12480.37"),
            "series": [840, 910, 1020, 980, 1100, 1310, 1010, 640, 1180, 1240, 1290, 1284],
            "tree": _tree(),
            "tree_total": Decimal("92760.00"),
            "heat": _heat(),
            "months": [
                Bar(name, value, now=name == "nov")
                for name, value in zip(
                    _MONTHS,
                    (820, 1210, 640, -320, 990, 1430, 1180, 210, 1330, 1520, 1710, 0),
                    strict=True,
                )
            ],
            "found": _problems(),
            "form": form,
            "job": {**job, "done": 148, "total": 240, "note": "fatura-eletricidade-outubro.pdf"},
            "failed": {
                "name": "delivery.send",
                "title": "Envio ao portal",
                "state": "failed",
                "finished_at": date(2026, 11, 14),
                "cause": "O portal não respondeu em 20 segundos.",
            },
        },
    )
