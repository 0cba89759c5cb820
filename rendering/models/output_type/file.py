"""The file: its size, its format and what is written into it."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from rendering.models.output_type.limits import in_range, in_words, of_formats, usual, within
from rendering.pictures import formats, kinds


class FileFields(models.Model):
    """How a picture, or what is made of the geometry, is delivered."""

    Format: type[models.TextChoices] = models.TextChoices(  # type: ignore[call-overload]
        "Format",
        [
            (row.name.upper(), (row.name, gettext_lazy(row.choice or row.label)))
            for row in formats.OUTPUT_FORMATS.values()
        ],
    )

    width = models.PositiveIntegerField(
        gettext_lazy("width (px)"), default=1024, validators=within(16, formats.MAX_PX)
    )
    height = models.PositiveIntegerField(
        gettext_lazy("height (px)"), default=1024, validators=within(16, formats.MAX_PX)
    )
    format = models.CharField(max_length=10, choices=Format, default=formats.REFERENCE)
    quality = models.PositiveSmallIntegerField(
        default=formats.QUALITY,
        validators=within(formats.LOWEST_QUALITY, formats.HIGHEST_QUALITY),
        help_text=in_words(
            "%(formats)s", lambda row: row.is_lossy and row.name in kinds.IMAGES, more=_("films")
        ),
    )
    lossless = models.BooleanField(
        default=False, help_text=in_words("%(formats)s", lambda row: row.has_lossless)
    )
    effort = models.PositiveSmallIntegerField(
        default=formats.EFFORT,
        validators=[MaxValueValidator(formats.HIGHEST_EFFORT)],
        help_text=in_words(
            _("%(formats)s: 0 (fast) to 6 (smallest). 6 takes 16 times as long as 4 for 4 %% fewer bytes."),
            lambda row: row.has_effort,
        ),
    )
    bit_depth = models.PositiveSmallIntegerField(
        choices=((8, "8 bit"), (16, "16 bit")),
        default=8,
        help_text=in_words("%(formats)s", lambda row: 16 in row.bit_depths),
    )
    max_bytes = models.PositiveIntegerField(
        gettext_lazy("largest file (bytes)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1000)],
        help_text=gettext_lazy(
            "The quality, or the number of triangles, is lowered in steps until the file fits. Empty: no limit, "
            "for 3-D models 5 MB."
        ),
    )
    product_data = models.BooleanField(
        gettext_lazy("embed product data"),
        **usual(False),
        help_text=gettext_lazy("Number, name and identifiers of the product, as XMP"),
    )
    signed = models.BooleanField(
        gettext_lazy("sign (C2PA)"),
        **usual(False),
        help_text=gettext_lazy(
            "A manifest in the file, signed with the key of this installation, says of which CAD file it was made and "
            "how, and that no byte was changed since."
        ),
    )
    max_triangles = models.PositiveIntegerField(
        gettext_lazy("most triangles"),
        **usual(100_000),
        validators=within(100, 10_000_000),
        help_text=gettext_lazy(
            "All instances counted. What has more is simplified; the file says by how much."
        ),
    )
    compress = models.BooleanField(
        gettext_lazy("compress"),
        **usual(True),
        help_text=gettext_lazy(
            "GLB, with Draco: a tenth of the size. Without it, programs open it that know no Draco."
        ),
    )
    hidden_lines = models.BooleanField(
        gettext_lazy("hidden lines"),
        **usual(False),
        help_text=gettext_lazy("Dashed, in the views from the front, the top and the right"),
    )
    exact_lines = models.BooleanField(
        gettext_lazy("exact lines"),
        **usual(False),
        help_text=gettext_lazy(
            "Curves stay curves. Takes up to two minutes more; a view that takes longer has polygonal lines, and the "
            "page of the file says so."
        ),
    )

    class Meta:
        abstract = True
        constraints = [
            in_range(
                "size",
                16,
                formats.MAX_PX,
                in_words(
                    _("Width and height are 16 to %(px)s px (the limit of %(formats)s)."),
                    lambda row: row.max_px == formats.MAX_PX and not row.is_film,
                ),
                fields=("width", "height"),
            ),
            in_range(
                "quality",
                formats.LOWEST_QUALITY,
                formats.HIGHEST_QUALITY,
                gettext_lazy("Quality is 1 to 100."),
            ),
            in_range("effort", 0, formats.HIGHEST_EFFORT, gettext_lazy("Effort is 0 to 6.")),
            models.CheckConstraint(
                condition=Q(bit_depth=8) | Q(bit_depth=16) & of_formats(lambda row: 16 in row.bit_depths),
                name="outputtype_16_bit_only_where_known",
                violation_error_message=in_words(
                    _("Only %(formats)s can have 16 bits."), lambda row: 16 in row.bit_depths
                ),
            ),
            models.CheckConstraint(
                condition=~Q(lossless=True) | of_formats(lambda row: row.has_lossless),
                name="outputtype_lossless_only_where_known",
                violation_error_message=in_words(
                    _("Only %(formats)s has a lossless switch. PNG and TIFF always are, AVIF never is."),
                    lambda row: row.has_lossless,
                ),
            ),
            models.CheckConstraint(
                condition=~of_formats(lambda row: not row.has_alpha) | ~Q(background="transparent"),
                name="outputtype_opaque_format_has_background",
                violation_error_message=in_words(
                    _("%(formats)s have no transparency: choose a color or gradient background."),
                    lambda row: not row.has_alpha,
                ),
            ),
            models.CheckConstraint(
                condition=~of_formats(lambda row: row.is_linear) | Q(background="transparent"),
                name="outputtype_exr_is_transparent",
                violation_error_message=in_words(
                    _("%(formats)s is scene-linear and has no background: choose a transparent one."),
                    lambda row: row.is_linear,
                ),
            ),
            models.CheckConstraint(
                condition=~of_formats(lambda row: row.needs_even_size)
                | Q(width=F("width") - F("width") % 2, height=F("height") - F("height") % 2),
                name="outputtype_mp4_has_even_size",
                violation_error_message=in_words(
                    _("%(formats)s (H.264, 4:2:0) needs an even width and height."),
                    lambda row: row.needs_even_size,
                ),
            ),
        ]
