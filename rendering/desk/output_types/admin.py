"""Output types: the form explains what can't be combined."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.forms import Script
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from gpu.admin.versions import VersionedAdmin
from media_assets.serving import html
from rendering.desk.output_types import beside, effect, fields, trials
from rendering.desk.output_types.form import OutputTypeForm
from rendering.desk.shared.archiving import ArchivedFilter, ArchivingAdmin
from rendering.desk.shared.base import sees_pictures
from rendering.desk.shared.labels import within
from rendering.models import OrderLine, OutputType
from rendering.models.review import awaiting
from rendering.pictures.kinds import Source

LABELS = {"environment": gettext_lazy("Panorama")}


@admin.register(OutputType)
class OutputTypeAdmin(VersionedAdmin, ArchivingAdmin):
    empty_words = gettext_lazy(
        "An output type says what can be ordered: camera, light, size and format of a picture or film. Add "
        "one; a test render shows what it makes."
    )
    form = OutputTypeForm
    list_display = ("example", "name", "slug", "kind", "size", "format", "look", "is_active")
    list_display_links = ("name",)
    list_filter = ("kind", "format", "is_active", ArchivedFilter)
    actions = ArchivingAdmin.archiving
    search_fields = ("slug", "name")
    prepopulated_fields = {"slug": ("name",)}
    save_as = True
    fieldsets = (
        (None, {"fields": (("name", "slug"), ("kind", "is_active"), "needs_approval")}),
        (
            gettext_lazy("Picture"),
            {
                "description": gettext_lazy("Where the camera stands and how it frames the product."),
                "fields": (
                    "camera",
                    ("azimuth", "elevation", "roll"),
                    ("orthographic", "focal_length", "margin", "f_stop"),
                    ("materials", "soft_edges", "edge_color"),
                    "tessellation",
                ),
            },
        ),
        (
            gettext_lazy("Parts"),
            {
                "description": gettext_lazy("Shows some parts of the product, with or without the others."),
                "fields": ("parts", ("part_words", "part_key"), ("rest", "rest_opacity", "part_color")),
            },
        ),
        (
            gettext_lazy("Section"),
            {
                "description": gettext_lazy("Cuts the product open along one or two planes."),
                "fields": (
                    ("section", "section_from"),
                    ("section_angle", "section_offset", "section_part"),
                    ("section_hatched", "section_uncut", "section_other_side"),
                ),
            },
        ),
        (
            gettext_lazy("Exploded view"),
            {
                "description": gettext_lazy(
                    "Takes the product apart along the axes of its parts. Distances and single moves are changed on "
                    "the product's page."
                ),
                "fields": (("exploded", "exploded_depth"), ("exploded_lines", "exploded_motion")),
            },
        ),
        (
            gettext_lazy("Light and ground"),
            {
                "description": gettext_lazy(
                    "The studio. A transparent background needs a format that supports transparency."
                ),
                "fields": (
                    ("lighting", "exposure"),
                    ("environment", "hdri_rotation", "hdri_strength"),
                    "studio",
                    "ground",
                    ("background", "background_color", "gradient_color"),
                    "view_transform",
                ),
            },
        ),
        (
            gettext_lazy("Sampling"),
            {
                "description": gettext_lazy(
                    "More samples and a lower threshold mean less noise and more time."
                ),
                "fields": (("samples", "noise_threshold"), "denoise"),
            },
        ),
        (
            gettext_lazy("File"),
            {
                "description": gettext_lazy(
                    "How the picture is delivered. Sizes and formats of one view share one render."
                ),
                "fields": (
                    ("width", "height"),
                    ("format", "quality", "lossless"),
                    ("bit_depth", "effort"),
                    "max_bytes",
                    ("product_data", "signed"),
                ),
            },
        ),
        (
            gettext_lazy("Line drawing"),
            {
                "description": gettext_lazy("Front, top, right and isometric, in scale on a sheet (A3)."),
                "fields": (("hidden_lines", "exact_lines"),),
            },
        ),
        (
            gettext_lazy("3-D model"),
            {
                "description": gettext_lazy("What a shop's page loads."),
                "fields": (("max_triangles", "compress"),),
            },
        ),
        (
            gettext_lazy("Print"),
            {
                "description": gettext_lazy("For printers and layout programs."),
                "fields": (
                    "dpi",
                    ("print_width", "print_height", "print_unit"),
                    ("color_profile", "intent", "black_point"),
                    "clipping_path",
                ),
            },
        ),
        (
            gettext_lazy("Turntable"),
            {
                "description": gettext_lazy("Only for turntables and spins; leave empty otherwise."),
                "fields": (("frames", "fps"), ("rows", "lowest_row", "highest_row")),
            },
        ),
    )

    class Media:
        css = {"all": ("rendering/output_types/form.css",)}
        js = (Script("rendering/output_types/form.js", defer=True, blocking="render"),)

    def get_urls(self) -> list[Any]:
        """Return the addresses of the test render and of which fields count, and the usual ones."""
        pages = {"": trials.start, "_show": trials.show, "_picture": trials.picture}
        return [
            path(
                "counting/",
                self.admin_site.admin_view(fields.counting),
                name="rendering_outputtype_counting",
            ),
            path(
                "<int:pk>/effect/",
                self.admin_site.admin_view(require_POST(effect.page)),
                name="rendering_outputtype_effect",
            ),
            *(
                path(
                    f"trial{name.replace('_', '/')}/",
                    self.admin_site.admin_view(view),
                    name=f"rendering_outputtype_trial{name}",
                )
                for name, view in pages.items()
            ),
            *super().get_urls(),
        ]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show the form with the panel of the test render, for those who may use it."""
        more: dict[str, Any] = trials.panel(request) if trials.may_try(request) else {}
        if object_id is None and (found := beside.asked(request)):
            words = _("%(picture)s of %(product)s with other settings: it is ordered when you save")
            more["title"] = words % {"picture": found.asset, "product": found.number}
        return super().changeform_view(request, object_id, form_url, {**more, **(extra_context or {})})

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Show the form with what counts in it as it stands."""
        context.update(fields.for_page(context["adminform"].form))
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **{"labels": LABELS, **kwargs})

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with the settings of the output type beside whose picture another one is to be rendered."""
        found = beside.asked(request)
        return beside.initial(found) if found else super().get_changeform_initial_data(request)

    def response_add(
        self, request: HttpRequest, obj: OutputType, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Order the picture at once, where the output type was made for one."""
        if found := beside.asked(request):
            return beside.ordered(request, found, obj)
        return super().response_add(request, obj, post_url_continue)

    def save_model(self, request: HttpRequest, obj: OutputType, form: Any, change: bool) -> None:
        """Save, and say which pictures that makes stale: at what cost they come back is what an operator asks next."""
        before = OutputType.objects.filter(pk=obj.pk).first() if change else None
        words = effect.effect(before, obj) if before else ""
        if not change and (found := beside.asked(request)):
            obj.instead_of = found.asset
        super().save_model(request, obj, form, change)
        if words:
            messages.warning(request, words)
        if change and "needs_approval" in form.changed_data and obj.needs_approval:
            _say_what_waits(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutputType]:
        rows: QuerySet[OutputType] = super().get_queryset(request)
        if not sees_pictures(request):
            return rows.annotate(picture_of=html.NO_PICTURE)
        delivered = OrderLine.objects.filter(
            html.is_shown("asset__"), output_type=OuterRef("pk"), state=OrderLine.State.DONE
        )
        newest = delivered.order_by("-id").values(picture=html.shown("asset__"))
        return rows.annotate(picture_of=Subquery(newest[:1]))

    @admin.display(description=gettext_lazy("example"))
    def example(self, output_type: OutputType) -> SafeString:
        link = reverse("admin:rendering_outputtype_change", args=[output_type.pk])
        return html.thumb(
            getattr(output_type, "picture_of", None), _("Example of %(name)s") % {"name": output_type}, link
        )

    @admin.display(description=gettext_lazy("size (px)"), ordering="width")
    def size(self, output_type: OutputType) -> str:
        if not output_type.kind_row.has("width"):
            return "–"
        words = f"{output_type.width} × {output_type.height}"
        if not output_type.frames:
            return words
        frames = ngettext("%(count)d frame", "%(count)d frames", output_type.frames)
        words += f", {frames % {'count': output_type.frames}}"
        if rows := len(output_type.elevations):
            words += f" × {ngettext('%(count)d row', '%(count)d rows', rows) % {'count': rows}}"
        return f"{words}, {output_type.duration:.3g} s" if output_type.duration else words

    @admin.display(description=gettext_lazy("look"))
    def look(self, output_type: OutputType) -> str:
        if not output_type.kind_row.is_rendered:
            return _("made of the geometry")
        if output_type.kind_row.source == Source.FILES:
            return _("bound from other files")
        if not output_type.kind_row.has("lighting"):
            return within(output_type.get_camera_display())
        words = (
            output_type.get_camera_display(),
            output_type.get_lighting_display(),
            _("%(background)s background") % {"background": output_type.get_background_display()},
        )
        return within(", ".join(words))


def _say_what_waits(request: HttpRequest, output_type: OutputType) -> None:
    """Warn that what was delivered in this output type is no longer released."""
    lines = OrderLine.objects.filter(output_type=output_type, state=OrderLine.State.DONE)
    if count := awaiting().filter(pk__in=lines.values("asset")).count():
        words = ngettext(
            "%(count)d delivered picture waits for approval now and is not released until then.",
            "%(count)d delivered pictures wait for approval now and are not released until then.",
            count,
        )
        messages.warning(request, words % {"count": count})
