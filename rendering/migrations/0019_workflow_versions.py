"""Workflows: steps of more kinds with conditions, versions, and what each step did for an order."""

from __future__ import annotations

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


def make_first_versions(apps, schema_editor):
    """Number the steps from 1, and keep each workflow as it is now as its version 1."""
    workflow_model = apps.get_model("rendering", "Workflow")
    step_model = apps.get_model("rendering", "WorkflowStep")
    version_model = apps.get_model("rendering", "WorkflowVersion")
    for workflow in workflow_model.objects.order_by("pk"):
        rows = list(
            step_model.objects.filter(workflow=workflow)
            .select_related("output_type")
            .order_by("position", "id")
        )
        for number, row in enumerate(rows, 1):
            step_model.objects.filter(pk=row.pk).update(position=number)
        version, _ = version_model.objects.get_or_create(
            workflow=workflow,
            number=1,
            defaults={
                "name": workflow.name,
                "runs_on_upload": workflow.runs_on_upload,
                "uploads": workflow.uploads,
                "priority": workflow.priority,
                "steps_json": [document(row) for row in rows],
            },
        )
        apps.get_model("rendering", "Order").objects.filter(workflow=workflow, workflow_version=None).update(
            workflow_version=version
        )


def document(row):
    """Return a step as rendering.steps writes it."""
    made = row.output_type
    return {
        "kind": row.kind,
        "output_type": row.output_type_id,
        "slug": made.slug if made else "",
        "name": made.name if made else "",
        "tessellation": row.tessellation,
        "when": row.when,
        "numbers": row.numbers,
        "formats": row.formats,
        "structure": row.structure,
        "longest_min": row.longest_min,
        "longest_max": row.longest_max,
        "after": row.after,
    }


