"""Writes and checks pictures, one after the other, in a process of its own: what `encoder` starts.

Each line on stdin is a request, each on stdout a word about it: the stage, and at last what came out. It keeps the last
master (`derive.master`), as several files are mostly made of one. It has no settings of Django, and so no secrets.
"""

from __future__ import annotations

import base64
import json
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from django.conf import settings
from PIL import Image

from blender_scripts.children.confine import Reach, as_texts, confine, program_files
from blender_scripts.children.contained import contain
from rendering.pictures import encode, formats, gate, kinds, measure
from rendering.pictures.formats import MAX_PX, REFERENCE, is_linear

PACKAGES = Path(__file__).resolve().parents[2]
OPEN_FILES = 256


def main(reach: str) -> int:
    """Answer until stdin ends. *reach*: the folders that may be read and written, as JSON."""
    contain(open_files=OPEN_FILES)
    settings.configure(USE_I18N=False)
    Image.MAX_IMAGE_PIXELS = MAX_PX**2  # what can be ordered is no bomb
    Image.init()
    asked = json.loads(reach)
    packages = (PACKAGES / name for name in ("rendering", "media_assets", "blender_scripts"))
    readable = as_texts([*program_files(), *packages, *asked["readable"]])
    confine(Reach(readable, tuple(asked["writable"])))
    for line in sys.stdin:
        say(answer(json.loads(line)))
    return 0


def say(word: dict[str, Any]) -> None:
    """Write one line to the host."""
    sys.stdout.write(json.dumps(word) + "\n")
    sys.stdout.flush()


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Do what is asked; return what came out, or the error."""
    try:
        with Path(request["source"]).open("rb"):  # what is out of reach is not damaged
            return DOES[request["do"]](request)
    except gate.GateError as error:
        return {"error": "gate", "case": error.failure.details["case"], "details": error.failure.details}
    except MemoryError:
        return {"error": "memory"}
    except Exception as error:
        if isinstance(error, OSError) and error.errno:
            return {
                "error": "system",
                "number": error.errno,
                "words": error.strerror,
                "file": str(error.filename or ""),
            }
        traceback.print_exc()
        return {"error": "defect", "words": f"{type(error).__name__}: {error}"}


def write(request: dict[str, Any]) -> dict[str, Any]:
    """Write one file and check it."""
    source, target, recipe = Path(request["source"]), Path(request["target"]), request["recipe"]
    kind = kinds.KINDS[recipe.get("kind", "still")]
    lowered = measured = None
    started = time.monotonic()
    try:
        if kind.writer:
            formats.function(kind.writer)(source, target, recipe, request["about"])
        else:
            lowered = encode.encode(source, target, recipe, request["about"])
        sign(request)
    except (OSError, RuntimeError, ValueError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        return {"error": "unwritten", "words": str(error)}
    written = time.monotonic()
    say({"stage": "checking"})
    if kind.gate:
        measured, found = formats.function(kind.gate)(source, target, recipe)
    else:
        found = gate.check(target, recipe)
    seen = None if kind.gate else facts(source, target, recipe, lowered)
    checked = time.monotonic()
    return {
        "seconds": {"encode": round(written - started, 3), "gate": round(checked - written, 3)},
        "concerns": [concern.to_json() for concern in found],
        "png_bytes": png_bytes(source, target, recipe) if request["measures_png"] else None,
        "quality": lowered,
        "facts": seen,
        "measured": measured,
    }


def sign(request: dict[str, Any]) -> dict[str, Any]:
    """Sign the file that was written, where its recipe says so: the host, which has the key, is asked to."""
    if request["recipe"].get("signed"):
        key = request["key"]
        formats.function("provenance.sign")(
            Path(request["target"]),
            request["recipe"],
            request["about"],
            key["certificates"],
            key["algorithm"],
            signature,
        )
    return {}


def signature(data: bytes) -> bytes:
    """Return the host's signature of *data*."""
    say({"stage": "signing", "sign": base64.b64encode(data).decode()})
    return base64.b64decode(json.loads(sys.stdin.readline())["signature"])


def png_bytes(source: Path, target: Path, recipe: dict[str, Any]) -> int:
    """Return what the picture takes as a PNG of 8 bits."""
    return target.stat().st_size if recipe["format"] == REFERENCE else encode.png_bytes(source, recipe)


def facts(source: Path, target: Path, recipe: dict[str, Any], quality: int | None) -> dict[str, Any] | None:
    """Return what was measured in a file that was written of the master *source*; None for scene-linear light."""
    if is_linear(recipe["format"]):
        return None
    return measure.measure(target, measure.silhouette(source, recipe), quality).to_json()


def measured(request: dict[str, Any]) -> dict[str, Any]:
    """Measure a file that was written before."""
    return {"facts": facts(Path(request["source"]), Path(request["target"]), request["recipe"], None)}


def check(request: dict[str, Any]) -> dict[str, Any]:
    """Check one picture."""
    found = gate.check(Path(request["source"]), request["recipe"])
    return {"concerns": [concern.to_json() for concern in found]}


DOES = {"write": write, "sign": sign, "check": check, "measure": measured}

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
