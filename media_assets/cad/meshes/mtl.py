"""Reads the materials (MTL) of an OBJ that lie beside it in a packed upload. Runs in the child process only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from media_assets.cad.contract import Finding
from media_assets.cad.meshes.textures import average_color
from media_assets.cad.unpack import file_name

MOST_BYTES = 50_000_000
Rgba = tuple[float, float, float, float]


@dataclass
class Materials:
    """The colors (sRGB and opacity) of materials by name in lower case, and what to say about the others."""

    colors: dict[bytes, Rgba] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def read_materials(libraries: list[bytes], companions: Mapping[str, Path]) -> Materials:
    """Return the materials of the libraries that an OBJ names."""
    found = Materials()
    missing, has_textures = [], False
    for words in dict.fromkeys(libraries):
        name = file_name(words.decode("utf-8", "replace"))
        path = companions.get(name) or _only_library(companions)
        if path is None or path.stat().st_size > MOST_BYTES:
            missing.append(name)
            continue
        has_textures |= _read(path.read_bytes(), companions, found.colors)
    if missing:
        found.findings.append(
            Finding(
                "materials_left_out",
                f"The colors of an OBJ lie in a file of their own ({missing[0][:80]}), which was not uploaded: "
                "the parts are shown in gray. Upload a ZIP with both, or assign materials by part name.",
            )
        )
    if has_textures:
        found.findings.append(
            Finding(
                "textures_left_out",
                "The file has textures; parts are shown in the average color of theirs. Assign materials by part name.",
            )
        )
    return found


def _only_library(companions: Mapping[str, Path]) -> Path | None:
    """Return the one MTL that was uploaded, for an OBJ that was renamed or names it with a path of its own."""
    found = [path for name, path in companions.items() if name.endswith(".mtl")]
    return found[0] if len(found) == 1 else None


def _read(content: bytes, companions: Mapping[str, Path], colors: dict[bytes, Rgba]) -> bool:
    """Take in the materials of a file; return whether one of them has a texture."""
    name, has_textures = b"", False
    color: list[float] = [1.0, 1.0, 1.0]
    alpha = 1.0
    for line in content.splitlines():
        word, _, rest = line.strip().replace(b"\t", b" ").partition(b" ")
        match word.lower():
            case b"newmtl":
                name, color, alpha = rest.strip().lower(), [0.8, 0.8, 0.8], 1.0
            case b"kd":
                color = _numbers(rest, 3) or color
            case b"d":
                alpha = (_numbers(rest.replace(b"-halo", b""), 1) or [alpha])[0]
            case b"tr":
                alpha = 1.0 - (_numbers(rest, 1) or [1.0 - alpha])[0]
            case b"map_kd":
                has_textures = True
                path = companions.get(
                    file_name(rest.split()[-1].decode("utf-8", "replace") if rest.split() else "")
                )
                average = average_color(path.read_bytes()) if path else None
                if average:
                    color = [channel * share for channel, share in zip(average, color, strict=True)]
            case _:
                continue
        if name:
            red, green, blue = color
            colors[name] = (red, green, blue, alpha)
    return has_textures


def _numbers(words: bytes, count: int) -> list[float]:
    """Return numbers from 0 to 1; none where something else stands."""
    try:
        found = [float(word) for word in words.split()[:count]]
    except ValueError:
        return []
    return [min(1.0, max(0.0, one)) for one in found] if len(found) == count else []
