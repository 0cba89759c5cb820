"""Workflows and their steps."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from rendering.models import Workflow, WorkflowStep


class WorkflowStepInline(admin.TabularInline):  # type: ignore[type-arg]
    model = WorkflowStep
    extra = 1
    autocomplete_fields = ("output_type",)


@admin.register(Workflow)
class WorkflowAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "slug", "runs_on_upload", "steps_count", "priority")
    search_fields = ("slug", "name")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (WorkflowStepInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workflow]:
        rows: QuerySet[Workflow] = super().get_queryset(request)
        return rows.annotate(step_count=Count("steps"))

    @admin.display(description="output types", ordering="step_count")
    def steps_count(self, workflow: Workflow) -> int:
        return int(getattr(workflow, "step_count", 0))
