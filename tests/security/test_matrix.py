"""Every address × every role, as a table that is committed; and each filter of the application removed in turn, where the database still refuses.

``make docs`` writes docs/security/isolation.md anew (RAZAO_WRITE_DOCS=1); the test compares it with what is answered now.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from django.core.signals import request_finished
from django.db import close_old_connections, connection, transaction
from django.db.models import QuerySet
from django.test import Client

from razao.archive.models import StoredFile
from razao.cli.main import WITHOUT_DATABASE
from razao.companies import rights
from razao.companies.models import Company, Membership, Office, Role, User
from razao.companies.rights import Access, OfficeAccess
from razao.companies.tokens import issue
from razao.config.command import every_command
from razao.delivery import reading, recipients, subscriptions
from razao.delivery.models import EVERY_CATEGORY, Delivery, PortalDocument
from razao.kernel.tenancy import act_as, guard_of, own_models
from tests.factories import a_client, a_company, a_person, an_office
from tests.security.addresses import every_address
from tests.security.test_isolation import NOWHERE, PARAMETER, SILENT, Theirs, address

pytestmark = pytest.mark.django_db

TABLE = Path(__file__).parents[2] / "docs" / "security" / "isolation.md"
VERBS = ("get", "post")
#: Columns of the table: who asks. The first four have no right to the company.
NOBODY = "nobody"
ELSEWHERE = (NOBODY, "client of another company", "clerk elsewhere", "administrator elsewhere")
HERE = (Role.CLIENT, Role.READ_ONLY, Role.CLERK, Role.ACCOUNTANT, Role.ADMINISTRATOR)


class Everything(Theirs):
    """As ``Theirs``, with a portal and a document in it, and a person to administer."""

    def __init__(self) -> None:
        super().__init__()
        company = self.access.company
        file = StoredFile.objects.create(
            company=company, sha256="cd" * 32, size=1, media_type="application/pdf", name="segredo"
        )
        subscriptions.activate(self.access)
        delivery = Delivery.objects.create(
            company=company,
            key="segredo",
            series="segredo",
            category="contracts",
            title="Segredo",
            asked_by_id=self.access.user_id,
            state="delivered",
            upload=file,
        )
        PortalDocument.objects.create(
            company=company, delivery=delivery, file=file, category="contracts", title="Segredo"
        )
        membership = Membership.objects.filter(user=self.access.user_id).first()
        assert membership is not None
        self.ids |= {"delivery": delivery.pk, "membership": membership.pk, "company_code": "c1"}
        self.administrator = User.objects.get(pk=self.access.user_id)


@pytest.fixture
def theirs() -> Everything:
    return Everything()


def answered(
    client: Client,
    verb: str,
    where: str,
    said: dict[str, str] | None = None,
    *,
    undo: bool = True,
    **more: Any,
) -> tuple[Any, bytes]:
    """An answer with its body; what was done is undone, but for ``undo=False``."""
    with transaction.atomic():
        answer = getattr(client, verb)(where, said, **more)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        # The end of a request would close the connection, and with it the test's transaction.
        request_finished.disconnect(close_old_connections)
        answer.close()
        request_finished.connect(close_old_connections)
        transaction.set_rollback(undo)
    return answer, body


class Visitor:
    """Somebody at a browser, or at a program with a key of theirs where the address is the API's."""

    def __init__(self, person: User | None) -> None:
        self.browser = Client(raise_request_exception=False)
        self.program = Client(raise_request_exception=False)
        self.headers: dict[str, str] = {}
        if person is not None:
            self.browser.force_login(person)
            self.headers = {"Authorization": f"Bearer {issue(person, 'k')}"}

    def asks(self, verb: str, route: str, ids: dict[str, object]) -> tuple[int, bytes]:
        """Status and body of an answer; whatever it did is undone."""
        program = route.startswith("api/")
        client = self.program if program else self.browser
        answer, body = answered(
            client, verb, address(route, ids), headers=self.headers if program else {}
        )
        return answer.status_code, body


