"""The command line: one group, a module a subject. Exit code 0 done, 1 refused (problems printed), 2 wrong usage.

Commands are imported when they are run: ``razao read`` needs neither Django nor a database, and every
other command finds both ready.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import click

#: Command → module that holds it. The name within the module is the command's.
COMMANDS = {
    "billing": "razao.cli.billing",
    "demo": "razao.cli.demo",
    "export": "razao.cli.export",
    "ledger": "razao.cli.ledger",
    "read": "razao.cli.read",
}

#: Commands that need no database.
WITHOUT_DATABASE = frozenset({"read"})


class Razao(click.Group):
    """A group whose commands are imported on use."""

    def __init__(self, *arguments: object, **settings: object) -> None:
        super().__init__(*arguments, **settings)  # type: ignore[arg-type]  # passed through as click takes them
        self.modules = dict(COMMANDS)
        self.before: dict[str, Callable[[], None]] = {}

    def lazily(
        self, module: str, names: tuple[str, ...], before: Callable[[], None] | None = None
    ) -> None:
        """Add commands ``names`` of ``module``; ``before`` makes ready what they need, where that is not everything."""
        self.modules |= dict.fromkeys(names, module)
        if before is not None:
            self.before |= dict.fromkeys(names, before)

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.modules:
            return None
        before = self.before.get(cmd_name, ctx.obj)
        if cmd_name not in WITHOUT_DATABASE and callable(before) and not ctx.resilient_parsing:
            before()
        command = getattr(import_module(self.modules[cmd_name]), cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Razao)
def razao() -> None:
    """Razão: documents become entries that can be trusted, and reports that provably arrived."""
