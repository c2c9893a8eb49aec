"""Files are kept until their time: terms for filings that have none yet, and the triggers that hold them."""

from pathlib import Path

from django.db import migrations

# Years by country as the packs have them on the day of this migration.
TERMS = """
UPDATE archive_filing f SET retained_until =
  make_date(extract(year FROM f.filed_at)::int + CASE c.country WHEN 'ES' THEN 6 WHEN 'BR' THEN 5 ELSE 10 END, 12, 31)
FROM companies_company c WHERE c.id = f.company_id AND f.retained_until IS NULL
"""


def install(apps, schema_editor):
    """Terms, then triggers (retention.sql)."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(TERMS)
        cursor.execute((Path(__file__).parent / "retention.sql").read_text("utf-8"))


class Migration(migrations.Migration):

    dependencies = [
        ('archive', '0002_chain'),
        ('companies', '0002_apitoken_idempotencykey'),
    ]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
