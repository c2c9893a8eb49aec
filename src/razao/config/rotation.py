"""``razao rotate-keys``: a new secret key for the installation; everything that the former one sealed is sealed anew.

Killed anywhere, every secret can be opened: the file holds the new key before anything is sealed with it, and the former
one until somebody has it forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from django.conf import settings
from django.db import models, transaction

from razao.companies.sealing import is_sealed_with, reseal
from razao.config.secrets import keep_keys, new_key
from razao.kernel.audit import record
from razao.kernel.problems import Refused, explain
from razao.kernel.tenancy import act_as, own_models

#: The field of every model that keeps a sealed secret.
FIELD = "secret"


@click.command("rotate-keys")
@click.option(
    "--forget", is_flag=True, help="Forget former keys; nothing is sealed with them any more."
)
def rotate_keys(*, forget: bool) -> None:
    """Make a new secret key and seal every secret with it. Start web and workers again afterwards."""
    home, known = Path(settings.RAZAO_HOME), [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    try:
        if forget:
            count = _sealed_with(known[0])
            if not settings.RAZAO_KEY_GIVEN:
                keep_keys(home, known[:1])
        elif settings.RAZAO_KEY_GIVEN:
            count = _seal_anew(known[0])
        else:
            key = new_key()
            keep_keys(home, [*known, key])
            count = _seal_anew(key)
            keep_keys(home, [key, *known])
    except Refused as refusal:
        for problem in refusal.problems:
            click.echo(explain(problem).title, err=True)
        raise click.exceptions.Exit(1) from refusal
    click.echo(f"{count} secrets are sealed with the key in use. {_next(forget=forget)}")


def _next(*, forget: bool) -> str:
    if settings.RAZAO_KEY_GIVEN:
        return "Take RAZAO_FORMER_SECRET_KEYS away once every machine has the new key."
    if forget:
        return "Former keys are gone; sessions that they signed have ended."
    return "Start web and workers again; later: razao rotate-keys --forget."


def _secrets() -> Iterator[tuple[type[models.Model], Any]]:
    """Every row with a secret, of whatever company, active or not: as the owner, whom no policy stops."""
    for model in own_models():
        if any(field.name == FIELD for field in model._meta.local_concrete_fields):
            rows = model._default_manager.using("owner").exclude(**{FIELD: ""}).order_by("pk")
            yield from ((model, row) for row in rows.select_for_update())


def _seal_anew(key: str) -> int:
    """Seal every secret with ``key``, all or none; how many there are. Raises Refused (``source.secret_lost``)."""
    count = 0
    with transaction.atomic(using="owner"):
        for model, row in _secrets():
            sealed = reseal(getattr(row, FIELD), key)
            model._default_manager.using("owner").filter(pk=row.pk).update(**{FIELD: sealed})
            count += 1
    _remember("keys.rotated", count)
    return count


def _sealed_with(key: str) -> int:
    """How many secrets there are; each must open with ``key`` alone. Exit code 1 otherwise."""
    with transaction.atomic(using="owner"):
        found = [is_sealed_with(getattr(row, FIELD), key) for _, row in _secrets()]
    if not all(found):
        click.echo(f"{found.count(False)} secrets need a former key: rotate first.", err=True)
        raise click.exceptions.Exit(1)
    _remember("keys.forgotten", len(found))
    return len(found)


def _remember(action: str, count: int) -> None:
    with transaction.atomic():
        act_as()
        record(action, user=None, details={"secrets": count})
