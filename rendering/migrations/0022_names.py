import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rendering", "0021_long_lists")]

    operations = [
        migrations.AlterField(
            "job",
            "cad_file",
            models.ForeignKey(
                "media_assets.cadfile",
                django.db.models.deletion.PROTECT,
                related_name="jobs",
                verbose_name="CAD file",
            ),
        ),
    ]
