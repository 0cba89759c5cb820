"""Textures: uploaded one at a time, and chosen in finishes, which say how large they are."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from rendering.catalog.images.textures import TEXTURE
from rendering.desk.images.admin import ImageAdmin
from rendering.desk.images.form import ImageForm
from rendering.models import Texture
from rendering.models.uploaded_image import Uploaded


class TextureForm(ImageForm):
    kind = TEXTURE
    texture = forms.FileField(
        label=_("Texture"),
        help_text=format_lazy(
            _(
                "PNG, JPEG, WebP or TIFF with 8 or 16 bits, in sRGB, 16 to 8192 px each way, up to {megabytes} MB. "
                "For a finish its edges should fit together, because it is repeated. One with transparent places is "
                "for labels alone."
            ),
            megabytes=TEXTURE.largest_mb,
        ),
        widget=forms.FileInput(attrs={"accept": ".png,.jpg,.jpeg,.webp,.tif,.tiff"}),
    )

    class Meta:
        model = Texture
        fields = ("name", "license")


@admin.register(Texture)
class TextureAdmin(ImageAdmin):
    empty_words = _(
        "A texture is a picture of a surface that covers parts in its true size. Add one, then choose it in a "
        "finish."
    )
    kind = TEXTURE
    upload_form = TextureForm
    use = "finish"
    purpose = _(
        "A picture of a surface or a label. Finishes and labels choose it, and say how many mm of a part it covers."
    )
    facts = ("mean_color", *ImageAdmin.facts)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Uploaded]:
        return super().get_queryset(request).annotate(label_count=Count("label", distinct=True))

    def uses(self, count: int) -> str:
        return ngettext("%(count)d finish", "%(count)d finishes", count) % {"count": count}

    @admin.display(description=_("used by"), ordering="use_count")
    def used_by(self, image: Uploaded) -> str:
        labels = getattr(image, "label_count", 0)
        if not labels:
            return super().used_by(image)
        said = ngettext("%(count)d label", "%(count)d labels", labels) % {"count": labels}
        finishes = getattr(image, "use_count", 0)
        return self.in_use(", ".join([*([self.uses(finishes)] if finishes else []), said]))

    @admin.display(description=_("mean color"))
    def mean_color(self, texture: Texture) -> SafeString:
        return render_to_string("desk/images/color.html", {"color": texture.color})
