"""Which assembly of a STEP file contains which parts, counted without placing anything.

A file of 57 kB can hold 2^24 instances, by 24 assemblies that each contain the next one twice.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import chain

from media_assets.cad.errors import CadError

MOST = 10**18
"""No count goes beyond: digits that double with every level would make long files slow."""


class AssemblyGraph:
    """The links parent -> child of all NEXT_ASSEMBLY_USAGE_OCCURRENCEs; a child used n times is linked n times."""

    def __init__(self, links: Iterable[tuple[int, int]]) -> None:
        self.children: dict[int, list[int]] = defaultdict(list)
        self.contained: set[int] = set()
        for parent, child in links:
            self.children[parent].append(child)
            self.contained.add(child)

    def placed_parts(self) -> int:
        """Return how many parts (leaves) the file shows, over all roots; 0 for a file without assemblies.

        Raises CadError cyclic_assembly when an assembly contains itself.
        """
        counts: dict[int, int] = {}
        for start in list(self.children):
            self._count(start, counts)
        total = sum(counts[parent] for parent in self.children if parent not in self.contained)
        return min(MOST, total)

    @property
    def crowd(self) -> int:
        """Return the largest number of usages of one part, or in one assembly."""
        used = Counter(chain.from_iterable(self.children.values()))
        return max((*used.values(), *map(len, self.children.values())), default=0)

    def _count(self, start: int, counts: dict[int, int]) -> None:
        """Fill ``counts`` for everything below start; a stack of its own, as files nest deeper than Python."""
        open_nodes: set[int] = set()
        stack = [(start, False)]
        while stack:
            node, below_is_done = stack.pop()
            if below_is_done:
                counts[node] = min(MOST, sum(counts[child] for child in self.children[node]))
                open_nodes.discard(node)
            elif node in open_nodes:
                raise CadError("cyclic_assembly", "step", node=node)
            elif node not in counts:
                if node not in self.children:
                    counts[node] = 1
                    continue
                open_nodes.add(node)
                stack.append((node, True))
                stack.extend((child, False) for child in self.children[node])
