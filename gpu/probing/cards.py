"""Facts about graphics cards from the vendors' tools and the kernel: memory, driver, UUID. Parsers are pure.

A figure that no source reports stays unknown (None or ""); none is guessed.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from blender_scripts.children.program import run

TOOL_SECONDS = 20.0  # nvidia-smi without a persistence daemon wakes each card first
_PCI = re.compile(r"(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}):([0-9a-f]{2})(?:\.[0-7])?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GraphicsCard:
    """One card as its vendor's tool lists it. `pci` as Cycles writes it: domain:bus:device; memory in MB."""

    pci: str
    uuid: str = ""
    name: str = ""
    memory_mb: int | None = None
    driver: str = ""


def pci_address(text: str) -> str:
    """Return a PCI address as 0000:01:00, whatever its case, domain width and function; "" if it is none."""
    match = _PCI.fullmatch(text.strip())
    if match is None:
        return ""
    return f"{int(match[1] or '0', 16):04x}:{match[2]}:{match[3]}".lower()


NVIDIA_SMI = (
    "nvidia-smi",
    "--query-gpu=uuid,pci.bus_id,name,memory.total,driver_version",
    "--format=csv,noheader,nounits",
)


def parse_nvidia_smi(output: str) -> list[GraphicsCard]:
    """Return the cards of NVIDIA_SMI's output (MiB); lines that are no card are skipped."""
    rows = csv.reader(output.splitlines(), skipinitialspace=True)
    return [
        GraphicsCard(pci, _known(row[0]), _known(row[2]), _whole(row[3]), _known(row[4]))
        for row in _readable(rows)
        if len(row) == 5 and (pci := pci_address(row[1]))
    ]


ROCM_SMI = (
    "rocm-smi",
    *(
        "--showproductname",
        "--showmeminfo",
        "vram",
        "--showuniqueid",
        "--showbus",
        "--showdriverversion",
        "--json",
    ),
)


def parse_rocm_smi(output: str) -> list[GraphicsCard]:
    """Return the cards of ROCM_SMI's output; its labels changed case between releases, so case is ignored."""
    document = _json_in(output)
    entries = {name: _lower(entry) for name, entry in document.items() if isinstance(entry, dict)}
    driver = _known(str(entries.get("system", {}).get("driver version", "")))
    cards = []
    for name, entry in entries.items():
        pci = pci_address(str(entry.get("pci bus", "")))
        if not name.startswith("card") or not pci:
            continue
        memory = _whole(str(entry.get("vram total memory (b)", "")), 1 << 20)
        title = _known(str(entry.get("card series", ""))) or _known(str(entry.get("card model", "")))
        cards.append(GraphicsCard(pci, _amd_uuid(str(entry.get("unique id", ""))), title, memory, driver))
    return cards


XPU_SMI = ("xpu-smi", "discovery", "--dump", "1,2,8,11,16")


def parse_xpu_smi(output: str) -> list[GraphicsCard]:
    """Return the cards of XPU_SMI's output, a CSV table with a head line; memory as "16288.00 MiB"."""
    cards = []
    rows = _readable(csv.reader(output.splitlines(), skipinitialspace=True))
    head = next(rows, [])
    for row in rows:
        entry = dict(zip((title.strip().lower() for title in head), row, strict=False))
        if pci := pci_address(entry.get("pci bdf address", "")):
            memory = _whole(entry.get("memory physical size", "").removesuffix("MiB"))
            name, driver = entry.get("device name", ""), entry.get("driver version", "")
            cards.append(GraphicsCard(pci, "", _known(name), memory, _known(driver)))
    return cards


def of_the_kernel(root: Path = Path("/")) -> list[GraphicsCard]:
    """Return what the kernel reports without any tool: NVIDIA's /proc entries, amdgpu's and i915's in sysfs."""
    return [*_proc_nvidia(root), *_sysfs(root)]


def _proc_nvidia(root: Path) -> Iterator[GraphicsCard]:
    version = re.search(r"Module\s+(?:for \S+\s+)?(\d[\d.]+)", _read(root / "proc/driver/nvidia/version"))
    for file in sorted((root / "proc/driver/nvidia/gpus").glob("*/information")):
        facts = dict(re.findall(r"^([^:\n]+):[ \t]*(.*?)[ \t]*$", _read(file), re.MULTILINE))
        if pci := pci_address(facts.get("Bus Location", "")):
            uuid = facts.get("GPU UUID", "")
            known = "" if "?" in uuid else uuid
            yield GraphicsCard(pci, known, facts.get("Model", ""), None, version[1] if version else "")


