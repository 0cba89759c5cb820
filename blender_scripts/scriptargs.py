"""Shared by all scripts inside Blender: their arguments and the one-shot run of a spec file."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from blender_scripts import containment
from blender_scripts.contract import ExitCode, RenderOutcome, RenderSpec
from blender_scripts.jsonform import ContractError
from blender_scripts.tokens import result_line


def after_dashes() -> list[str]:
    """The arguments after `--`, which are the script's own under both kinds of Blender."""
    return sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]


def render_spec_file(kind: str) -> None:
    """Render the spec file named after `--` and leave with the script's exit code.

    The outcome goes to stdout as RENDER_RESULT and to a JSON file beside the picture
    (`<picture>.json`; a turntable's is `result.json` in its folder).
    """
    outcome = _outcome(kind, after_dashes())
    containment.say(result_line(outcome))
    if outcome.error_code == "gpu_required":
        containment.leave(ExitCode.GPU_REQUIRED)
    containment.leave(ExitCode.DONE if outcome.ok else ExitCode.ERROR)


def _outcome(kind: str, arguments: list[str]) -> RenderOutcome:
    if len(arguments) != 1:
        return _refused("Give one spec file after the double dash: SCRIPT -- SPEC.json")
    try:
        spec = RenderSpec.from_json(json.loads(Path(arguments[0]).read_text()))
    except ContractError as error:
        return _refused(str(error))
    except (OSError, ValueError) as error:
        return _refused(f"The spec file cannot be read: {error}")
    if spec.kind != kind:
        return _refused(f"This script renders a {kind}, the spec asks for a {spec.kind}.")
    begun = time.monotonic()
    from blender_scripts.stage.job import Stage

    stage = Stage()
    outcome = stage.render(spec, imported=time.monotonic() - begun)
    _write_result(spec, outcome)
    return outcome


def _write_result(spec: RenderSpec, outcome: RenderOutcome) -> None:
    place = Path(spec.output_path)
    result = place / "result.json" if spec.kind == "turntable" else place.with_suffix(".json")
    try:
        result.parent.mkdir(parents=True, exist_ok=True)
        part = result.with_name(f".{result.name}.part")
        part.write_text(json.dumps(outcome.to_json(), indent=2) + "\n")
        part.replace(result)
    except OSError as error:
        print(f"The result file {result} cannot be written: {error}", flush=True)


def _refused(reason: str) -> RenderOutcome:
    return RenderOutcome(ok=False, error_code="bad_spec", error=reason)
