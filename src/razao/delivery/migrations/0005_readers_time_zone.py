"""Who reads, with the time zone of their office (readers_time_zone.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("readers_time_zone.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0005_client_time_zone'),
        ('delivery', '0004_readers'),
    ]

    operations = [
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
