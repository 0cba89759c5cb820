"""What products are told apart by where there are thousands: customers, collections, tags."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from media_assets.models.sight import SightManager, UniqueForAll

GROUP_NAME = RegexValidator(
    r"^[^\s,;|][^,;|]{0,98}\Z", _("Use 1 to 99 characters, without commas, semicolons and vertical bars.")
)
"""A cell of a table holds several tags, separated by one of these."""


class Grouping(UniqueForAll, models.Model):
    """A name that products share."""

    name = models.CharField(_("name"), max_length=100, unique=True, validators=[GROUP_NAME])

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Customer(Grouping):
    """Whom products are made for."""

    objects = SightManager["Customer"]()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["name"]


class Collection(Grouping):
    """A series, a catalog or a season that products belong to."""

    objects = SightManager["Collection"]()

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        ordering = ["name"]


class Tag(Grouping):
    """A word on any number of products."""

    objects = SightManager["Tag"]()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]
