"""Why no tax is charged: an exemption code in, the sentence that documents print out."""

from __future__ import annotations

from random import Random

#: Mentions of AT's table (reference: vat_exemptions_pt.csv): mention, legal basis.
MENTIONS = {
    "M01": ("Artigo 16.º, n.º 6 do CIVA", "Artigo 16.º, n.º 6, alínea c) do CIVA"),
    "M05": ("Isento artigo 14.º do CIVA", "Artigo 14.º do CIVA"),
    "M07": ("Isento artigo 9.º do CIVA", "Artigo 9.º do CIVA"),
    "M10": ("IVA – regime de isenção", "Artigo 57.º do CIVA"),
    "M13": (
        "Regime da margem de lucro – Bens em segunda mão",
        "Decreto-Lei n.º 199/96, de 18 de outubro",
    ),
    "M16": ("Isento artigo 14.º do RITI", "Artigo 14.º do RITI"),
    "M30": ("IVA – autoliquidação", "Artigo 2.º n.º 1 alínea i) do CIVA"),
    "M31": ("IVA – autoliquidação", "Artigo 2.º n.º 1 alínea j) do CIVA"),
    "M40": ("IVA – autoliquidação", "Artigo 6.º n.º 6 alínea a) do CIVA, a contrário"),
    "M99": ("Não sujeito ou não tributado", "Não sujeito; não tributado"),
}
#: Codes whose mention says it all; the others need the code or the legal basis to be told apart.
CLEAR = {"M05", "M07", "M10", "M13", "M16"}


def exemption_text(rng: Random, code: str) -> str:
    """The sentence for ``code``: with the code, with the legal basis, or the mention alone where it is clear."""
    mention, basis = MENTIONS[code]
    forms = [
        f"{code} – {mention}",
        f"{code} - {mention}",
        f"({code}) {mention}",
        f"{code}: {basis}",
    ]
    if code in CLEAR:
        forms += [mention, f"Motivo de isenção: {mention}"]
    return rng.choice(forms)
