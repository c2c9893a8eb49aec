"""The posting profile that a company gets at first use: a country pack in, a profile's values out (S14)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from razao.booking.rules import Profile
from razao.countries.facts import Direction
from razao.countries.pack import Pack


def profile_of(pack: Pack, direction: Direction) -> Profile:
    """Sensible values of ``direction`` in the pack's country. Raises LookupError where the pack has none."""
    given = pack.posting_profile.get(direction)
    if given is None:
        raise LookupError(f"the pack of {pack.country} has no posting profile for {direction}")
    roles = pack.roles
    bought = direction is Direction.PURCHASE
    goods = roles.get("purchases_goods" if bought else "sales_goods_normal", "")
    returned = roles.get("purchases_returns" if bought else "sales_returns", "")
    assets = roles.get("suppliers_assets", "")
    return Profile(
        direction=direction,
        journal=given.journal,
        entry_types=MappingProxyType(dict(given.entry_types)),
        classifier=given.classifier,
        counterpart=given.counterpart,
        modality=given.modality,
        modalities=MappingProxyType(_modalities(pack, given.modalities, bought=bought)),
        credit_to_regularisation=given.credit_to_regularisation,
        credit_accounts=MappingProxyType(
            {goods[:2]: returned} if goods and returned and goods != returned else {}
        ),
        cash_account="" if bought else roles.get("cash", ""),
        final_consumer="" if bought else roles.get("customer_final", ""),
        asset_classifier=_classifier_of(pack, assets) if bought else "",
        withholding_account="" if bought else roles.get("withholding_suffered", ""),
        rounding_loss=roles.get("rounding", ""),
        rounding_gain=roles.get("rounding_gain", ""),
        stamp_duty=roles.get("stamp_duty", "") if bought else "",
    )


def _modalities(pack: Pack, given: Mapping[str, str], *, bought: bool) -> dict[str, str]:
    by_account = {f"@{prefix}": m for prefix, m in pack.account_modalities.items()}
    return dict(given) | (by_account if bought else {})


def _classifier_of(pack: Pack, account: str) -> str:
    fitting = [
        (len(prefix), classifier.code)
        for classifier in pack.classifiers
        for prefix in classifier.prefixes
        if account.startswith(prefix)
    ]
    return max(fitting)[1] if fitting and account else ""
