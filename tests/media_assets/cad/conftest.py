from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from media_assets.cad.client import Conversion
from media_assets.cad.contract import ConversionResult, Limits, Reading
from media_assets.cad.settings import PRESETS, Tessellation
from tests.media_assets.cad.witness import Witness

PROJECT = Path(__file__).resolve().parents[3]
SAMPLES = PROJECT / "samples"
CORPUS = PROJECT.parent / "shared" / "corpus"

needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the CAD files for tests are not at {CORPUS}")


@dataclass(frozen=True)
class Glb:
    """A GLB file, parsed without any library of ours."""

    document: dict[str, Any]
    binary: bytes

    @classmethod
    def read(cls, path: Path) -> Glb:
        content = path.read_bytes()
        magic, version, length = struct.unpack_from("<4sII", content)
        assert (magic, version, length) == (b"glTF", 2, len(content))
        (text_length,) = struct.unpack_from("<I", content, 12)
        binary_start = 20 + text_length + 8
        return cls(json.loads(content[20 : 20 + text_length]), content[binary_start:])

    @property
    def nodes(self) -> list[dict[str, Any]]:
        return self.document["nodes"]

    def names(self) -> set[str]:
        return {node["name"] for node in self.nodes}

    def colors(self) -> set[str | None]:
        return {material["extras"]["cad_color"] for material in self.document["materials"]}


def finish(conversion: Conversion, *, patience: float = 60.0) -> ConversionResult:
    """Drive a conversion as a worker does, and return its result."""
    conversion.start()
    for _ in range(int(patience)):
        if conversion.done:
            break
        conversion.poll(1.0)
        while not conversion.done and conversion.poll(0.05):
            pass
    assert conversion.done, "the conversion did not end"
    return conversion.result()


Convert = Callable[..., ConversionResult]


@pytest.fixture
def convert(tmp_path: Path) -> Convert:
    def run(
        source: Path,
        *,
        tessellation: Tessellation = PRESETS["draft"],
        limits: Limits | None = None,
        want_usd: bool = False,
        name: str = "",
        reading: Reading | None = None,
    ) -> ConversionResult:
        out = tmp_path / "out"
        out.mkdir(exist_ok=True)
        return finish(
            Conversion(
                source,
                out,
                tessellation,
                limits=limits or Limits(wall_s=60),
                reading=reading,
                want_usd=want_usd,
                name=name,
            )
        )

    return run


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> ConversionResult:
    """The sample bearing, converted once."""
    out = tmp_path_factory.mktemp("sample")
    return finish(Conversion(SAMPLES / "tapered_roller_bearing.step", out, PRESETS["standard"]))


@pytest.fixture(scope="session")
def witness() -> Iterator[Witness]:
    """OpenCASCADE and USD without the converter, in a process of their own."""
    process = Witness()
    yield process
    process.close()
