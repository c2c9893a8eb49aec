"""A client's companies come with their office's time zone, too (client_companies_time_zone.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("client_companies_time_zone.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0004_office_second_factor'),
    ]

    operations = [
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
