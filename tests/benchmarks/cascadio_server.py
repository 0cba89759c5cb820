"""cascadio, imported once: converts what stdin names, one JSON list of arguments a line, and answers seconds."""

from __future__ import annotations

import json
import sys
import time

import cascadio

if __name__ == "__main__":
    print("ready", flush=True)
    for line in sys.stdin:
        source, target, linear, angular = json.loads(line)
        began = time.perf_counter()
        code = cascadio.step_to_glb(source, target, linear, angular, False, True, True)
        print(json.dumps([code, time.perf_counter() - began]), flush=True)
