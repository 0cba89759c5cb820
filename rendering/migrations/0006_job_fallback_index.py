from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("media_assets", "0003_cad_document"),
        ("rendering", "0005_pictures"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("gpu_fallback", True)), fields=["finished"], name="job_fallback"
            ),
        ),
    ]
