"""Labels: pictures on faces of a product's parts, printed or engraved."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from blender_scripts.labels import LIMITS
from media_assets.models import Product
from media_assets.models.sight import SightManager
from rendering.models.material_rule import LONGEST
from rendering.models.texture import Texture


def _limits(name: str) -> list[MinValueValidator | MaxValueValidator]:
    least, most = LIMITS[name]
    return [MinValueValidator(least), MaxValueValidator(most)]


class Label(models.Model):
    """One picture on one face of one part, as `blender_scripts.labels` lays it; its key lasts through revisions."""

    class Side(models.TextChoices):
        FRONT = "front", _("Front")
        BACK = "back", _("Back")
        LEFT = "left", _("Left")
        RIGHT = "right", _("Right")
        TOP = "top", _("Top")
        BOTTOM = "bottom", _("Bottom")

    product = models.ForeignKey(Product, models.CASCADE, related_name="labels")
    part_key = models.CharField(
        _("part key"),
        max_length=LONGEST,
        help_text=_("The part's place in the product tree, e.g. /Bearing/Cage#2"),
    )
    side = models.CharField(
        _("face"), max_length=6, choices=Side, help_text=_("The side of the product that it is seen from")
    )
    picture = models.ForeignKey(
        Texture,
        models.PROTECT,
        verbose_name=_("picture"),
        help_text=_("Of the textures; it may be transparent."),
    )
    mm = models.FloatField(
        _("width (mm)"), validators=_limits("mm"), help_text=_("The height follows from the picture.")
    )
    x = models.FloatField(
        _("to the right (mm)"),
        default=0.0,
        validators=[MinValueValidator(-100_000), MaxValueValidator(100_000)],
        help_text=_("From the middle of the part, as seen from this side"),
    )
    y = models.FloatField(
        _("up (mm)"), default=0.0, validators=[MinValueValidator(-100_000), MaxValueValidator(100_000)]
    )
    turn = models.FloatField(
        _("turned by (°)"), default=0.0, validators=_limits("turn"), help_text=_("Counterclockwise")
    )
    depth = models.FloatField(
        _("engraved (mm)"),
        default=0.0,
        validators=_limits("depth"),
        help_text=_("How deep dark places are cut, by shading; 0: it is printed in its colors"),
    )
    reach = models.FloatField(
        _("reach (mm)"),
        default=1.0,
        validators=_limits("reach"),
        help_text=_("How far below the highest place the part is still covered: more for rounded faces"),
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = SightManager["Label"]()

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        ordering = ["product", "part_key", "pk"]

    def __str__(self) -> str:
        return f"{self.picture} · {self.part_key}"