def _sysfs(root: Path) -> Iterator[GraphicsCard]:
    for card in sorted((root / "sys/class/drm").glob("card[0-9]*")):
        pci = re.search(r"^PCI_SLOT_NAME=(.*)$", _read(card / "device/uevent"), re.MULTILINE)
        if not card.name.removeprefix("card").isdecimal() or pci is None:
            continue
        memory = _read(card / "device/mem_info_vram_total") or _read(card / "lmem_total_bytes")
        uuid, driver = _read(card / "device/unique_id"), _read(card / "device/driver/module/version")
        if address := pci_address(pci[1]):
            yield GraphicsCard(address, _amd_uuid(uuid), "", _whole(memory, 1 << 20), driver.strip())


def find(say: Callable[[str], None]) -> dict[str, GraphicsCard]:
    """Return the cards of this machine by PCI address; *say* gets what a tool that is there complained about."""
    found: dict[str, GraphicsCard] = {}
    tools = ((NVIDIA_SMI, parse_nvidia_smi), (ROCM_SMI, parse_rocm_smi), (XPU_SMI, parse_xpu_smi))
    told = [card for argv, parse in tools for card in parse(_run(argv, say))]
    for card in (*told, *of_the_kernel()):
        found[card.pci] = _together(found.get(card.pci, GraphicsCard(card.pci)), card)
    return found


def _together(one: GraphicsCard, other: GraphicsCard) -> GraphicsCard:
    """What one source says, with the other's word where the first has none."""
    memory = other.memory_mb if one.memory_mb is None else one.memory_mb
    names = {name: getattr(one, name) or getattr(other, name) for name in ("uuid", "name", "driver")}
    return replace(one, memory_mb=memory, **names)


def _run(argv: tuple[str, ...], say: Callable[[str], None]) -> str:
    """Return what a tool prints; "" if it is not there, fails or hangs (then *say* hears of it)."""
    try:
        done = run(argv, TOOL_SECONDS)
    except FileNotFoundError:
        return ""
    except OSError as error:
        say(f"{argv[0]} cannot be started: {error.strerror}.")
        return ""
    if done.timed_out:
        say(f"{argv[0]} did not answer within {TOOL_SECONDS:g} s.")
        return ""
    output = done.text(said=True)
    if done.returncode != 0:
        words = (done.text(said=False) or output).split()
        say(f"{argv[0]} failed (exit code {done.returncode}): {' '.join(words)[:300]}")
        return ""
    return output


def _readable(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    """The rows up to the first that is no CSV."""
    while True:
        try:
            yield next(rows)
        except (StopIteration, csv.Error):
            return


def _json_in(output: str) -> dict[str, Any]:
    """The JSON object of an output that may have warnings before and after it; {} if there is none."""
    begin, end = output.find("{"), output.rfind("}")
    try:
        document = json.loads(output[begin : end + 1])
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _lower(entry: dict[str, Any]) -> dict[str, Any]:
    return {name.lower(): value for name, value in entry.items()}


def _known(text: str) -> str:
    """A tool's word, printable and short; "" for its ways to say that it does not know."""
    text = "".join(letter for letter in text.strip() if letter.isprintable())[:60]
    return (
        "" if text.strip("[]").lower() in ("", "n/a", "not supported", "unknown", "unknown error") else text
    )


def _amd_uuid(text: str) -> str:
    """AMD's unique id (hexadecimal, 64 bits) as ROCR_VISIBLE_DEVICES wants it: GPU-1234567890abcdef."""
    digits = text.strip().lower().removeprefix("0x")
    return f"GPU-{digits:0>16}" if re.fullmatch(r"[0-9a-f]{1,16}", digits) and digits.strip("0") else ""


def _whole(text: str, unit: int = 1) -> int | None:
    """A figure over *unit* as a whole number of MB that a database column can hold; None if it is no figure."""
    try:
        number = round(float(text)) // unit
    except (ValueError, OverflowError):
        return None
    return number if 0 < number < 2**31 else None


def _read(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""
