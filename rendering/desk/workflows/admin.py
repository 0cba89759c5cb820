"""Workflows: their steps with conditions, and the versions that orders ran."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.forms import Script
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from gpu.admin.bounded import BoundedChoices
from gpu.admin.versions import VersionedAdmin, VersionedForm
from media_assets.formats import cad
from rendering.desk.shared.labels import NamedInlineFormSet
from rendering.models import Order, Workflow, WorkflowStep, WorkflowVersion
from rendering.orders import spare_parts, workflows


class StepForm(forms.ModelForm):  # type: ignore[type-arg]
    """A step with its conditions."""

    formats = forms.MultipleChoiceField(
        label=gettext_lazy("CAD formats"),
        choices=cad.choices(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("If none is selected: all formats."),
    )

    class Meta:
        model = WorkflowStep
        fields = (
            *("position", "kind", "output_type", "tessellation", "when", "after"),
            *("numbers", "structure", "longest_min", "longest_max", "formats"),
        )


class StepFormSet(NamedInlineFormSet):
    """Checks that steps have distinct numbers and wait for existing steps."""

    def clean(self) -> None:
        """Explain a number that two steps have, and a step that waits for one that is not there."""
        super().clean()
        forms_kept = [
            form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        numbers = [form.cleaned_data.get("position") for form in forms_kept]
        for form, number in zip(forms_kept, numbers, strict=True):
            if numbers.count(number) > 1:
                form.add_error("position", _("Two steps have this number. Give each its own."))
            after = form.cleaned_data.get("after")
            if after is not None and after not in numbers:
                form.add_error("after", _("There is no step %(number)d.") % {"number": after})


class WorkflowStepInline(BoundedChoices, admin.StackedInline):  # type: ignore[type-arg]
    model = WorkflowStep
    form = StepForm
    formset = StepFormSet
    extra = 0
    autocomplete_fields = ("output_type",)
    fieldsets = (
        (None, {"fields": (("position", "kind"), ("output_type", "tessellation"))}),
        (
            gettext_lazy("Conditions"),
            {
                "description": gettext_lazy(
                    "All conditions must be met. The order's page shows why a step was skipped. Structure "
                    "and size are known once the CAD file has been read; a step with such a condition waits for that."
                ),
                "fields": (
                    ("when", "after"),
                    ("numbers", "structure"),
                    ("longest_min", "longest_max"),
                    "formats",
                ),
            },
        ),
    )


class WorkflowForm(VersionedForm):
    """A workflow; its steps are saved with it."""

    @classmethod
    def beside(cls, row: Any) -> dict[str, Any]:
        """Return the newest version: each change of the steps is one."""
        newest = row.versions.order_by("-number").first()
        return {str(WorkflowStep._meta.verbose_name_plural): str(newest or "")}


@admin.register(Workflow)
class WorkflowAdmin(VersionedAdmin):
    empty_words = gettext_lazy(
        "A workflow orders pictures for each upload or new revision, in steps with conditions. Add one, or "
        "make a spare-parts book."
    )
    form = WorkflowForm
    list_display = ("name", "slug", "on_upload", "steps_count", "version", "priority")
    search_fields = ("slug", "name")
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = (
        (None, {"fields": (("name", "slug"), ("runs_on_upload", "uploads", "priority"))}),
        (gettext_lazy("Versions"), {"fields": ("versions",)}),
    )
    readonly_fields = ("versions",)
    inlines = (WorkflowStepInline,)

    class Media:
        css = {"all": ("rendering/workflows/workflow.css",)}
        js = (Script("rendering/workflows/workflow.js", defer=True, blocking="render"),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workflow]:
        rows: QuerySet[Workflow] = super().get_queryset(request)
        return rows.annotate(
            step_count=Count("steps", distinct=True), version_count=Count("versions", distinct=True)
        )

    def get_fieldsets(self, request: HttpRequest, obj: Workflow | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj else fieldsets[:1]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_safe(self.version_page))
        return [
            path("version/<int:pk>/", view, name="rendering_workflow_version"),
            path(
                "spare-parts/",
                self.admin_site.admin_view(self.spare_parts_page),
                name="rendering_workflow_spare_parts",
            ),
            *super().get_urls(),
        ]

    def spare_parts_page(self, request: HttpRequest) -> HttpResponse:
        """Say what the shipped workflow is; a POST adds it."""
        if not request.user.has_perms(("rendering.add_workflow", "rendering.add_outputtype")):
            raise PermissionDenied
        if request.method == "POST":
            workflow = spare_parts.add()
            workflows.current(workflow, request.user.get_username())
            messages.success(request, _("%(name)s was added.") % {"name": workflow})
            return HttpResponseRedirect(reverse("admin:rendering_workflow_change", args=[workflow.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Spare-parts book"),
            "opts": self.opts,
            "there": spare_parts.there(),
        }
        return TemplateResponse(request, "desk/workflows/spare_parts.html", context)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the steps, and what they are now as a version of its own."""
        super().save_related(request, form, formsets, change)
        workflow = form.instance
        workflows.renumber(workflow)
        last = workflow.versions.order_by("-number").first()
        version = workflows.current(workflow, request.user.get_username())
        if version != last:
            messages.info(
                request,
                _("Saved as %(version)s. Orders that ran an earlier version keep it.") % {"version": version},
            )

    def version_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show one version: its steps, and what distinguishes it from the one before."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        version = get_object_or_404(WorkflowVersion.objects.select_related("workflow"), pk=pk)
        before = workflows.before(version)
        context = {
            **self.admin_site.each_context(request),
            "title": str(version),
            "opts": self.opts,
            "version": version,
            "before": before,
            "changes": workflows.changes(before, version),
            "orders": Order.objects.filter(workflow_version=version).count(),
            "newest": version.workflow.versions.order_by("-number").first() if version.workflow else None,
        }
        return TemplateResponse(request, "desk/workflows/version.html", context)

    @admin.display(description=gettext_lazy("runs on upload"), ordering="runs_on_upload")
    def on_upload(self, workflow: Workflow) -> str:
        return workflow.get_uploads_display() if workflow.runs_on_upload else "-"

    @admin.display(description=gettext_lazy("steps"), ordering="step_count")
    def steps_count(self, workflow: Workflow) -> int:
        return int(getattr(workflow, "step_count", 0))

    @admin.display(description=gettext_lazy("version"), ordering="version_count")
    def version(self, workflow: Workflow) -> int:
        return int(getattr(workflow, "version_count", 0))

    @admin.display(description=gettext_lazy("versions"))
    def versions(self, workflow: Workflow) -> SafeString:
        return render_to_string("desk/workflows/versions.html", {"editions": workflows.editions(workflow)})
