"""Textures: pictures of surfaces, in the formats that cameras and drawing programs write."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rendering.catalog.images.kind import ImageKind
from rendering.models import Texture

TEXTURE = ImageKind(
    name="texture",
    model=Texture,
    folder="textures",
    suffixes=(".png", ".jpg", ".webp", ".tif"),
    largest_mb=50,
    too_large=_("The texture has more than %(megabytes)d MB. Save it smaller, or as JPEG."),
    known=_("These bytes are the texture “%(name)s” already: use that."),
    taken=_("There is a texture called “%(name)s” already."),
    slow=_("The texture could not be read within %(seconds)d seconds. Use a smaller version."),
    refusals={
        "format": _("It is no PNG, JPEG, WebP or TIFF file. Save the texture as one of these."),
        "size": _(
            "It has %(width)d × %(height)d px; %(smallest)d to %(largest)d px can be used each way. "
            "Save it in another size."
        ),
        "orientation": _("Its rows do not run from the top left. Turn it, and save it again."),
        "frames": _(
            "It has %(count)d frames or pages. A texture is one picture: save the one that you want."
        ),
        "colors": _(
            "Its colors are of the kind %(mode)s. Save it in RGB or in grayscale, with 8 or 16 bits a channel."
        ),
        "profile": _("Its color profile is “%(name)s”. Convert it to sRGB, and save it again."),
        "damaged": _(
            "The texture is damaged, cut off or of a kind that can't be used (%(reason)s). "
            "Upload it again, or save it again as PNG."
        ),
    },
)
