"""An office may ask its own people for a second step when they sign in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("companies", "0003_client_companies")]

    operations = [
        migrations.AddField(
            model_name="office",
            name="second_factor",
            field=models.BooleanField(default=False),
        ),
    ]
