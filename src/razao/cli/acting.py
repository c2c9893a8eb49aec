"""What commands about a company share: its code (and a person) in; a transaction that acts for it out; refusals printed, exit 1."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import click
from django.db import transaction
from django.utils.translation import gettext

from razao.companies.models import User
from razao.companies.rights import Access, May, company_by_code, system_user
from razao.kernel.problems import NotFound, Problem, Refused, as_json, explain

REFUSED = 1


def of_company(function: Callable[..., None]) -> Callable[..., None]:
    """Options ``--company``, ``--user`` and ``--json`` of a command: arguments ``company``, ``user``, ``as_json``."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print data as JSON."),
        click.option("--user", default=None, help="E-mail of the person to act as."),
        click.option("--company", required=True, help="Code of the company."),
    ):
        function = option(function)
    return function


def person_named(user: str | None) -> UUID:
    """The person of this e-mail, or the system when none is given. Raises NotFound."""
    if not user:
        return system_user().pk
    person = User.objects.filter(email=user.strip().lower()).first()
    if person is None:
        raise NotFound(f"person {user}")
    return person.pk


@contextmanager
def acting(
    company: str, user: str | None, *, as_json: bool = False, right: May = May.SEE_BOOKS
) -> Iterator[Access]:
    """A transaction that acts for the company of this code, as the person of this e-mail or as the system.

    A refusal, or a company that is not there, is printed and ends the command with exit code 1.
    """
    try:
        with transaction.atomic():
            yield company_by_code(person_named(user), company, right)
    except NotFound as missing:
        click.echo(f"not found: {missing}", err=True)
        raise click.exceptions.Exit(REFUSED) from missing
    except Refused as refusal:
        show_problems(refusal.problems, as_json=as_json)
        raise click.exceptions.Exit(REFUSED) from refusal


def show_problems(problems: Iterable[Problem], *, as_json: bool) -> None:
    """Print problems: as JSON on standard output, or for people on the error output."""
    every = list(problems)
    if as_json:
        show({"problems": problems_json(every)})
        return
    for problem in every:
        text = explain(problem, gettext)
        place = f"{problem.where}: " if problem.where else ""
        click.echo(f"{place}{text.title}. {text.cause} {text.remedy} [{problem.code}]", err=True)


def problems_json(problems: list[Problem]) -> list[dict[str, Any]]:
    """Problems as JSON values."""
    return as_json(problems)


def show(value: Any) -> None:
    """Print JSON; amounts and dates as texts."""
    click.echo(json.dumps(value, ensure_ascii=False, default=str))
