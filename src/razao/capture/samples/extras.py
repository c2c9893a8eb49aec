"""What else stands on an invoice and is no field of it: deliveries, counts, change, arrears, other people's ids."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random

from razao.capture.samples import identifiers
from razao.capture.samples.deals import Deal
from razao.capture.samples.looks import Look
from razao.capture.samples.parties import draw_party
from razao.kernel.money import amount

ZERO = Decimal("0.00")


def delivery(rng: Random, deal: Deal, look: Look) -> list[str]:
    """Where goods were loaded and unloaded, with dates and a registration plate (Regime de Bens em Circulação)."""
    day = deal.invoice.issue_date
    if day is None or rng.random() < 0.7:
        return []
    plate = f"{rng.randrange(10, 99)}-{rng.choice(('AB', 'XT', 'QF'))}-{rng.randrange(10, 99)}"
    lines = [
        f"Local de carga: {deal.seller.street}, {deal.seller.town}",
        f"Data/hora de carga: {look.day(day)} {rng.randrange(7, 19):02d}:{rng.randrange(60):02d}",
        f"Local de descarga: {deal.buyer.street if deal.buyer else 'V/ morada'}",
        f"Matrícula: {plate}",
    ]
    if rng.random() < 0.4:
        carrier = draw_party(rng, "PT", "Transportes")
        lines.append(f"Transportador: {carrier.name} NIF {carrier.tax_id}")
    return lines


def counts(rng: Random, deal: Deal, look: Look) -> list[str]:
    """Numbers that look like totals and are none."""
    found = []
    if rng.random() < 0.25:
        found.append(f"Total de artigos: {len(deal.lines)}")
    if rng.random() < 0.15:
        found.append(f"Peso total: {look.number(Decimal(rng.randrange(100, 90000)).scaleb(-2))} kg")
    if rng.random() < 0.12:
        found.append(f"Documento emitido por: {rng.choice(('Ana', 'Rui', 'Op. 3', 'admin'))}")
    return found


def change(rng: Random, deal: Deal, look: Look) -> list[list[str]]:
    """How a till was paid: cash and change, or a card slip."""
    total = deal.invoice.payable or ZERO
    if rng.random() < 0.5:
        return []
    if rng.random() < 0.5:
        given = amount((total // 5 + 1) * 5)
        return [
            ["Entregue", look.number(given)],
            ["Troco", look.number(given - total)],
        ]
    return [
        ["Multibanco", look.number(total)],
        ["Cartão", f"************{rng.randrange(1000, 9999)}"],
        ["Autorização", str(rng.randrange(100000, 999999))],
    ]


def arrears(rng: Random, deal: Deal, look: Look) -> list[list[str]]:
    """The account of a utility's client: earlier invoices and what was paid."""
    if rng.random() < 0.5 or deal.invoice.issue_date is None:
        return []
    before = Decimal(rng.randrange(1500, 30000)).scaleb(-2)
    day = deal.invoice.issue_date - timedelta(days=rng.randrange(20, 40))
    return [
        ["Fatura anterior", look.money(before, "EUR")],
        [f"Pagamento recebido em {look.day(day)}", look.money(-before, "EUR")],
        ["Saldo anterior", look.money(ZERO, "EUR")],
    ]


def small_print(rng: Random, deal: Deal) -> str:
    """A sentence of the kind that closes many invoices."""
    return rng.choice(
        (
            "",
            "",
            "Após vencimento são devidos juros à taxa legal. Foro competente: Comarca de Lisboa.",
            "Reclamações no prazo de 8 dias. Livro de reclamações em www.livroreclamacoes.pt",
            f"Contabilista certificado n.º {rng.randrange(1000, 99999)} · Linha de apoio 808 {identifiers.digits(rng, 3)} {identifiers.digits(rng, 3)}",
            f"Em caso de litígio o consumidor pode recorrer a CNIACC, NIF 504 {identifiers.digits(rng, 3)} {identifiers.digits(rng, 3)}",
        )
    )
