"""Unpacks geometry that Draco compressed, where its library is installed. Runs in the child process only."""

from __future__ import annotations

from typing import Any

from media_assets.cad.errors import CadError
from media_assets.cad.meshes.gltf import WIDTHS, Array, Gltf, extensions, is_integer

try:
    import DracoPy
except ImportError:
    DracoPy = None  # it has no wheels for every platform

NAME = "KHR_draco_mesh_compression"


def unpack(gltf: Gltf, primitive: dict[str, Any]) -> None:
    """Give the arrays of a compressed primitive to the file, where others look for them. Raises CadError."""
    packed = extensions(primitive).get(NAME)
    if not isinstance(packed, dict):
        return
    if DracoPy is None:
        raise CadError("unreadable", "compressed", name=NAME, command="gltf-transform copy IN.glb OUT.glb")
    attributes, known = primitive.get("attributes"), packed.get("attributes")
    if not isinstance(attributes, dict) or not isinstance(known, dict):
        raise CadError("damaged", "mesh")
    wanted = {name: number for name, number in attributes.items() if name in known}
    if all(number in gltf.unpacked for number in wanted.values() if is_integer(number)) and wanted:
        return
    for number in (*wanted.values(), primitive.get("indices")):
        if number is not None and gltf.count(number) > gltf.max_count:
            raise CadError("too_large", "array", count=gltf.count(number), limit=gltf.max_count)
    content = gltf.bytes_of(gltf.entry("bufferViews", packed.get("bufferView")))
    try:
        mesh = DracoPy.decode(content)
        corners = mesh.faces
        arrays = {name: mesh.get_attribute_by_unique_id(known[name])["data"] for name in wanted}
    except Exception as error:  # its errors have no class of their own
        raise CadError("damaged", "draco", words=str(error)[:200]) from error
    for name, number in wanted.items():
        gltf.unpacked[number] = _as_stated(gltf, number, arrays[name])
    if "indices" in primitive:
        gltf.unpacked[primitive["indices"]] = _as_stated(gltf, primitive["indices"], corners.reshape(-1, 1))


def _as_stated(gltf: Gltf, number: int, values: Array) -> Array:
    """Return an array in the numbers that its accessor has. Raises CadError damaged."""
    width = WIDTHS.get(str(gltf.entry("accessors", number).get("type")))
    if values.shape != (gltf.count(number), width):
        raise CadError("damaged", "array_length")
    return values.astype(gltf.numbers_of(number))
