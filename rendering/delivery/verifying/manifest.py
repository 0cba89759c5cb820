"""The signed manifest of a file, read by another process, as files come from strangers."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Self

from django.conf import settings

from blender_scripts.children.confine import LINKERS, Reach, as_texts, program_files
from blender_scripts.children.folders import temporary_folder
from blender_scripts.children.program import contained, run

READER = Path(__file__).with_name("manifest_reader.py")
MADE_OF = "renderdesk.provenance"
READING_SECONDS = 60
CPU_SECONDS = 45
MEMORY = 2 << 30  # bytes
_reading = BoundedSemaphore(2)  # each takes memory, and many may come at once


@dataclass(frozen=True)
class SignedManifest:
    """What a manifest says. *state*: Trusted (signed with a key that is believed here), Valid (with another), Invalid.

    *codes*: what fails. *made_of*: CAD file, recipe and receipt, as they were signed.
    """

    state: str
    codes: Sequence[str] = ()
    signer: str = ""
    made_of: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path) -> Self | None:
        """Return the manifest of a file; None where it has none that can be read here."""
        if not find_spec("c2pa"):
            return None
        with _reading, temporary_folder() as folder:
            roots = folder / "roots.pem"
            roots.write_bytes(settings.C2PA_TRUST.read_bytes() if settings.C2PA_TRUST.is_file() else b"")
            said = _said(path.resolve(), roots.resolve())
        if not said.get("state"):
            return None
        made_of = said.get("assertions", {}).get(MADE_OF)
        return cls(
            str(said["state"]),
            tuple(map(str, said.get("codes", ()))),
            str(said.get("signer", "")),
            made_of if isinstance(made_of, dict) else {},
        )


def _said(path: Path, roots: Path) -> dict[str, Any]:
    """Return the reader's answer; that of a file that nobody can read where it has none."""
    reader = [sys.executable, "-I", str(READER), str(path), str(roots)]
    reach = Reach(
        readable=as_texts([*program_files(), READER, path, roots]),
        programs=(str(Path(sys.executable).resolve()), *LINKERS),
    )
    done = run(
        contained(reader, reach, memory=MEMORY, cpu=CPU_SECONDS, file=0),
        READING_SECONDS,
        env={"PATH": os.defpath},
        cwd=roots.parent,
    )
    try:
        answer = json.loads(done.text(said=True))
    except ValueError:
        answer = {"state": "Invalid", "codes": ["unreadable"]}
    return answer if isinstance(answer, dict) else {}
