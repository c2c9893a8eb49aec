"""Words for VAT modalities: in: the identifier that packs and profiles use, out: what an accountant calls it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from razao.kernel.problems import Problem, Text, explain

#: Operations of the packs' VAT codes (``VatCodeSpec.operation``).
OPERATIONS: Mapping[str, object] = MappingProxyType(
    {
        "agricultural_compensation_crops": _("Agricultural compensation, crops and forestry"),
        "agricultural_compensation_livestock": _(
            "Agricultural compensation, livestock and fishing"
        ),
        "captive_100": _("Tax kept by the buyer, in full"),
        "captive_50": _("Tax kept by the buyer, half"),
        "domestic": _("Domestic operation"),
        "domestic_services": _("Domestic services"),
        "equivalence_surcharge": _("With equivalence surcharge"),
        "exclusion_regime": _("Seller under the exclusion regime"),
        "exempt": _("Exempt without right to deduct"),
        "exempt_with_deduction": _("Exempt with right to deduct"),
        "export": _("Export"),
        "extra_eu_services": _("Services from or to abroad"),
        "half_deductible": _("Domestic, half deductible"),
        "import": _("Import, tax paid at customs"),
        "import_self_assessed": _("Import, tax in the return"),
        "intra_eu": _("Goods within the European Union"),
        "intra_eu_services": _("Services within the European Union"),
        "non_deductible": _("Domestic, not deductible"),
        "not_subject": _("Outside the scope of the tax"),
        "reverse_charge": _("Domestic reverse charge"),
        "reverse_charge_cork": _("Reverse charge: cork and forestry"),
        "reverse_charge_property": _("Reverse charge: property"),
        "reverse_charge_scrap": _("Reverse charge: scrap"),
        "self_supply": _("Self-supply and gifts"),
        "simplified_regime": _("Seller under the simplified regime"),
        "small_business": _("Small-business exemption"),
    }
)
#: What is bought, where a modality says so after the operation (``VatCodeSpec.nature``).
NATURES: Mapping[str, object] = MappingProxyType(
    {
        "inventory": _("inventory"),
        "assets": _("fixed assets"),
        "other": _("other goods and services"),
    }
)


def modality_words(modality: str) -> str:
    """``domestic_other`` as *Domestic operation: other goods and services*; a pack's own new word without its underscores."""
    if modality in OPERATIONS:
        return str(OPERATIONS[modality])
    operation, _mark, nature = modality.rpartition("_")
    if operation in OPERATIONS and nature in NATURES:
        return f"{OPERATIONS[operation]}: {NATURES[nature]}"
    return modality.replace("_", " ")


def told(problem: Problem) -> Text:
    """The texts of a problem for a page: as :func:`explain`, with its modality in words."""
    modality = problem.values.get("modality")
    if isinstance(modality, str):
        values = {**problem.values, "modality": f"«{modality_words(modality)}»"}
        problem = Problem(problem.code, problem.severity, problem.where, values)
    return explain(problem, gettext)
