"""A fake at the process boundary: a Blender and vendor tools that replay a recorded machine.

The probe gets what the recording says, crashes and hangs included. A render is a real one of the bpy module, on the
CPU, behind the recorded GPU: same tokens, same exit codes, same receipt. Use it like this:

    machine = FakeMachine(tmp_path, "two_nvidia")
    environment |= machine.environment          # for processes: its Blender and tools, and the policy of the settings
    machine.become("no_gpu")                    # from now on: the GPUs are gone

Pinning is obeyed: CUDA_VISIBLE_DEVICES, ROCR_VISIBLE_DEVICES and ONEAPI_DEVICE_SELECTOR hide recorded devices.
`falls_back=True` plays the driver that Cycles leaves in silence: told to use the GPU, its log says CPU.
`is_silent=True` plays a Cycles whose log does not name the device.
A `pause` in the document holds each render up for so many seconds before its first sample.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import signal
import sys
import time
from pathlib import Path
from typing import Any

RECORDINGS = Path(__file__).resolve().parent / "gpu" / "recordings"
TOOLS = ("nvidia-smi", "rocm-smi", "xpu-smi")
VERSION = "4.5.15"
LAYOUTS = {"OPTIX": "OPTIX", "CUDA": "BVH2", "HIP": "BVH2", "ONEAPI": "EMBREEGPU", "CPU": "EMBREE"}
TOKEN = "RENDER_DEVICES: "
GIVEN = os.environ.get("TEST_BLENDER", "")
PYTHON = GIVEN if Path(GIVEN).name.startswith("python") else sys.executable  # one that has the bpy module


class FakeMachine:
    """A folder with a `blender` and the vendors' tools of a recorded machine."""

    def __init__(self, folder: Path, recording: str, **plays: bool) -> None:
        self.folder = folder / "fake_gpu"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.become(recording, **plays)

    def _write(self, name: str) -> None:
        program = self.folder / name
        program.write_text(
            f'#!/bin/sh\nexec "{PYTHON}" -S "{Path(__file__).resolve()}" "{self.folder}" {name} "$@"\n'
        )
        program.chmod(0o755)

    @property
    def blender(self) -> str:
        return str(self.folder / "blender")

    @property
    def path(self) -> str:
        return f"{self.folder}{os.pathsep}{os.environ.get('PATH', '')}"

    @property
    def environment(self) -> dict[str, str]:
        return {"BLENDER_EXECUTABLE": self.blender, "PATH": self.path, "CYCLES_DEVICE": ""}

    def become(self, recording: str, *, falls_back: bool = False, is_silent: bool = False) -> None:
        """Be another machine for every process that starts from now on."""
        document = json.loads((RECORDINGS / f"{recording}.json").read_text())
        self.become_document(document | {"falls_back": falls_back, "is_silent": is_silent})

    def become_document(self, document: dict[str, Any]) -> None:
        part = self.folder / "machine.part"
        from tests.needs import blender_python  # not in the program, which runs without packages

        part.write_text(json.dumps(document | {"python": blender_python()}))
        part.replace(self.folder / "machine.json")
        self._write("blender")
        for name in TOOLS:
            (self.folder / name).unlink(missing_ok=True)
            if name in document["tools"]:
                self._write(name)


