"""CAD systems, and which axis is up in their files."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from media_assets.models.cad_file import CadFile


class SourceSystem(models.Model):
    """What STEP and IGES files of a CAD system have up, for products whose orientation nobody chose."""

    UPS = (("z", _("Z axis")), *CadFile.Up.choices)

    name = models.CharField(
        _("name"),
        max_length=100,
        unique=True,
        help_text=_(
            "As “CAD system” on the page of a CAD file has it; part of it is enough. The longest name that fits counts."
        ),
    )
    up = models.CharField(
        _("up"), max_length=2, choices=UPS, default="z", help_text=_("The axis that points up in pictures")
    )

    class Meta:
        verbose_name = _("CAD system")
        verbose_name_plural = _("CAD systems")
        ordering = ["name"]
        constraints = [
            # A name that every file has would turn them all.
            models.CheckConstraint(condition=~models.Q(name=""), name="sourcesystem_has_name"),
            models.CheckConstraint(
                condition=models.Q(up__in=["x", "y", "z", "-x", "-y", "-z"]), name="sourcesystem_known_up"
            ),
        ]

    def __str__(self) -> str:
        return self.name
