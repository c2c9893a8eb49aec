"""Integrations under stress: a company and its month in; how often plan and posted entries differ, or half a batch remains, out."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from queue import SimpleQueue
from time import monotonic, sleep
from typing import Any

from django.conf import settings
from django.db import connections, transaction

from razao.billing import flow
from razao.billing.keeping import plan_of
from razao.billing.models import BillingDocument, PostingCodeRate, Preparation
from razao.billing.sourcing import Choice
from razao.booking.billing_rules import Options
from razao.companies.rights import Access, company_for
from razao.kernel.money import from_minor_units
from razao.kernel.problems import Refused
from razao.kernel.tenancy import act_as
from razao.ledger.models import Account, Batch, Entry, Line

Booked = list[tuple[str, str, str, str]]
"""reference, account, debit, credit of every line, in order"""
UNDO = date(2026, 5, 31)
HERE = Path(__file__).parents[1]


@dataclass(slots=True)
class Rounds:
    """What came of many integrations."""

    posted: int = 0
    refused: int = 0
    differing: int = 0
    edits: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Kills:
    """What remained of integrations killed with signal 9."""

    nothing: int = 0
    whole: int = 0
    broken: list[str] = field(default_factory=list)


def again(access: Access) -> Access:
    """The same person in a new transaction."""
    return company_for(access.user_id, access.company.pk)


# -- other people edit ---------------------------------------------------------------------------------


class Editor(threading.Thread):
    """Somebody who changes one thing whenever it is their turn, after a pause; edits keep pace with the rounds, not the clock."""

    def __init__(self, access: Access, name: str, act: Callable[[random.Random], None], seed: int):
        super().__init__(name=name)
        self.access, self.act, self.chance = access, act, random.Random(f"{name} {seed}")
        self.turns: SimpleQueue[float | None] = SimpleQueue()
        self.edits = 0

    def perhaps(self, round_seconds: float) -> None:
        """In one round of four, a change at any moment of it."""
        if self.chance.random() < 0.25:
            self.turns.put(self.chance.uniform(0, round_seconds))

    def run(self) -> None:
        for pause in iter(self.turns.get, None):
            sleep(pause)
            with transaction.atomic():
                act_as(user=self.access.user_id, companies=[self.access.company.pk])
                self.act(self.chance)
            self.edits += 1
        connections.close_all()


def _accounts(access: Access) -> Callable[[random.Random], None]:
    """An account is closed to postings, opened again, renamed."""

    def act(chance: random.Random) -> None:
        rows = Account.objects.filter(company=access.company, code="71113")
        rows.update(postable=chance.random() < 0.9, name=f"Vendas {chance.randint(1, 9)}")

    return act


def _codes(access: Access) -> Callable[[random.Random], None]:
    """A posting code goes to another account."""

    def act(chance: random.Random) -> None:
        rates = PostingCodeRate.objects.filter(company=access.company, posting_code__code="MERC")
        rates.filter(rate=23).update(revenue=chance.choice(["71113", "71113", "71114"]))

    return act


def _documents(path: Path) -> Callable[[random.Random], None]:
    """An amount changes at the source."""
    text = path.read_text(encoding="utf-8")

    def act(chance: random.Random) -> None:
        net = chance.choice([100, 100, 200, 300])
        first = f"1;{net},00;23;{net * 1.23:.2f}".replace(".", ",")
        new = path.with_suffix(".new")
        new.write_text(text.replace("1;100,00;23;123,00", first), encoding="utf-8")
        new.replace(path)

    return act


def beside_editors(access: Access, choice: Choice, times: int, seed: int = 1) -> Rounds:
    """Prepare, integrate and undo ``times``, while others change accounts, codes and documents all the time."""
    told = Rounds()
    path = Path(choice.settings["path"])
    acts = {"accounts": _accounts(access), "codes": _codes(access), "documents": _documents(path)}
    editors = [Editor(access, name, act, seed) for name, act in acts.items()]
    for editor in editors:
        editor.start()
    took = 0.5
    try:
        for _ in range(times):
            for editor in editors:
                editor.perhaps(took)
            start = monotonic()
            _round(access, choice, told)
            took = monotonic() - start
    finally:
        for editor in editors:
            editor.turns.put(None)
        for editor in editors:
            editor.join()
    told.edits = {editor.name: editor.edits for editor in editors}
    return told


def _round(access: Access, choice: Choice, told: Rounds) -> None:
    with transaction.atomic():
        kept = flow.prepare(again(access), choice, Options())
        seen = _planned(kept)
    try:
        with transaction.atomic():
            batch = flow.integrate(again(access), kept.pk, kept.fingerprint)
    except Refused:
        told.refused += 1
        return
    with transaction.atomic():
        again(access)
        told.differing += posted_lines(batch) != seen
    told.posted += 1
    with transaction.atomic():
        flow.undo(again(access), kept.pk, day=UNDO, reason="teste")


def _planned(kept: Preparation) -> Booked:
    plan = plan_of(kept)
    heads = dict(plan.entries.select("entry", "reference").iter_rows())
    rows = plan.lines.select("entry", "position", "account", "debit", "credit").sort(
        "entry", "position"
    )
    return sorted(
        (heads[e], account, str(from_minor_units(debit)), str(from_minor_units(credit)))
        for e, _, account, debit, credit in rows.iter_rows()
    )


def posted_lines(batch: Batch) -> Booked:
    """Every line of a batch as it stands in the ledger."""
    codes = dict(Account.objects.values_list("pk", "code"))
    heads = dict(Entry.objects.filter(batch_id=batch.id).values_list("id", "reference"))
    lines = Line.objects.filter(entry_id__in=heads)
    return sorted(
        (heads[line.entry_id], codes[line.account_id], str(line.debit), str(line.credit))
        for line in lines
    )


# -- killed anywhere -----------------------------------------------------------------------------------


def killed_anywhere(access: Access, choice: Choice, times: int, seed: int = 1) -> Kills:
    """Integrate in another process, killed at a random moment, ``times``; all or nothing must remain each time."""
    chance, told = random.Random(seed), Kills()
    with transaction.atomic():
        kept = flow.prepare(again(access), choice, Options())
    with Elsewhere() as elsewhere:
        took = elsewhere.integrate(access, kept, after=None)
        told.broken += _left(access, kept, told, killed=False)
        for _ in range(times):
            with transaction.atomic():
                kept = flow.prepare(again(access), choice, Options())
            elsewhere.integrate(access, kept, after=chance.uniform(0, took * 1.1))
            told.broken += _left(access, kept, told, killed=True)
    return told


class Elsewhere:
    """A process that integrates in children of its own (``bench._killed``), each of which can be killed."""

    def __enter__(self) -> Elsewhere:
        environment = os.environ | {
            "RAZAO_HOME": str(settings.RAZAO_HOME),
            "DJANGO_SETTINGS_MODULE": "razao.config.settings",
            "PYTHONPATH": f"{HERE / 'src'}{os.pathsep}{HERE}",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench._killed"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            cwd=HERE,
            bufsize=0,
        )
        return self

    def __exit__(self, *_: object) -> None:
        for end in (self.process.stdin, self.process.stdout):
            if end is not None:
                end.close()
        self.process.wait()

    def integrate(self, access: Access, kept: Preparation, *, after: float | None) -> float:
        """Integrate in a child, killed ``after`` seconds where said; seconds it was let run."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        name = str(connections["default"].settings_dict["NAME"])
        asked = [name, access.user_id, access.company.pk, kept.pk, kept.fingerprint]
        self.process.stdin.write(f"{' '.join(map(str, asked))}\n".encode())
        ready, pid = self.process.stdout.readline().split()
        assert ready == b"ready"
        self.process.stdin.write(b"go\n")
        start = monotonic()
        ended, _, _ = select.select([self.process.stdout], [], [], after)
        if not ended:
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        took = monotonic() - start
        assert self.process.stdout.readline() == b"ended\n"
        return took


