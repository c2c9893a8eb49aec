"""The entry point ``razao``: names the settings, hands the command line what it needs of this layer, and runs it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from razao.cli.main import Razao

# Read once, when polars is loaded. Frames come and go by the hundred megabytes; memory given back at once is cleared by
# the kernel page by page when it is taken again, which cost a third of the time of a large preparation.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:30000,muzzy_decay_ms:-1")


def settings_ready() -> None:
    """Django ready, the database as it is: for the command that brings the database back."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "razao.config.settings")
    django.setup()


def make_ready() -> None:
    """Django and the database ready for a command. Called by the commands that need it, not before."""
    settings_ready()
    from razao.config import database

    database.make_ready()


def every_command() -> Razao:
    """The command line with the commands that this layer adds."""
    from razao.cli.main import razao

    razao.lazily("razao.config.serve", ("up", "worker", "doctor", "migrate"))
    razao.lazily("razao.config.rescue", ("backup",))
    razao.lazily("razao.config.rescue", ("restore",), before=settings_ready)
    razao.lazily("razao.config.rotation", ("rotate-keys",))
    return razao


def main() -> None:
    """Run the command line of ``razao``."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "razao.config.settings")
    every_command()(prog_name="razao", obj=make_ready)


if __name__ == "__main__":
    main()
