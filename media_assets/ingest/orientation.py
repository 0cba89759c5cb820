"""How the product of a CAD file stands in pictures: what was chosen for it, or what its CAD system usually has up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields

from media_assets.formats import cad
from media_assets.models import CadFile, Product, SourceSystem
from media_assets.models.batches import batches
from media_assets.models.turns import OF_AXIS, Rotation, turned

FOUND = (Product.Orientation.FLAT, Product.Orientation.UPRIGHT, Product.Orientation.LEVEL)
"""Those that need something to be found in the file."""


@dataclass(frozen=True)
class OrientationFacts:
    """What of a CAD file decides how it stands."""

    format: str
    up: str
    source_system: str
    orientations: Mapping[str, Sequence[float]] = field(default_factory=dict)

    @classmethod
    def of(cls, cad_file: CadFile) -> OrientationFacts:
        return cls(cad_file.format, cad_file.up, cad_file.source_system, cad_file.orientations)


FACTS = tuple(one.name for one in fields(OrientationFacts))


class Systems:
    """What CAD systems have up."""

    def __init__(self, rows: Iterable[SourceSystem]) -> None:
        self._rows = sorted(rows, key=lambda row: len(row.name), reverse=True)

    def of(self, name: str) -> SourceSystem | None:
        """Return the row that fits the name in a file's header best."""
        return next((row for row in self._rows if row.name.lower() in name.lower()), None)


def load() -> Systems:
    """Return the CAD systems as they are known now: one query."""
    return Systems(SourceSystem.objects.all())


def rotation(facts: OrientationFacts, orientation: str, turn: str, systems: Systems) -> Rotation:
    """Return how the geometry is turned for its pictures; none where it stands as the file has it."""
    if orientation in FOUND:
        return turned(facts.orientations.get(orientation, ()), turn)
    system = systems.of(facts.source_system) if not orientation else None
    axis = system.up if system else orientation
    # What stands upright by its reading option or its format needs no other turn.
    is_upright = bool(facts.up) or cad.of(facts.format).is_y_up
    return turned(turned((), "" if is_upright else OF_AXIS.get(axis, "")), turn)


def rotations(wanted: Sequence[tuple[CadFile, int | None]]) -> list[Rotation]:
    """Return the same for CAD files as those of products (ids): one query for 500 of them, three at most.

    What is known of the files is read with the products: a row that is given may be older than its conversion.
    """
    chosen: dict[int | None, tuple[str, str]] = {}
    facts: dict[int, OrientationFacts] = {}
    for some in batches(sorted({product for _, product in wanted if product is not None})):
        rows = Product.objects.filter(pk__in=some).exclude(orientation=Product.Orientation.FILE, turn="")
        told = rows.values_list(
            "pk", "orientation", "turn", "cad_file", *(f"cad_file__{one}" for one in FACTS)
        )
        for product, how, turn, cad_file, *known in told:
            chosen[product] = (how, turn)
            facts[cad_file] = OrientationFacts(*known)
    others = {cad_file.pk for cad_file, product in wanted if product in chosen} - facts.keys()
    for some in batches(sorted(others)):
        for pk, *known in CadFile.objects.filter(pk__in=some).values_list("pk", *FACTS):
            facts[pk] = OrientationFacts(*known)
    is_asked = any(not how for how, _ in chosen.values()) and any(one.source_system for one in facts.values())
    systems = load() if is_asked else Systems(())
    return [
        rotation(facts[cad_file.pk], *chosen[product], systems)
        if product in chosen and cad_file.pk in facts
        else ()
        for cad_file, product in wanted
    ]
