"""Uploaded color profiles: tried by another process, then kept under the hash of their content."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blender_scripts.children.confine import LINKERS, Reach, as_texts, program_files
from blender_scripts.children.folders import temporary_folder
from blender_scripts.children.program import contained, run
from rendering.models import ColorProfile

READER = Path(__file__).with_name("color_profile_reader.py")
LARGEST_MB = 8
READING_SECONDS = 30
MEMORY = 1 << 30  # bytes
REFUSALS = {
    "kind": gettext_lazy(
        "It is a profile of another kind (%(space)s, %(kind)s). Choose a CMYK profile of a printing press, such as "
        "PSO Coated v3 or GRACoL 2006."
    ),
    "damaged": gettext_lazy(
        "It is no ICC profile, or a damaged one (%(reason)s). Download it again from your printer or eci.org."
    ),
}


def receive(content: bytes, *, name: str) -> ColorProfile:
    """Return the row of a new profile, not yet saved. Raises ValidationError, which says what to do."""
    sha256 = hashlib.sha256(content).hexdigest()
    if known := ColorProfile.objects.filter(sha256=sha256).first():
        raise ValidationError(
            _("These bytes are the profile “%(name)s” already: use that.") % {"name": known}
        )
    with temporary_folder() as folder:
        source = folder / "profile.icc"
        source.write_bytes(content)
        answer = _examined(source)
    if why := answer.get("refused"):
        raise ValidationError(REFUSALS[why] % answer)
    return ColorProfile(name=name, icc=content, sha256=sha256, description=answer["description"])


def _examined(source: Path) -> dict[str, Any]:
    reader = [sys.executable, "-I", str(READER), str(source.resolve())]
    reach = Reach(
        readable=as_texts([*program_files(), READER, source.resolve()]),
        programs=(str(Path(sys.executable).resolve()), *LINKERS),
    )
    done = run(
        contained(reader, reach, memory=MEMORY, cpu=READING_SECONDS, file=0),
        READING_SECONDS,
        env={"PATH": os.defpath},
        cwd=source.parent,
    )
    try:
        return dict(json.loads(done.text(said=True)))
    except ValueError:
        return {
            "refused": "damaged",
            "reason": _("its reader ended with %(status)s") % {"status": done.returncode},
        }
