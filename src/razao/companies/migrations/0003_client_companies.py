"""The function that finds a client's companies and acts for them (client_companies.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("client_companies.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0002_apitoken_idempotencykey'),
    ]

    operations = [
        migrations.RunSQL(SQL, "DROP FUNCTION companies_client_companies(uuid)"),
    ]
