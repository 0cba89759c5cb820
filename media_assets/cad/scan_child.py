"""Looks at the bytes of one uploaded file, in a process of its own: `python -m media_assets.cad.scan_child REQUEST`.

The answer is one line of JSON: what the file is, or the error that it ends with.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from blender_scripts.children.confine import Reach, as_texts, confine, program_files
from blender_scripts.children.contained import contain
from media_assets.cad.contract import Limits
from media_assets.cad.errors import CadError
from media_assets.cad.prescan import prescan

PACKAGES = Path(__file__).resolve().parents[2]


def main(request: str) -> int:
    """Answer one request of `scanning.scan`."""
    asked = json.loads(request)
    contain(**asked["limits"])
    packages = (PACKAGES / name for name in ("media_assets", "blender_scripts"))
    confine(Reach(as_texts([*program_files(), *packages, asked["source"]]), (asked["folder"],)))
    try:
        limits = Limits(source_mb=asked["source_mb"])
        answer = {"scan": prescan(Path(asked["source"]), limits, asked["code_page"]).to_json()}
    except CadError as error:
        answer = {"error": error.failure.to_json()}
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
