"""What a new revision did to the parts of a product. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from rendering.catalog.parts.kinds import Kind
from rendering.catalog.parts.matching import match


@dataclass(frozen=True)
class _Earlier:
    """A part of the earlier revision, as parts are matched."""

    kind: Kind

    @property
    def name(self) -> str:
        return self.kind.name

    @property
    def shape(self) -> str:
        return self.kind.shape

    @property
    def places(self) -> Sequence[str]:
        return self.kind.keys


@dataclass(frozen=True)
class PartChanges:
    """What became of parts: in words by the position of the new ones, and the kinds that are gone."""

    words: dict[int, list[str]]
    removed: list[Kind]


def compare(before: Sequence[Kind], after: Sequence[Kind]) -> PartChanges:
    """Return what differs between the kinds of two revisions; what is the same has no words."""
    earlier = [_Earlier(kind) for kind in before]
    matched = match(earlier, after)
    words = {
        position: _differences(old.kind, kind) if old else [_("new")]
        for position, (old, kind) in enumerate(zip(matched, after, strict=True))
    }
    kept = {id(one) for one in matched if one}
    return PartChanges(
        {position: said for position, said in words.items() if said},
        [one.kind for one in earlier if id(one) not in kept],
    )


def _differences(old: Kind, new: Kind) -> list[str]:
    said = []
    if old.count != new.count:
        said.append(_("count {before} → {after}").format(before=old.count, after=new.count))
    if old.shape and new.shape and old.shape != new.shape:
        said.append(_("other shape"))
    if old.name != new.name:
        said.append(_("was called {name}").format(name=old.name))
    if old.colors != new.colors:
        said.append(_("other colors"))
    if old.material != new.material:
        said.append(
            _("material {before} → {after}").format(before=old.material or "-", after=new.material or "-")
        )
    return said
