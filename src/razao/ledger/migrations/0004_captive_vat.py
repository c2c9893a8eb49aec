"""VAT codes know which part of the tax the buyer keeps from the seller, and where it goes (AO, IVA cativo)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_few_rows_by_index")]

    operations = [
        migrations.AddField(
            model_name="vatcode",
            name="captive_percent",
            field=models.DecimalField(decimal_places=4, default=0, max_digits=7),
        ),
        migrations.AddField(
            model_name="vatcode",
            name="captive_account",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.account",
            ),
        ),
    ]
