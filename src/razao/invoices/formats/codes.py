"""Code lists of e-invoices: a foreign code in, ours (SAF-T type, ISO country, exemption) out."""

from __future__ import annotations

import re
from decimal import Decimal

from razao.countries import pack

#: Longer than any tax id (SAF-T CustomerTaxID) or exemption code: a text that stands in the wrong place.
MAX_CODE = 30

#: UNTDID 1001 codes that reduce what is owed.
_CREDITS = frozenset({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"})
_DEBITS = frozenset({"80", "84", "383", "527"})
#: Issued by the buyer in the seller's name (EN 16931 BT-3 389; Peppol self-billing 261, 527).
_SELF_BILLED = frozenset({"261", "389", "527"})
#: Papers that are no invoice: pro-forma, offer, order, delivery note, receipt.
_PAPERS = {"325": "PF", "310": "OR", "220": "NE", "270": "GR", "245": "DC", "632": "RC"}


def document_type(code: str | None, default: str = "FT") -> str:
    """SAF-T (PT) type of an UNTDID 1001 code (EN 16931 BT-3): 381 → NC, 383 → ND, 325 → PF, else FT."""
    if code in _CREDITS:
        return "NC"
    if code in _DEBITS:
        return "ND"
    return _PAPERS.get(code or "", default)


def status(code: str | None) -> str:
    """SAF-T status: S when the buyer issued the document (self-billing), else N."""
    return "S" if code in _SELF_BILLED else "N"


#: VATEX code that the category alone implies (EN 16931, BR-AE, BR-IC, BR-G, BR-O).
_BY_CATEGORY = {
    "AE": "VATEX-EU-AE",
    "K": "VATEX-EU-IC",
    "G": "VATEX-EU-G",
    "O": "VATEX-EU-O",
}
_PT_REASON = re.compile(r"\bM\d\d\b")


def exemption(category: str | None, code: str | None, reason: str | None) -> str | None:
    """Exemption reason: the stated code, a Portuguese M-code named in the reason, or what the category implies."""
    if code and len(code) <= MAX_CODE:
        return code
    named = _PT_REASON.search(reason or "")
    return named[0] if named else _BY_CATEGORY.get(category or "")


def kind(category: str | None) -> str | None:
    """What a row of the breakdown is when it is not VAT: category O is outside its scope."""
    return "outside_scope" if category == "O" else None


PORTUGAL = ("PT", "PT-AC", "PT-MA")
"""its tax regions; where rates of the past were both islands', today's comes first"""


def home(country: str | None, postcode: str | None) -> str | None:
    """The tax region of an address: in Portugal Madeira (9000 to 9499) and the Azores (9500 on) apart, else the country."""
    first = re.match(r"\s*(9)(\d)\d\d\b", postcode or "")
    if country != "PT" or not first:
        return country
    return "PT-AC" if int(first[2]) >= 5 else "PT-MA"


def region(category: str | None, place: str | None, rate: Decimal | None = None) -> str:
    """Region of the tax: the Canaries (L, IGIC) and Ceuta and Melilla (M, IPSI) apart; in Portugal the seller's, if it has the rate."""
    named = {"L": "ES-CN", "M": "ES-CE"}.get(category or "")
    if named or rate is None or place not in PORTUGAL:
        return named or place or ""
    known = pack.load("PT").vat_rates
    fitting = (
        r for r in (place, *PORTUGAL) if any(v.region == r and v.rate == rate for v in known)
    )
    return place if not rate else next(fitting, place)


def country_of(tax_id: str | None) -> str | None:
    """Country of a VAT number with its prefix (EL is Greece, XI Northern Ireland)."""
    found = re.match(r"([A-Z]{2})[0-9A-Z]*\d[0-9A-Z]*$", tax_id or "")
    if not found:
        return None
    prefix = {"EL": "GR", "XI": "GB"}.get(found[1], found[1])
    return prefix if prefix in _ALPHA_2 else None


def compact_tax_id(text: str | None) -> str | None:
    """A tax id without blanks, None for what is too long to be one; a Portuguese VAT number loses its prefix, as the QR code and SAF-T write it."""
    if text is None:
        return None
    compact = "".join(text.split())
    if not compact or len(compact) > MAX_CODE:
        return None
    portuguese = re.fullmatch(r"PT(\d{9})", compact)
    return portuguese[1] if portuguese else compact


def country(code: str | None) -> str | None:
    """ISO 3166 alpha-2 of an alpha-2 or alpha-3 code; None for a code that neither list has."""
    code = (code or "").strip().upper()
    code = {"EL": "GR", "UK": "GB"}.get(code, code)
    return code if code in _ALPHA_2 else _ALPHA_3.get(code)


_ALPHA_3 = dict(
    re.findall(
        r"([A-Z]{3}) ([A-Z]{2})",
        """
AFG AF ALA AX ALB AL DZA DZ ASM AS AND AD AGO AO AIA AI ATA AQ ATG AG ARG AR ARM AM ABW AW AUS AU AUT AT AZE AZ
BHS BS BHR BH BGD BD BRB BB BLR BY BEL BE BLZ BZ BEN BJ BMU BM BTN BT BOL BO BES BQ BIH BA BWA BW BVT BV BRA BR
IOT IO BRN BN BGR BG BFA BF BDI BI CPV CV KHM KH CMR CM CAN CA CYM KY CAF CF TCD TD CHL CL CHN CN CXR CX CCK CC
COL CO COM KM COG CG COD CD COK CK CRI CR CIV CI HRV HR CUB CU CUW CW CYP CY CZE CZ DNK DK DJI DJ DMA DM DOM DO
ECU EC EGY EG SLV SV GNQ GQ ERI ER EST EE SWZ SZ ETH ET FLK FK FRO FO FJI FJ FIN FI FRA FR GUF GF PYF PF ATF TF
GAB GA GMB GM GEO GE DEU DE GHA GH GIB GI GRC GR GRL GL GRD GD GLP GP GUM GU GTM GT GGY GG GIN GN GNB GW GUY GY
HTI HT HMD HM VAT VA HND HN HKG HK HUN HU ISL IS IND IN IDN ID IRN IR IRQ IQ IRL IE IMN IM ISR IL ITA IT JAM JM
JPN JP JEY JE JOR JO KAZ KZ KEN KE KIR KI PRK KP KOR KR KWT KW KGZ KG LAO LA LVA LV LBN LB LSO LS LBR LR LBY LY
LIE LI LTU LT LUX LU MAC MO MDG MG MWI MW MYS MY MDV MV MLI ML MLT MT MHL MH MTQ MQ MRT MR MUS MU MYT YT MEX MX
FSM FM MDA MD MCO MC MNG MN MNE ME MSR MS MAR MA MOZ MZ MMR MM NAM NA NRU NR NPL NP NLD NL NCL NC NZL NZ NIC NI
NER NE NGA NG NIU NU NFK NF MKD MK MNP MP NOR NO OMN OM PAK PK PLW PW PSE PS PAN PA PNG PG PRY PY PER PE PHL PH
PCN PN POL PL PRT PT PRI PR QAT QA REU RE ROU RO RUS RU RWA RW BLM BL SHN SH KNA KN LCA LC MAF MF SPM PM VCT VC
WSM WS SMR SM STP ST SAU SA SEN SN SRB RS SYC SC SLE SL SGP SG SXM SX SVK SK SVN SI SLB SB SOM SO ZAF ZA SGS GS
SSD SS ESP ES LKA LK SDN SD SUR SR SJM SJ SWE SE CHE CH SYR SY TWN TW TJK TJ TZA TZ THA TH TLS TL TGO TG TKL TK
TON TO TTO TT TUN TN TUR TR TKM TM TCA TC TUV TV UGA UG UKR UA ARE AE GBR GB USA US UMI UM URY UY UZB UZ VUT VU
VEN VE VNM VN VGB VG VIR VI WLF WF ESH EH YEM YE ZMB ZM ZWE ZW XKX XK
""",
    )
)
_ALPHA_2 = frozenset(_ALPHA_3.values())
