"""Studios: a .blend is uploaded and read once; the page says what was taken from it, and what was not."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rendering.catalog.images.studios import PREVIEW, STUDIO, notes_of
from rendering.desk.images.admin import ImageAdmin
from rendering.desk.images.form import ImageForm
from rendering.models import OutputType, Studio

KINDS = {
    "POINT": gettext_lazy("point light"),
    "SUN": gettext_lazy("sunlight"),
    "SPOT": gettext_lazy("spotlight"),
    "AREA": gettext_lazy("area light"),
}


class StudioForm(ImageForm):
    kind = STUDIO
    studio = forms.FileField(
        label=gettext_lazy("Studio"),
        help_text=format_lazy(
            gettext_lazy(
                "A Blender file (.blend), saved without compression, up to {megabytes} MB. Only its lights, the "
                "objects of its collection “Ground” and the limits of its camera are used; scripts are never run. "
                "A product fills a ball of radius 1 m that stands at the origin, its front to -Y."
            ),
            megabytes=STUDIO.largest_mb,
        ),
        widget=forms.FileInput(attrs={"accept": ".blend"}),
    )

    class Meta:
        model = Studio
        fields = ("name", "license")


@admin.register(Studio)
class StudioAdmin(ImageAdmin):
    empty_words = gettext_lazy(
        "A studio brings the lights and the ground of a Blender file. Add one, then choose it as the lighting of an "
        "output type."
    )
    kind = STUDIO
    upload_form = StudioForm
    use = "outputtype"
    purpose = format_lazy(
        gettext_lazy("Lights pictures of output types with the lighting “{lighting}”."),
        lighting=OutputType.Lighting("studio").label,
    )
    list_display = ("small", "name", "contents", "license", "used_by", "created")
    facts = ("lights", "ground", "camera", "left_out", "original_name", "sha256", "created")

    def shown_size(self, image: Studio) -> tuple[int, int]:
        return PREVIEW

    def uses(self, count: int) -> str:
        return ngettext("%(count)d output type", "%(count)d output types", count) % {"count": count}

    @admin.display(description=gettext_lazy("contents"))
    def contents(self, studio: Studio) -> str:
        count, found = len(studio.summary["lights"]), [_("ground")] if studio.has_ground else []
        lights = ngettext("%(count)d light", "%(count)d lights", count) % {"count": count}
        return ", ".join([lights, *found])

    @admin.display(description=gettext_lazy("lights"))
    def lights(self, studio: Studio) -> SafeString:
        return _lines(f"{name} ({KINDS[kind]})" for name, kind in studio.summary["lights"])

    @admin.display(description=gettext_lazy("ground"))
    def ground(self, studio: Studio) -> SafeString | str:
        if not studio.has_ground:
            return _("None: the output type's ground is shown.")
        return _lines(studio.summary["ground"])

    @admin.display(description=gettext_lazy("camera"))
    def camera(self, studio: Studio) -> SafeString:
        limits = studio.limits
        elevation = _("from %(lowest)g° to %(highest)g° above the ground") % {
            "lowest": limits.lowest,
            "highest": limits.highest,
        }
        lens = _("focal length up to %(longest)g mm") % {"longest": limits.longest_mm}
        return _lines([elevation, lens])

    @admin.display(description=gettext_lazy("not used"))
    def left_out(self, studio: Studio) -> SafeString | str:
        return _lines(notes_of(studio)) or _("Everything in the file is used.")


def _lines(lines: Iterable[str]) -> SafeString:
    return render_to_string("desk/studios/lines.html", {"lines": list(lines)})
