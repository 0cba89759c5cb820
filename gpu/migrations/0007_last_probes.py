from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("gpu", "0006_queue_pause")]

    operations = [
        migrations.AddIndex(
            model_name="gpuprobe",
            index=models.Index(
                condition=models.Q(("state", "succeeded")),
                fields=["host", "-finished"],
                name="gpuprobe_host_succeeded",
            ),
        ),
    ]
