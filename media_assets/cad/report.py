"""The ingest report: what a CAD file contains, what was kept, and what to do about the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from OCP.TopAbs import TopAbs_FACE, TopAbs_SOLID
from OCP.TopExp import TopExp_Explorer

from media_assets.cad.contract import Finding
from media_assets.cad.mesher import MeshedProduct
from media_assets.cad.orientations import orientations
from media_assets.cad.placing import Box, Floats
from media_assets.cad.prescan import Prescan
from media_assets.cad.product_tree import CadProduct, Node, Part
from media_assets.cad.reader import Opened
from media_assets.cad.settings import Tessellation, tool_versions
from media_assets.cad.surfaces import Mesh
from media_assets.formats.cad import CAD_FORMATS

REPORT_VERSION = 1
SHOWN_HIDDEN = 50  # names


def build_report(
    scan: Prescan,
    opened: Opened,
    product: CadProduct,
    meshed: MeshedProduct,
    meshes: Sequence[Mesh],
    box: Box,
    placed: dict[int, Floats],
    origin: Floats,
    tessellation: Tessellation,
    kinds: Sequence[dict[str, Any] | None],
) -> dict[str, Any]:
    """Return the report as JSON values, without seconds and bytes, which the caller adds.

    ``size_mm`` is x, y, z of the box around the triangles, ``box_mm`` where that lies in the file, ``origin_mm`` where
    the origin of the geometry does; ``orientations`` how the product could stand; counts of solids, faces and
    triangles marked ``placed`` count every instance. ``free_surfaces`` are placed faces that belong to no solid:
    sheets, which have no inside. ``kinds`` are the distinct parts, to which the tree refers by number.
    """
    times = {look: len(matrices) for look, matrices in placed.items()}
    part_times: dict[int, int] = {}
    for look, count in times.items():
        part = product.looks[look].part
        part_times[part] = part_times.get(part, 0) + count
    shown = [meshes[look] for look in times]
    colors = sorted({color.hex for mesh in shown for color, _ in mesh.surfaces if color})
    nodes = list(product.root.walk())
    return {
        "version": REPORT_VERSION,
        "format": scan.format,
        "schema": scan.schema,
        "protocol": scan.protocol,
        "originating_system": scan.originating_system,
        "preprocessor": scan.preprocessor,
        "unit": opened.unit or scan.unit,
        "size_mm": [round(length, 4) for length in box.size],
        "box_mm": {
            "low": [round(v, 4) for v in np.add(box.low, origin).tolist()],
            "high": [round(v, 4) for v in np.add(box.high, origin).tolist()],
        },
        "origin_mm": origin.tolist(),
        "orientations": orientations(placed, meshes),
        "free_roots": product.free_roots,
        "assemblies": product.assemblies,
        "parts": len(part_times),
        "instances": sum(times.values()),
        "meshes": sum(1 for mesh in meshes if mesh.surfaces),
        "solids": sum(product.parts[part].solids for part in part_times),
        "solids_placed": sum(product.parts[part].solids * count for part, count in part_times.items()),
        "faces": sum(product.parts[part].faces for part in part_times),
        "faces_placed": sum(product.parts[part].faces * count for part, count in part_times.items()),
        "free_surfaces": sum(_free_faces(product.parts[part]) * count for part, count in part_times.items()),
        "unmeshed_faces": sum(meshed.parts[part].unmeshed_faces for part in part_times),
        "triangles": sum(mesh.triangles for mesh in meshes),
        "triangles_placed": sum(meshes[look].triangles * count for look, count in times.items()),
        "names": sorted({node.name for node in nodes} | {node.product for node in nodes}),
        "colors": colors,
        "materials": sorted({product.parts[part].material for part in part_times} - {""}),
        "tessellation": tessellation.to_json(),
        "tools": tool_versions(),
        "warnings": [
            *_after_end(scan),
            *_missing(scan, product),
            *_warnings(opened, product, meshed, part_times, colors),
        ],
        "kinds": list(kinds),
        "tree": _tree(product, meshes),
        **opened.facts,
    }


def _after_end(scan: Prescan) -> list[dict[str, str]]:
    """Return a warning when something follows the end of the file."""
    if not scan.after_end:
        return []
    warning = Finding(
        "bytes_after_end",
        f"{scan.after_end} bytes after the end of the file were not read. If something is missing in the picture, "
        "export it again.",
    )
    return [warning.to_json()]


def _missing(scan: Prescan, product: CadProduct) -> list[dict[str, str]]:
    """Return a warning when the file describes more faces than were read, which the reader does not mention.

    In ten sound files both numbers are the same.
    """
    read = sum(part.faces for part in product.parts)
    if CAD_FORMATS[scan.format].is_mesh or product.hidden or read >= scan.faces:
        return []
    warning = Finding(
        "faces_missing",
        f"The file describes {scan.faces} faces, and {read} of them could be read; the others are not in the picture. "
        "Compare it with the CAD system, and export the file again if something is missing.",
    )
    return [warning.to_json()]


def _free_faces(part: Part) -> int:
    """Return how many faces of a part belong to no solid; a part without an exact shape (a mesh) has none."""
    if part.shape is None or part.shape.IsNull():
        return 0
    explorer, count = TopExp_Explorer(part.shape, TopAbs_FACE, TopAbs_SOLID), 0
    while explorer.More():
        count += 1
        explorer.Next()
    return count


def _warnings(
    opened: Opened, product: CadProduct, meshed: MeshedProduct, part_times: dict[int, int], colors: list[str]
) -> list[dict[str, str]]:
    """Return what is not as it should be, each with what to do."""
    found = [finding.to_json() for finding in (*opened.findings, *product.findings, *meshed.findings)]

    def warn(code: str, message: str, details: str = "") -> None:
        found.append(Finding(code, message, details).to_json())

    if opened.damage:
        warn(
            "damaged_entities",
            f"The reader met {len(opened.damage)} damaged or contradictory entries; some geometry or names may be "
            "missing. Compare the picture with the CAD system, and export the file again if something is missing.",
            "\n".join(opened.damage),
        )
    unmeshed = {
        part: meshed.parts[part].unmeshed_faces for part in part_times if meshed.parts[part].unmeshed_faces
    }
    if unmeshed:
        parts = [(product.parts[part], count) for part, count in unmeshed.items()]
        holes = sorted(f"{part.name} ({count} of {part.faces} faces)" for part, count in parts)
        warn(
            "unmeshed_faces",
            f"{sum(unmeshed.values())} faces could not be turned into triangles and are holes in the picture. "
            "Repair these parts in the CAD system, or export them with another STEP version.",
            ", ".join(holes[:20]),
        )
    if meshed.coarsened > 1.0:
        warn(
            "coarsened",
            f"The parts were made {meshed.coarsened:g} times coarser than ordered to stay within the triangle limit. "
            "Order a coarser quality, or leave out threads, knurls and lettering.",
        )
    if product.hidden:
        warn(
            "hidden_parts",
            f"{len(product.hidden)} parts, assemblies or bodies are switched to invisible in the CAD file and were "
            "left out. Show them in the CAD system and export again if they belong in the picture.",
            ", ".join(dict.fromkeys(product.hidden[:SHOWN_HIDDEN])),
        )
    clear = [color for color in colors if len(color) > 7 and color.endswith("00")]
    if clear:
        warn(
            "invisible_colors",
            "The file gives some surfaces an opacity of 0, so they can't be seen. Set an opacity, or assign a finish "
            "by part name, if they belong in the picture.",
            ", ".join(clear),
        )
    if not colors:
        warn(
            "no_colors",
            "The file holds no colors; the parts are shown in gray. Assign materials by part name.",
        )
    return found


def _tree(product: CadProduct, meshes: Sequence[Mesh]) -> dict[str, Any]:
    """Return the product tree: nested dicts of name, product, part_key, color and children.

    Neighbors that are the same part in the same look are one entry with a ``count`` and their ``keys``.
    """
    described: dict[int, dict[str, Any]] = {}
    for node in reversed(list(product.root.walk())):
        entry: dict[str, Any] = {"name": node.name, "product": node.product, "part_key": node.key}
        if node.look is not None:
            surfaces = meshes[node.look].surfaces
            entry["kind"] = product.looks[node.look].part
            entry["colors"] = [color.hex if color else None for color, _ in surfaces]
            is_described = [color is not None and color.described is not None for color, _ in surfaces]
            if any(is_described):
                entry["described"] = is_described
        if material := product.material(node):
            entry["material"] = material
        if node.children:
            entry["children"] = _compact(node.children, described)
        described[id(node)] = entry
    return described[id(product.root)]


def _compact(children: list[Node], described: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    look_of_last: int | None = None
    for child in children:
        is_again = child.look is not None and child.look == look_of_last and not child.children
        if is_again:
            last = entries[-1]
            last["count"] = last.get("count", 1) + 1
            last.setdefault("keys", [last["part_key"]]).append(child.key)
        else:
            entries.append(described[id(child)])
        look_of_last = child.look if not child.children else None
    return entries
