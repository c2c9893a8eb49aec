"""Lines of a batch may come in portions without each of them reading the entries of all (lines_in_portions.sql)."""

from pathlib import Path

from django.db import migrations


def install(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute((Path(__file__).parent / "lines_in_portions.sql").read_text("utf-8"))


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_two_people")]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
