"""The CAD formats that can be uploaded: one row each, which everything else reads. Standard library only.

A new format is a row here and the two functions that it names: one that recognizes its bytes before any reader opens
them, and one that reads it in the contained child.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

OCTETS = "application/octet-stream"  # the MIME type of bytes of no registered kind

CONVERTER_VERSION = 5
"""Raised with every change of the readers (media_assets/cad) that changes the geometry they write: part of its recipe.

A CAD file keeps the version that first read it, until it is read again."""

PACKINGS = ("gz", "zip")
"""Suffixes of packed files: each format may come in one, alone (media_assets/cad/unpack.py)."""


@dataclass(frozen=True, kw_only=True)
class CadFormat:
    """One CAD format: `name` is what CAD files and reports store, `suffixes` end file names, without their dot.

    `scan` and `read` name functions by their module in media_assets.cad. `scan` takes the bytes (`prescan.Bytes`) and
    returns a Prescan, None for another format. `read` runs in the child: of exact shapes it takes (Prescan, path,
    private folder, Limits, Stages) and returns an Opened document, of a mesh (path, title, Reading, Limits, the files
    unpacked with it) and a MeshScene.

    `is_mesh`: triangles, nothing is left to tessellate. `states_unit`: the bytes say what their lengths are.
    `has_code_page`: its names may be in any. `shows_names`: its names are strings as in STEP, so an operator can be
    shown them in each code page. `is_kept`: reading costs more than opening what was read, so that is kept.
    `is_y_up`: the format says that Y is up.
    """

    name: str
    label: str
    mime_type: str
    suffixes: tuple[str, ...]
    scan: str
    read: str
    is_mesh: bool = False
    states_unit: bool = True
    has_code_page: bool = True
    shows_names: bool = False
    is_kept: bool = False
    is_y_up: bool = False


_ROWS = (
    CadFormat(
        name="step",
        label="STEP",
        mime_type="model/step",
        suffixes=("step", "stp", "stpz", "p21"),
        scan="prescan.scan_step",
        read="reader.read_step",
        shows_names=True,
        is_kept=True,
    ),
    CadFormat(
        name="iges",
        label="IGES",
        mime_type="model/iges",
        suffixes=("iges", "igs"),
        scan="prescan.scan_iges",
        read="reader.read_iges",
        is_kept=True,
    ),
    CadFormat(
        name="brep",  # such a file is OpenCASCADE's own document already: nothing is kept of it
        label="BREP",
        mime_type=OCTETS,
        suffixes=("brep",),
        scan="prescan.scan_brep",
        read="reader.read_brep",
        has_code_page=False,
    ),
    CadFormat(
        name="glb",
        label="GLB",
        mime_type="model/gltf-binary",
        suffixes=("glb",),
        scan="meshes.scan.scan_glb",
        read="meshes.glb.read_glb",
        is_mesh=True,
        is_y_up=True,
        has_code_page=False,
    ),
    CadFormat(
        name="stl",
        label="STL",
        mime_type="model/stl",
        suffixes=("stl",),
        scan="meshes.scan.scan_stl",
        read="meshes.stl.read_stl",
        is_mesh=True,
        states_unit=False,
    ),
    CadFormat(
        name="obj",
        label="OBJ",
        mime_type="model/obj",
        suffixes=("obj",),
        scan="meshes.scan.scan_obj",
        read="meshes.obj.read_obj",
        is_mesh=True,
        states_unit=False,
    ),
)
"""In the order in which bytes are looked at: what has a mark of its own before what is known by its content."""

CAD_FORMATS = {row.name: row for row in _ROWS}

_UNKNOWN = CadFormat(name="", label="", mime_type=OCTETS, suffixes=(), scan="", read="")

CLAIMED = "step"
"""What a damaged file is taken for whose name claims nothing."""


def choices() -> list[tuple[str, str]]:
    """Return name and label of each, as a form's field takes them."""
    return [(row.name, row.label) for row in CAD_FORMATS.values()]


def exact() -> list[str]:
    """Return the labels of the formats with exact shapes."""
    return [row.label for row in CAD_FORMATS.values() if not row.is_mesh]


def meshes() -> list[str]:
    """Return the labels of the formats of meshes."""
    return [row.label for row in CAD_FORMATS.values() if row.is_mesh]


def without_unit() -> list[str]:
    """Return the labels of the formats that do not say what their lengths are."""
    return [row.label for row in CAD_FORMATS.values() if not row.states_unit]


def endings() -> list[str]:
    """Return how the names of CAD files may end, with dots, packed files last."""
    return [
        f".{one}" for one in (*(suffix for row in CAD_FORMATS.values() for suffix in row.suffixes), *PACKINGS)
    ]


def without_endings(name: str, rows: Iterable[CadFormat] | None = None) -> str:
    """Return a file's name without the suffixes of these formats and their packings, however many it ends in."""
    known = "|".join(
        [*(suffix for row in rows or CAD_FORMATS.values() for suffix in row.suffixes), *PACKINGS]
    )
    return re.sub(rf"(\.({known}))+$", "", name, flags=re.IGNORECASE)


def of(name: str) -> CadFormat:
    """Return the format of this name; for a name of none a row without a trait."""
    return CAD_FORMATS.get(name, _UNKNOWN)


def function(name: str) -> Callable[..., Any]:
    """Return the function that a row names."""
    module, _, name = name.rpartition(".")
    found: Callable[..., Any] = getattr(import_module(f"media_assets.cad.{module}"), name)
    return found
