"""Opens CAD with OpenCASCADE and returns its contents. Runs in the child process only."""

from __future__ import annotations

import mmap
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from OCP.BinTools import BinTools
from OCP.BRep import BRep_Builder
from OCP.BRepTools import BRepTools
from OCP.collections import (
    DataMap_TCollection_AsciiString_TCollection_AsciiString as TextMap,
)
from OCP.collections import Sequence_TCollection_AsciiString as Texts
from OCP.collections import Sequence_TDF_Label
from OCP.IFSelect import IFSelect_RetDone
from OCP.IGESCAFControl import IGESCAFControl_Reader
from OCP.Interface import Interface_Static
from OCP.STEPCAFControl import STEPCAFControl_Reader
from OCP.STEPConstruct import STEPConstruct_ExternRefs
from OCP.TCollection import TCollection_AsciiString, TCollection_ExtendedString
from OCP.TDocStd import TDocStd_Document
from OCP.TopAbs import TopAbs_FACE, TopAbs_SHELL, TopAbs_SOLID
from OCP.TopoDS import TopoDS_Shape
from OCP.XCAFDoc import XCAFDoc_DocumentTool, XCAFDoc_ShapeTool

from media_assets.cad import mirrors
from media_assets.cad.bodies import shape_map
from media_assets.cad.code_pages import in_utf8, text_of
from media_assets.cad.contract import Finding, Limits
from media_assets.cad.crowds import CROWD, with_stand_ins
from media_assets.cad.errors import CadError
from media_assets.cad.names import body_name
from media_assets.cad.prescan import BINARY_BREP, Prescan, refuse_external_references, scan_plain
from media_assets.cad.product_tree import Matrix
from media_assets.cad.stages import Stages
from media_assets.cad.step_text import (
    in_one_section,
    with_hidden_styles,
    with_names_of_files,
    without_comments,
)
from media_assets.cad.unpack import beside, file_name

EXPENSIVE_REPAIRS = (
    "FixSelfIntersectionMode",
    "FixSelfIntersectingEdgeMode",
    "FixIntersectingEdgesMode",
    "FixNonAdjacentIntersectingEdgesMode",
    "FixNotchedEdgesMode",
    "FixTailMode",
    "FixIntersectingWiresMode",
    "FixLoopWiresMode",
    "FixSmallAreaWireMode",
    "FixSplitFaceMode",
    "FixSameParameterMode",
)
"""Shape healing that costs 40 % of the transfer and changed no mesh by more than 0.12 % over 112 files."""

DAMAGE = ("Undefined Parsing", "Unresolved Reference", "defined SEVERAL TIMES")
"""Messages of the reader's check list that mean a damaged file; sound files have many of the others."""

MAX_CHECKS = 20
UNDERSTOOD = "understood.step"

REFLECTANCE = b"SURFACE_STYLE_REFLECTANCE_AMBIENT"
_REFLECTANCES = re.compile(REFLECTANCE + rb"(?:_DIFFUSE(?:_SPECULAR)?)?(?=\s*+\()")
"""What AP242 says of a surface besides color and transparency; the reader takes these two alone."""

PATIENCE_S = 10.0
"""Seconds for finding what an IGES file blanks: the reader looks through all entities for each face."""

IGES_GROUPS = (184, 402, 408)
"""Entities that hold others: a solid assembly, a group, an instance of a subfigure."""

IGES_UNITS = {
    1: "inch",
    2: "millimetre",
    4: "foot",
    5: "mile",
    6: "metre",
    7: "kilometre",
    8: "mil",
    9: "micrometre",
    10: "centimetre",
    11: "microinch",
}
"""The unit flag in the global section of an IGES file (parameter 14 of IGES 5.3)."""

NAMES_OF_SOLIDS = tuple(
    re.compile(keyword + rb"\s*+\(\s*+'((?:[^']++|'')++)'")
    for keyword in (b"MANIFOLD_SOLID_BREP", b"BREP_WITH_VOIDS")
)


