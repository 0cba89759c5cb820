"""Divides what thousands of usages share in a STEP file, as the reader's time grows with the square of their number.

For each usage OpenCASCADE looks through all that refers to the two representations which the usage relates, and through
their items. Here some of the usages at a time get stand-ins for both: representations of the same products, in the same
units, with nothing but the axes by which these usages are placed. The document that is read stays the same.
Standard library only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from math import isqrt

from media_assets.cad.step_text import NUMBER, STRING, without_comments

CROWD = 500
"""Usages of one part, or in one assembly, from which dividing them takes less time than it saves."""

_OPEN, _COMMA, _CLOSE = (rb"\s*+" + sign + rb"\s*+" for sign in (rb"\(", rb",", rb"\)"))
_TEXT = rb"(?:" + STRING + rb"|\$)" + _COMMA
_STATEMENT = NUMBER + rb"\s*+=\s*+"
_RELATION = re.compile(
    rb"REPRESENTATION_RELATIONSHIP" + _OPEN + _TEXT * 2 + NUMBER + _COMMA + NUMBER + _CLOSE
    + rb"REPRESENTATION_RELATIONSHIP_WITH_TRANSFORMATION" + _OPEN + NUMBER + _CLOSE
    + rb"SHAPE_REPRESENTATION_RELATIONSHIP" + _OPEN + _CLOSE + _CLOSE + rb";"
)  # fmt: skip
_TRANSFORMATION = re.compile(
    _STATEMENT + rb"ITEM_DEFINED_TRANSFORMATION" + _OPEN + _TEXT * 2 + NUMBER + _COMMA + NUMBER + _CLOSE
)
_REPRESENTATION = re.compile(
    _STATEMENT + rb"\w{0,100}REPRESENTATION" + _OPEN + STRING + _COMMA
    + rb"\(([^;()']*+)\)" + _COMMA + NUMBER + _CLOSE + rb";"
)  # fmt: skip
_SHAPE_OF = re.compile(rb"=\s*+SHAPE_DEFINITION_REPRESENTATION" + _OPEN + NUMBER + _COMMA + NUMBER + _CLOSE)
_DEFINED = re.compile(NUMBER + rb"\s*+=")
_MEMBER = re.compile(NUMBER)


@dataclass
class _StandIn:
    """A representation in the place of a shared one, for some of its usages: its number, and their axes."""

    number: bytes
    axes: dict[bytes, None] = field(default_factory=dict)
    usages: int = 0


@dataclass
class _Shared:
    """A representation that a crowd of usages relates: its items, its units, the shape of a product that it is."""

    items: frozenset[bytes]
    context: bytes
    shape: bytes
    each: int
    stand_ins: list[_StandIn] = field(default_factory=list)

    def stand_in(self, axes: tuple[bytes, ...], numbers: Iterator[int]) -> _StandIn | None:
        """Return the stand-in for a usage that is placed by these axes; None where none of them is an item of it."""
        own = self.items.intersection(axes)
        if not own:
            return None
        if not self.stand_ins or self.stand_ins[-1].usages == self.each:
            self.stand_ins.append(_StandIn(b"%d" % next(numbers)))
        found = self.stand_ins[-1]
        found.usages += 1
        found.axes.update(dict.fromkeys(axis for axis in axes if axis in own))
        return found

    def statements(self, numbers: Iterator[int]) -> Iterator[bytes]:
        for one in self.stand_ins:
            items = b",".join(b"#" + axis for axis in one.axes)
            yield b"\n#%b=SHAPE_REPRESENTATION('',(%b),#%b);" % (one.number, items, self.context)
            yield b"\n#%d=SHAPE_DEFINITION_REPRESENTATION(#%b,#%b);" % (
                next(numbers),
                self.shape,
                one.number,
            )


def with_stand_ins(content: bytes, crowd: int = CROWD) -> Iterator[bytes]:
    """Yield the content of a STEP file, with stand-ins for each representation that a crowd of usages relates."""
    content = bytes(without_comments(content))
    relations = list(_RELATION.finditer(content))
    shared = _shared(content, relations, crowd)
    if not shared:
        yield content
        return
    axes = {number: (one, other) for number, one, other in _TRANSFORMATION.findall(content)}
    numbers = count(max(map(int, _DEFINED.findall(content))) + 1)
    done = 0
    for relation in relations:
        for side in (1, 2):
            one = shared.get(relation[side])
            stand_in = one.stand_in(axes.get(relation[3], ()), numbers) if one else None
            if stand_in:
                yield content[done : relation.start(side)]
                yield stand_in.number
                done = relation.end(side)
    end = relations[-1].end()
    yield content[done:end]
    for one in shared.values():
        yield from one.statements(numbers)
    yield content[end:]


def _shared(content: bytes, relations: list[re.Match[bytes]], crowd: int) -> dict[bytes, _Shared]:
    """Return what at least a crowd of relations relates, by number, where it is the shape of just one product."""
    usages = Counter(relation[side] for relation in relations for side in (1, 2))
    crowded = {number: usages for number, usages in usages.items() if usages >= crowd}
    if not crowded:
        return {}
    shapes: dict[bytes, list[bytes]] = {number: [] for number in crowded}
    for shape, number in _SHAPE_OF.findall(content):
        if number in shapes:
            shapes[number].append(shape)
    return {
        number: _Shared(frozenset(_MEMBER.findall(items)), context, shapes[number][0], isqrt(crowded[number]))
        for number, items, context in _REPRESENTATION.findall(content)
        if number in crowded and len(shapes[number]) == 1
    }
