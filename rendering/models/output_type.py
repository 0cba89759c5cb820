"""What can be ordered: how a picture is made and how it is delivered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.functional import lazy
from django.utils.text import get_text_list
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_noop as _

from blender_scripts.presets import PRESETS
from media_assets.models import MediaAsset
from media_assets.models.archivable import Archivable, ArchivableQuerySet
from rendering.models.color_profile import ColorProfile
from rendering.models.environment import Environment
from rendering.pictures import formats, kinds
from rendering.pictures.formats import OutputFormat
from rendering.pictures.kinds import OutputKind

BY_FILE = tuple(name for name, row in PRESETS.items() if row.needs_file)
TURNING = tuple(kinds.named(lambda row: row.has("frames") and row.has("fps")))
STEPPED = tuple(kinds.named(lambda row: row.has("frames") and not row.has("fps")))


def _is(field: str, names: Iterable[str]) -> dict[str, Any]:
    """Return the condition that a field is one of these."""
    one, *more = names
    return {f"{field}__in": (one, *more)} if more else {field: one}


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions)


def _words(text: str, holds: Callable[[OutputFormat], bool], last: str = "and", more: str = "") -> str:
    """Return *text* with the %(formats)s of which something holds, and *more*; in the language of the request."""

    def shown() -> str:
        names = [*formats.said(holds), *([gettext(more)] if more else [])]
        return gettext(text) % {"formats": get_text_list(names, gettext(last)), "px": formats.MAX_PX}

    words: str = lazy(shown, str)()
    return words


class OutputTypeQuerySet(ArchivableQuerySet["OutputType"]):
    def orderable(self) -> OutputTypeQuerySet:
        return self.unarchived().filter(is_active=True)


class OutputType(Archivable):
    """One kind of output: the picture (view, light, ground, color) and the file (size, format, quality)."""

    # Their members are the rows of the registries.
    Kind: Any = models.TextChoices(  # type: ignore[call-overload]
        "Kind", [(row.name.upper(), (row.name, gettext_lazy(row.label))) for row in kinds.KINDS.values()]
    )
    Format: type[models.TextChoices] = models.TextChoices(  # type: ignore[call-overload]
        "Format",
        [
            (row.name.upper(), (row.name, gettext_lazy(row.choice or row.label)))
            for row in formats.OUTPUT_FORMATS.values()
        ],
    )

    class Camera(models.TextChoices):
        THREE_QUARTER = "three_quarter", gettext_lazy("Three-quarter")
        THREE_QUARTER_LEFT = "three_quarter_left", gettext_lazy("Three-quarter from the left")
        THREE_QUARTER_BACK = "three_quarter_back", gettext_lazy("Three-quarter from behind")
        HERO = "hero", gettext_lazy("Low three-quarter")
        ISO = "iso", gettext_lazy("Isometric")
        FRONT = "front", gettext_lazy("Front")
        BACK = "back", gettext_lazy("Back")
        LEFT = "left", gettext_lazy("Left")
        RIGHT = "right", gettext_lazy("Right")
        TOP = "top", gettext_lazy("Top")
        BOTTOM = "bottom", gettext_lazy("Bottom")
        CUSTOM = "custom", gettext_lazy("Custom (azimuth, elevation, roll)")

    Lighting: type[models.TextChoices] = models.TextChoices(  # type: ignore[call-overload]
        "Lighting", [(name.upper(), (name, gettext_lazy(row.label))) for name, row in PRESETS.items()]
    )

    class Ground(models.TextChoices):
        SHADOW = "shadow", gettext_lazy("Shadow")
        REFLECTIVE = "reflective", gettext_lazy("Reflective floor")
        NONE = "none", gettext_lazy("None")

    class Background(models.TextChoices):
        TRANSPARENT = "transparent", gettext_lazy("Transparent")
        COLOR = "colour", gettext_lazy("Color")
        GRADIENT = "gradient", gettext_lazy("Gradient")

    class ViewTransform(models.TextChoices):
        STANDARD = "Standard", "Standard"
        AGX = "AgX", "AgX"
        PBR_NEUTRAL = "Khronos PBR Neutral", "Khronos PBR Neutral"

    class Materials(models.TextChoices):
        RULES = "rules", gettext_lazy("By the material rules")
        CAD = "cad", gettext_lazy("Matte, in CAD colors")
        CLAY = "clay", gettext_lazy("Clay")

    class Intent(models.TextChoices):
        RELATIVE = "relative", gettext_lazy("Relative colorimetric")
        PERCEPTUAL = "perceptual", gettext_lazy("Perceptual")

    class Tessellation(models.TextChoices):
        DRAFT = "draft", gettext_lazy("Draft")
        STANDARD = "standard", gettext_lazy("Standard")
        FINE = "fine", gettext_lazy("Fine")

    class Parts(models.TextChoices):
        SOME = "some", gettext_lazy("These parts")

    class Rest(models.TextChoices):
        HIDDEN = "hidden", gettext_lazy("Hidden")
        GHOST = "ghost", gettext_lazy("Gray ghost")
        GLASS = "glass", gettext_lazy("Clear glass")
        OUTLINE = "outline", gettext_lazy("Outline")

    class SectionKind(models.TextChoices):
        HALF = "half", gettext_lazy("Half section: one plane")
        QUARTER = "quarter", gettext_lazy("Quarter section: a quarter is taken away")

    class SectionFrom(models.TextChoices):
        FRONT = "front", gettext_lazy("Front")
        RIGHT = "right", gettext_lazy("Right")
        TOP = "top", gettext_lazy("Top")

    class ExplodedKind(models.TextChoices):
        APART = "apart", gettext_lazy("As far as it comes apart")
        FORCED = "forced", gettext_lazy("Interlocked parts as well, through each other")

    class Motion(models.TextChoices):
        TURN = "turn", gettext_lazy("Turn the exploded product")
        ASSEMBLY = "assembly", gettext_lazy("Take it apart, turn it, put it together")

    slug = models.SlugField(
        max_length=60, unique=True, help_text=gettext_lazy("Used by commands and in file names")
    )
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.STILL)
    is_active = models.BooleanField(gettext_lazy("can be ordered"), default=True)
    needs_approval = models.BooleanField(
        gettext_lazy("needs approval"),
        default=False,
        db_default=False,
        help_text=gettext_lazy(
            "Pictures are not released (downloads, share links, API, webhooks) until somebody approves them. "
            "This also applies to those that were delivered before."
        ),
    )
    instead_of = models.ForeignKey(
        MediaAsset,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="alternatives",
        help_text=gettext_lazy("The picture beside which these settings are tried"),
    )
    # the picture
    camera = models.CharField(max_length=20, choices=Camera, default=Camera.THREE_QUARTER)
    azimuth = models.FloatField(
        gettext_lazy("azimuth (°)"),
        default=0.0,
        help_text=gettext_lazy("Custom camera: 0 is the front, counter-clockwise"),
    )
    elevation = models.FloatField(
        gettext_lazy("elevation (°)"), default=0.0, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    roll = models.FloatField(gettext_lazy("roll (°)"), default=0.0)
    orthographic = models.BooleanField(default=False)
    focal_length = models.FloatField(
        gettext_lazy("focal length (mm)"),
        default=85.0,
        validators=[MinValueValidator(15), MaxValueValidator(600)],
    )
    margin = models.FloatField(
        default=0.07,
        validators=[MinValueValidator(0), MaxValueValidator(0.45)],
        help_text=gettext_lazy("Empty border, as a fraction of the picture's side"),
    )
    f_stop = models.FloatField(
        gettext_lazy("f-stop"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0.5), MaxValueValidator(64)],
        help_text=gettext_lazy(
            "Depth of field: the smaller the value, the softer what is out of focus. Empty: everything "
            "is sharp."
        ),
    )
    lighting = models.CharField(max_length=10, choices=Lighting, default="softbox")
    environment = models.ForeignKey(
        Environment,
        models.PROTECT,
        null=True,
        blank=True,
        help_text=gettext_lazy("For lighting by your own panorama"),
    )
    hdri_rotation = models.FloatField(
        gettext_lazy("panorama rotation (°)"),
        default=0.0,
        validators=[MinValueValidator(-360), MaxValueValidator(360)],
        help_text=gettext_lazy("Daylight and your own panorama"),
    )
    hdri_strength = models.FloatField(
        gettext_lazy("panorama strength"),
        default=1.0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=gettext_lazy("Daylight and your own panorama"),
    )
    exposure = models.FloatField(
        gettext_lazy("exposure (stops)"),
        default=0.0,
        validators=[MinValueValidator(-6), MaxValueValidator(6)],
    )
    ground = models.CharField(max_length=10, choices=Ground, default=Ground.SHADOW)
    background = models.CharField(max_length=11, choices=Background, default=Background.COLOR)
    background_color = models.CharField(
        max_length=7,
        default="#ffffff",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", gettext_lazy("Write the color as #rrggbb."))],
    )
    gradient_color = models.CharField(
        max_length=7,
        default="#d8dbe0",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", gettext_lazy("Write the color as #rrggbb."))],
        help_text=gettext_lazy("At the bottom of a gradient; the background color is at its top"),
    )
    materials = models.CharField(max_length=5, choices=Materials, default=Materials.RULES)
    soft_edges = models.BooleanField(
        default=True, help_text=gettext_lazy("Hard edges catch light, as machined edges do.")
    )
    view_transform = models.CharField(
        gettext_lazy("color transform"),
        max_length=20,
        choices=ViewTransform,
        default=ViewTransform.PBR_NEUTRAL,
    )
    section = models.CharField(
        max_length=7,
        choices=SectionKind,
        blank=True,
        default="",
        db_default="",
        help_text=gettext_lazy("Cuts the product open. Empty: it is shown whole."),
    )
    section_from = models.CharField(
        gettext_lazy("section seen from"),
        max_length=5,
        choices=SectionFrom,
        default="front",
        db_default="front",
    )
    section_angle = models.FloatField(
        gettext_lazy("section angle (°)"),
        default=0.0,
        db_default=0.0,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
        help_text=gettext_lazy("Turns the planes about the upright axis, or tilts one seen from the top"),
    )
    section_offset = models.FloatField(
        gettext_lazy("section offset (%)"),
        default=0.0,
        db_default=0.0,
        validators=[MinValueValidator(-50), MaxValueValidator(50)],
        help_text=gettext_lazy(
            "From the middle toward the viewer, in percent of the product's length in this direction"
        ),
    )
    section_part = models.CharField(
        gettext_lazy("section through part"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text=gettext_lazy(
            "Name or part key, with * for any characters: the planes go through the axis or the middle of this part. "
            "Empty: through the middle of the product."
        ),
    )
    section_other_side = models.BooleanField(
        gettext_lazy("take the other side away"), default=False, db_default=False
    )
    section_uncut = models.BooleanField(
        gettext_lazy("leave fasteners, shafts and balls whole"),
        default=True,
        db_default=True,
        help_text=gettext_lazy("As technical drawings have it. By name and by shape."),
    )
    section_hatched = models.BooleanField(
        gettext_lazy("hatch cut faces"),
        default=False,
        db_default=False,
        help_text=gettext_lazy("Lines in another direction for each part. Otherwise cut faces are plain."),
    )
    exploded = models.CharField(
        gettext_lazy("exploded view"),
        max_length=6,
        choices=ExplodedKind,
        blank=True,
        default="",
        db_default="",
        help_text=gettext_lazy("Takes the product apart. Empty: it is shown assembled."),
    )
    exploded_depth = models.PositiveSmallIntegerField(
        gettext_lazy("levels that open"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=gettext_lazy(
            "Of the product tree. Deeper subassemblies stay together. Empty: as the product says, or all."
        ),
    )
    exploded_lines = models.BooleanField(
        gettext_lazy("leader lines"),
        default=True,
        db_default=True,
        help_text=gettext_lazy("Along the ways of the parts"),
    )
    exploded_motion = models.CharField(
        gettext_lazy("film"), max_length=8, choices=Motion, default=Motion.TURN, db_default="turn"
    )
    parts = models.CharField(
        max_length=4,
        choices=Parts,
        blank=True,
        default="",
        db_default="",
        help_text=gettext_lazy("What the picture is about. Empty: the whole product."),
    )
    part_words = models.CharField(
        gettext_lazy("parts with these names"),
        max_length=1000,
        blank=True,
        default="",
        db_default="",
        help_text=gettext_lazy(
            "Words separated by commas, with * for any characters, ? for one and # for a digit"
        ),
    )
    part_key = models.CharField(
        gettext_lazy("parts in this place"),
        max_length=1000,
        blank=True,
        default="",
        db_default="",
        help_text=gettext_lazy("A part key of the product tree, with * for any characters"),
    )
    rest = models.CharField(
        gettext_lazy("other parts"), max_length=7, choices=Rest, default="hidden", db_default="hidden"
    )
    rest_opacity = models.FloatField(
        gettext_lazy("opacity of ghosts"),
        default=0.15,
        db_default=0.15,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )
    part_color = models.CharField(
        gettext_lazy("color of the parts"),
        max_length=7,
        blank=True,
        default="",
        db_default="",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", gettext_lazy("Write the color as #rrggbb."))],
        help_text=gettext_lazy("Marks them. Empty: as they are."),
    )
    tessellation = models.CharField(max_length=8, choices=Tessellation, default=Tessellation.STANDARD)
    samples = models.PositiveIntegerField(
        default=64,
        validators=[MinValueValidator(1), MaxValueValidator(16384)],
        help_text=gettext_lazy("Maximum per pixel"),
    )
    noise_threshold = models.FloatField(
        default=0.02,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=gettext_lazy("Sampling of a pixel stops below this; 0 never stops early"),
    )
    denoise = models.BooleanField(default=True)
    # the file
    width = models.PositiveIntegerField(
        gettext_lazy("width (px)"),
        default=1024,
        validators=[MinValueValidator(16), MaxValueValidator(formats.MAX_PX)],
    )
    height = models.PositiveIntegerField(
        gettext_lazy("height (px)"),
        default=1024,
        validators=[MinValueValidator(16), MaxValueValidator(formats.MAX_PX)],
    )
    format = models.CharField(max_length=10, choices=Format, default=formats.REFERENCE)
    quality = models.PositiveSmallIntegerField(
        default=formats.QUALITY,
        validators=[
            MinValueValidator(formats.LOWEST_QUALITY),
            MaxValueValidator(formats.HIGHEST_QUALITY),
        ],
        help_text=_words(
            "%(formats)s", lambda row: row.is_lossy and row.name in kinds.IMAGES, more=_("films")
        ),
    )
    lossless = models.BooleanField(
        default=False, help_text=_words("%(formats)s", lambda row: row.has_lossless)
    )
    effort = models.PositiveSmallIntegerField(
        default=formats.EFFORT,
        validators=[MaxValueValidator(formats.HIGHEST_EFFORT)],
        help_text=_words(
            _("%(formats)s: 0 (fast) to 6 (smallest). 6 takes 16 times as long as 4 for 4 %% fewer bytes."),
            lambda row: row.has_effort,
        ),
    )
    bit_depth = models.PositiveSmallIntegerField(
        choices=((8, "8 bit"), (16, "16 bit")),
        default=8,
        help_text=_words("%(formats)s", lambda row: 16 in row.bit_depths),
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
    dpi = models.PositiveSmallIntegerField(
        gettext_lazy("resolution (dpi)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(9600)],
        help_text=gettext_lazy("Written into the file for print programs. Empty: none."),
    )
    color_profile = models.ForeignKey(
        ColorProfile,
        models.PROTECT,
        to_field="sha256",
        null=True,
        blank=True,
        verbose_name=gettext_lazy("CMYK profile"),
        help_text=gettext_lazy("For print: colors are converted to this press. Empty: sRGB."),
    )
    intent = models.CharField(
        gettext_lazy("rendering intent"), max_length=10, choices=Intent, default=Intent.RELATIVE
    )
    black_point = models.BooleanField(
        gettext_lazy("black point compensation"),
        default=True,
        db_default=True,
        help_text=gettext_lazy("Keeps detail in dark parts that the press can't print as dark."),
    )
    clipping_path = models.BooleanField(
        gettext_lazy("clipping path"),
        default=False,
        db_default=False,
        help_text=gettext_lazy(
            "The outline of the product as a path in the file, by which layout programs cut it out."
        ),
    )
    product_data = models.BooleanField(
        gettext_lazy("embed product data"),
        default=False,
        db_default=False,
        help_text=gettext_lazy("Number, name and identifiers of the product, as XMP"),
    )
    signed = models.BooleanField(
        gettext_lazy("sign (C2PA)"),
        default=False,
        db_default=False,
        help_text=gettext_lazy(
            "A manifest in the file, signed with the key of this installation, says of which CAD file it was made and "
            "how, and that no byte was changed since."
        ),
    )
    # turntables
    frames = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(2), MaxValueValidator(3600)]
    )
    fps = models.PositiveSmallIntegerField(
        gettext_lazy("frames per second"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
    )

    # 3-D models
    hidden_lines = models.BooleanField(
        gettext_lazy("hidden lines"),
        default=False,
        db_default=False,
        help_text=gettext_lazy("Dashed, in the views from the front, the top and the right"),
    )
    max_triangles = models.PositiveIntegerField(
        gettext_lazy("most triangles"),
        default=100_000,
        db_default=100_000,
        validators=[MinValueValidator(100), MaxValueValidator(10_000_000)],
        help_text=gettext_lazy(
            "All instances counted. What has more is simplified; the file says by how much."
        ),
    )
    compress = models.BooleanField(
        gettext_lazy("compress"),
        default=True,
        db_default=True,
        help_text=gettext_lazy(
            "GLB, with Draco: a tenth of the size. Without it, programs open it that know no Draco."
        ),
    )

    objects = OutputTypeQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("output type")
        verbose_name_plural = gettext_lazy("output types")
        ordering = ["kind", "slug"]
        permissions = [("archive_outputtype", "Can archive output types")]
        constraints = [
            models.CheckConstraint(
                condition=_any(Q(kind__in=names, format__in=fit) for fit, names in kinds.by_formats()),
                name="outputtype_format_fits_kind",
                violation_error_message=gettext_lazy(
                    "Files of this kind can't have this format. Choose another one."
                ),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=TURNING, frames__gte=2, fps__gte=1)
                | Q(kind__in=STEPPED, frames__gte=2, fps__isnull=True)
                | (~Q(kind__in=(*TURNING, *STEPPED)) & Q(frames__isnull=True, fps__isnull=True)),
                name="outputtype_frames_only_for_turntables",
                violation_error_message=gettext_lazy(
                    "A turntable needs 2 or more frames and a frame rate, a spin only frames. "
                    "Other kinds have neither."
                ),
            ),
            models.CheckConstraint(
                condition=Q(
                    width__gte=16, width__lte=formats.MAX_PX, height__gte=16, height__lte=formats.MAX_PX
                ),
                name="outputtype_size_in_range",
                violation_error_message=_words(
                    _("Width and height are 16 to %(px)s px (the limit of %(formats)s)."),
                    lambda row: row.max_px == formats.MAX_PX and not row.is_film,
                ),
            ),
            models.CheckConstraint(
                condition=Q(samples__gte=1, samples__lte=16384),
                name="outputtype_samples_in_range",
                violation_error_message=gettext_lazy("Samples are 1 to 16384."),
            ),
            models.CheckConstraint(
                condition=Q(quality__gte=formats.LOWEST_QUALITY, quality__lte=formats.HIGHEST_QUALITY),
                name="outputtype_quality_in_range",
                violation_error_message=gettext_lazy("Quality is 1 to 100."),
            ),
            models.CheckConstraint(
                condition=~Q(**_is("format", formats.named(lambda row: not row.has_alpha)))
                | ~Q(background="transparent"),
                name="outputtype_opaque_format_has_background",
                violation_error_message=_words(
                    _("%(formats)s have no transparency: choose a color or gradient background."),
                    lambda row: not row.has_alpha,
                ),
            ),
            models.CheckConstraint(
                condition=~Q(lossless=True) | Q(**_is("format", formats.named(lambda row: row.has_lossless))),
                name="outputtype_lossless_only_where_known",
                violation_error_message=_words(
                    _("Only %(formats)s has a lossless switch. PNG and TIFF always are, AVIF never is."),
                    lambda row: row.has_lossless,
                ),
            ),
            models.CheckConstraint(
                condition=~Q(**_is("format", formats.named(lambda row: row.is_linear)))
                | Q(background="transparent"),
                name="outputtype_exr_is_transparent",
                violation_error_message=_words(
                    _("%(formats)s is scene-linear and has no background: choose a transparent one."),
                    lambda row: row.is_linear,
                ),
            ),
            models.CheckConstraint(
                condition=Q(bit_depth=8)
                | Q(bit_depth=16, format__in=tuple(formats.named(lambda row: 16 in row.bit_depths))),
                name="outputtype_16_bit_only_where_known",
                violation_error_message=_words(
                    _("Only %(formats)s can have 16 bits."), lambda row: 16 in row.bit_depths
                ),
            ),
            models.CheckConstraint(
                condition=Q(**_is("lighting", BY_FILE), environment__isnull=False)
                | (~Q(**_is("lighting", BY_FILE)) & Q(environment__isnull=True)),
                name="outputtype_panorama_only_for_custom_lighting",
                violation_error_message=gettext_lazy(
                    "A panorama belongs to the lighting “Panorama of your own”, which needs one."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(**_is("format", formats.named(lambda row: row.needs_even_size)))
                | Q(width=F("width") - F("width") % 2, height=F("height") - F("height") % 2),
                name="outputtype_mp4_has_even_size",
                violation_error_message=_words(
                    _("%(formats)s (H.264, 4:2:0) needs an even width and height."),
                    lambda row: row.needs_even_size,
                ),
            ),
            models.CheckConstraint(
                condition=Q(f_stop__isnull=True) | Q(f_stop__gte=0.5, f_stop__lte=64, orthographic=False),
                name="outputtype_f_stop_in_range",
                violation_error_message=gettext_lazy(
                    "The f-stop is 0.5 to 64, and an orthographic camera has none."
                ),
            ),
            models.CheckConstraint(
                condition=Q(parts="") | ~Q(part_words="", part_key=""),
                name="outputtype_parts_are_named",
                violation_error_message=gettext_lazy("Say which parts: by their names, or by their place."),
            ),
            models.CheckConstraint(
                condition=Q(rest_opacity__gte=0, rest_opacity__lte=1),
                name="outputtype_opacity_in_range",
                violation_error_message=gettext_lazy("The opacity of ghosts is 0 to 1."),
            ),
            models.CheckConstraint(
                condition=Q(section_offset__gte=-50, section_offset__lte=50),
                name="outputtype_section_offset_in_range",
                violation_error_message=gettext_lazy("The offset of a section is -50 to 50 percent."),
            ),
            models.CheckConstraint(
                condition=Q(effort__gte=0, effort__lte=formats.HIGHEST_EFFORT),
                name="outputtype_effort_in_range",
                violation_error_message=gettext_lazy("Effort is 0 to 6."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def can_be_ordered(self) -> bool:
        return self.is_active and not self.is_archived

    @property
    def kind_row(self) -> OutputKind:
        """The row of its kind in the registry."""
        return kinds.KINDS[self.kind]

    @property
    def duration(self) -> float | None:
        """How long one turn of a turntable takes, in s; None for the other kinds."""
        return self.frames / self.fps if self.frames and self.fps else None
