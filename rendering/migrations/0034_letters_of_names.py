"""Names for industrial catalogs keep no hyphen: their own rule refused the files of a product such as B-1."""

from django.db import migrations, models


def carry_over(apps, schema_editor):
    """Keep what was set; the profile as it was shipped takes plain letters."""
    profiles = apps.get_model("rendering", "ChannelProfile").objects.using(schema_editor.connection.alias)
    lowered = profiles.filter(lower_case=True)
    lowered.update(letters="small")
    lowered.filter(slug="industrial", rules__kind="name", rules__value=r"[a-z0-9_]+\.(jpg|png)").update(letters="plain")


class Migration(migrations.Migration):

    dependencies = [
        ("rendering", "0033_drawn_edges"),
    ]

    operations = [
        migrations.AddField(
            model_name="channelprofile",
            name="letters",
            field=models.CharField(blank=True, choices=[("", "As they are"), ("small", "Small letters"), ("plain", "Small letters, digits and underscores only")], default="", max_length=5, verbose_name="letters of names"),
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name="channelprofile",
            name="lower_case",
        ),
    ]