@dataclass
class Opened:
    """A document that was read, and what the reader said about it."""

    document: TDocStd_Document
    unit: str = ""
    damage: list[str] = field(default_factory=list)
    notes: int = 0
    findings: list[Finding] = field(default_factory=list)
    placements: dict[str, Matrix] = field(default_factory=dict)
    """Where components are, by their labels' entries, that the document has at another place."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What the reader learned that the report shows as it is, by the report's field names (JSON values)."""


def new_document() -> TDocStd_Document:
    """Return an empty XCAF document."""
    return TDocStd_Document(TCollection_ExtendedString("BinXCAF"))


class StepReader:
    """STEP in two steps, so that progress can be reported between parsing and translating."""

    def __init__(self, scan: Prescan, folder: Path, limits: Limits, companions: Mapping[str, Path]) -> None:
        """Prepare to read the file of a prescan; ``folder`` is a private one for a copy of it, should one be needed.

        ``companions`` are the files that were unpacked with it.
        """
        self.scan = scan
        self.folder = folder
        self.limits = limits
        self.companions = companions
        self.may_mirror = False
        self.lost_styles: list[str] = []
        self.reader = STEPCAFControl_Reader()
        for mode in ("Name", "Color", "Layer", "Mat", "SHUO", "Props"):
            getattr(self.reader, f"Set{mode}Mode")(True)
        for mode in ("GDT", "View", "Meta"):
            getattr(self.reader, f"Set{mode}Mode")(False)

    def parse(self, path: Path) -> None:
        """Read the text of the file. Raises CadError unreadable, nothing_to_show or external_reference."""
        Interface_Static.SetCVal_s("read.step.codepage", "UTF8")
        # Names of sub-shapes cost a label for every named face, edge and vertex.
        with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            Interface_Static.SetIVal_s("read.stepcaf.subshapes.name", int(_has_named_bodies(content)))
            self.may_mirror = content.find(mirrors.KEYWORD) >= 0
            first = content.find(REFLECTANCE)
            if first >= 0:
                self.lost_styles = sorted({one.decode() for one in _REFLECTANCES.findall(content, first)})
        self._prepare(path)
        if self.reader.ReadFile(str(self._understood(self.scan, path))) != IFSelect_RetDone:
            raise CadError("unreadable", "step")
        if self.reader.Reader().NbRootsForTransfer() == 0:
            raise CadError("nothing_to_show", "step")
        self._refuse_external_references()
        repairs = TextMap()
        for name in EXPENSIVE_REPAIRS:
            repairs.Bind(TCollection_AsciiString(f"FixShape.{name}"), TCollection_AsciiString("0"))
        # Only after ReadFile: that call sets the parameters anew.
        self.reader.SetShapeFixParameters(repairs)

    def translate(self) -> Opened:
        """Turn the parsed file into a document. Raises CadError no_usable_geometry."""
        opened = Opened(new_document(), unit=self._unit())
        self._tell_code_page(opened)
        if self.lost_styles:
            opened.findings.append(
                Finding(
                    "properties_left_out",
                    "The file says how strongly its surfaces reflect, as a CAD system shades them; only their color "
                    "and transparency are kept. Finishes are chosen by part name, material and color; assign one where "
                    "the picture looks different.",
                    ", ".join(self.lost_styles),
                )
            )
        self._collect_checks(opened)
        opened.facts["reader_notes"] = opened.notes
        if not self.reader.Transfer(opened.document):
            raise CadError("no_usable_geometry", "not_built", words="; ".join(opened.damage[:3]))
        if self.may_mirror:
            opened.placements, unclear = mirrors.mirrored(
                self.reader.ChangeReader().WS().Model(), opened.document
            )
            opened.findings += unclear
        return opened

    def _prepare(self, whole: Path) -> None:
        """Put the files that a file of an archive refers to where the reader looks for them, as it wants them."""
        waiting, known = self.scan.files, {whole.name.lower()}
        while waiting:
            name = waiting.pop()
            if name in known:
                continue
            known.add(name)
            path = self.companions[name]
            scan = scan_plain(path, self.limits, self.scan.code_page, self.companions)
            self._understood(scan, path).replace(path)
            waiting += scan.files

    def _understood(self, scan: Prescan, path: Path) -> Path:
        """Return the file itself, or a copy as the reader wants it: names in UTF-8 and on one line, one DATA section,
        styles that are off by themselves, no crowds.

        The reader can decode some code pages, but knows of GBK only its oldest part and then invents letters.
        """
        crowded = scan.crowd >= CROWD
        is_odd = scan.wrapped or scan.divided or scan.refers_to or scan.hides_styles or crowded
        if scan.code_page == "utf-8" and not is_odd:
            return path
        pieces: Iterable[bytes | memoryview] = in_utf8(path.read_bytes(), scan.code_page)
        if scan.divided:
            pieces = in_one_section(b"".join(pieces))
        if scan.refers_to:
            pieces = with_names_of_files(b"".join(pieces), self._place_of)
        if scan.hides_styles:
            pieces = with_hidden_styles(b"".join(pieces))
        if crowded:
            pieces = with_stand_ins(b"".join(pieces))
        copy = (path.parent if scan.refers_to else self.folder) / UNDERSTOOD
        with copy.open("wb") as out:
            out.writelines(pieces)
        return copy

    def _place_of(self, name: bytes) -> bytes:
        """Return the name of the unpacked file that a name in a file means."""
        found = self.companions.get(file_name(name.decode("utf-8", "replace")))
        return found.name.encode() if found else name

    def _refuse_external_references(self) -> None:
        """Raise CadError when the reader is about to open files that were not unpacked with this one."""
        files = STEPConstruct_ExternRefs(self.reader.ChangeReader().WS())
        files.LoadExternRefs()
        names = (files.FileName(number) for number in range(1, files.NbExternRefs() + 1))
        ours = {path.name for path in self.companions.values()}
        refuse_external_references([name for name in names if name and name not in ours])

    def _tell_code_page(self, opened: Opened) -> None:
        scan = self.scan
        opened.facts["code_page"] = {
            "used": scan.code_page,
            "how": scan.code_page_how,
            "sure": scan.code_page_sure,
        }
        if not scan.code_page_sure:
            opened.findings.append(
                Finding(
                    "code_page_unsure",
                    f"The names in the file are not in UTF-8. They were read as {scan.code_page}, which is a guess. "
                    'If they look wrong, choose the code page under "Reading options" on the page of the CAD file.',
                )
            )

    def _unit(self) -> str:
        lengths, angles, solid_angles = Texts(), Texts(), Texts()
        self.reader.Reader().FileUnits(lengths, angles, solid_angles)
        return lengths.Value(1).ToCString().lower() if len(lengths) else ""

    def _collect_checks(self, opened: Opened) -> None:
        checks = self.reader.ChangeReader().WS().ModelCheckList(True)
        checks.Start()
        while checks.More():
            check = checks.Value()
            for number in range(1, check.NbFails() + 1):
                text = check.CFail(number, True)
                if not any(mark in text for mark in DAMAGE):
                    opened.notes += 1
                elif len(opened.damage) < MAX_CHECKS:
                    opened.damage.append(text)
            checks.Next()


