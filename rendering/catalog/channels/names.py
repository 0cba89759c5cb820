"""Names of delivered files: patterns with fields, made safe for every system."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

FIELDS = (
    *("product", "variant", "part", "output", "width", "height", "ext", "date", "kind", "view"),
    *("gtin", "gtin14", "asin", "sku", "code"),
)
OF_PICTURES = ("width", "height", "view")
IDENTIFIER = re.compile(r"id\.[a-z][a-z0-9_]{0,39}\Z")
SEPARATORS = " _-."
UNIT = re.compile(rf"^[^{re.escape(SEPARATORS)}]+")
DEFAULT_PATTERN = "{product}_{output}_{width}x{height}.{ext}"
ENDING = ".{ext}"
FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
# What Windows takes for a device, whatever the ending ("Naming Files, Paths, and Namespaces").
RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])[ ]*(\.|$)", re.IGNORECASE)


class BadPattern(ValueError):
    """A naming pattern that can't be used; the message says why and what to write."""


class Unnamed(ValueError):
    """A file whose name needs something that its product lacks; the message says what."""


@dataclass(frozen=True)
class Pattern:
    """A naming pattern as (text, field) pairs, without its ending."""

    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, text: str) -> Pattern:
        """Return the pattern. Raises BadPattern."""
        if not text.endswith(ENDING):
            raise BadPattern(
                _("End it with {ending}, so that programs recognize the files.").format(ending=ENDING)
            )
        try:
            parsed = list(string.Formatter().parse(text.removesuffix(ENDING)))
        except ValueError as error:
            raise BadPattern(_("Each { needs a }, with the name of one field in between.")) from error
        pairs = []
        for literal, field, spec, conversion in parsed:
            if FORBIDDEN.search(literal) or not literal.isprintable():
                raise BadPattern(
                    _("A file name can't have any of < > : \" / \\ | ? * or control characters.")
                )
            is_known = field is None or field in FIELDS or IDENTIFIER.match(field)
            if not is_known or spec or conversion:
                asked = "".join(
                    (field or "", f"!{conversion}" if conversion else "", f":{spec}" if spec else "")
                )
                known = ", ".join(f"{{{one}}}" for one in FIELDS)
                raise BadPattern(
                    _("There is no field {{{asked}}}. The fields are {known}.").format(
                        asked=asked, known=known
                    )
                )
            pairs.append((literal, field or ""))
        if not pairs:
            raise BadPattern(_("Write something before {ending}, such as {{product}}.").format(ending=ENDING))
        return cls(tuple(pairs))

    def stem(self, values: Mapping[str, str]) -> str:
        """Return a name without its ending, safe on every system. Raises Unnamed.

        The names of a variant and a part follow that of their product, and else end the name, where the pattern has no
        place for them.
        """
        pairs = self._pairs_for(values)
        fields = [field for _, field in pairs]
        tail = "".join(
            f"_{values[name]}" for name in ("variant", "part") if values.get(name) and name not in fields
        )
        if "product" in fields:
            values, tail = {**values, "product": f"{values['product']}{tail}"}, ""
        return safe("".join(text + (_value(values, field) if field else "") for text, field in pairs) + tail)

    def _pairs_for(self, values: Mapping[str, str]) -> list[tuple[str, str]]:
        """Return the pairs; what only pictures have is left out for other files, with the text around it.

        That is all before it, and a unit or a bracket after it.
        """
        pairs: list[tuple[str, str]] = []
        text, is_out = "", False
        for literal, field in self.pairs:
            if is_out:
                literal = UNIT.sub("", literal) if pairs else UNIT.sub("", literal).lstrip(SEPARATORS)
            text += literal
            is_out = field in OF_PICTURES and values.get(field) == ""
            if field and not is_out:
                pairs.append((text, field))
            if field:
                text = ""
        return [*pairs, (text, "")]


def identifier_fields(identifiers: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of names that a product's identifiers by scheme give."""
    fields = {f"id.{scheme}": value for scheme, value in identifiers.items()}
    fields |= {scheme: value for scheme, value in identifiers.items() if scheme in ("gtin", "asin", "sku")}
    if "gtin" in fields:
        fields["gtin14"] = fields["gtin"].zfill(14)
    return fields


def _value(values: Mapping[str, str], field: str) -> str:
    value = values.get(field)
    if value or (value is not None and field != "code"):
        return value
    if field == "code":
        raise Unnamed(_("This picture has no code: that is for the outputs of a channel."))
    scheme = field.removeprefix("id.").removesuffix("14")
    raise Unnamed(
        _("The product has no {scheme}: add it on the product's page.").format(scheme=scheme.upper())
    )


def spelled(stem: str, letters: str) -> str:
    """Return a name, without its ending, in the letters that a channel takes (`ChannelProfile.Letters`)."""
    if letters != "plain":
        return stem.lower() if letters else stem
    plain = "".join(
        one for one in unicodedata.normalize("NFKD", stem.lower()) if not unicodedata.combining(one)
    )
    return safe(re.sub(r"[^a-z0-9_]+", "_", plain))


def safe(text: str) -> str:
    """Return *text* as a file name without its ending that every system takes."""
    plain = unicodedata.normalize("NFC", text)
    plain = "".join("_" if unicodedata.category(one)[0] == "C" else one for one in plain)
    plain = FORBIDDEN.sub("_", plain).strip(" ")
    plain = re.sub(r"^\.+|[. ]+$", "_", plain)
    return f"_{plain}" if not plain or RESERVED.match(plain) else plain
