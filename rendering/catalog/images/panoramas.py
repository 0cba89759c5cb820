"""Panoramas: what light comes from, in Radiance and OpenEXR files."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rendering.catalog.images.kind import ImageKind
from rendering.models import Environment

PANORAMA = ImageKind(
    name="panorama",
    model=Environment,
    folder="panoramas",
    suffixes=(".hdr", ".exr"),
    largest_mb=200,
    too_large=_(
        "The panorama has more than %(megabytes)d MB. Light needs no more than 4096 × 2048 px: "
        "use a smaller version."
    ),
    known=_("These bytes are the panorama “%(name)s” already: use that."),
    taken=_("There is a panorama called “%(name)s” already."),
    slow=_("The panorama could not be read within %(seconds)d seconds. Use a smaller version."),
    refusals={
        "format": _(
            "It is neither a Radiance (.hdr) nor an OpenEXR (.exr) file. Save the panorama as one of these."
        ),
        "shape": _(
            "It has %(width)d × %(height)d px, and a panorama is twice as wide as high. "
            "Choose the equirectangular version (not a cube map or a backplate)."
        ),
        "size": _(
            "It is %(width)d px wide; %(smallest)d to %(largest)d px can be used. Light needs no more than 4096: "
            "download or save a smaller version."
        ),
        "orientation": _("Its rows do not run from the top left. Save it again."),
        "channels": _(
            "The OpenEXR file has no channels R, G and B in its first part. Save it as a plain RGB picture."
        ),
        "damaged": _(
            "The panorama is damaged, cut off or of a kind that can't be used (%(reason)s). "
            "Upload it again, or save it again as .hdr or .exr with RGB colors."
        ),
    },
)
