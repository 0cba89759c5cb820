"""Named sets of output types; one may run for every new CAD file."""

from __future__ import annotations

from django.db import models

from rendering.models.output_type import OutputType


class Workflow(models.Model):
    """Output types that are ordered together."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=100)
    runs_on_upload = models.BooleanField(
        default=False, help_text="Order this for each product whose CAD file is new. One workflow at most."
    )
    priority = models.SmallIntegerField(default=60)
    output_types: models.ManyToManyField[OutputType, WorkflowStep] = models.ManyToManyField(
        OutputType, through="WorkflowStep", related_name="workflows"
    )

    class Meta:
        ordering = ["slug"]
        constraints = [
            # Two workflows on upload would order the same pictures twice.
            models.UniqueConstraint(
                fields=["runs_on_upload"],
                condition=models.Q(runs_on_upload=True),
                name="workflow_one_on_upload",
                violation_error_message="Another workflow runs on upload already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WorkflowStep(models.Model):
    """One output type of a workflow, in its place."""

    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="steps")
    output_type = models.ForeignKey(OutputType, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["workflow", "output_type"], name="workflowstep_once_per_workflow")
        ]

    def __str__(self) -> str:
        return f"{self.workflow}: {self.output_type}"
