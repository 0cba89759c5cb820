"""The report of a trial of GPUs, to be read and to be collected: Markdown, with the same as JSON at its end."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from statistics import median

from rendering.management.gpu_trial import GpuTrial, TimedPictures, Tried

BEGIN, END = "```json", "```"
KERNELS = ("device", "backend", "sampled with", "nothing compiled (s)", "again (s)", "error")
PICTURES = (
    *("backend", "kind", "px", "count", "median (s)", "longest (s)", "processor time each (s)"),
    *("Cycles (MB)", "process (MB)", "two workers"),
)


def written(trial: GpuTrial) -> str:
    """Return the report."""
    here = trial.machine
    gpus = [one for one in trial.tried if one.backend != "CPU"]
    found = (
        "No GPU was found: this ran on the CPU alone."
        if not gpus
        else f"{len(trial.cards)} GPU(s) were found."
    )
    parts = [
        f"# GPU trial of {here.at}",
        f"**{found}** {here.processor}, {here.cores} cores, {here.memory_gb:g} GB, {here.system}; Renderdesk "
        f"{here.renderdesk}, Blender {here.blender}. Load average before: {here.load:g}.",
        "## Probe",
        table(
            ("backend", "answer", "seconds"),
            [(one.backend, one.words, f"{one.seconds:g}") for one in trial.answers],
        ),
    ]
    if trial.cards:
        cards = [
            (one.name, str(one.memory_mb or "?"), one.driver or "?", ", ".join(one.backends))
            for one in trial.cards
        ]
        parts.append(table(("GPU", "memory (MB)", "driver", "backends"), cards))
    parts += [f"Policy *gpu* where no GPU can be seen: {strict_words(trial.strict)}.", "## Kernels"]
    parts.append(table(KERNELS, [kernels(one) for one in trial.tried]))
    parts.append("## Pictures")
    parts.append(table(PICTURES, [row for one in trial.tried for row in pictures(one)]))
    parts.append(
        "*Cycles*: the most memory that it reports, of the GPU where one renders. *Two workers*: how many times as "
        "many pictures two of them on one device made as one."
    )
    document = json.dumps(trial.to_json(), ensure_ascii=False, indent=1)
    return "\n\n".join([*parts, f"{BEGIN}\n{document}\n{END}"]) + "\n"


def strict_words(strict: str) -> str:
    return "refused, as it must" if strict == "gpu_required" else f"**wrong**: {strict}"


def kernels(one: Tried) -> tuple[str, ...]:
    times = (f"{one.cold_seconds:g}", f"{one.warm_seconds:g}")
    return one.name, one.backend, one.proof or "?", *times, one.error


def pictures(tried: Tried) -> Iterable[tuple[str, ...]]:
    for one in tried.pictures:
        yield (tried.backend, *picture_cells(one))


def picture_cells(one: TimedPictures) -> tuple[str, ...]:
    count = len(one.seconds)
    times = (median(one.seconds), max(one.seconds), one.processor_seconds / count)
    memory = (f"{one.cycles_mb:g}", f"{one.process_mb:g}")
    gain = f"{one.gain:.2f} times" if one.by_two else ""
    return one.kind, str(one.px), str(count), *(f"{each:.2f}" for each in times), *memory, gain


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
