"""The form that an order came of, so that sent twice it asks again; and who may choose finishes of a product."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rendering", "0012_approval")]

    operations = [
        migrations.AlterModelOptions(
            name="materialrule",
            options={
                "ordering": [models.F("product").asc(nulls_last=True), "position", "-id"],
                "permissions": [("assign_finish", "Can choose finishes of a product's parts")],
            },
        ),
        migrations.AddField(
            model_name="order",
            name="form_token",
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
    ]
