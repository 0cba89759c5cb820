"""The lines of a script's output: the tokens of the contract, and what Cycles says of its samples.

Standard library only. The scripts inside Blender print them, the Django side reads them.
"""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import re
from typing import Any

from blender_scripts.contract import BACKENDS, DevicesSeen, DeviceUsed, Progress, RenderOutcome

DEVICE_TOKEN = "RENDER_DEVICE_USED:"  # noqa: S105 - a line's first word, not a secret
DEVICE_NAME_TOKEN = "RENDER_DEVICE_NAME:"  # noqa: S105
PROGRESS_TOKEN = "RENDER_PROGRESS:"  # noqa: S105
RESULT_TOKEN = "RENDER_RESULT:"  # noqa: S105
DEVICES_TOKEN = "RENDER_DEVICES:"  # noqa: S105

_DEVICE_LINE = re.compile(
    rf"{DEVICE_TOKEN} engine=CYCLES device=(GPU|CPU) compute_type=({'|'.join(BACKENDS)}|NONE)"
)
_SAMPLE = re.compile(r"\bSample (\d{1,9})/(\d{1,9})\b")
_REMAINING = re.compile(r"\bRemaining:(?:(\d{1,4}):)?(\d{1,3}):(\d{1,3}(?:\.\d+)?)")


def device_line(used: DeviceUsed) -> str:
    """The token line that says which device samples."""
    return f"{DEVICE_TOKEN} engine=CYCLES device={used.device} compute_type={used.compute_type}"


def device_name_line(used: DeviceUsed) -> str:
    """The token line that follows `device_line` and says all of the same device: its name and id too."""
    return f"{DEVICE_NAME_TOKEN} {_compact(used.to_json())}"


def progress_line(progress: Progress) -> str:
    """The token line of one progress report."""
    return f"{PROGRESS_TOKEN} {_compact(progress.to_json())}"


def result_line(outcome: RenderOutcome) -> str:
    """The token line of a job's end."""
    return f"{RESULT_TOKEN} {_compact(outcome.to_json())}"


def parse_line(line: str) -> DeviceUsed | Progress | RenderOutcome | None:
    """What a line of a script's output says; None when it is no token or a damaged one."""
    line = line.strip()
    if match := _DEVICE_LINE.fullmatch(line):
        return DeviceUsed(device=match[1], compute_type=match[2])
    forms = (
        (DEVICE_NAME_TOKEN, DeviceUsed),
        (PROGRESS_TOKEN, Progress),
        (RESULT_TOKEN, RenderOutcome),
    )
    for token, form in forms:
        if line.startswith(token):
            try:
                return form.from_json(json.loads(line[len(token) :]))
            except (ValueError, RecursionError):
                return None
    return None


def devices_line(seen: DevicesSeen) -> str:
    """The token line of `gpu_probe.py`."""
    return f"{DEVICES_TOKEN} {_compact(seen.to_json())}"


def parse_devices(line: str) -> DevicesSeen | None:
    """What a probe's token line says; None for any other or damaged line."""
    line = line.strip()
    if not line.startswith(DEVICES_TOKEN):
        return None
    try:
        return DevicesSeen.from_json(json.loads(line[len(DEVICES_TOKEN) :]))
    except (ValueError, RecursionError):
        return None


def parse_samples(status: str) -> tuple[int, int, float | None] | None:
    """Samples done, wanted and seconds left from a status line of Cycles; None when it has no samples."""
    match = _SAMPLE.search(status)
    if match is None:
        return None
    left = _REMAINING.search(status)
    seconds = int(left[1] or 0) * 3600 + int(left[2]) * 60 + float(left[3]) if left else None
    return int(match[1]), int(match[2]), seconds


def _compact(document: dict[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=True)
