"""Channel profiles: outputs, names, rules with their sources, versions, and which products are ready."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gpu.admin.bounded import BoundedChoices
from rendering.catalog.channels.names import FIELDS, BadPattern, Pattern
from rendering.catalog.channels.rules import RULES, BadRule, check_value
from rendering.desk.channels import pages
from rendering.desk.shared.control import FROM_PAGE, ControlAdmin
from rendering.desk.shared.labels import NamedInlineFormSet
from rendering.models import ChannelOutput, ChannelProfile, ChannelRule
from rendering.orders.channels import profiles


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """A profile whose names can be made."""

    def clean_pattern(self) -> str:
        """Check the pattern of file names."""
        text: str = self.cleaned_data["pattern"]
        try:
            Pattern.of(text)
        except BadPattern as error:
            raise forms.ValidationError(str(error)) from error
        return text


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rule whose value its kind can have."""

    source = forms.URLField(max_length=400, required=False, assume_scheme="https")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind := self.fields.get("kind"):
            shown = [
                (name, f"{_(row.label)} ({_(row.unit)})" if row.unit else _(row.label))
                for name, row in RULES.items()
            ]
            kind.choices = [("", "---------"), *shown]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("kind") in RULES and data.get("value"):
            try:
                check_value(data["kind"], data["value"])
            except BadRule as error:
                self.add_error("value", str(error))
        return data


class OutputInline(BoundedChoices, admin.TabularInline):  # type: ignore[type-arg]
    model = ChannelOutput
    formset = NamedInlineFormSet
    extra = 0
    autocomplete_fields = ("output_type",)
    fields = ("position", "output_type", "code", "is_required")


class RuleInline(admin.TabularInline):  # type: ignore[type-arg]
    model = ChannelRule
    form = RuleForm
    formset = NamedInlineFormSet
    extra = 0
    fields = ("kind", "value", "code", "source", "read_on")


@admin.register(ChannelProfile)
class ChannelProfileAdmin(ControlAdmin):
    empty_words = gettext_lazy(
        "A channel profile says which pictures a shop or catalog takes, under which names and by which rules. "
        "Add a shipped profile, or one of your own."
    )
    form = ProfileForm
    list_display = ("name", "slug", "pattern", "outputs_count", "version")
    search_fields = ("slug", "name")
    prepopulated_fields = {"slug": ("name",)}
    actions = ("copy_and_change",)
    fieldsets = (
        (
            None,
            {"fields": (("name", "slug"), "note", ("pattern", "letters"), "companion")},
        ),
        (gettext_lazy("Versions"), {"fields": ("versions",)}),
    )
    readonly_fields = ("versions",)
    inlines = (OutputInline, RuleInline)

    class Media:
        css = {"all": ("rendering/channels/channels.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChannelProfile]:
        rows: QuerySet[ChannelProfile] = super().get_queryset(request)
        return rows.annotate(
            output_count=Count("outputs", distinct=True), version_count=Count("versions", distinct=True)
        )

    def get_fieldsets(self, request: HttpRequest, obj: ChannelProfile | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj else fieldsets[:1]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if "note" in form.base_fields:
            form.base_fields["note"].widget.attrs["rows"] = 3
        if "pattern" in form.base_fields:
            fields = ", ".join(f"{{{one}}}" for one in FIELDS)
            form.base_fields["pattern"].help_text = _(
                "Fields: %(fields)s, and {id.scheme} for any other identifier."
            ) % {"fields": fields}
        return form

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("shipped/", view(pages.shipped), name="rendering_channelprofile_shipped"),
            path("<int:pk>/products/", view(pages.products), name="rendering_channelprofile_products"),
            path("<int:pk>/zip/", view(pages.archive), name="rendering_channelprofile_zip"),
            *super().get_urls(),
        ]

    def links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        return [(self.url("products", obj.pk), _("Readiness of products"))] if pages.may_look(request) else []

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save outputs and rules, and what the profile is now as a version of its own."""
        super().save_related(request, form, formsets, change)
        profiles.current(form.instance, request.user.get_username())

    def has_copy_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("rendering.add_channelprofile")

    @admin.action(permissions=["copy"], description=gettext_lazy("Copy and change"))
    def copy_and_change(
        self, request: HttpRequest, queryset: QuerySet[ChannelProfile]
    ) -> HttpResponse | None:
        """Copy one profile and lead to the copy's page."""
        rows = list(queryset[:2])
        if len(rows) != 1:
            self.message_user(request, _("Select one profile to copy."), messages.WARNING)
            return None
        made = profiles.copy(rows[0], request.user.get_username())
        self.message_user(request, _("Copied. Change what is different, then save."))
        return HttpResponseRedirect(self.url("change", made.pk))

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any
    ) -> HttpResponse | None:
        """Lead to the copy, also from the page of the original."""
        if request.POST.get("action") == "copy_and_change":
            post = request.POST.copy()
            post.pop(FROM_PAGE, None)
            request.POST = post  # type: ignore[assignment]
        return super().response_action(request, queryset, *args)

    @admin.display(description=gettext_lazy("outputs"), ordering="output_count")
    def outputs_count(self, profile: ChannelProfile) -> int:
        return int(getattr(profile, "output_count", 0))

    @admin.display(description=gettext_lazy("version"), ordering="version_count")
    def version(self, profile: ChannelProfile) -> int:
        return int(getattr(profile, "version_count", 0))

    @admin.display(description=gettext_lazy("versions"))
    def versions(self, profile: ChannelProfile) -> SafeString:
        rows = list(profile.versions.all())
        shown = [
            {"version": row, "changes": profiles.changes(before, row)}
            for row, before in zip(rows, [*rows[1:], None], strict=True)
        ]
        return render_to_string("desk/channels/versions.html", {"editions": shown})
