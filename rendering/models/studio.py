"""Studios of one's own: lights, ground and limits of the camera, taken from a .blend."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext_lazy as _

from blender_scripts.studios import CameraLimits
from rendering.models.uploaded_image import Uploaded


class Studio(Uploaded):
    """The description of a studio, as JSON (`blender_scripts.studios`); the .blend itself is not kept.

    `summary` has what pages show of it: `lights` (name and kind each), `ground` (names), `triangles`, the limits of the
    `camera`, and as `notes` what of the file is not used.
    """

    summary = models.JSONField(default=dict, editable=False)

    class Meta(Uploaded.Meta):
        verbose_name_plural = _("studios")
        verbose_name = _("studio")

    @property
    def has_ground(self) -> bool:
        """Whether it stands on a ground of its own."""
        return bool(self.summary.get("ground"))

    @property
    def limits(self) -> CameraLimits:
        """From where it may be photographed."""
        return CameraLimits.from_json(self.summary.get("camera", {}))

    def refusals(self, elevation: float, focal_length: float | None) -> Iterator[tuple[str, str]]:
        """Yield what a view breaks, with what to do: the field (elevation, focal_length) and the words.

        *elevation* is in degrees, *focal_length* in mm (None: orthographic).
        """
        limits = self.limits
        if not limits.lowest <= elevation <= limits.highest:
            yield (
                "elevation",
                _(
                    "The studio “%(studio)s” is made for cameras from %(lowest)g° to %(highest)g° above the ground, "
                    "and this view is at %(elevation)g°. Choose another view or another studio."
                )
                % {
                    "studio": self.name,
                    "lowest": limits.lowest,
                    "highest": limits.highest,
                    "elevation": round(elevation, 1),
                },
            )
        if focal_length is not None and focal_length > limits.longest_mm:
            yield (
                "focal_length",
                _(
                    "The camera of the studio “%(studio)s” has %(longest)g mm: with a longer focal length the camera "
                    "stands farther away than the studio is made for. Choose %(longest)g mm or less."
                )
                % {"studio": self.name, "longest": limits.longest_mm},
            )
