"""cascadio, imported once: converts what stdin names, one JSON list of arguments a line; answers its return code."""

from __future__ import annotations

import json
import sys

import cascadio

if __name__ == "__main__":
    print("ready", flush=True)
    for line in sys.stdin:
        source, target, linear, angular = json.loads(line)
        code = cascadio.step_to_glb(source, target, linear, angular, False, True, True)
        print(json.dumps(code), flush=True)