class Migration(migrations.Migration):
    dependencies = [
        ("media_assets", "0006_product_pause"),
        ("rendering", "0018_history"),
    ]

    operations = [
        migrations.CreateModel(
            name="OrderStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.PositiveSmallIntegerField(
                        help_text="Of the step in the workflow's version, from 1"
                    ),
                ),
                ("is_first", models.BooleanField(help_text="The CAD file was the product's first")),
                ("force", models.BooleanField(default=False, help_text="Made again though it exists")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits"),
                            ("ordered", "Ordered"),
                            ("skipped", "Skipped"),
                            ("canceled", "Canceled"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("condition", "Its condition is not met"),
                            ("earlier", "An earlier step failed or was skipped"),
                            ("cad", "The CAD file can't be read"),
                            ("off", "Its output type is switched off"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "reason",
                    models.TextField(blank=True, help_text="Why it was skipped, or what it waits for"),
                ),
                ("created", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["order", "product", "number"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="WorkflowVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=100)),
                ("runs_on_upload", models.BooleanField(default=False)),
                (
                    "uploads",
                    models.CharField(
                        choices=[
                            ("every", "Every upload"),
                            ("first", "Only a product's first CAD file"),
                            ("revision", "Only new revisions of a product"),
                        ],
                        max_length=8,
                    ),
                ),
                ("priority", models.SmallIntegerField()),
                ("steps_json", models.JSONField(default=list, verbose_name="steps")),
                ("by", models.CharField(blank=True, help_text="Who made it, in words", max_length=200)),
                ("created", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["workflow", "-number"],
                "default_permissions": (),
            },
        ),
        migrations.RemoveConstraint(
            model_name="workflow",
            name="workflow_one_on_upload",
        ),
        migrations.AddField(
            model_name="orderline",
            name="lead",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="What its jobs are ahead of the order by; empty: by their kind",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="workflow",
            name="uploads",
            field=models.CharField(
                choices=[
                    ("every", "Every upload"),
                    ("first", "Only a product's first CAD file"),
                    ("revision", "Only new revisions of a product"),
                ],
                default="every",
                help_text="Which uploads, if it runs by itself. One workflow for each.",
                max_length=8,
                verbose_name="for",
            ),
        ),
        migrations.AddField(
            model_name="workflowstep",
            name="after",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="The number of an earlier step: this one waits, and is skipped if that one fails.",
                null=True,
                verbose_name="only after step",
            ),
        ),
        migrations.AddField(
            model_name="workflowstep",
            name="formats",
            field=models.JSONField(
                blank=True, default=list, help_text="None ticked: all.", verbose_name="CAD formats"
            ),
        ),
        migrations.AddField(
            model_name="workflowstep",
            name="kind",
            field=models.CharField(
                choices=[
                    ("convert", "Convert (GLB geometry)"),
                    ("usd", "USD master"),
                    ("output", "Picture or film"),
                ],
                default="output",
                max_length=8,
                verbose_name="makes",
            ),
        ),
        migrations.AddField(
            model_name="workflowstep",
            name="longest_max",
            field=models.FloatField(
                blank=True,
                null=True,
                validators=[django.core.validators.MinValueValidator(0)],
                verbose_name="to (mm)",
            ),
        ),
        migrations.AddField(
            model_name="workflowstep",
            name="longest_min",
            field=models.FloatField(
                blank=True,
                null=True,
                validators=[django.core.validators.MinValueValidator(0)],
                verbose_name="longest edge from (mm)",
            ),
        ),
        migrations.AddField(
            model_name="workflowstep",
            name="numbers",
            field=models.CharField(
                blank=True,
                help_text="10*, AB-?? : * is anything, ? one character, commas between several. Empty: all.",
                max_length=200,
                verbose_name="product numbers like",
            ),
        ),
        migrations.AddField(
            model_name="workflowstep",
            name="structure",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Anything"),
                    ("assembly", "Only assemblies (several placed parts)"),
                    ("part", "Only single parts"),
                ],
                default="",
                max_length=8,
                verbose_name="only for",
            ),
        ),
        migrations.AddField(
            model_name="workflowstep",
            name="tessellation",
            field=models.CharField(
                choices=[("draft", "Draft"), ("standard", "Standard"), ("fine", "Fine")],
                default="standard",
                help_text="Of a conversion or a USD master.",
                max_length=10,
                verbose_name="quality",
            ),
        ),
        migrations.AddField(
            model_name="workflowstep",
            name="when",
            field=models.CharField(
                choices=[
                    ("always", "Always"),
                    ("first", "Only for a product's first CAD file"),
                    ("revision", "Only for a new revision of a product"),
                ],
                default="always",
                max_length=8,
                verbose_name="runs",
            ),
        ),
        migrations.AlterField(
            model_name="job",
            name="held",
            field=models.BooleanField(
                default=False, help_text="Only paused orders or products wait for it: nobody claims it"
            ),
        ),
        migrations.AlterField(
            model_name="workflow",
            name="priority",
            field=models.SmallIntegerField(
                default=60, help_text="Of what it orders on upload. Higher goes first."
            ),
        ),
        migrations.AlterField(
            model_name="workflow",
            name="runs_on_upload",
            field=models.BooleanField(
                default=False,
                help_text="Order this for each product whose CAD file is new.",
                verbose_name="runs by itself",
            ),
        ),
        migrations.AlterField(
            model_name="workflowstep",
            name="output_type",
            field=models.ForeignKey(
                blank=True,
                help_text="Of a picture or film.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="rendering.outputtype",
            ),
        ),
        migrations.AlterField(
            model_name="workflowstep",
            name="position",
            field=models.PositiveSmallIntegerField(
                default=1, help_text="Earlier steps go first.", verbose_name="step"
            ),
        ),
        migrations.AddConstraint(
            model_name="workflow",
            constraint=models.UniqueConstraint(
                condition=models.Q(("runs_on_upload", True)),
                fields=("uploads",),
                name="workflow_one_for_uploads",
                violation_error_message="Another workflow runs for these uploads already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="workflowstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "output"), ("output_type__isnull", False)),
                    models.Q(models.Q(("kind", "output"), _negated=True), ("output_type__isnull", True)),
                    _connector="OR",
                ),
                name="workflowstep_output_has_type",
            ),
        ),
        migrations.AddConstraint(
            model_name="workflowstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("longest_min", None),
                    ("longest_max", None),
                    ("longest_min__lte", models.F("longest_max")),
                    _connector="OR",
                ),
                name="workflowstep_edges_in_order",
            ),
        ),
        migrations.AddField(
            model_name="orderstep",
            name="cad_file",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="media_assets.cadfile"
            ),
        ),
        migrations.AddField(
            model_name="orderstep",
            name="job",
            field=models.ForeignKey(
                blank=True,
                help_text="The conversion that it ordered or waits for",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="steps",
                to="rendering.job",
            ),
        ),
        migrations.AddField(
            model_name="orderstep",
            name="line",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="steps",
                to="rendering.orderline",
            ),
        ),
        migrations.AddField(
            model_name="orderstep",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="rendering.order"
            ),
        ),
        migrations.AddField(
            model_name="orderstep",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="media_assets.product"
            ),
        ),
        migrations.AddField(
            model_name="workflowversion",
            name="workflow",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="versions",
                to="rendering.workflow",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="workflow_version",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="rendering.workflowversion",
            ),
        ),
        migrations.AddIndex(
            model_name="orderstep",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["cad_file"], name="orderstep_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderstep",
            constraint=models.UniqueConstraint(fields=("order", "product", "number"), name="orderstep_once"),
        ),
        migrations.AddConstraint(
            model_name="orderstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "skipped"), _negated=True),
                    models.Q(models.Q(("reason", ""), _negated=True), models.Q(("cause", ""), _negated=True)),
                    _connector="OR",
                ),
                name="orderstep_skipped_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="workflowversion",
            constraint=models.UniqueConstraint(
                fields=("workflow", "number"), name="workflowversion_number_once"
            ),
        ),
        migrations.RunPython(make_first_versions, migrations.RunPython.noop),
    ]
