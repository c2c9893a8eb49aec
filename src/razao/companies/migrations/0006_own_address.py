"""A person's address is one that is proven to be theirs (own_address.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("own_address.sql").read_text(encoding="utf-8")
UNDONE = """
DROP TRIGGER companies_user_address_changed ON companies_user;
DROP TRIGGER companies_user_address ON companies_user;
DROP FUNCTION companies_user_address();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0005_client_time_zone'),
        ('account', '0009_emailaddress_unique_primary_email'),
    ]

    operations = [
        migrations.RunSQL(SQL, UNDONE),
    ]