def _has_named_bodies(content: mmap.mmap) -> bool:
    """Return whether at least one solid of a STEP file has a name that says more than its kind."""
    bare = without_comments(content)
    return any(
        body_name(text_of(name, "latin-1"))
        for pattern in NAMES_OF_SOLIDS
        for name in set(pattern.findall(bare))
    )


def read_step(scan: Prescan, path: Path, folder: Path, limits: Limits, stages: Stages) -> Opened:
    """Return the document of a STEP file. Raises CadError as `StepReader` does."""
    stages.enter("read", 0.03, "Reading STEP")
    reader = StepReader(scan, folder, limits, beside(path, folder))
    reader.parse(path)
    stages.enter("transfer", 0.12, "Building the parts")
    return reader.translate()


def read_iges(scan: Prescan, path: Path, folder: Path, limits: Limits, stages: Stages) -> Opened:
    """Return the document of an IGES file. Raises CadError unreadable or no_usable_geometry."""
    stages.enter("transfer", 0.05, "Reading IGES")
    reader = IGESCAFControl_Reader()
    reader.SetNameMode(True)
    reader.SetColorMode(True)
    reader.SetLayerMode(True)
    if reader.ReadFile(str(path)) != IFSelect_RetDone:
        raise CadError("unreadable", "iges")
    unit = IGES_UNITS.get(reader.IGESModel().GlobalSection().UnitFlag(), "")
    opened = Opened(new_document(), unit=unit)
    if not reader.Transfer(opened.document):
        raise CadError("no_usable_geometry", "iges")
    _hide_blanked(reader, opened)
    return opened


