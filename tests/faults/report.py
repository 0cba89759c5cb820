"""What a run found, as a table for people and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.faults.checks import Evidence, Happened, Violation
from tests.faults.registry import Kind

SHOWN = 8  # violations of one rule that are printed


@dataclass
class Found:
    """Everything about one run. *missed*: faults that found nothing to break, by kind and reason."""

    seed: int
    seconds: float
    drained: float = 0.0
    happened: list[Happened] = field(default_factory=list)
    missed: Counter[tuple[str, str]] = field(default_factory=Counter)
    lacking: dict[str, str] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {
            "seed": self.seed,
            "seconds": round(self.seconds, 1),
            "drained_seconds": round(self.drained, 1),
            "kinds": {
                name: {"count": count, "seen": self.facts.get("seen", {}).get(name, {})}
                for name, count in sorted(Counter(one.kind for one in self.happened).items())
            },
            "missed": {f"{kind}: {why}": count for (kind, why), count in sorted(self.missed.items())},
            "lacking": self.lacking,
            "violations": [one.to_json() for one in self.violations],
            "facts": self.facts,
            "log": self.log,
        }


def seen(evidence: Evidence, happened: Sequence[Happened]) -> dict[str, dict[str, int]]:
    """Return how attempts ended badly that each kind may have hit; one counts for each kind of its last seconds."""
    found: dict[str, Counter[str]] = {one.kind: Counter() for one in happened}
    for one in evidence["attempts"]:
        if one["outcome"] not in ("failed", "lost", "released", "canceled"):
            continue
        word = one["error_code"] or one["outcome"]
        end = one["finished"] or one["started"]
        for kind in {fault.kind for fault in happened if fault.began <= end <= fault.ended + 5.0}:
            found[kind][word] += 1
    return {kind: dict(words.most_common()) for kind, words in found.items()}


def table(found: Found, kinds: Mapping[str, Kind]) -> str:
    """Return the table of a run, in Markdown, and what was violated."""
    counts = Counter(one.kind for one in found.happened)
    missed = Counter()
    for (name, _), count in found.missed.items():
        missed[name] += count
    rows = [("fault", "count", "missed", "attempts that ended within 5 s")]
    for name, one in kinds.items():
        if name in found.lacking:
            rows.append((one.words, "-", "-", f"not here: {found.lacking[name]}"))
            continue
        words = found.facts.get("seen", {}).get(name, {})
        said = ", ".join(f"{count} {word}" for word, count in words.items()) or "none"
        rows.append((one.words, str(counts[name]), str(missed[name]), said))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    facts = ", ".join(f"{value} {name}" for name, value in found.facts.get("counts", {}).items())
    lines += [
        "",
        f"seed {found.seed}; {sum(counts.values())} faults in {found.seconds:.0f} s, "
        f"all at rest after {found.drained:.0f} s more; {facts}",
    ]
    rules = Counter(one.rule for one in found.violations)
    lines.append("no violation" if not rules else f"{len(found.violations)} violations:")
    for rule, count in rules.most_common():
        lines.append(f"- {count} x {rule}")
        lines += [f"    {one.what}" for one in found.violations if one.rule == rule][:SHOWN]
    return "\n".join(lines)
