"""Reads the C2PA manifest of a file: `python manifest_reader.py FILE ROOTS`, in a process of its own with limits.

A stranger's file may crash its reader, so the web process starts this program and only reads its answer, a line of
JSON: the validation state ("" for a file without a manifest), the codes of what fails, the signer, and the assertions.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import c2pa

STATES = ("Trusted", "Valid", "Invalid")
MIME_TYPES = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"II*\0", "image/tiff"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypavi", "image/avif"),
    (4, b"ftyp", "video/mp4"),
)
"""By the first bytes of a file, whatever it is called."""


def main(source: Path, roots: Path) -> None:
    """Print what the manifest of *source* says."""
    sys.stdout.write(json.dumps(read(source, roots.read_text("ascii"))) + "\n")


def read(source: Path, roots: str) -> dict[str, Any]:
    """Return what the manifest says, believed where one of the *roots* (PEM) signed its certificate."""
    with source.open("rb") as stream:
        head = stream.read(16)
        kind = next((kind for at, magic, kind in MIME_TYPES if head[at:].startswith(magic)), "")
        if not kind:
            return {"state": ""}
        stream.seek(0)
        return _read(kind, stream, roots)


def _read(mime_type: str, stream: Any, roots: str) -> dict[str, Any]:
    wanted: dict[str, Any] = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}
    if roots:
        wanted["trust"] = {"user_anchors": roots}
    context = c2pa.Context(c2pa.Settings.from_dict(wanted))
    try:
        with c2pa.Reader(mime_type, stream, context=context) as reader:
            document = json.loads(reader.json())
            state = str(reader.get_validation_state())
    except c2pa.C2paError.ManifestNotFound:
        return {"state": ""}
    except c2pa.C2paError as error:
        return {"state": "Invalid", "codes": [str(error)[:200]]}
    manifest = document["manifests"][document["active_manifest"]]
    return {
        "state": state if state in STATES else "Invalid",
        "codes": [one["code"] for one in document.get("validation_status", [])],
        "signer": manifest.get("signature_info", {}).get("issuer", ""),
        "assertions": {one["label"]: one.get("data") for one in manifest.get("assertions", [])},
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
