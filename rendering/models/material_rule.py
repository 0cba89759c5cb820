"""Material rules: which finish a part gets, by its names, its key, its CAD material and its CAD color."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from blender_scripts import finish_rules
from blender_scripts.jsonform import ContractError
from media_assets.models import Product
from media_assets.models.sight import SightManager
from rendering.models.finish import Finish
from rendering.models.variant import Variant

# The condition as the rules' engine calls it, and the field it is in.
CONDITIONS = {"words": "words", "key": "part_key", "colors": "colors", "material": "cad_material"}
LONGEST = 1000


class MaterialRule(models.Model):
    """The first active rule whose conditions all hold decides: of a variant, then of its product, then for all."""

    position = models.PositiveIntegerField(
        default=0, db_index=True, help_text=_("Lower numbers are applied first")
    )
    product = models.ForeignKey(
        Product,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="material_rules",
        help_text=_("Empty: all products. Rules for one product are applied before those for all."),
    )
    variant = models.ForeignKey(
        Variant,
        models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="material_rules",
        help_text=_("Of the product: the rule is for its pictures alone."),
    )
    words = models.CharField(
        _("name has"),
        max_length=LONGEST,
        blank=True,
        help_text=_(
            "Words separated by commas; one match is enough. The name of the part and of its product "
            "are searched. * is any characters (*ring, roller*), ? is one, # is a digit; a space also "
            "matches -, _ or nothing (o ring)."
        ),
    )
    part_key = models.CharField(
        max_length=LONGEST,
        blank=True,
        help_text=_(
            "The part's place in the product tree, e.g. /Bearing/Cage#2; * is any characters (/Bearing/*)."
        ),
    )
    colors = models.CharField(
        _("CAD color"),
        max_length=200,
        blank=True,
        help_text=_(
            "Tones or #rrggbb separated by commas; one match is enough. Tones: clear, dark, gray, "
            "light, white, yellow (brass), copper, color (saturated). Parts without a color are gray."
        ),
    )
    cad_material = models.CharField(
        _("CAD material has"),
        max_length=LONGEST,
        blank=True,
        help_text=_("Words as above. The material that the CAD file names is searched."),
    )
    finish = models.ForeignKey(Finish, models.PROTECT, related_name="rules")
    is_active = models.BooleanField(_("active"), default=True)
    note = models.CharField(max_length=200, blank=True)

    objects = SightManager["MaterialRule"]()

    class Meta:
        verbose_name = _("material rule")
        verbose_name_plural = _("material rules")
        permissions = [("assign_finish", "Can choose finishes of a product's parts")]
        ordering = [
            models.F("product").asc(nulls_last=True),
            models.F("variant").asc(nulls_first=True),
            *("position", "-id"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(variant=None) | ~models.Q(product=None),
                name="materialrule_variant_of_product",
            )
        ]

    def __str__(self) -> str:
        return f"{capfirst(self.label)}: {self.conditions()}"

    @property
    def label(self) -> str:
        """What a page calls the rule: its place in the order, and whose it is."""
        if self.product and self.variant:
            return gettext("rule {position} of {product}, {variant}").format(
                position=self.position, product=self.product.number, variant=self.variant
            )
        if self.product:
            return gettext("rule {position} of {product}").format(
                position=self.position, product=self.product.number
            )
        return gettext("rule {position}").format(position=self.position)

    def conditions(self) -> str:
        """Return the conditions in words."""
        said = []
        if self.part_key:
            said.append(gettext("is {part_key}").format(part_key=self.part_key))
        if self.words:
            said.append(gettext("name has “{words}”").format(words=_short(self.words)))
        if self.cad_material:
            said.append(gettext("CAD material has “{words}”").format(words=_short(self.cad_material)))
        if self.colors:
            said.append(
                gettext("CAD color is {colors}").format(
                    colors=get_text_list(list(map(finish_rules.shown, finish_rules.colors_of(self.colors))))
                )
            )
        return ", ".join(said) or gettext("any part")

    def clean(self) -> None:
        """Raise ValidationError for conditions that can't be understood."""
        given = {name: getattr(self, field) for name, field in CONDITIONS.items()}
        problems = finish_rules.problems(**given)
        wrong = {CONDITIONS[name]: problem for name, problem in problems.items() if problem}
        if wrong:
            raise ValidationError(wrong)

    @property
    def problem(self) -> str:
        """Why the rule can't be asked, as it may be after an update past the form; "" if it can."""
        try:
            self.as_form()
        except ContractError as error:
            return str(error)
        return ""

    def as_form(self) -> finish_rules.Rule:
        """Return the rule as both sides of Blender know it. Raises ContractError when it makes no sense."""
        given = {name: getattr(self, field) for name, field in CONDITIONS.items()}
        return finish_rules.Rule(finish=self.finish.as_form(), **given)


def _short(text: str) -> str:
    terms = [term.strip() for term in text.split(",")]
    return ", ".join(terms[:3]) + (", …" if len(terms) > 3 else "")
