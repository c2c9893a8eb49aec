"""When somebody showed for the first time that they read what is sent to their address."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("companies", "0006_own_address")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="proven_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
