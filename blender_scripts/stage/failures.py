"""What a render that failed says: its error code, and what to do."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from blender_scripts import room
from blender_scripts.refusals import RefusedRender, in_english
from blender_scripts.stage.device import GpuRequired, NoDenoiser

CODES: dict[type[Exception], str] = {GpuRequired: "gpu_required", NoDenoiser: "render_failed"}
"""Of other errors that say themselves what is wrong."""

_OUT_OF_MEMORY = ("out of memory", "out of gpu", "failed to allocate", "cannot allocate")
_GPU = ("cuda", "optix", "hip ", "oneapi", "no cycles device", "gpu")


def failure(trouble: Exception) -> dict[str, Any]:
    """Return what the outcome of a render says of its error."""
    if isinstance(trouble, RefusedRender):
        return _outcome(trouble.code, trouble.case, trouble.details)
    if isinstance(trouble, room.DiskFull | room.WriteFailed):
        return {"error_code": room.code_of(trouble), "error": str(trouble)}
    if isinstance(trouble, MemoryError):
        return _outcome("out_of_memory", "host", {})
    if code := next((code for kind, code in CODES.items() if isinstance(trouble, kind)), ""):
        return {"error_code": code, "error": str(trouble)}
    text = str(trouble).strip() or type(trouble).__name__
    low = text.lower()
    if any(word in low for word in _OUT_OF_MEMORY):
        return _outcome("out_of_memory", "somewhere", {"error": text})
    return _outcome(
        "gpu_failed" if any(word in low for word in _GPU) else "render_failed", "said", {"error": text}
    )


def _outcome(code: str, case: str, details: dict[str, str]) -> dict[str, Any]:
    error = in_english(code, case, details)
    return {"error_code": code, "error": error, "error_case": case, "error_details": details}
