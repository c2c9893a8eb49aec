"""Installs the triggers of the two-person rule (approvals.sql)."""

from pathlib import Path

from django.db import migrations


def install(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute((Path(__file__).parent / "approvals.sql").read_text("utf-8"))


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_approvals")]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
