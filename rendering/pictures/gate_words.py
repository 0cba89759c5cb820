"""The words of the quality gate: a table apart, so that the encoder's child can have it without Django's models."""

from __future__ import annotations

from media_assets.cad.problem import ErrorKind, Wording
from media_assets.cad.problem import gettext_noop as _

QUALITY_GATE = ErrorKind(
    _("The picture did not pass its check"),
    _("The picture was not published. Look at it in the job's log, change the output type and retry."),
    {
        "damaged": Wording(_("The file does not decode: {error}"), _("Retry the job.")),
        "one_color": Wording(
            _("The picture is blank: every pixel has the same color."),
            _("Look at the CAD file's page, and at the light, exposure and background of the output type."),
        ),
        "clear": Wording(
            _("The picture is blank: every pixel is transparent."), _("Look at the CAD file's page.")
        ),
        "no_shadow": Wording(
            _("The camera sees no shadow: it looks at the ground from its edge or from below."),
            _("Choose a camera that looks down at the product, and order again."),
        ),
        "no_light": Wording(_("The picture is blank: it has no light."), _("Look at the CAD file's page.")),
        "transparent": Wording(
            _("The picture is transparent, but a background was ordered."), _("Retry the job.")
        ),
        "bit_depth": Wording(
            _("The file has {bits} bits per channel instead of {ordered}."), _("Retry the job.")
        ),
        "wrong_size": Wording(
            _("The picture has {width} x {height} px instead of {ordered_width} x {ordered_height}."),
            _("Retry the job."),
        ),
        "not_finite": Wording(
            _("{count} pixels have no finite light."),
            _("Lower the exposure of the panorama, or choose another light."),
        ),
        "film": Wording(_("The film does not decode: {error}")),
        "film_frames": Wording(_("The film has {count} frames instead of {ordered}.")),
        "film_frame": Wording(_("Frame {number} of the film does not show what was rendered.")),
        "film_empty": Wording(_("The film has no picture or no length.")),
        "film_colors": Wording(_("The film does not say that its colors are BT.709.")),
        "film_once": Wording(_("The animation does not repeat forever.")),
        "film_size": Wording(
            _("The film has {width} x {height} px instead of {ordered_width} x {ordered_height}.")
        ),
        "film_length": Wording(_("The film lasts {seconds:.2f} s instead of {ordered:.2f} s.")),
        "model_size": Wording(_("The model's size is off by {off:.3g} mm."), _("Retry the job.")),
        "model_outline": Wording(
            # xgettext:no-python-format
            _("The model's outline differs from the CAD's by {share:.0%} of its area."),
            _("Allow more triangles in the output type."),
        ),
        "still_film": Wording(
            _("All frames are the same picture: nothing turns."), _("Look at the CAD file.")
        ),
    },
)
