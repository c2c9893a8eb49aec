"""The office's own settings: what is saved is what was typed, and nothing else changes."""

from __future__ import annotations

import pytest

from razao.companies.models import Office
from razao.companies.rights import office_for

pytestmark = pytest.mark.django_db


def test_an_office_in_a_zone_of_its_own_keeps_it_when_its_name_is_changed(browser, administrator):
    office_for(administrator.pk)
    Office.objects.update(time_zone="Europe/Paris")
    shown = browser.get("/settings/office/").context["form"]
    first = shown.fields["time_zone"].choices[0]
    assert (shown["time_zone"].value(), first) == ("Europe/Paris", ("Europe/Paris",) * 2)
    typed = {"name": "Gabinete de Lyon", "time_zone": "Europe/Paris", "reception_minutes": "15"}
    answer = browser.post("/settings/office/", typed)
    office_for(administrator.pk)
    assert (answer.status_code, *Office.objects.values_list("name", "time_zone").get()) == (
        302,
        "Gabinete de Lyon",
        "Europe/Paris",
    )
