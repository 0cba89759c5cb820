"""Finishes: the surfaces that material rules give to parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from blender_scripts import finish_rules
from blender_scripts.finish_library import NAMES
from blender_scripts.finish_rules import TEXTURE_LIMITS
from rendering.models.texture import Texture

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # of django-stubs

SHARES = (
    *(
        "tint",
        "metallic",
        "roughness",
        "specular",
        "grain",
        "anisotropy",
        "brushed",
        "coat",
        "coat_roughness",
    ),
    "transmission",
)


def _share(name: _StrPromise, default: float, words: _StrPromise) -> models.FloatField[float, float]:
    limits = [MinValueValidator(0), MaxValueValidator(1)]
    return models.FloatField(name, default=default, validators=limits, help_text=words)


def _limits(name: str) -> list[Any]:
    least, most = TEXTURE_LIMITS[name]
    return [MinValueValidator(least), MaxValueValidator(most)]


class Finish(models.Model):
    """One kind of surface; blender_scripts.finish_rules explains its numbers."""

    class Mapping(models.TextChoices):
        """How a texture is laid on a part."""

        BOX = "box", _("from all six sides")
        CYLINDER = "cylinder", _("around the axis")

    slug = models.SlugField(
        max_length=40, unique=True, help_text=_("Used in recipes; it can't be changed later.")
    )
    name = models.CharField(max_length=100, unique=True)
    color = models.CharField(
        _("own color"),
        max_length=7,
        default="#bcbcbc",
        validators=[RegexValidator(r"^#[0-9a-f]{6}\Z", _("Write the color as #rrggbb, in small letters."))],
    )
    tint = _share(_("CAD color"), 1.0, _("How much of the CAD color is used: 0 none, 1 nothing else"))
    metallic = _share(_("metallic"), 0.0, _("1 for metal, 0 for everything else"))
    roughness = _share(_("roughness"), 0.4, _("0 is a mirror, 1 is chalk"))
    specular = _share(_("gloss"), 0.5, _("For surfaces that are not metal: 0.5 is usual, 0 is none"))
    grain = _share(_("grain"), 0.0, _("How much the roughness varies"))
    anisotropy = _share(_("anisotropy"), 0.0, _("Stretched highlights, around the axis of turned parts"))
    brushed = _share(_("brushed"), 0.0, _("Fine lines along the part, or around its axis"))
    coat = _share(_("clear coat"), 0.0, _("A layer of lacquer on top"))
    coat_roughness = _share(_("clear coat's roughness"), 0.08, _("0 is a mirror"))
    transmission = _share(_("transmission"), 0.0, _("1 for glass"))
    ior = models.FloatField(
        _("index of refraction"),
        default=1.5,
        validators=[MinValueValidator(1), MaxValueValidator(3)],
        help_text=_("Glass 1.5, acrylic 1.49, water 1.33"),
    )
    texture = models.ForeignKey(
        Texture,
        models.PROTECT,
        verbose_name=_("texture"),
        limit_choices_to={"is_clear": False},
        null=True,
        blank=True,
        help_text=_(
            "Repeated over the part, and multiplied by the color above: for the picture as it is, choose white "
            "(#ffffff) and 0 for the CAD color."
        ),
    )
    texture_mm = models.FloatField(
        _("width (mm)"),
        default=100.0,
        db_default=100.0,
        validators=_limits("mm"),
        help_text=_("How many mm of the part one repeat covers"),
    )
    texture_mapping = models.CharField(
        _("mapping"),
        max_length=10,
        choices=Mapping.choices,
        default=Mapping.BOX,
        db_default=Mapping.BOX,
        help_text=_(
            "Around the axis: on turned parts alone; all others are covered as a box. The width may change by up to a "
            "tenth so that the picture closes around the part."
        ),
    )
    texture_relief = models.FloatField(
        _("relief (mm)"),
        default=0.0,
        db_default=0.0,
        validators=_limits("relief"),
        help_text=_("How far white lies above black, by shading: 0 is flat, below 0 black lies above white"),
    )
    density = models.FloatField(
        _("density (kg/m³)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(25_000)],
        help_text=_("Of the material below this surface, for masses in parts lists. Empty: not known."),
    )

    class Meta:
        verbose_name = _("finish")
        verbose_name_plural = _("finishes")
        ordering = ["name"]
        constraints = [
            # Blender would clamp what lies outside, and the recipe would lie.
            models.CheckConstraint(
                condition=Q(
                    **{f"{name}__gte": 0.0 for name in SHARES},
                    **{f"{name}__lte": 1.0 for name in SHARES},
                ),
                name="finish_shares_in_range",
                violation_error_message=_("All shares are 0 to 1."),
            ),
            models.CheckConstraint(
                condition=Q(ior__gte=1.0, ior__lte=3.0),
                name="finish_ior_in_range",
                violation_error_message=_("The index of refraction is 1 to 3."),
            ),
            models.CheckConstraint(
                condition=Q(
                    **{f"texture_{name}__gte": least for name, (least, _most) in TEXTURE_LIMITS.items()},
                    **{f"texture_{name}__lte": most for name, (_least, most) in TEXTURE_LIMITS.items()},
                ),
                name="finish_texture_in_range",
                violation_error_message=_("A texture is 0.1 to 10000 mm wide, and its relief -5 to 5 mm."),
            ),
        ]

    def __str__(self) -> str:
        """Return its name; that of a built-in one, unless somebody changed it, in the reader's language."""
        return gettext(self.name) if self.name == NAMES.get(self.slug) else self.name

    @classmethod
    def names(cls) -> dict[str, str]:
        """Return the names of all, in the reader's language, by slug."""
        return {one.slug: str(one) for one in cls.objects.only("slug", "name")}

    def as_form(self) -> finish_rules.FinishSpec:
        """Return the finish as both sides of Blender know it."""
        values: dict[str, Any] = {name: getattr(self, name) for name in SHARES}
        return finish_rules.FinishSpec(
            slug=self.slug, color=self.color.lower(), ior=self.ior, texture=self._texture(), **values
        )

    def _texture(self) -> finish_rules.TextureSpec | None:
        if self.texture is None:
            return None
        return finish_rules.TextureSpec(
            sha256=self.texture.sha256,
            mm=self.texture_mm,
            color=self.texture.color,
            mapping=self.texture_mapping,
            relief=self.texture_relief,
        )
