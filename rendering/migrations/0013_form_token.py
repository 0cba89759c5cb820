"""The form that an order came of, so that the same form sent twice asks before it orders again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rendering", "0012_approval")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="form_token",
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
    ]