def visitors(theirs: Everything) -> dict[str, Visitor]:
    """Everybody, by the name of their column."""
    house = an_office("Outro gabinete")
    ours = a_company(code="nossa", office=house)
    people: dict[str, User | None] = {
        NOBODY: None,
        "client of another company": a_client(ours.company, by=house[1]),
        "clerk elsewhere": a_person(house[0], Role.CLERK, by=house[1]),
        "administrator elsewhere": house[1],
    }
    by, company = theirs.administrator, theirs.access.company
    act_as(user=by.pk, office=company.office_id, companies=[company.pk])
    for role in HERE[1:-1]:
        people[role.value] = a_person(company.office, role, by=by)
    people[Role.CLIENT.value] = a_client(company, by=by)
    act_as(user=by.pk, office=company.office_id, companies=[company.pk])
    subscriptions.give_rights(theirs.access, people[Role.CLIENT.value].pk, [EVERY_CATEGORY])  # type: ignore[union-attr]
    people[Role.ADMINISTRATOR.value] = by
    return {who: Visitor(people[who]) for who in (*ELSEWHERE, *(r.value for r in HERE))}


def names_an_object(route: str) -> bool:
    return bool(PARAMETER.search(route))


def test_every_address_answers_every_role_as_the_table_says(theirs):
    rows: dict[str, list[str]] = {}
    told = []
    for who, visitor in visitors(theirs).items():
        for route in every_address():
            answers = [visitor.asks(verb, route, theirs.ids) for verb in VERBS]
            rows.setdefault(route, []).append(" ".join(str(status) for status, _ in answers))
            told += [(who, route, status) for status, _ in answers if status >= 500]
            if who not in ELSEWHERE:
                continue
            secret = any(b"egredo" in body for _, body in answers)
            loud = names_an_object(route) and {status for status, _ in answers} - SILENT
            if secret or loud:
                told.append((who, route, answers[0][0]))
    assert told == []
    page = as_page(rows) + commands_page(theirs)
    if os.environ.get("RAZAO_WRITE_DOCS"):
        TABLE.parent.mkdir(exist_ok=True)
        TABLE.write_text(page, encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == page, "an address or a right changed: make docs"


HEAD = """# Isolation

Every address of the address map × every role, asked for a company with one of everything (`GET POST`, the answers' status). Made by
`make docs`, compared by `tests/security/test_matrix.py`; so a new address appears here, and whoever adds it sees who may use it.

200 answered · 302 sent elsewhere: to sign in where nobody is signed in, else after the deed or to where it belongs · 400, 422 asks for
more than an empty form · 401, 403 not without a right · 404 not there, which is also what is said of whatever is not yours · 405
this verb is not offered · 409 refused with the reasons

No right to the company have the first four columns. The files of the company exist in the database alone here, so that addresses
which send bytes say 404 to everybody; `tests/delivery` and `tests/capture` have them answered.

## Where the application's filters are gone

Each is removed in turn in the same test file, and an administrator of another office asks every address for the company's objects:

| removed | what is left |
|---|---|
| `company_for`, the one door to a company: nobody's right is asked | row-level security: the session acts for the person's own companies, foreign rows are not there and cannot be written |
| `office_for`: every office is yours | the same |
| every `company=` and `office=` in a query | the same |
| the portal's filter of what a reader may read | the same, between companies |
| the role's rights (`Access.require`) | the same, between companies; **within a company the roles, and the categories of a portal reader, are the application's alone** |

"""


def as_page(rows: dict[str, list[str]]) -> str:
    who = [*ELSEWHERE, *(role.value for role in HERE)]
    lines = [
        f"## Addresses: {len(rows)}\n",
        "| address | " + " | ".join(who) + " |",
        "|---|" + "---|" * len(who),
    ]
    for route, answers in rows.items():
        lines.append(f"| `/{route}` | " + " | ".join(answers) + " |")
    return HEAD + "\n".join(lines) + "\n"


def commands(
    group: click.Group, before: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its words, in order."""
    context = click.Context(group, obj=None, resilient_parsing=True)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from commands(found, (*before, name))
        elif found is not None:
            yield (*before, name), found


#: What is given where a command demands more than a company.
GIVEN = {"source": "table:/dev/null", "year": "2025", "folder": "{tmp}/to", "to": "{tmp}/to"}


def commands_page(theirs: Everything) -> str:
    """Every command: as whom it acts, and what a person of another office gets for the company's code."""
    house = an_office("Outro gabinete")
    code = theirs.access.company.code
    lines = []
    for words, command in commands(every_command()):
        names = {parameter.name for parameter in command.params}
        acts, answer = "the whole installation, with the rights of who runs it there", "–"
        if words[0] in WITHOUT_DATABASE:
            acts = "nobody: it has no database"
        elif "company" in names:
            assert "user" in names, words
            acts = "one company: the person of `--user`, else the system in the one office that has the code"
            answer = refused(command, words, code, house[1].email)
        lines.append(f"| `razao {' '.join(words)}` | {acts} | {answer} |")
    head = f"\n## Commands: {len(lines)}\n\n| command | acts as | `--user` of another office |\n|---|---|---|\n"
    return head + "\n".join(lines) + "\n"


def refused(command: click.Command, words: tuple[str, ...], code: str, person: str) -> str:
    """What the command answers to a stranger; it must be a refusal that tells nothing."""
    given = ["--company", code, "--user", person]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "file").write_text("x")
        for parameter in command.params:
            if parameter.required and parameter.name != "company":
                kept = GIVEN.get(str(parameter.name), "{tmp}/file").replace("{tmp}", folder)
                given += [*([parameter.opts[0]] * isinstance(parameter, click.Option)), kept]
        done = CliRunner().invoke(command, given)
    assert (done.exit_code, "egredo" in done.output) == (1, False), (words, done.output)
    return "not found"


# Each filter removed ---------------------------------------------------------------------------------------------


def everywhere(monkeypatch: pytest.MonkeyPatch, found: Callable[..., Any], other: Any) -> int:
    """Put ``other`` in the place of a function in every module of Razão that names it; how many did."""
    count = 0
    for name, module in list(sys.modules.items()):
        if name.startswith("razao.") and getattr(module, found.__name__, None) is found:
            monkeypatch.setattr(module, found.__name__, other)
            count += 1
    return count


def no_right_is_asked(patch: pytest.MonkeyPatch, mine: Access, company: Company) -> None:
    def company_for(
        user_id: Any, company_id: Any, right: Any = None, *, using: str = "default"
    ) -> Access:
        del right
        act_as(
            user=user_id, office=mine.company.office_id, companies=[mine.company.pk], using=using
        )
        return Access(user_id, company, Role.ADMINISTRATOR)

    assert everywhere(patch, rights.company_for, company_for) > 10


def every_office_is_yours(patch: pytest.MonkeyPatch, mine: Access, company: Company) -> None:
    def office_for(user_id: Any, office_id: Any = None, right: Any = None) -> OfficeAccess:
        del office_id, right
        act_as(user=user_id, office=mine.company.office_id, companies=[mine.company.pk])
        return OfficeAccess(user_id, Office(pk=company.office_id, name="?"), Role.ADMINISTRATOR)

    assert everywhere(patch, rights.office_for, office_for) > 3


def no_query_names_a_company(patch: pytest.MonkeyPatch, mine: Access, company: Company) -> None:
    whole = QuerySet._filter_or_exclude_inplace
    dropped = []

    def without(self: Any, negate: bool, args: Any, kwargs: Any) -> None:
        kept = {k: v for k, v in kwargs.items() if k.split("_")[0] not in {"company", "office"}}
        dropped.append(len(kwargs) - len(kept))
        whole(self, negate, args, kept)

    patch.setattr(QuerySet, "_filter_or_exclude_inplace", without)


def readers_read_everything(patch: pytest.MonkeyPatch, mine: Access, company: Company) -> None:
    everything = lambda _readers: PortalDocument.objects.all()  # noqa: E731
    assert everywhere(patch, recipients.readable, everything) >= 1
    assert everywhere(patch, reading.conditions, lambda *_: ("true", [])) >= 1


def roles_may_everything(patch: pytest.MonkeyPatch, mine: Access, company: Company) -> None:
    for kind in (Access, OfficeAccess):
        patch.setattr(kind, "require", lambda _self, _right: None)
        patch.setattr(kind, "may", lambda _self, _right: True)


#: Filter removed → is the company of the address the intruder's own, with foreign objects under it.
REMOVED = {
    no_right_is_asked: False,
    every_office_is_yours: False,
    no_query_names_a_company: True,
    readers_read_everything: False,
    roles_may_everything: True,
}


@pytest.mark.parametrize("remove", REMOVED, ids=lambda f: f.__name__)
def test_the_database_refuses_where_a_filter_of_the_application_is_gone(
    theirs, monkeypatch, remove
):
    house = an_office("Outro gabinete")
    mine = a_company(code="nossa", office=house)
    subscriptions.activate(mine)
    company = theirs.access.company
    intruder = Visitor(house[1])
    before = rows_of(theirs)
    asked = mine.company.pk if REMOVED[remove] else company.pk
    ids = {**theirs.ids, "company": asked, "company_id": asked}
    ways = [route for route in every_address() if names_an_object(route)]
    leaked = []
    with monkeypatch.context() as patch:
        remove(patch, mine, company)
        for route in ways:
            for verb in VERBS:
                status, body = intruder.asks(verb, route, ids)
                if b"egredo" in body:
                    leaked.append((verb, route, status))
    assert leaked == []
    assert rows_of(theirs) == before


def test_without_the_database_s_refusal_the_same_sweep_finds_the_secret(theirs, monkeypatch):
    """The sweep sees what leaks: with ``company_for`` gone and the database told of the foreign company."""
    house = an_office("Outro gabinete")
    a_company(code="nossa", office=house)
    company, intruder = theirs.access.company, Visitor(house[1])

    def company_for(user_id: Any, company_id: Any, right: Any = None, **_: Any) -> Access:
        act_as(user=user_id, office=company.office_id, companies=[company_id])
        return Access(user_id, company, Role.ADMINISTRATOR)

    everywhere(monkeypatch, rights.company_for, company_for)
    ways = [route for route in every_address() if route.startswith("c/<uuid:company>/documents/")]
    assert [r for r in ways if b"egredo" in intruder.asks("get", r, theirs.ids)[1]] != []


def rows_of(theirs: Everything) -> dict[str, tuple[int, int]]:
    """Every table's rows of the company: how many, and a sum over all that they say."""
    company = theirs.access.company
    act_as(user=theirs.administrator.pk, office=company.office_id, companies=[company.pk])
    found = {}
    for model in own_models():
        columns = {field.column for field in model._meta.local_concrete_fields}
        if "company_id" not in columns or not guard_of(model):
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*), coalesce(sum(hashtext(t::text)), 0) FROM"
                f' (SELECT * FROM "{model._meta.db_table}" WHERE company_id = %s) t',
                [company.pk],
            )
            found[model.__name__] = cursor.fetchone()
    return found


def test_an_id_that_exists_nowhere_is_what_a_foreign_one_looks_like(theirs):
    """The answers to a stranger are the same for what is foreign and for what does not exist."""
    house = an_office("Outro gabinete")
    visitor = Visitor(house[1])
    nowhere = {
        name: (NOWHERE if str(value).count("-") == 4 else value)
        for name, value in theirs.ids.items()
    }
    told = {
        route: answers
        for route in every_address()
        if names_an_object(route)
        and len(answers := {visitor.asks("get", route, ids)[0] for ids in (theirs.ids, nowhere)})
        > 1
    }
    assert told == {}
