"""Why a render can't be made, in words: by its code and case, a message, and a next step. Standard library only.

Where it has none, that of its code is the better one (`rendering.models.errors`). The scripts say it in English;
whoever shows it has the case and its details, and words it for the reader.
"""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


def _(text: str) -> str:
    """Mark *text* for translation and return it."""
    return text


REFUSALS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "bad_geometry": {
        "missing": (_("The geometry file {file} is missing."), ""),
        "not_ours": (_("The geometry file {file} is not as Renderdesk writes it ({reason})."), ""),
        "empty": (_("The geometry file {file} has no surface to show."), _("Check the CAD file's parts.")),
        "all_hidden": (
            _("All parts are hidden."),
            _("Show at least one of them, then order the picture again."),
        ),
        "other_parts": (
            _("None of the {count} parts to show is in the geometry, such as {example}."),
            _("Order the picture again."),
        ),
        "endless": (_("The parts to show have no finite size."), ""),
    },
    "bad_panorama": {
        "missing": (_("The panorama {file} is missing or cannot be read."), ""),
        "damaged": (_("The panorama {file} is damaged: Blender cannot read it."), ""),
    },
    "bad_studio": {
        "missing": (_("The studio {file} is missing or cannot be read."), ""),
        "changed": (_("The studio {file} is damaged: its bytes have changed."), ""),
        "version": (_("The studio {file} is not as this version of Renderdesk reads it: {reason}"), ""),
    },
    "bad_texture": {
        "missing": (_("The texture {file} is missing or cannot be read."), ""),
        "changed": (_("The texture {file} is damaged: its bytes have changed."), ""),
        "damaged": (_("The texture {file} is damaged: Blender cannot read it."), ""),
    },
    "bad_label": {
        "beside": (_("A label of {mm} mm does not meet the part {part}: it lies beside it."), ""),
    },
    "out_of_memory": {
        "host": (_("Blender ran out of memory."), _("Order a smaller size or fewer parts.")),
        "somewhere": (
            _("Blender ran out of memory: {error}."),
            _("Order a smaller size, or use a larger GPU."),
        ),
    },
    "gpu_failed": {"said": (_("The GPU failed: {error}."), "")},
    "render_failed": {"said": (_("Blender failed: {error}."), "")},
}


class RefusedRender(RuntimeError):
    """A render that can't be made: a case of its code, and the details that its words name."""

    code: ClassVar[str]

    def __init__(self, case: str, /, **details: str) -> None:
        super().__init__(in_english(self.code, case, details))
        self.case, self.details = case, details


def in_english(code: str, case: str, details: Mapping[str, str]) -> str:
    """Return what happened, and what to do."""
    return " ".join(filter(None, REFUSALS[code][case])).format_map(details)
