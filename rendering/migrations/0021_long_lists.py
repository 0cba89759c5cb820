from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rendering", "0020_standing")]

    operations = [
        migrations.AddIndex("attempt", models.Index(fields=["finished"], name="attempt_finished")),
        migrations.AddIndex("job", models.Index(fields=["finished"], name="job_finished")),
        migrations.AddIndex("job", models.Index(fields=["-created"], name="job_created")),
        migrations.AddIndex("job", models.Index(fields=["recipe_key"], name="job_recipe")),
        migrations.AddIndex(
            "job",
            models.Index(condition=models.Q(("error_code__gt", "")), fields=["error_code"], name="job_error"),
        ),
        migrations.AddIndex(
            "orderline",
            models.Index(condition=models.Q(("state", "done")), fields=["finished"], name="orderline_done"),
        ),
    ]
