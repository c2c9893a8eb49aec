"""Reads the folder of a pack: ``data/<CC>/pack.toml`` and its CSV files in, the values of a ``Pack`` out.

Every CSV has a header; a file that is absent is an empty table. A region cell may name several regions
with ``|``; the row then stands once for each. Lists in other cells are separated by ``|`` as well.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from razao.countries.facts import (
    AccountKind,
    ChartAccount,
    Classifier,
    Direction,
    EntryTypeSpec,
    Exemption,
    JournalSpec,
    Nature,
    Period,
    ProfileDefaults,
    ReturnField,
    ReturnFields,
    SaftFile,
    TaxonomyLine,
    Threshold,
    VatCodeSpec,
    VatRate,
    WithholdingSpec,
)

DATA = Path(__file__).parent / "data"

Row = Mapping[str, str]


#: Where packs lie: the program's own, then those of ``RAZAO_PACKS``.
PLACES = [DATA]


@cache
def folders() -> Mapping[str, Path]:
    """Country → the folder of its pack, in alphabetical order; of two packs the one found later holds."""
    found = {p.parent.name: p.parent for place in PLACES for p in sorted(place.glob("*/pack.toml"))}
    return MappingProxyType(dict(sorted(found.items())))


def roles() -> tuple[Row, ...]:
    """What each role means, whether it must exist in a full pack and be postable (data/roles.csv)."""
    return tuple(_rows(DATA / "roles.csv"))


@cache
def kind_names() -> Mapping[str, str]:
    """Portuguese name of each kind of rate (data/rate_kinds.csv)."""
    return {r["kind"]: r["name"] for r in _rows(DATA / "rate_kinds.csv")}


def pack_values(country: str) -> dict[str, Any]:
    """All field values of the pack of ``country``, which must exist."""
    folder = folders()[country]
    settings = tomllib.loads((folder / "pack.toml").read_text("utf-8"))
    tables = _tables(folder, settings)
    said = tuple(settings.get("unverified", ()))
    return {
        **_scalars(country, settings),
        **tables,
        "roles": MappingProxyType(settings.get("roles", {})),
        "account_modalities": MappingProxyType(settings.get("account_modalities", {})),
        "posting_profile": MappingProxyType(_profiles(settings)),
        "labels": _words(settings.get("labels", {})),
        "document_words": _words(settings.get("document_words", {})),
        "unverified": said + tuple(_doubts(tables)),
    }


def _scalars(country: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    country_of = settings["country"]
    chart = settings.get("chart", {})
    month, day = country_of.get("fiscal_year_start", [1, 1])
    return {
        "country": country,
        "name": country_of["name"],
        "currency": country_of["currency"],
        "decimals": country_of["decimals"],
        "languages": tuple(country_of["languages"]),
        "date_format": country_of["date_format"],
        "decimal_separator": country_of["decimal_separator"],
        "thousands_separators": tuple(country_of["thousands_separators"]),
        "fiscal_year_start": (month, day),
        "purposes": frozenset(country_of["purposes"]),
        "default_region": country_of.get("default_region", country),
        "tax_id_name": country_of["tax_id_name"],
        "retention_years": country_of["retention_years"],
        "tax_id_form": country_of.get("tax_id_form", ""),
        "final_consumer": country_of.get("final_consumer", ""),
        "saft": _saft(settings.get("saft")),
        "chart_complete": chart.get("complete", False),
        "party_code_digits": chart.get("party_code_digits", 4),
        "party_separator": chart.get("party_separator", ""),
        "inventory_prefixes": tuple(chart.get("inventory_prefixes", ())),
        "asset_prefixes": tuple(chart.get("asset_prefixes", ())),
    }


def _saft(table: Mapping[str, Any] | None) -> SaftFile | None:
    if table is None:
        return None
    least, most = table["tax_id_length"]
    return SaftFile(**{**table, "tax_id_length": (least, most)})


def _tables(folder: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    classifiers = tuple(
        Classifier(c["code"], c["name"], tuple(c["prefixes"]))
        for c in settings.get("classifiers", ())
    )
    regions = tuple(settings["country"].get("regions", [folder.name]))
    return {
        "classifiers": classifiers,
        "accounts": tuple(_account(r, classifiers) for r in _rows(folder / "accounts.csv")),
        "vat_rates": tuple(_rate(r) for r in _rows(folder / "vat_rates.csv")),
        "vat_codes": tuple(_vat_codes(folder, regions)),
        "exemptions": tuple(_exemption(r) for r in _rows(folder / "exemptions.csv")),
        "withholding": tuple(_withholding(r) for r in _rows(folder / "withholding.csv")),
        "thresholds": tuple(_threshold(r) for r in _rows(folder / "thresholds.csv")),
        "journals": tuple(JournalSpec(**j) for j in settings.get("journals", ())),
        "entry_types": tuple(EntryTypeSpec(**t) for t in settings.get("entry_types", ())),
        "return_fields": tuple(ReturnField(**r) for r in _rows(folder / "return_fields.csv")),
        "taxonomy": tuple(_taxonomy_line(r) for r in _rows(folder / "taxonomy.csv")),
    }


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a CSV; a row that names several regions comes once for each."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for region in row.get("region", "").split("|"):
                yield {**row, "region": region} if "region" in row else row


def _period(row: Row) -> Period:
    return Period(_day(row.get("valid_from", "")), _day(row.get("valid_to", "")))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _integer(text: str) -> int | None:
    return int(text) if text else None


def _list(text: str) -> tuple[str, ...]:
    return tuple(text.split("|")) if text else ()


def _account(row: Row, classifiers: tuple[Classifier, ...]) -> ChartAccount:
    code = row["code"]
    return ChartAccount(
        code=code,
        name=row["name"],
        kind=AccountKind(row["kind"]),
        postable=row["postable"] == "true",
        parent=row["parent"] or None,
        layer=row["layer"],
        contra=row.get("contra") == "1",
        either_side=row.get("either_side") == "1",
        taxonomy_s=_integer(row.get("taxonomy_s", "")),
        taxonomy_m=_integer(row.get("taxonomy_m", "")),
        party_group=row["party_group"] == "1",
        classifier=_classifier_of(code, classifiers),
        confidence=row.get("confidence") or "high",
    )


def _classifier_of(code: str, classifiers: tuple[Classifier, ...]) -> str:
    """The family whose prefix of ``code`` is the longest."""
    fitting = [(len(p), c.code) for c in classifiers for p in c.prefixes if code.startswith(p)]
    return max(fitting, default=(0, ""))[1]


def _rate(row: Row) -> VatRate:
    return VatRate(
        region=row["region"],
        tax=row["tax"],
        kind=row["kind"],
        name=kind_names()[row["kind"]],
        saft_code=row["saft_code"],
        rate=_number(row["rate"]),
        period=_period(row),
        legal_source=row["legal_source"],
        source=row["source"],
        confidence=row["confidence"],
        note=row["note"],
    )


def _vat_codes(folder: Path, regions: tuple[str, ...]) -> Iterator[VatCodeSpec]:
    for row in _rows(folder / "vat_codes.csv"):
        for region in regions if row["region"] == "each" else (row["region"],):
            yield _vat_code(row, region, folder.name)


def _vat_code(row: Row, region: str, country: str) -> VatCodeSpec:
    suffix = "" if region in {country, "*"} or row["region"] != "each" else region[len(country) :]
    return VatCodeSpec(
        code=row["code"] + suffix,
        name=row["name"] + (f" ({region})" if suffix else ""),
        direction=Direction(row["direction"]),
        operation=row["operation"],
        nature=Nature(row["nature"]),
        kind=row["kind"],
        region=region,
        tax=row.get("tax") or "IVA",
        deductible_percent=_number(row["deductible_percent"]) or Decimal(0),
        base_account=row["base_account"] or None,
        tax_account=row["tax_account"] or None,
        reverse_charge=bool(row["reverse_account"]),
        reverse_account=row["reverse_account"] or None,
        regularisation_account=row["regularisation_account"] or None,
        captive_percent=_number(row.get("captive_percent", "")) or Decimal(0),
        captive_account=row.get("captive_account") or None,
        return_fields=ReturnFields(
            base=_list(row["base_fields"]),
            tax=_list(row["tax_fields"]),
            deduction=_list(row["deduction_fields"]),
            regularisation=_list(row["regularisation_fields"]),
        ),
        saft_tax_code=row["saft_tax_code"],
        exemption_required=row["exemption_required"] == "1",
        exemption=row["exemption"] or None,
        confidence=row["confidence"],
    )


def _exemption(row: Row) -> Exemption:
    return Exemption(
        code=row["code"],
        mention=row["mention"],
        legal_basis=row["legal_basis"],
        use=row["use"],
        period=_period(row),
        confidence=row["confidence"],
    )


def _withholding(row: Row) -> WithholdingSpec:
    return WithholdingSpec(
        code=row["code"],
        tax=row["tax"],
        description=row["description"],
        rate=_number(row["rate"]),
        period=_period(row),
        category=row["category"],
        holder=row["holder"],
        account=row["account"] or None,
        rubric=row["rubric"],
        annual_code=row["annual_code"],
        legal_basis=row["legal_basis"],
        exemption_rule=row["exemption_rule"],
        source=row["source"],
        confidence=row["confidence"],
        note=row["note"],
    )


def _threshold(row: Row) -> Threshold:
    return Threshold(
        code=row["code"],
        description=row["description"],
        amount=_number(row["amount"]),
        period=_period(row),
        category=row["category"],
        legal_basis=row["legal_basis"],
        confidence=row["confidence"],
        note=row["note"],
    )


def _taxonomy_line(row: Row) -> TaxonomyLine:
    return TaxonomyLine(
        reference=row["reference"],
        code=int(row["code"]),
        description=row["description"],
        prefixes=_list(row["prefixes"]),
        also=_list(row["also"]),
    )


def _profiles(settings: Mapping[str, Any]) -> dict[Direction, ProfileDefaults]:
    return {
        Direction(direction): ProfileDefaults(
            direction=Direction(direction),
            journal=p["journal"],
            entry_types=MappingProxyType(p["entry_types"]),
            classifier=p["classifier"],
            party_prefix=p["party_prefix"],
            foreign_prefixes=MappingProxyType(p["foreign_prefixes"]),
            counterpart=p["counterpart"],
            modality=p["modality"],
            modalities=MappingProxyType(p["modalities"]),
            credit_to_regularisation=p["credit_to_regularisation"],
        )
        for direction, p in settings.get("posting_profile", {}).items()
    }


def _words(table: Mapping[str, list[str]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({name: tuple(words) for name, words in table.items()})


def _doubts(tables: Mapping[str, Any]) -> Iterator[str]:
    """One Portuguese sentence for each rate or withholding whose fact is not certain."""
    yield from _doubtful_rates(tables["vat_rates"])
    for spec in tables["withholding"]:
        if spec.confidence != "high":
            yield f"Retenção {spec.code} ({spec.description}): por confirmar."
    for threshold in tables["thresholds"]:
        if threshold.confidence != "high":
            yield f"Limite {threshold.code} ({threshold.description}): por confirmar."
    low = sum(1 for account in tables["accounts"] if account.confidence == "low")
    if low:
        yield f"{low} contas do plano sem fonte segura: a confirmar antes de lançar."


def _doubtful_rates(rates: tuple[VatRate, ...]) -> Iterator[str]:
    """The same rate of several regions is said once."""
    regions: dict[tuple[object, ...], list[str]] = {}
    for rate in rates:
        if rate.confidence != "high" and rate.rate is not None:
            key = (rate.tax, rate.name, rate.rate, rate.period.valid_from)
            regions.setdefault(key, []).append(rate.region)
    for (tax, name, percent, start), places in regions.items():
        since = f" desde {start:%d/%m/%Y}" if start else ""
        yield f"{tax}, {name}: {percent} % em {', '.join(places)}{since}, por confirmar."
