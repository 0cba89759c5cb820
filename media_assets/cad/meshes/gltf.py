"""The container of a GLB: its JSON, its bytes, and the arrays in them; every number in it is checked before use."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from media_assets.cad.errors import CadError

Array = npt.NDArray[Any]

COMPONENTS = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
JSON_CHUNK, BIN_CHUNK = 0x4E4F534A, 0x004E4942

HARMLESS = (
    "KHR_draco_mesh_compression",
    "KHR_mesh_quantization",
    "KHR_texture_",
    "EXT_texture_",
    "KHR_materials_",
    "KHR_lights_",
    "KHR_xmp",
    "KHR_node_visibility",
)
"""Extensions that need nothing of this class: handled elsewhere, or about light, which is left out anyway."""

COMPRESSED = ("EXT_meshopt_compression", "KHR_meshopt_compression")
UNPACK = "gltfpack -noq -kn -km -i IN.glb -o OUT.glb"
"""What unpacks these."""


class Gltf:
    """One GLB file, taken apart. ``unpacked`` are arrays that were compressed, by their accessors."""

    def __init__(self, path: Path, max_count: int) -> None:
        """Read the file. ``max_count`` is the most elements of one array. Raises CadError."""
        self.max_count = max_count
        content = path.read_bytes()
        text, self.binary = _chunks(content)
        self.document = _parsed(text)
        self.unpacked: dict[int, Array] = {}
        self._refuse_extensions()

    def _refuse_extensions(self) -> None:
        for name in self._names("extensionsRequired"):
            if name in COMPRESSED:
                raise CadError("unreadable", "compressed", name=name, command=UNPACK)
            if not name.startswith(HARMLESS):
                raise CadError("unreadable", "extension", name=name[:80])

    def _names(self, field: str) -> list[str]:
        return [name for name in listed(self.document, field) if isinstance(name, str)]

    def entry(self, kind: str, number: Any) -> dict[str, Any]:
        """Return one object of a top-level list. Raises CadError damaged when there is none of that number."""
        entries = listed(self.document, kind)
        if not is_integer(number) or not 0 <= number < len(entries) or not isinstance(entries[number], dict):
            raise CadError("damaged", "not_there", kind=kind, number=_shown(number))
        found: dict[str, Any] = entries[number]
        return found

    def count(self, accessor: Any) -> int:
        """Return how many elements an array has."""
        return integer(self.entry("accessors", accessor), "count")

    def array(self, accessor: Any, kind: str, components: tuple[int, ...]) -> Array:
        """Return an array of shape (count, width) in the component type of the file, as it lies there if possible.

        Raises CadError: damaged, too_large.
        """
        entry = self.entry("accessors", accessor)
        component = entry.get("componentType")
        if entry.get("type") != kind or component not in components:
            raise CadError("damaged", "array_kind", kind=kind)
        count, shape = integer(entry, "count"), np.dtype(COMPONENTS[component])
        if count > self.max_count:
            raise CadError("too_large", "array", count=count, limit=self.max_count)
        if accessor in self.unpacked:
            return self.unpacked[accessor]
        if "bufferView" in entry:
            values = self._viewed(
                entry["bufferView"], integer(entry, "byteOffset", 0), count, shape, WIDTHS[kind]
            )
        else:
            values = np.zeros((count, WIDTHS[kind]), shape)
        return self._with_sparse(entry, values) if "sparse" in entry else values

    def _viewed(self, view: Any, offset: int, count: int, shape: np.dtype[Any], width: int) -> Array:
        entry = self.entry("bufferViews", view)
        for name in COMPRESSED:
            if name in extensions(entry):
                raise CadError("unreadable", "compressed", name=name, command=UNPACK)
        buffer = self.entry("buffers", entry.get("buffer"))
        if "uri" in buffer or entry.get("buffer") != 0:
            raise CadError("external_reference", "glb")
        start, length = integer(entry, "byteOffset", 0), integer(entry, "byteLength")
        if start + length > len(self.binary):
            raise CadError("damaged", "data_end")
        element = shape.itemsize * width
        stride = integer(entry, "byteStride", 0) or element
        if stride < element or (count and offset + (count - 1) * stride + element > length):
            raise CadError("damaged", "array_length")
        return np.ndarray((count, width), shape, self.binary, start + offset, (stride, shape.itemsize))

    def _with_sparse(self, entry: dict[str, Any], values: Array) -> Array:
        sparse = entry["sparse"]
        if not isinstance(sparse, dict):
            raise CadError("damaged", "sparse_array")
        count, where, what = integer(sparse, "count"), sparse.get("indices"), sparse.get("values")
        if not isinstance(where, dict) or not isinstance(what, dict) or count > len(values):
            raise CadError("damaged", "sparse_array")
        if where.get("componentType") not in (5121, 5123, 5125):
            raise CadError("damaged", "sparse_places")
        shape = np.dtype(COMPONENTS[where["componentType"]])
        places = self._viewed(where.get("bufferView"), integer(where, "byteOffset", 0), count, shape, 1)
        replaced = self._viewed(
            what.get("bufferView"), integer(what, "byteOffset", 0), count, values.dtype, values.shape[1]
        )
        if count and int(places.max()) >= len(values):
            raise CadError("damaged", "sparse_end")
        values = values.copy()
        values[places.reshape(-1)] = replaced
        return values

    def bytes_of(self, view: dict[str, Any]) -> bytes:
        """Return the bytes of a buffer view, as many as are there."""
        start, length = integer(view, "byteOffset", 0), integer(view, "byteLength")
        return bytes(self.binary[start : start + length])

    def numbers_of(self, accessor: Any) -> np.dtype[Any]:
        """Return in what numbers an array is written. Raises CadError damaged."""
        component = self.entry("accessors", accessor).get("componentType")
        if component not in COMPONENTS:
            raise CadError("damaged", "array_kind", kind="numbers")
        return np.dtype(COMPONENTS[component])

    def is_normalized(self, accessor: Any) -> bool:
        return self.entry("accessors", accessor).get("normalized") is True


def as_floats(values: Array, *, normalized: bool) -> npt.NDArray[np.float64]:
    """Return quantized numbers as what they mean (glTF 2.0, 3.6.2.2: signed ones are held at -1)."""
    floats = values.astype(np.float64)
    if not normalized or values.dtype.kind == "f":
        return floats
    return np.maximum(floats / np.iinfo(values.dtype).max, -1.0)


def is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def integer(entry: dict[str, Any], name: str, default: int | None = None) -> int:
    """Return a number from 0 to 2^53 of a JSON object. Raises CadError damaged."""
    value = entry.get(name, default)
    if value is None or not is_integer(value) or not 0 <= value < 1 << 53:
        raise CadError("damaged", "no_integer", name=name, value=_shown(value))
    return int(value)


def listed(entry: dict[str, Any], name: str) -> list[Any]:
    """Return a list of a JSON object, empty when it has none. Raises CadError damaged."""
    value = entry.get(name, [])
    if not isinstance(value, list):
        raise CadError("damaged", "no_list", name=name)
    found: list[Any] = value
    return found


def numbers(entry: dict[str, Any], name: str, default: tuple[float, ...]) -> list[float]:
    """Return a list of as many finite numbers as the default has. Raises CadError damaged."""
    value = entry.get(name, default)
    is_sound = isinstance(value, list | tuple) and len(value) == len(default)
    if not is_sound or not all(is_integer(number) or isinstance(number, float) for number in value):
        raise CadError("damaged", "number_count", name=name, count=len(default))
    try:
        found = [float(number) for number in value]
    except OverflowError:
        found = [math.inf]
    if not all(map(math.isfinite, found)):
        raise CadError("damaged", "not_finite", name=name)
    return found


def _chunks(content: bytes) -> tuple[bytes, bytes]:
    """Return the text and the binary part of a GLB."""
    text, binary, start = b"", b"", 12
    end = min(len(content), struct.unpack_from("<I", content, 8)[0] if len(content) >= 12 else 0)
    while start + 8 <= end:
        length, kind = struct.unpack_from("<II", content, start)
        start += 8
        if start + length > end:
            raise CadError("truncated", "glb_piece")
        if kind == JSON_CHUNK and not text:
            text = content[start : start + length]
        elif kind == BIN_CHUNK and not binary:
            binary = content[start : start + length]
        start += length
    if not text:
        raise CadError("damaged", "no_text")
    return text, binary


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        document = json.loads(text.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise CadError("damaged", "glb_text", words=str(error)[:200]) from error
    if not isinstance(document, dict):
        raise CadError("damaged", "text_is_no_object")
    found: dict[str, Any] = document
    return found


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _shown(value: Any) -> str:
    return repr(value)[:40]


def extensions(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the extensions of a glTF object."""
    found = entry.get("extensions", {})
    return found if isinstance(found, dict) else {}
