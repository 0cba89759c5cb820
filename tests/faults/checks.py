"""What must hold when the faults are over and all has had time to finish: each check returns its violations."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Evidence = Mapping[str, Any]

REACH_SECONDS = 75.0
"""How long a fault may have an effect after its end: a lease, the patience with a wedged cluster, a pause."""

EARLY_SECONDS = 5.0  # of the times in rows, which come from other clocks
LIVE = ("pending", "working", "queued", "running")


@dataclass(frozen=True)
class Violation:
    """One thing that must not be: the rule, and what broke it."""

    rule: str
    what: str

    def to_json(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class Happened:
    """A fault as it happened: its kind, from when to when (s since 1970), the error codes that it excuses."""

    kind: str
    began: float
    ended: float
    excuses: frozenset[str]

    def reaches(self, started: float, finished: float) -> bool:
        return (
            self.began <= finished + EARLY_SECONDS and started - EARLY_SECONDS <= self.ended + REACH_SECONDS
        )


def lines(evidence: Evidence, happened: Sequence[Happened], canceled: set[int]) -> Iterator[Violation]:
    """Every line is done, canceled by us, or failed with a reason that was a fault's."""
    jobs = {job["pk"]: job for job in evidence["jobs"]}
    of_line = defaultdict(list)
    for line, job in evidence["line_jobs"]:
        of_line[line].append(jobs[job])
    attempts = by_job(evidence)
    for line in evidence["lines"]:
        name = f"line {line['pk']} ({line['output_type__slug']})"
        if line["state"] in LIVE:
            now = ", ".join(f"{job['kind']} {job['pk']} {job['state']}" for job in of_line[line["pk"]])
            yield Violation("a line waits for ever", f"{name} is {line['state']}; its jobs: {now or 'none'}")
        elif line["state"] == "canceled" and line["pk"] not in canceled:
            yield Violation("a line was canceled by nobody", name)
        elif line["state"] == "failed":
            ends = [one for job in of_line[line["pk"]] for one in attempts[job["pk"]]]
            if not is_excused(line["error_code"], ends, happened):
                yield Violation(
                    "a line failed for no fault's reason", f"{name}: {line['error_code']}: {line['error']}"
                )


def attempts(evidence: Evidence, happened: Sequence[Happened]) -> Iterator[Violation]:
    """Each attempt that failed or was lost did so with a reason of a fault of that time; none is open."""
    jobs = {job["pk"]: job for job in evidence["jobs"]}
    for one in evidence["attempts"]:
        job = jobs[one["job"]]
        name = f"{job['kind']} {job['pk']}, attempt {one['number']} on {one['queue']}"
        if one["outcome"] == "running" and job["state"] != "running":
            yield Violation("an attempt never ended", f"{name}: its job is {job['state']}")
        elif one["outcome"] in ("failed", "lost") and not is_excused(one["error_code"], [one], happened):
            yield Violation(
                "an attempt failed for no fault's reason", f"{name}: {one['error_code']}: {one['error']}"
            )


def by_job(evidence: Evidence) -> dict[int, list[dict[str, Any]]]:
    found = defaultdict(list)
    for one in evidence["attempts"]:
        found[one["job"]].append(one)
    return found


def is_excused(code: str, ends: Iterable[Mapping[str, Any]], happened: Sequence[Happened]) -> bool:
    """Whether a fault near one of these attempts excuses the error code. A clock that was ahead says no time."""
    able = [one for one in happened if code in one.excuses]
    if any("clock" in one.kind for one in happened):
        return bool(able)
    return any(
        one.reaches(end["started"], end["finished"] or end["started"])
        for one in able
        for end in ends
        if end["error_code"] == code
    )


def rows(evidence: Evidence) -> Iterator[Violation]:
    """No row is there twice, nothing is live, and nothing was made twice that nobody wanted again."""
    yield from _doubled("an asset", ((one["kind"], one["recipe_key"]) for one in evidence["assets"]))
    yield from _doubled(
        "a line", ((one["order"], one["product"], one["output_type__slug"]) for one in evidence["lines"])
    )
    live = [job for job in evidence["jobs"] if job["state"] in LIVE]
    yield from _doubled("a live job", ((one["kind"], one["recipe_key"]) for one in live))
    for job in live:
        yield Violation(
            "a job waits for ever", f"{job['kind']} {job['pk']} is {job['state']}, held {job['held']}"
        )
    for order in evidence["orders"]:
        if order["finished"] is None:
            yield Violation("an order never finished", f"order {order['pk']}")
    wanted_again = set(evidence["forced"])
    made = Counter((job["kind"], job["recipe_key"]) for job in evidence["jobs"] if _made_something(job))
    for (kind, key), count in made.items():
        if count > 1 and key not in wanted_again:
            yield Violation("work was done twice", f"{count} {kind} jobs of recipe {key[:12]} succeeded")


def _made_something(job: Mapping[str, Any]) -> bool:
    """Whether a job made its asset; a conversion may have found that its geometry is there."""
    has_found = job["kind"] == "tessellate" and job["reuse"].get("geometry", {}).get("hit")
    return bool(job["state"] == "succeeded" and job["asset"] and not has_found)


def _doubled(what: str, keys: Iterable[tuple[Any, ...]]) -> Iterator[Violation]:
    for key, count in Counter(keys).items():
        if count > 1:
            yield Violation("a row is doubled", f"{what} {count} times: {key}")


def files(evidence: Evidence) -> Iterator[Violation]:
    """Each row's file is there with its bytes, and each file has a row; no draft is left."""
    root = Path(evidence["media"])
    for kind in ("assets", "cad_files"):
        for row in evidence[kind]:
            path = root / row["file"]
            if not path.is_file():
                yield Violation("a file is gone", f"{row['file']} of {kind} {row['pk']}")
            elif hashlib.sha256(path.read_bytes()).hexdigest() != row["sha256"]:
                yield Violation("a file is not what its row says", f"{row['file']} of {kind} {row['pk']}")
    named = set(evidence["files"])
    for name in sorted(named):
        if not (root / name).is_file():
            yield Violation("a file is gone", f"{name}, which a row names")
    films = set(evidence["frames"])
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if not path.is_file() or (
            name.parts[0] == "frames" and len(name.parts) > 1 and name.parts[1] in films
        ):
            continue
        if path.name.startswith(".") or path.suffix == ".part":
            yield Violation("a temporary file is left", f"media/{name}")
        elif name.parts[0] in ("frames", "previews"):
            yield Violation("work in progress is left", f"media/{name}")
        elif str(name) not in named:
            yield Violation("a file has no row", f"media/{name} ({path.stat().st_size} bytes)")


def frames(seals: Mapping[str, Mapping[str, int]], forced: Iterable[str]) -> Iterator[Violation]:
    """No frame of a turntable was sealed twice, unless somebody wanted the film again."""
    for film, counts in seals.items():
        again = sorted(frame for frame, count in counts.items() if count > 1)
        if again and film not in set(forced):
            yield Violation("a sealed frame was rendered again", f"film {film[:12]}: {', '.join(again)}")


def leftovers(folder: Path) -> Iterator[Violation]:
    """Nothing is left in the folders of temporary files and work in progress, or where the media were not."""
    for place in ("tmp", "cache/work", "cache/blender"):
        for path in sorted((folder / place).glob("*")):
            yield Violation("a temporary file is left", f"{place}/{path.name}")
    for path in sorted((folder / "lost").rglob("*")):
        if path.is_file():
            yield Violation("a file was written where the media were not", str(path.relative_to(folder)))
