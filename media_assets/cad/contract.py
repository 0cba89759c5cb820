"""The data exchanged between the program that needs geometry and the child process that reads CAD."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from media_assets.cad.drawing.wanted import Drawing
from media_assets.cad.explode.wanted import Explosion
from media_assets.cad.section.wanted import Section
from media_assets.cad.settings import PRESETS, Tessellation

GLB_NAME = "geometry.glb"
USD_NAME = "master.usdc"
DOCUMENT_NAME = "document.xbf"
REPORT_NAME = "report.json"
LEARNED_NAME = "learned.json"
LOG_NAME = "log.txt"

NO_FILES: Mapping[str, Path] = MappingProxyType({})
"""What lies beside a CAD file that came alone."""


@dataclass(frozen=True)
class Limits:
    """What one CAD file may cost; beyond it the child ends with an error code of its own.

    ``wall_s`` seconds from start to result, ``memory_mb`` on top of what the idle reader needs, ``source_mb`` of the
    file (unpacked, when it is compressed), ``output_mb`` of all files written, ``max_instances`` placed parts,
    ``max_triangles`` over distinct parts, beyond which the tessellation is coarsened with a warning.
    """

    wall_s: float = 900.0
    memory_mb: int = 6000
    source_mb: int = 2000
    output_mb: int = 4000
    max_instances: int = 100_000
    max_triangles: int = 20_000_000

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(**data)


@dataclass(frozen=True)
class Finding:
    """Something in a file that is not as it should be: a code, a sentence with what to do, the reader's words."""

    code: str
    message: str
    details: str = ""

    def to_json(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class Reading:
    """The reading options of a file, set by the operator because its bytes do not say them; empty ones are detected.

    ``code_page`` is that of its names, a key of `code_pages.CODECS`. ``unit`` is that of a mesh: mm, cm, m, inch.
    ``up`` is the axis of the file that stands upright, a key of `centering.UPRIGHT`; empty: as the format has it.
    ``strays`` is "keep" for parts that lie far from the product, which are left out otherwise.
    """

    code_page: str = ""
    unit: str = ""
    up: str = ""
    strays: str = ""

    def to_json(self) -> dict[str, str]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, str]) -> Self:
        return cls(**data)


@dataclass(frozen=True)
class Kept:
    """A document that a conversion read: the path of its file, and what was learned while reading, as JSON values."""

    path: str
    learned: dict[str, Any]


@dataclass(frozen=True)
class Request:
    """One conversion: the file, where its results go, how fine, within which limits.

    ``work_dir`` is a private directory that becomes the child's working directory. ``kept`` is the path of the
    document that an earlier conversion read, with what it learned beside the request in ``learned.json``;
    ``keep_document`` says whether this one shall keep what it reads. ``earlier`` is the path of a USD master of the
    same product, whose meshes count for parts that have not changed. ``section`` is how the product is cut,
    ``explosion`` how it is taken apart, ``drawing`` how it is drawn; ``only_triangles`` says why its exact shapes are
    not asked for that, "" where they are.
    """

    source: str
    out_dir: str
    work_dir: str
    name: str
    tessellation: Tessellation = field(default_factory=lambda: PRESETS["standard"])
    limits: Limits = field(default_factory=Limits)
    reading: Reading = field(default_factory=Reading)
    want_usd: bool = True
    kept: str = ""
    keep_document: bool = False
    earlier: str = ""
    section: Section | None = None
    drawing: Drawing | None = None
    only_triangles: str = ""
    explosion: Explosion | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "section": self.section.to_json() if self.section else None,
            "explosion": self.explosion.to_json() if self.explosion else None,
            "drawing": self.drawing.to_json() if self.drawing else None,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(
            **{
                **data,
                "tessellation": Tessellation.from_json(data["tessellation"]),
                "limits": Limits.from_json(data["limits"]),
                "reading": Reading.from_json(data["reading"]),
                "section": Section.from_json(data["section"]) if data["section"] else None,
                "explosion": Explosion.from_json(data["explosion"]) if data["explosion"] else None,
                "drawing": Drawing.from_json(data["drawing"]) if data["drawing"] else None,
            }
        )


@dataclass(frozen=True)
class ConversionProgress:
    """How far a conversion is: ``fraction`` 0 to 1, the stage's short name, a sentence for people."""

    fraction: float
    stage: str
    message: str


@dataclass(frozen=True)
class ConversionResult:
    """The files of a finished conversion and its ingest report; ``kept`` is the document if one was read and kept.

    ``glb`` is the geometry; where a drawing was wanted, the file of its lines.
    """

    glb: Path
    usd: Path | None
    report: dict[str, Any]
    kept: Kept | None = None
