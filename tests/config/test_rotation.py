"""The installation's key is changed: what was sealed stays readable at every moment, and the former key goes when nobody needs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import transaction

from razao.billing.models import BillingSource
from razao.companies.models import Company
from razao.companies.sealing import is_sealed_with, seal, unseal
from razao.config import rotation
from razao.config.rotation import rotate_keys
from razao.config.secrets import keep_keys, secret_keys
from razao.kernel.problems import Refused
from razao.kernel.tenancy import act_as
from tests.factories import a_company, an_office


@pytest.fixture
def company(committed_db, settings, tmp_path) -> Company:
    """A company that is no longer active, with a source whose password is sealed."""
    settings.RAZAO_HOME, settings.RAZAO_KEY_GIVEN = tmp_path, False
    settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS = secret_keys(tmp_path, "")
    with transaction.atomic():
        access = a_company(code="c", office=an_office("Gabinete"))
        BillingSource.objects.create(
            company=access.company, name="PHC", kind="phc", settings={}, secret=seal("abre-te")
        )
        Company.objects.filter(pk=access.company.pk).update(active=False)
    return access.company


def sealed(company: Company) -> str:
    with transaction.atomic():
        act_as(companies=[company.pk])
        return BillingSource.objects.get().secret


def restart(settings, home: Path) -> list[str]:
    """Read the keys as a process that starts does."""
    keys = secret_keys(home, "")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = keys[0], keys[1:]
    return keys


def test_a_new_key_seals_everything_anew_and_the_former_one_is_forgotten_later(
    company, settings, tmp_path
):
    (old,) = restart(settings, tmp_path)
    assert CliRunner().invoke(rotate_keys, []).exit_code == 0
    new, kept = restart(settings, tmp_path)
    assert (kept, is_sealed_with(sealed(company), new)) == (old, True)
    assert unseal(sealed(company)) == "abre-te"
    assert CliRunner().invoke(rotate_keys, ["--forget"]).exit_code == 0
    assert restart(settings, tmp_path) == [new]
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert unseal(sealed(company)) == "abre-te"
    settings.SECRET_KEY = old
    with pytest.raises(Refused):
        unseal(sealed(company))


@pytest.mark.parametrize("moment", range(3))
def test_killed_at_any_moment_every_secret_opens(company, settings, tmp_path, monkeypatch, moment):
    class Killed(Exception):
        pass

    steps = iter(range(9))

    def mortal(do):
        def done(*given):
            if next(steps) == moment:
                raise Killed
            return do(*given)

        return done

    with monkeypatch.context() as patch:
        for name in ("keep_keys", "_seal_anew"):
            patch.setattr(rotation, name, mortal(getattr(rotation, name)))
        assert isinstance(CliRunner().invoke(rotate_keys, []).exception, Killed)
    restart(settings, tmp_path)
    assert unseal(sealed(company)) == "abre-te"
    assert CliRunner().invoke(rotate_keys, []).exit_code == 0
    restart(settings, tmp_path)
    assert CliRunner().invoke(rotate_keys, ["--forget"]).exit_code == 0
    assert len(restart(settings, tmp_path)) == 1
    assert unseal(sealed(company)) == "abre-te"


def test_a_key_that_is_still_needed_is_not_forgotten(company, settings, tmp_path):
    (old,) = restart(settings, tmp_path)
    keep_keys(tmp_path, ["nova", old])
    restart(settings, tmp_path)
    assert CliRunner().invoke(rotate_keys, ["--forget"]).exit_code == 1
    assert restart(settings, tmp_path) == ["nova", old]
    settings.SECRET_KEY_FALLBACKS = []
    assert CliRunner().invoke(rotate_keys, []).exit_code == 1


def test_keys_that_the_environment_gives_are_known_in_their_order(tmp_path):
    assert secret_keys(tmp_path, "nova", "velha,mais velha") == ["nova", "velha", "mais velha"]
