"""The view: camera, light, ground, materials, color, sampling."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from blender_scripts.presets import PRESETS
from rendering.models.environment import Environment
from rendering.models.output_type.limits import COLOR, in_range, one_of, usual, within
from rendering.models.studio import Studio

BY_FILE = one_of("lighting", (name for name, row in PRESETS.items() if row.needs_file))
BY_STUDIO = one_of("lighting", (name for name, row in PRESETS.items() if row.needs_studio))


class ViewFields(models.Model):
    """How a picture is made of the product."""

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

    class Tessellation(models.TextChoices):
        DRAFT = "draft", gettext_lazy("Draft")
        STANDARD = "standard", gettext_lazy("Standard")
        FINE = "fine", gettext_lazy("Fine")

    camera = models.CharField(max_length=20, choices=Camera, default=Camera.THREE_QUARTER)
    azimuth = models.FloatField(
        gettext_lazy("azimuth (°)"),
        default=0.0,
        help_text=gettext_lazy("Custom camera: 0 is the front, counter-clockwise"),
    )
    elevation = models.FloatField(gettext_lazy("elevation (°)"), default=0.0, validators=within(-90, 90))
    roll = models.FloatField(gettext_lazy("roll (°)"), default=0.0)
    orthographic = models.BooleanField(default=False)
    focal_length = models.FloatField(
        gettext_lazy("focal length (mm)"), default=85.0, validators=within(15, 600)
    )
    margin = models.FloatField(
        default=0.07,
        validators=within(0, 0.45),
        help_text=gettext_lazy("Empty border, as a fraction of the picture's side"),
    )
    f_stop = models.FloatField(
        gettext_lazy("f-stop"),
        null=True,
        blank=True,
        validators=within(0.5, 64),
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
    studio = models.ForeignKey(
        Studio,
        models.PROTECT,
        verbose_name=gettext_lazy("studio"),
        null=True,
        blank=True,
        help_text=gettext_lazy("For lighting by your own studio"),
    )
    hdri_rotation = models.FloatField(
        gettext_lazy("panorama rotation (°)"),
        default=0.0,
        validators=within(-360, 360),
        help_text=gettext_lazy("Daylight and your own panorama"),
    )
    hdri_strength = models.FloatField(
        gettext_lazy("panorama strength"),
        default=1.0,
        validators=within(0, 100),
        help_text=gettext_lazy("Daylight and your own panorama"),
    )
    exposure = models.FloatField(gettext_lazy("exposure (stops)"), default=0.0, validators=within(-6, 6))
    ground = models.CharField(max_length=10, choices=Ground, default=Ground.SHADOW)
    background = models.CharField(max_length=11, choices=Background, default=Background.COLOR)
    background_color = models.CharField(max_length=7, default="#ffffff", validators=[COLOR])
    gradient_color = models.CharField(
        max_length=7,
        default="#d8dbe0",
        validators=[COLOR],
        help_text=gettext_lazy("At the bottom of a gradient; the background color is at its top"),
    )
    materials = models.CharField(max_length=5, choices=Materials, default=Materials.RULES)
    soft_edges = models.BooleanField(
        default=True, help_text=gettext_lazy("Hard edges catch light, as machined edges do.")
    )
    edge_color = models.CharField(
        gettext_lazy("color of drawn edges"),
        max_length=7,
        blank=True,
        **usual(""),
        validators=[COLOR],
        help_text=gettext_lazy(
            "Lines along sharp edges and outlines, as illustrators draw them. Empty: none."
        ),
    )
    view_transform = models.CharField(
        gettext_lazy("color transform"),
        max_length=20,
        choices=ViewTransform,
        default=ViewTransform.PBR_NEUTRAL,
    )
    tessellation = models.CharField(max_length=8, choices=Tessellation, default=Tessellation.STANDARD)
    samples = models.PositiveIntegerField(
        default=64, validators=within(1, 16384), help_text=gettext_lazy("Maximum per pixel")
    )
    noise_threshold = models.FloatField(
        default=0.02,
        validators=within(0, 1),
        help_text=gettext_lazy("Sampling of a pixel stops below this; 0 never stops early"),
    )
    denoise = models.BooleanField(default=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=(Q(environment__isnull=False) & BY_FILE) | (~BY_FILE & Q(environment__isnull=True)),
                name="outputtype_panorama_only_for_custom_lighting",
                violation_error_message=gettext_lazy(
                    "A panorama belongs to the lighting “Panorama of your own”, which needs one."
                ),
            ),
            models.CheckConstraint(
                condition=(Q(studio__isnull=False) & BY_STUDIO) | (~BY_STUDIO & Q(studio__isnull=True)),
                name="outputtype_studio_only_for_its_lighting",
                violation_error_message=gettext_lazy(
                    "A studio belongs to the lighting “Studio of your own”, which needs one."
                ),
            ),
            models.CheckConstraint(
                condition=Q(f_stop__isnull=True) | Q(f_stop__gte=0.5, f_stop__lte=64, orthographic=False),
                name="outputtype_f_stop_in_range",
                violation_error_message=gettext_lazy(
                    "The f-stop is 0.5 to 64, and an orthographic camera has none."
                ),
            ),
            in_range("samples", 1, 16384, gettext_lazy("Samples are 1 to 16384.")),
        ]
