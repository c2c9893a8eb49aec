"""Puts batches, steps of deliveries and openings under the hash chain (chain.sql)."""

from pathlib import Path

from django.db import migrations


def install(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute((Path(__file__).parent / "chain.sql").read_text("utf-8"))


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0001_initial"),
        ("archive", "0002_chain"),
        ("ledger", "0002_guards"),
    ]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
