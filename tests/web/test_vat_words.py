"""Modalities of VAT are words on the page, whatever pack they come from."""

from __future__ import annotations

import pytest
from django.utils import translation

from razao.countries.pack import available, load
from razao.kernel.problems import Problem
from razao.web.vat_words import NATURES, OPERATIONS, modality_words, told


def test_every_modality_of_every_pack_has_words() -> None:
    used = {c for country in available() for c in load(country).vat_codes}
    assert {c.operation for c in used} - set(OPERATIONS) == set()
    assert {c.nature for c in used if c.nature and c.modality not in OPERATIONS} - set(
        NATURES
    ) == set()


@pytest.mark.parametrize(
    ("modality", "words"),
    [
        ("domestic_other", "Operação interna: outros bens e serviços"),
        ("import_self_assessed_assets", "Importação, imposto na declaração: ativos fixos"),
        ("self_supply", "Autoconsumo e ofertas"),
        ("a_new_regime", "a new regime"),
    ],
)
def test_a_portuguese_accountant_reads_it(modality: str, words: str) -> None:
    with translation.override("pt"):
        assert modality_words(modality) == words


def test_an_incidence_names_the_modality_in_words() -> None:
    values = {"rate": "22.00", "modality": "domestic_assets", "region": "PT"}
    with translation.override("pt"):
        cause = told(Problem("booking.vat_rate_missing", values=values)).cause
    assert cause == (
        "Nenhum código de IVA em uso tem 22.00 % para a modalidade «Operação interna: ativos fixos» em PT."
    )
