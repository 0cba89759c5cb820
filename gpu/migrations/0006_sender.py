"""Who sends share links: a name and a logo."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("gpu", "0005_fair_shares")]

    operations = [
        migrations.AddField(
            model_name="systemsettings",
            name="sender_name",
            field=models.CharField(
                blank=True,
                help_text="Your company, as people who open a share link see it.",
                max_length=80,
                verbose_name="sender",
            ),
        ),
        migrations.AddField(
            model_name="systemsettings",
            name="sender_logo",
            field=models.BinaryField(blank=True, default=bytes, help_text="PNG", verbose_name="logo"),
        ),
    ]
