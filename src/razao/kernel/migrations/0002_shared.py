"""What all processes count together (rate limits of signing in): no company's data, and nothing that a crash must not empty."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(
            """
            CREATE UNLOGGED TABLE kernel_shared (
              key text PRIMARY KEY, value text NOT NULL, expires_at timestamptz NOT NULL);
            CREATE INDEX kernel_shared_expires ON kernel_shared (expires_at);
            """,
            "DROP TABLE kernel_shared",
        ),
    ]
