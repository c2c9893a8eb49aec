"""Who sees what: one door to a company, and a database that holds even where a view forgets."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.utils import timezone

from razao.companies.models import Company, Membership, Office, Party, Role, User
from razao.companies.opening import open_office
from razao.companies.rights import May, companies_of, company_by_code, company_for, office_for
from razao.kernel.problems import NotFound, Refused
from razao.kernel.tenancy import act_as, guard_of, new_id, own_models

pytestmark = pytest.mark.django_db


def office(name: str) -> tuple[Office, Company, User]:
    """An office with one company and its administrator."""
    user = User.objects.create_user(f"{name}@example.pt", "uma frase comprida")
    office_id, company_id = new_id(), new_id()
    act_as(user=user.pk, office=office_id, companies=[company_id])
    house = Office.objects.create(pk=office_id, name=name)
    Membership.objects.create(user=user, office=house, role=Role.ADMINISTRATOR)
    company = Company.objects.create(
        pk=company_id, office=house, code="c1", name=name, tax_id="501964843"
    )
    act_as()
    return house, company, user


def test_an_accountant_reaches_the_companies_of_the_office_and_no_other():
    _, ours, me = office("um")
    _, theirs, _ = office("dois")
    assert company_for(me.pk, ours.pk).company == ours
    with pytest.raises(NotFound):
        company_for(me.pk, theirs.pk)


def test_a_foreign_company_and_a_missing_one_look_the_same():
    _, theirs, _ = office("um")
    _, _, me = office("dois")
    answers = []
    for asked in (theirs.pk, new_id()):
        with pytest.raises(NotFound) as refusal:
            company_for(me.pk, asked)
        answers.append(type(refusal.value))
    assert answers == [NotFound, NotFound]


def test_a_code_that_two_offices_use_means_nobody_s_company_unless_the_office_is_known():
    (one, ours, me), (other, theirs, _) = office("um"), office("dois")
    act_as(user=me.pk, office=other.pk)
    Membership.objects.create(user=me, office=other, role=Role.CLERK)
    with pytest.raises(Refused) as refusal:
        company_by_code(me.pk, "c1")
    assert [p.code for p in refusal.value.problems] == ["companies.code_in_several"]
    assert company_by_code(me.pk, "c1", office=one.pk).company == ours
    assert company_by_code(me.pk, "c1", office=other.pk).company == theirs


def test_whoever_works_for_an_office_reads_its_clock_and_nobody_s_before(client):
    zones = []
    for name, zone in (("um", "Africa/Maputo"), ("dois", "America/Sao_Paulo")):
        house, company, me = office(name)
        office_for(me.pk)
        Office.objects.filter(pk=house.pk).update(time_zone=zone)
        company_for(me.pk, company.pk)
        zones.append(timezone.get_current_timezone_name())
        office_for(me.pk)
        zones.append(timezone.get_current_timezone_name())
    client.get("/accounts/login/")
    zones.append(timezone.get_current_timezone_name())
    assert zones == [*["Africa/Maputo"] * 2, *["America/Sao_Paulo"] * 2, "Europe/Lisbon"]


def test_a_new_office_begins_in_the_installations_time_zone(settings):
    settings.TIME_ZONE = "Africa/Luanda"
    opened = open_office("três", "AO", User.objects.create_user("c@example.ao", None))
    assert opened.time_zone == "Africa/Luanda"


def test_a_client_sees_only_the_portal_of_their_company():
    _, company, _ = office("um")
    client = User.objects.create_user("cliente@example.pt", "uma frase comprida")
    act_as(user=client.pk, companies=[company.pk])
    Membership.objects.create(user=client, company=company, role=Role.CLIENT)
    assert [(c, r) for c, r in companies_of(client.pk)] == [(company, Role.CLIENT)]
    with pytest.raises(Refused):
        company_for(client.pk, company.pk, May.SEE_BOOKS)
    with pytest.raises(NotFound):
        office_for(client.pk)


def test_without_a_company_the_database_shows_nothing():
    _, company, me = office("um")
    company_for(me.pk, company.pk)
    Party.objects.create(company=company, tax_id="501964843", name="Fornecedor")
    assert Party.objects.count() == 1
    act_as(user=me.pk)
    assert Party.objects.count() == 0


def test_a_row_cannot_be_written_for_a_foreign_company():
    _, theirs, _ = office("um")
    _, ours, me = office("dois")
    company_for(me.pk, ours.pk)
    with pytest.raises(Exception, match="row-level security"), transaction.atomic():
        Party.objects.create(company=theirs, tax_id="501964843", name="Intruso")


def test_every_table_says_who_may_see_its_rows():
    assert [m.__name__ for m in own_models() if guard_of(m) is None] == []


def test_every_guarded_table_is_forced_under_row_security():
    guarded = {m._meta.db_table for m in own_models() if guard_of(m)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        forced = {row[0] for row in cursor.fetchall()}
    assert guarded - forced == set()


def test_the_application_is_not_above_row_security():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == ("razao_app", False, False)
