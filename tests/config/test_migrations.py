"""The tables that migrations make are the tables that the models say, by one path."""

from __future__ import annotations

from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.utils import translation

OURS = [config.label for config in apps.get_app_configs() if config.name.startswith("razao.")]


def test_each_part_has_one_last_migration() -> None:
    loader = MigrationLoader(None)

    assert loader.detect_conflicts() == {}


def test_no_model_waits_for_a_migration() -> None:
    loader = MigrationLoader(None)
    with translation.override(None):
        wanted = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
        changes = wanted.changes(graph=loader.graph)

    assert {label: changes[label] for label in changes if label in OURS} == {}
