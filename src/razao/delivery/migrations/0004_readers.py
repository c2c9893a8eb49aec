"""The function that finds in one round trip what a client may read (readers.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("readers.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0003_client_companies'),
        ('delivery', '0003_outgoing_patterns_and_live_documents'),
    ]

    operations = [
        migrations.RunSQL(SQL, "DROP FUNCTION delivery_readers(uuid)"),
    ]
