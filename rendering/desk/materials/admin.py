"""Material rules in their order, and the finishes that they give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from gpu.admin.versions import VersionedAdmin
from media_assets.models import sight
from rendering.desk.materials import effects, match
from rendering.desk.materials.swatches import swatch
from rendering.desk.shared.control import ControlAdmin
from rendering.desk.shared.labels import NamedFormSet
from rendering.models import Finish, MaterialRule

STEP = 10  # between two positions, so that a rule fits in between


class WatchedAdmin(VersionedAdmin, ControlAdmin):
    """Pages that say after each edit which products' pictures it made stale."""

    class Media:
        css = {"all": ("rendering/materials/materials.css",)}

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._watched(
            request, lambda: super(WatchedAdmin, self).changeform_view(request, *args, **kwargs)
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return self._watched(
            request, lambda: super(WatchedAdmin, self).changelist_view(request, extra_context)
        )

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._watched(request, lambda: super(WatchedAdmin, self).delete_view(request, *args, **kwargs))

    def _watched(self, request: HttpRequest, answer: Callable[[], HttpResponse]) -> HttpResponse:
        """A POST that ends in a redirect has changed something, or may have."""
        if request.method != "POST":
            return answer()
        before = effects.decisions()
        response = answer()
        if isinstance(response, HttpResponseRedirect):
            effects.show_effect(request, before)
        return response


@admin.register(MaterialRule)
class MaterialRuleAdmin(WatchedAdmin):
    empty_words = gettext_lazy(
        "Material rules give each part its finish, by its name, place, CAD color or CAD material. Add one: "
        "the first rule that fits a part decides."
    )
    list_display = ("position", "what", "gives", "for_whom", "is_active", "note")
    list_display_links = ("what",)
    list_editable = ("position", "is_active")
    list_filter = ("is_active", ("product", admin.EmptyFieldListFilter), "finish")
    search_fields = (
        "words",
        "part_key",
        "cad_material",
        "colors",
        "note",
        "finish__name",
        "product__number",
    )
    list_per_page = 60  # each row has inputs: of 200 a page takes half a second
    sortable_by = ()
    autocomplete_fields = ("product", "finish")
    save_as = True
    actions = ("move_up", "move_down")
    fieldsets = (
        (
            gettext_lazy("Which parts"),
            {
                "description": gettext_lazy(
                    "All given conditions must match. The first rule that matches applies; the rules of a "
                    "product come before those for all products."
                ),
                "fields": ("product", "words", "part_key", "cad_material", "colors"),
            },
        ),
        (gettext_lazy("Finish"), {"fields": ("finish",)}),
        (gettext_lazy("Rule"), {"fields": (("position", "is_active"), "note")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[MaterialRule]:
        rows: QuerySet[MaterialRule] = super().get_queryset(request)
        return rows.select_related("product", "variant", "finish__texture")

    def has_change_permission(self, request: HttpRequest, obj: MaterialRule | None = None) -> bool:
        """The rules of a variant are written on its own page."""
        return super().has_change_permission(request, obj) and not (obj and obj.variant_id)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("decisions/", view(require_safe(self.decisions)), name="rendering_materialrule_decisions"),
            path("<int:pk>/parts/", view(require_safe(self.parts)), name="rendering_materialrule_parts"),
            *super().get_urls(),
        ]

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_formset(request, **{"formset": NamedFormSet, **kwargs})

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new rule goes before the others of its product, or those for all: it is written because they are wrong."""
        given: dict[str, Any] = super().get_changeform_initial_data(request)
        product = given.get("product")
        own = MaterialRule.objects.filter(product=product or None, variant=None)
        first = own.order_by("position").values_list("position", flat=True).first()
        return {"position": max(0, (first or 2 * STEP) - STEP), **given}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is None:
            return field
        if db_field.name in ("words", "cad_material"):
            field.widget = forms.Textarea(attrs={"rows": 2, "cols": 80})
        elif db_field.name in ("part_key", "colors"):
            field.widget = AdminTextInputWidget(attrs={"class": "vLargeTextField"})
        return field

    def links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        return [(self.url("parts", obj.pk), _("Matching parts"))]

    def decisions(self, request: HttpRequest) -> HttpResponse:
        """Show for how many products each active rule decides."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        counts = effects.counts()
        rules = [rule for rule in self.get_queryset(request).filter(is_active=True) if not rule.problem]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Rule usage"),
            "opts": self.opts,
            "products": counts.products,
            "rows": [
                {
                    "rule": rule,
                    "swatch": swatch(rule.finish.as_form()),
                    "count": counts.by_rule.get(rule.pk, 0),
                }
                for rule in rules
            ],
        }
        return TemplateResponse(request, "desk/materials/decisions.html", context)

    def parts(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show which parts of a product one rule fits; an invalid rule must be corrected first."""
        rule = get_object_or_404(
            MaterialRule.objects.select_related("finish__texture", "product", "variant"), pk=pk
        )
        if not self.has_view_permission(request, rule):
            raise PermissionDenied
        if rule.problem:
            words = _("This rule can't be tested: %(problem)s")
            self.message_user(request, words % {"problem": rule.problem}, messages.ERROR)
            return HttpResponseRedirect(self.url("change", pk))
        return match.page(request, rule)

    @admin.display(description=gettext_lazy("parts"), ordering="position")
    def what(self, rule: MaterialRule) -> str:
        if not (problem := rule.problem):
            return rule.conditions()
        words = _("%(conditions)s – ignored: %(problem)s")
        return words % {"conditions": rule.conditions(), "problem": problem}

    @admin.display(description=gettext_lazy("finish"), ordering="finish__name")
    def gives(self, rule: MaterialRule) -> SafeString:
        shown = {} if rule.problem else swatch(rule.finish.as_form())
        return render_to_string("desk/materials/finish_name.html", {"swatch": shown, "name": rule.finish})

    @admin.display(description=gettext_lazy("for"), ordering="product")
    def for_whom(self, rule: MaterialRule) -> str:
        if rule.product is None:
            return _("all products")
        return ", ".join(filter(None, (rule.product.number, str(rule.variant or ""))))

    @admin.action(permissions=["change"], description=gettext_lazy("Move up"))
    def move_up(self, request: HttpRequest, queryset: QuerySet[MaterialRule]) -> None:
        self._move(request, queryset, -1)

    @admin.action(permissions=["change"], description=gettext_lazy("Move down"))
    def move_down(self, request: HttpRequest, queryset: QuerySet[MaterialRule]) -> None:
        self._move(request, queryset, 1)

    def _move(self, request: HttpRequest, queryset: QuerySet[MaterialRule], way: int) -> None:
        """Move the chosen rules by one place each, among those for the same, and number all of these anew."""
        chosen = set(queryset.values_list("pk", flat=True))
        moved = 0
        with transaction.atomic():
            for product, variant in set(queryset.order_by().values_list("product", "variant")):
                rows = list(
                    MaterialRule.objects.select_for_update()
                    .filter(product=product, variant=variant)
                    .order_by("position", "-id")
                )
                moved += _shift(rows, chosen, way)
                for place, row in enumerate(rows, start=1):
                    row.position = STEP * place
                MaterialRule.objects.bulk_update(rows, ["position"])
        if way < 0:
            done = ngettext("%(count)d rule moved up.", "%(count)d rules moved up.", moved)
            nothing = _("No rule can be moved further up.")
        else:
            done = ngettext("%(count)d rule moved down.", "%(count)d rules moved down.", moved)
            nothing = _("No rule can be moved further down.")
        if moved:
            self.message_user(request, done % {"count": moved})
        else:
            self.message_user(request, nothing, messages.WARNING)

    def offers(self, action: str, obj: Any) -> bool:
        return action in ("move_up", "move_down")


def _shift(rows: list[MaterialRule], chosen: set[int], way: int) -> int:
    """Swap each chosen row with its neighbor, if that is not chosen; return how many moved."""
    moved = 0
    numbers = range(len(rows)) if way < 0 else range(len(rows) - 1, -1, -1)
    for number in numbers:
        other = number + way
        if rows[number].pk in chosen and 0 <= other < len(rows) and rows[other].pk not in chosen:
            rows[number], rows[other] = rows[other], rows[number]
            moved += 1
    return moved


@admin.register(Finish)
class FinishAdmin(WatchedAdmin):
    empty_words = gettext_lazy(
        "A finish is what a part looks like in pictures, for example ground steel or black rubber. Add one, "
        "then choose it in a material rule or on a product."
    )
    list_display = ("picture", "shown_name", "slug", "kind", "used")
    list_display_links = ("shown_name",)
    search_fields = ("name", "slug")
    list_per_page = 200
    prepopulated_fields = {"slug": ("name",)}
    save_as = True
    readonly_fields = ("picture_large",)
    fieldsets = (
        (None, {"fields": ("picture_large", ("name", "slug"))}),
        (gettext_lazy("Color"), {"fields": (("color", "tint"),)}),
        (
            gettext_lazy("Texture"),
            {"fields": ("texture", ("texture_mm", "texture_mapping", "texture_relief"))},
        ),
        (gettext_lazy("Material"), {"fields": ("density",)}),
        (
            gettext_lazy("Surface"),
            {
                "description": gettext_lazy("Numbers from 0 to 1."),
                "fields": (
                    ("metallic", "roughness", "specular"),
                    ("grain", "anisotropy", "brushed"),
                    ("coat", "coat_roughness"),
                    ("transmission", "ior"),
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Finish]:
        rows: QuerySet[Finish] = super().get_queryset(request)
        rules = Count("rules", filter=sight.among("rules", MaterialRule))
        return rows.select_related("texture").annotate(rule_count=rules)

    def get_readonly_fields(self, request: HttpRequest, obj: Finish | None = None) -> Any:
        """Recipes know a finish by its slug: another one would make all its pictures stale."""
        return (*self.readonly_fields, "slug") if obj else self.readonly_fields

    def get_prepopulated_fields(self, request: HttpRequest, obj: Finish | None = None) -> Any:
        return {} if obj else self.prepopulated_fields

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def shown_name(self, finish: Finish) -> str:
        return str(finish)

    @admin.display(description=gettext_lazy("swatch"))
    def picture(self, finish: Finish) -> SafeString:
        context = {"swatch": swatch(finish.as_form()), "size": 48}
        return render_to_string("desk/materials/finish.html", context)

    @admin.display(description=gettext_lazy("preview"))
    def picture_large(self, finish: Finish) -> SafeString | str:
        if not finish.pk:
            return "-"
        shown = swatch(finish.as_form())
        return render_to_string("desk/materials/finish_large.html", {"swatch": shown})

    @admin.display(description=gettext_lazy("kind"), ordering="metallic")
    def kind(self, finish: Finish) -> str:
        if finish.transmission >= 0.5:
            return _("clear")
        surface = _("metal") if finish.metallic >= 0.5 else _("not metal")
        color = _("in the CAD color") if finish.tint >= 0.9 else _("in its own color")
        return f"{surface}, {color}"

    @admin.display(description=gettext_lazy("rules"), ordering="rule_count")
    def used(self, finish: Finish) -> int:
        return int(getattr(finish, "rule_count", 0))