def _hide_blanked(reader: IGESCAFControl_Reader, opened: Opened) -> None:
    """Switch off what an IGES file blanks (directory field 9), which the reader leaves on."""
    model, results = reader.IGESModel(), reader.WS().TransferReader()
    # The hierarchy flag 1 leaves it to the members of a group whether they are shown.
    blanked = [
        entity for entity in map(model.Entity, range(1, model.NbEntities() + 1)) if _is_blanked(entity)
    ]
    if not blanked:
        return
    shapes = XCAFDoc_DocumentTool.ShapeTool_s(opened.document.Main())
    colors = XCAFDoc_DocumentTool.ColorTool_s(opened.document.Main())
    found = Sequence_TDF_Label()
    shapes.GetShapes(found)
    until = time.monotonic() + PATIENCE_S
    for number in range(1, len(found) + 1):
        label = found.Value(number)
        whole = XCAFDoc_ShapeTool.GetShape_s(label)
        entity = results.EntityFromShapeResult(whole, 1)
        if entity is not None and _is_blanked(entity):
            colors.SetVisibility(label, False)
            continue
        for kind in (TopAbs_SOLID, TopAbs_SHELL, TopAbs_FACE):
            inside = shape_map(whole, kind)
            for position in range(1, inside.Extent() + 1):
                if time.monotonic() > until:
                    opened.findings.append(_hidden_unsure(len(blanked)))
                    return
                piece = inside.FindKey(position)
                entity = results.EntityFromShapeResult(piece, 1)
                if entity is not None and _is_blanked(entity):
                    colors.SetVisibility(shapes.AddSubShape(label, piece), False)


def _is_blanked(entity: Any) -> bool:
    defers = entity.TypeNumber() in IGES_GROUPS and entity.HierarchyStatus() == 1
    return entity.BlankStatus() == 1 and not defers


def _hidden_unsure(count: int) -> Finding:
    return Finding(
        "hidden_unsure",
        f"The file blanks {count} entities, and finding all of them takes too long; some may be in the picture. "
        "Export it without hidden geometry if something covers the product.",
    )


def read_brep(scan: Prescan, path: Path, folder: Path, limits: Limits, stages: Stages) -> Opened:
    """Return the document of an OpenCASCADE BREP file. Raises CadError unreadable."""
    stages.enter("transfer", 0.05, "Reading BREP")
    shape = TopoDS_Shape()
    with path.open("rb") as stream:
        binary = stream.read(64).lstrip().startswith(BINARY_BREP)
    if binary:
        done = BinTools.Read_s(shape, str(path))
    else:
        done = BRepTools.Read_s(shape, str(path), BRep_Builder())
    if not done or shape.IsNull():
        raise CadError("unreadable", "brep")
    opened = Opened(new_document(), unit="millimetre")
    XCAFDoc_DocumentTool.ShapeTool_s(opened.document.Main()).AddShape(shape, False)
    return opened