def _left(access: Access, kept: Preparation, told: Kills, *, killed: bool) -> list[str]:
    """What is wrong with what remained; a whole integration is undone, ready for the next round."""
    with transaction.atomic():
        company = again(access).company
        # waits until the server has noticed that the killed process is gone
        now = Preparation.objects.select_for_update(of=("self",)).get(pk=kept.pk)
        whole = now.state == Preparation.State.INTEGRATED
        batches = Batch.objects.filter(company=company, plan_fingerprint=kept.fingerprint)
        live = [b for b in batches if b.id == now.batch_id]
        entries = (
            Entry.objects.filter(company=company, batch_id=now.batch_id).count() if whole else 0
        )
        noted = BillingDocument.objects.filter(company=company, undone=False).count()
        expected = (1, kept.entries, kept.ready) if whole else (0, 0, 0)
        found = (len(live), entries, noted)
        same = not whole or posted_lines(live[0]) == _planned(kept)
    if killed:
        told.whole += whole
        told.nothing += not whole
    if whole:
        with transaction.atomic():
            flow.undo(again(access), kept.pk, day=UNDO, reason="teste")
    wrong = [] if found == expected and same else [f"{now.state}: {found} in place of {expected}"]
    return wrong + _untrue_balances(access)


def _untrue_balances(access: Access) -> list[str]:
    """Accounts whose kept balance is not zero although everything was undone or never happened."""
    from razao.ledger.models import Balance

    with transaction.atomic():
        company = again(access).company
        rows = Balance.objects.filter(company=company).select_related("account")
        sums: dict[str, Any] = {}
        for row in rows:
            sums[row.account.code] = sums.get(row.account.code, 0) + row.debit - row.credit
    return [f"balance of {code} is {left}" for code, left in sums.items() if left]
