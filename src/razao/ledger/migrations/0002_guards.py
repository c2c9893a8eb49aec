"""Installs the triggers that hold the ledger's invariants (guards.sql)."""

from pathlib import Path

from django.db import migrations


def install(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute((Path(__file__).parent / "guards.sql").read_text("utf-8"))


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("companies", "0001_initial")]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
