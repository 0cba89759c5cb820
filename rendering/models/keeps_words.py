"""What orders and jobs say of a product, output type or CAD file that has been deleted."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


def _kept(length: int, help_text: Any) -> Any:
    return models.CharField(
        max_length=length, blank=True, default="", db_default="", editable=False, help_text=help_text
    )


class KeepsWords(models.Model):
    """A row about a product, an output type and a CAD file, each None once deleted: then its words are kept here.

    Deletion refuses what live rows are about. So these have all that they began with, as the types say, and only what
    shows ended rows asks for the words.
    """

    product_number = _kept(100, _("Of a product that was deleted"))
    product_name = _kept(255, _("Of a product that was deleted"))
    output_slug = _kept(60, _("Of an output type that was deleted"))
    output_name = _kept(100, _("Of an output type that was deleted"))
    cad_name = _kept(255, _("Of a CAD file that was deleted"))

    product: Any
    output_type: Any
    cad_file: Any

    class Meta:
        abstract = True

    @property
    def is_whole(self) -> bool:
        """Whether nothing that it is about has been deleted."""
        return not (self.product_number or self.output_slug or self.cad_name)

    @property
    def number(self) -> str:
        return str(self.product.number if self.product else self.product_number)

    @property
    def product_words(self) -> str:
        """The product's name; "" where that is its number."""
        name = self.product.name if self.product else self.product_name
        return "" if name == self.number else name

    @property
    def slug(self) -> str:
        return str(self.output_type.slug if self.output_type else self.output_slug)

    @property
    def output_words(self) -> str:
        return str(self.output_type) if self.output_type else self.output_name

    @property
    def cad_words(self) -> str:
        return str(self.cad_file) if self.cad_file else self.cad_name
