"""What a render that failed says: its error code, and what to do."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from blender_scripts import room
from blender_scripts.stage.device import GpuRequired, NoDenoiser
from blender_scripts.stage.geometry import BadGeometry
from blender_scripts.stage.labels import BadLabel
from blender_scripts.stage.own_studio import BadStudio
from blender_scripts.stage.textures import BadTexture
from blender_scripts.stage.world import BadPanorama

CODES: dict[type[Exception], str] = {
    GpuRequired: "gpu_required",
    NoDenoiser: "render_failed",
    BadGeometry: "bad_geometry",
    BadPanorama: "bad_panorama",
    BadStudio: "bad_studio",
    BadTexture: "bad_texture",
    BadLabel: "bad_label",
}
"""Of the errors that say themselves what is wrong."""

_OUT_OF_MEMORY = ("out of memory", "out of gpu", "failed to allocate", "cannot allocate")
_GPU = ("cuda", "optix", "hip ", "oneapi", "no cycles device", "gpu")


def failure(trouble: Exception) -> tuple[str, str]:
    """Return the error code and the message of a render's outcome."""
    if isinstance(trouble, room.DiskFull | room.WriteFailed):
        return room.code_of(trouble), str(trouble)
    if isinstance(trouble, MemoryError):
        return "out_of_memory", "Blender ran out of memory. Order a smaller size or fewer parts."
    if code := next((code for kind, code in CODES.items() if isinstance(trouble, kind)), ""):
        return code, str(trouble)
    text = str(trouble).strip() or type(trouble).__name__
    low = text.lower()
    if any(word in low for word in _OUT_OF_MEMORY):
        return (
            "out_of_memory",
            f"Blender ran out of memory: {text}. Order a smaller size, or use a larger GPU.",
        )
    if any(word in low for word in _GPU):
        return "gpu_failed", f"The GPU failed: {text}. Probe the GPU, then retry the job."
    return "render_failed", f"Blender failed: {text}. The job's log has the details; retry it."
