"""Material rules: which finish a part gets, by its names, its key, its CAD material and its CAD color."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from blender_scripts import finish_rules
from blender_scripts.jsonform import ContractError
from media_assets.models import Product
from rendering.models.finish import Finish

# The condition as the rules' engine calls it, and the field it is in.
CONDITIONS = {"words": "words", "key": "part_key", "colors": "colors", "material": "cad_material"}
LONGEST = 1000


class MaterialRule(models.Model):
    """The first active rule whose conditions all hold decides; a product's own rules come before those for all."""

    position = models.PositiveIntegerField(default=0, db_index=True, help_text="Lower goes first")
    product = models.ForeignKey(
        Product,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="material_rules",
        help_text="Empty: for all products. Rules of a product go before those for all.",
    )
    words = models.CharField(
        "name has",
        max_length=LONGEST,
        blank=True,
        help_text="Words separated by commas, one is enough; looked for in the name of the part and of its product. "
        "* is any characters (*ring, roller*), ? is one, # is a digit; a blank also finds -, _ or nothing (o ring).",
    )
    part_key = models.CharField(
        max_length=LONGEST,
        blank=True,
        help_text="The part's place in the product tree, e.g. /Bearing/Cage#2; * is any characters (/Bearing/*).",
    )
    colors = models.CharField(
        "CAD color",
        max_length=200,
        blank=True,
        help_text="Tones or #rrggbb separated by commas, one is enough. Tones: clear, dark, gray, light, white, yellow "
        "(brass), copper, color (saturated). Parts without a color are gray.",
    )
    cad_material = models.CharField(
        "CAD material has",
        max_length=LONGEST,
        blank=True,
        help_text="Words as above, looked for in the material that the CAD file names.",
    )
    finish = models.ForeignKey(Finish, models.PROTECT, related_name="rules")
    is_active = models.BooleanField("active", default=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = [models.F("product").asc(nulls_last=True), "position", "-id"]

    def __str__(self) -> str:
        return f"{self.label.capitalize()}: {self.conditions()}"

    @property
    def label(self) -> str:
        """What a page calls the rule: its place in the order, and whose it is."""
        return f"rule {self.position}" + (f" of {self.product.number}" if self.product else "")

    def conditions(self) -> str:
        """Return the conditions in words."""
        said = []
        if self.part_key:
            said.append(f"is {self.part_key}")
        if self.words:
            said.append(f"name has “{_short(self.words)}”")
        if self.cad_material:
            said.append(f"CAD material has “{_short(self.cad_material)}”")
        if self.colors:
            said.append(
                f"CAD color is {' or '.join(map(finish_rules.shown, finish_rules.colors_of(self.colors)))}"
            )
        return ", ".join(said) or "any part"

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