def recorded(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((RECORDINGS / f"{name}.json").read_text())
    return document


def without_card(machine: dict[str, Any], place: str) -> dict[str, Any]:
    """The recorded machine without its card at *place* on the bus: drivers and nvidia-smi list the others."""
    for part in machine["backends"].values():
        for number, line in enumerate(part["stdout"]):
            if line.startswith(TOKEN):
                said = json.loads(line[len(TOKEN) :])
                said["devices"] = [one for one in said["devices"] if f"0000:{place}" not in one["id"]]
                part["stdout"][number] = TOKEN + json.dumps(said)
    smi = machine["tools"]["nvidia-smi"]
    smi["stdout"] = "".join(line for line in smi["stdout"].splitlines(True) if f":{place}.0" not in line)
    return machine | {"falls_back": False}


def devices_of(machine: dict[str, Any], backend: str) -> list[dict[str, str]]:
    """The recorded devices of a backend that this process's pinning shows."""
    lines = machine["backends"].get(backend, {}).get("stdout", [])
    found: list[dict[str, str]] = []
    for line in lines:
        if line.startswith(TOKEN):
            try:
                found = json.loads(line[len(TOKEN) :])["devices"]
            except ValueError:
                return []
    wanted = os.environ.get(
        {"HIP": "ROCR_VISIBLE_DEVICES", "ONEAPI": "ONEAPI_DEVICE_SELECTOR"}.get(
            backend, "CUDA_VISIBLE_DEVICES"
        )
    )
    if wanted is None:
        return found
    wanted = wanted.removeprefix("level_zero:")
    if wanted.isdecimal():
        return found[int(wanted) : int(wanted) + 1]
    place = pci_of_uuid(machine, wanted)
    return [device for device in found if place and place in device["id"]]


def pci_of_uuid(machine: dict[str, Any], uuid: str) -> str:
    """Where the recorded tools put the card with this UUID, as Cycles writes it."""
    nvidia = machine["tools"].get("nvidia-smi", {}).get("stdout", "")
    match = re.search(rf"^{re.escape(uuid)}, 0000([0-9A-Fa-f:]+)\.0,", nvidia, re.MULTILINE)
    if match:
        return match[1].lower()
    amd = machine["tools"].get("rocm-smi", {}).get("stdout", "")
    match = re.search(rf'"0x{re.escape(uuid.removeprefix("GPU-"))}".*?"PCI Bus": "([0-9a-f:]+)\.0"', amd)
    return match[1] if match else ""


def play(part: dict[str, Any]) -> None:
    """Print what was recorded and end as it ended."""
    for stream, name in ((sys.stderr, "stderr"), (sys.stdout, "stdout")):
        text = part.get(name, "")
        stream.write(text if isinstance(text, str) else "".join(f"{line}\n" for line in text))
        stream.flush()
    if part.get("hangs"):
        time.sleep(3600)
    if "signal" in part:
        signal.signal(signal.Signals[part["signal"]], signal.SIG_DFL)
        os.kill(os.getpid(), signal.Signals[part["signal"]])
    sys.exit(part.get("exit", 0))


def probe(machine: dict[str, Any], backends: list[str]) -> None:
    for backend in backends:
        play(machine["backends"][backend])


def render(machine: dict[str, Any], script: str, arguments: list[str]) -> None:
    """Run a script of the project with the bpy module, whose Cycles has the recorded GPUs in place of its own."""
    import types

    import _cycles as real

    chosen = "CPU"

    def available_devices(backend: str) -> tuple[tuple[Any, ...], ...]:
        part = machine["backends"].get(backend, {})
        if part.get("hangs") or "signal" in part:
            play(part)
        fakes = tuple(
            (one["name"], one["type"], one["id"], False, False, True, False, True)
            for one in devices_of(machine, backend)
        )
        return fakes + tuple(real.available_devices("CPU"))

    def set_device_override(backend: str) -> None:
        nonlocal chosen
        chosen = backend
        real.set_device_override("CPU")

    fake = types.ModuleType("_cycles")
    fake.__dict__.update({name: getattr(real, name) for name in dir(real) if not name.startswith("__")})
    fake.__dict__.update(available_devices=available_devices, set_device_override=set_device_override)
    sys.modules["_cycles"] = fake

    sys.path.insert(0, str(Path(script).resolve().parent.parent))
    from blender_scripts.stage import device, witness

    device.VERSION = VERSION  # the recorded one, whichever renders
    said = witness.layout_in

    def layout_in(log: bytes) -> str:
        layout = "" if machine.get("is_silent") else said(log)
        if layout:
            time.sleep(machine.get("pause", 0))
        return layout if machine["falls_back"] or not layout else LAYOUTS[chosen]

    witness.layout_in = layout_in
    sys.argv = [script, "--", *arguments]
    runpy.run_path(script, run_name="__main__")


def main() -> None:
    folder, name, *rest = sys.argv[1:]
    machine = json.loads((Path(folder) / "machine.json").read_text())
    if name in TOOLS:
        play(machine["tools"][name])
    if "--version" in rest:
        print(f"Blender {VERSION}")
        return
    python = machine["python"]
    if "--python-expr" in rest:
        os.execv(python, [python, "-c", rest[rest.index("--python-expr") + 1]])
    script, arguments = rest[rest.index("--python") + 1], rest[rest.index("--") + 1 :]
    if Path(script).name == "gpu_probe.py":
        probe(machine, arguments)
    elif sys.flags.no_site:
        # Once more with the packages: bpy is one.
        os.execv(python, [python, str(Path(__file__).resolve()), folder, name, *rest])
    else:
        import bpy  # noqa: F401

        render(machine, script, arguments)


if __name__ == "__main__":
    main()
