from django.conf import settings
from django.contrib.admin.models import ADDITION, DELETION
from django.contrib.admin.models import LogEntry as Words
from django.db import migrations, models
import django.db.models.deletion
import django.utils.timezone


def keep_what_the_admin_noted(apps, schema_editor):
    """What Django's admin has noted until now is the beginning of the history: who, when, which fields."""
    using = schema_editor.connection.alias
    Entry = apps.get_model("rendering", "HistoryEntry")
    Subject = apps.get_model("rendering", "HistorySubject")
    verbs = {ADDITION: "add", DELETION: "delete"}
    noted = apps.get_model("admin", "LogEntry").objects.using(using).filter(content_type__isnull=False)
    for one in noted.select_related("user").order_by("pk").iterator():
        words = Words(action_flag=one.action_flag, change_message=one.change_message).get_change_message()
        entry = Entry.objects.using(using).create(
            when=one.action_time,
            user_id=one.user_id,
            person=one.user.username,
            verb=verbs.get(one.action_flag, "change"),
            about_id=one.content_type_id,
            name=one.object_repr[:300],
            words=str(words),
        )
        if (one.object_id or "").isdigit():
            Subject.objects.using(using).create(entry=entry, kind_id=one.content_type_id, object_id=int(one.object_id))


class Migration(migrations.Migration):

    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("rendering", "0017_less_noise"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoryEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("when", models.DateTimeField(default=django.utils.timezone.now)),
                ("person", models.CharField(help_text="The log-in; of commands, the user and the host that ran them", max_length=200)),
                ("via", models.CharField(blank=True, help_text="The command; empty: the desk", max_length=60, verbose_name="by")),
                ("verb", models.CharField(choices=[("add", "Added"), ("change", "Changed"), ("delete", "Deleted"), ("upload", "Uploaded"), ("order", "Ordered"), ("rerender", "Rendered again"), ("cancel", "Canceled"), ("retry", "Tried again"), ("pause", "Paused"), ("resume", "Resumed"), ("priority", "Changed priority"), ("probe", "Probed GPUs"), ("service", "Put back in service"), ("share", "Shared"), ("revoke", "Revoked"), ("download", "Downloaded"), ("send", "Sent again"), ("other", "Did")], max_length=10, verbose_name="what")),
                ("name", models.CharField(help_text="As it was called then", max_length=300, verbose_name="to what")),
                ("count", models.PositiveIntegerField(default=1, help_text="To how many")),
                ("words", models.TextField(blank=True, verbose_name="what came of it")),
                ("changes", models.JSONField(blank=True, default=list, help_text="[field, before, after], in words")),
                ("about", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="contenttypes.contenttype")),
                ("user", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "entry",
                "verbose_name_plural": "what people did",
                "ordering": ["-when", "-id"],
                "permissions": [("see_everybody", "Can see what other people did")],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(fields=["-when", "-id"], name="history_newest"),
                    models.Index(fields=["user", "-when"], name="history_of_user"),
                    models.Index(fields=["verb", "-when"], name="history_of_verb"),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistorySubject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("object_id", models.PositiveBigIntegerField()),
                ("entry", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="subjects", to="rendering.historyentry")),
                ("kind", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="contenttypes.contenttype")),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("kind", "object_id", "entry"), name="historysubject_once")],
            },
        ),
        migrations.RunPython(keep_what_the_admin_noted, migrations.RunPython.noop),
    ]
