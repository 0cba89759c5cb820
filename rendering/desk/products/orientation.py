"""How a product stands in pictures, for its page: each choice as a rotation, and in words."""

from __future__ import annotations

from typing import TypedDict

from django.utils.translation import gettext as _

from media_assets.ingest import conversions, orientation
from media_assets.models import CadFile, Product


class OrientationShown(TypedDict):
    """What a choice gives for the product's file: its rotation (9 numbers; none) without turns by hand, and words."""

    rotation: list[float]
    words: str


def choices(product: Product) -> dict[str, OrientationShown]:
    """Return what each choice gives, by its value, as JSON has it; nothing without a CAD file."""
    cad_file = product.cad_file
    if cad_file is None:
        return {}
    systems = orientation.load()
    facts = orientation.OrientationFacts.of(cad_file)
    return {
        value: {
            "rotation": list(orientation.rotation(facts, value, "", systems)),
            "words": _words(cad_file, value, systems),
        }
        for value in ("", *Product.Orientation.values)
    }


def _words(cad_file: CadFile, value: str, systems: orientation.Systems) -> str:
    """Say what a choice gives where that is not plain from its name."""
    if not value and cad_file.up:
        return _("The reading options of its CAD file say which axis is up.")
    if not value:
        system = systems.of(cad_file.source_system)
        if system:
            return _("%(system)s: %(axis)s up") % {"system": system, "axis": system.get_up_display()}
        if cad_file.source_system:
            return _("“%(system)s” is not among the CAD systems: it stands as in the file.") % {
                "system": cad_file.source_system
            }
        return _("The file names no CAD system: it stands as in the file.")
    if value not in orientation.FOUND or value in cad_file.orientations:
        return ""
    if cad_file.state != CadFile.State.READY:
        return _("Available once the CAD file has been converted.")
    if not cad_file.orientations and conversions.is_outdated(cad_file):
        return _(
            "An earlier version of the reader read this file and did not look for it: it stands as in the file. Read "
            "it again under Reading options of the CAD file."
        )
    if value == Product.Orientation.FLAT:
        return _("It has no flat face that it could lie on: it stands as in the file.")
    return _("It has no axis that it is round about: it stands as in the file.")
