"""Contains and confines a program that cannot do so itself, and becomes it:

RENDERDESK_PARENT=PID python -I wrapped.py '{"limits": {"memory": BYTES}, "reach": null}' PROGRAM ARGUMENT...
"""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from blender_scripts.children.confine import Reach, confine
from blender_scripts.children.contained import contain

if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    contain(**asked["limits"])
    if asked["reach"]:
        confine(Reach.from_json(asked["reach"]))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - no shell, as in subprocess
