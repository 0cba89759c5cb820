"""The process that reads one CAD file: everything dangerous happens here, and nothing of it outlives this process.

By hand: ``python -m media_assets.cad.child in.step out_folder``. It writes the geometry as GLB, the USD master and
the ingest report, and prints its progress.
"""

from __future__ import annotations

import argparse
import errno
import json
import shutil
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from OCP.Message import Message, Message_Gravity

from media_assets.cad import landlock
from media_assets.cad.code_pages import CODECS
from media_assets.cad.contract import (
    DOCUMENT_NAME,
    GLB_NAME,
    KEPT_FORMATS,
    REPORT_NAME,
    USD_NAME,
    Limits,
    Progress,
    Reading,
    Request,
)
from media_assets.cad.document import DocumentUnusable, Known, open_document, save
from media_assets.cad.errors import CadError
from media_assets.cad.failures import given_up
from media_assets.cad.fidelity import compare
from media_assets.cad.glb import GlbWriter
from media_assets.cad.glb_check import Kept, check_glb
from media_assets.cad.mesh_load import MESH_FORMATS, as_meshed, load_mesh
from media_assets.cad.mesh_scene import MILLIMETRES
from media_assets.cad.mesher import MeshedProduct, mesh_product
from media_assets.cad.placing import Box, Floats, box_around, world_matrices
from media_assets.cad.prescan import Prescan, prescan
from media_assets.cad.product_tree import Product
from media_assets.cad.reader import Opened, StepReader, new_document, read_brep, read_iges
from media_assets.cad.report import build_report
from media_assets.cad.settings import CONVERTER_VERSION, PRESETS, tool_versions
from media_assets.cad.stages import Stages, Tell
from media_assets.cad.triangles import Mesh, take_triangles
from media_assets.cad.unpack import plain_file
from media_assets.cad.usd import UsdWriter
from media_assets.cad.validation import validate
from media_assets.cad.xcaf import TreeBuilder


@dataclass(frozen=True)
class Loaded:
    """A file's product, its triangles, and where everything in it ends up."""

    opened: Opened
    product: Product
    meshed: MeshedProduct
    meshes: list[Mesh]
    placed: dict[int, Floats]


class Converter:
    """One conversion, stage by stage, with the seconds each took."""

    def __init__(self, request: Request, tell: Tell) -> None:
        self.request = request
        self.tell = tell
        self.stages = Stages(tell)
        self.known: Known | None = None
        self.document: dict[str, Any] = {"reused": False, "kept": False, "why": ""}
        self.learned: dict[str, Any] = {}

    def run(self) -> dict[str, Any]:
        """Write all results into the request's folder and return the report. Raises CadError."""
        request = self.request
        work = Path(request.work_dir)
        out = Path(request.out_dir)
        scan, source = self._look(work)
        loaded = self._load(scan, source, work)
        box = self._measure(loaded)
        checked = validate(loaded.product, loaded.meshes, loaded.meshed, loaded.placed)
        loaded.opened.facts.update(checked.facts)
        loaded.opened.findings.extend(checked.findings)
        glb = work / GLB_NAME
        self.stages.enter("glb", 0.9, "Writing the geometry")
        GlbWriter(loaded.product, loaded.meshes).write(glb)
        self.stages.enter("check", 0.92, "Reading the geometry back")
        self._compare(scan, loaded, check_glb(glb, loaded.product, loaded.meshes, box))
        if request.want_usd:
            self.stages.enter("usd", 0.93, "Writing the USD master")
            metadata = _metadata(request, scan, loaded.opened)
            UsdWriter(loaded.product, loaded.meshes, metadata, box).write(work / USD_NAME)
        self.stages.enter("report", 0.98, "Writing the report")
        report = build_report(
            scan,
            loaded.opened,
            loaded.product,
            loaded.meshed,
            loaded.meshes,
            box,
            loaded.placed,
            request.tessellation,
        )
        return self._publish(report, work, out)

    def _look(self, work: Path) -> tuple[Prescan, Path]:
        """Return what the file is, and where its plain text lies unless what an earlier conversion read can be used."""
        request = self.request
        if request.kept:
            self.stages.enter("document", 0.0, "Opening what was read before")
            try:
                self.known = Known.from_kept(Path(request.kept), work)
            except DocumentUnusable as error:
                self.document["why"] = str(error)
            else:
                self.document["reused"] = True
                return self.known.scan, Path(request.source)
        self.stages.enter("prescan", 0.0, "Looking at the file")
        source = plain_file(Path(request.source), work, request.limits.source_mb * 1_000_000)
        return prescan(source, request.limits, request.reading.code_page), source

    def _load(self, scan: Prescan, source: Path, work: Path) -> Loaded:
        """Return the product of a file and its triangles. Raises CadError."""
        request = self.request
        if scan.format in MESH_FORMATS:
            return self._load_mesh(scan, source)
        opened = self.known.opened if self.known else self._open(scan, source)
        if self.request.keep_document and not self.known and scan.format in KEPT_FORMATS:
            opened = self._keep(Known(scan, opened), source, work)
        self.stages.enter("tree", 0.45, "Collecting parts, names and colours")
        product = TreeBuilder(opened.document, request.name, request.limits.max_instances).build()
        if not product.looks:
            raise CadError(
                "no_usable_geometry",
                "The file was read, but no part in it has a surface. Export solids or surfaces, not only wires, "
                "sketches or references.",
                "; ".join(opened.damage[:3]),
            )
        meshed = self._mesh(product)
        if meshed.triangles == 0:
            raise _nothing_usable(opened, meshed)
        self.stages.enter("triangles", 0.85, "Collecting triangles")
        meshes = take_triangles(product, work)
        return Loaded(opened, product, meshed, meshes, world_matrices(product.root))

    def _load_mesh(self, scan: Prescan, source: Path) -> Loaded:
        """Return the product of a file that is a mesh already: nothing is left to tessellate. Raises CadError."""
        request = self.request
        self.stages.enter("read", 0.05, f"Reading {scan.format.upper()}")
        scene = load_mesh(scan.format, source, request.name, request.reading, request.limits)
        opened = Opened(new_document(), unit=scene.unit, facts=scene.facts)
        return Loaded(
            opened, scene.product, as_meshed(scene), scene.meshes, world_matrices(scene.product.root)
        )

    def _open(self, scan: Prescan, source: Path) -> Opened:
        if scan.format == "iges":
            self.stages.enter("transfer", 0.05, "Reading IGES")
            return read_iges(source)
        if scan.format == "brep":
            self.stages.enter("transfer", 0.05, "Reading BREP")
            return read_brep(source)
        self.stages.enter("read", 0.03, "Reading STEP")
        reader = StepReader(scan, Path(self.request.work_dir))
        reader.parse(source)
        self.stages.enter("transfer", 0.12, "Building the parts")
        return reader.translate()

    def _keep(self, known: Known, source: Path, work: Path) -> Opened:
        """Write what was read to a file and return it as that file gives it back.

        Rounding in the file moves a triangle here and there, and a geometry must be the same whichever way it is made.
        """
        self.stages.enter("keep", 0.44, "Keeping what was read")
        path = work / DOCUMENT_NAME
        try:
            save(known.opened.document, path, source.stat().st_size)
            document = open_document(path)
        except DocumentUnusable as error:
            path.unlink(missing_ok=True)
            self.document["why"] = str(error)
            return known.opened
        self.document["kept"] = True
        self.learned = known.learned()
        return replace(known.opened, document=document)

    def _mesh(self, product: Product) -> MeshedProduct:
        count = len(product.parts)
        self.stages.enter("mesh", 0.5, f"Meshing {count} parts")

        def told(done: int) -> None:
            self.tell(Progress(0.5 + 0.35 * done / count, "mesh", f"Meshed {done} of {count} parts"))

        return mesh_product(product, self.request.tessellation, self.request.limits.max_triangles, told)

    def _measure(self, loaded: Loaded) -> Box:
        """Return the box around the triangles; it is also the last check that there is something to show."""
        clouds = {
            look: np.concatenate([surface.points for _, surface in loaded.meshes[look].surfaces]).astype(
                np.float64
            )
            for look in loaded.placed
            if loaded.meshes[look].surfaces
        }
        box = box_around(loaded.placed, clouds)
        if box is None:
            raise _nothing_usable(loaded.opened, loaded.meshed)
        return box

    def _compare(self, scan: Prescan, loaded: Loaded, kept: Kept) -> None:
        """Note in the report whether the written geometry has every name and colour of the document."""
        if scan.format not in MESH_FORMATS:
            facts, findings = compare(loaded.opened.document, kept)
            loaded.opened.facts.update(facts)
            loaded.product.findings.extend(findings)

    def _publish(self, report: dict[str, Any], work: Path, out: Path) -> dict[str, Any]:
        """Move the finished files to their place, the report last: when it is there, everything is."""
        names = [GLB_NAME] + ([USD_NAME] if self.request.want_usd else [])
        self.stages.enter("", 1.0, "Done")
        report["bytes"] = {name: (work / name).stat().st_size for name in names}
        report["seconds"] = {stage: round(seconds, 4) for stage, seconds in self.stages.seconds.items()}
        report["peak_mb"] = self.stages.highest_mb
        report["stage_peak_mb"] = self.stages.peak_mb
        report["document"] = self.document
        written = {**report, "learned": self.learned} if self.learned else report
        (work / REPORT_NAME).write_text(json.dumps(written, ensure_ascii=False), encoding="utf-8")
        kept = [DOCUMENT_NAME] if self.document["kept"] else []
        for name in [*names, *kept, REPORT_NAME]:
            shutil.move(work / name, out / name)
        return report


def _nothing_usable(opened: Opened, meshed: MeshedProduct) -> CadError:
    unmeshed = sum(part.unmeshed_faces for part in meshed.parts)
    return CadError(
        "no_usable_geometry",
        f"The file was read, but nothing in it can be shown: {unmeshed} faces could not be turned into triangles. "
        "Export it again from the CAD system; check its units and coordinates.",
        "; ".join(opened.damage[:3]),
    )


def _metadata(request: Request, scan: Prescan, opened: Opened) -> dict[str, str]:
    known = {
        "source_file": request.name,
        "generator": f"Renderdesk, converter {CONVERTER_VERSION}",
        "schema": scan.schema,
        "originating_system": scan.originating_system,
        "source_unit": opened.unit or scan.unit,
    }
    return {key: value for key, value in known.items() if value}


def quiet_reader() -> None:
    """Leave only the reader's errors on standard output, where the parent keeps them."""
    for printer in Message.DefaultMessenger_s().Printers():
        printer.SetTraceLevel(Message_Gravity.Message_Fail)


def convert(request: Request, tell: Tell) -> dict[str, Any]:
    """Convert one file and return its report. Raises CadError, also for what Python or the disk have to say."""
    sys.setrecursionlimit(20_000)
    quiet_reader()
    try:
        return Converter(request, tell).run()
    except MemoryError as error:
        raise CadError(
            "out_of_memory",
            f"The file needs more than the {request.limits.memory_mb} MB of memory that one file may use. "
            "Order a coarser quality, split the assembly, or raise the limit.",
        ) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise CadError("disk_full", _disk_message(request), str(error)) from error
        raise
    except Exception as error:
        # What OpenCASCADE throws has no base class in Python.
        if not type(error).__module__.startswith("OCP"):
            raise
        raise given_up(f"{type(error).__name__}: {error}", request.limits) from error


def _disk_message(request: Request) -> str:
    free = shutil.disk_usage(request.out_dir).free // 1_000_000
    return (
        f"The results did not fit: {free} MB are free on the disk, and one file may have "
        f"{request.limits.output_mb} MB. Free some space or order a coarser quality, and try again."
    )


def main(argv: list[str]) -> int:
    """Convert a file by hand; return 0, or 1 with the reason on standard error."""
    if argv == ["--versions"]:
        versions = " ".join(f"{name} {version}" for name, version in tool_versions().items())
        print(f"{versions}; while it reads a file it is {landlock.confine([], [])}")
        return 0
    parser = argparse.ArgumentParser(prog="python -m media_assets.cad.child", description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("out_folder", type=Path)
    parser.add_argument("--preset", choices=sorted(PRESETS), default="standard")
    parser.add_argument("--no-usd", action="store_true")
    parser.add_argument("--unit", choices=sorted(MILLIMETRES), default="", help="of an STL or OBJ file")
    parser.add_argument("--code-page", choices=sorted(CODECS), default="", help="of the names")
    options = parser.parse_args(argv)
    options.out_folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.out_folder, prefix=".cad-") as work:
        request = Request(
            source=str(options.source.resolve()),
            out_dir=str(options.out_folder.resolve()),
            work_dir=str(Path(work).resolve()),
            name=options.source.stem,
            tessellation=PRESETS[options.preset],
            limits=Limits(),
            reading=Reading(code_page=options.code_page, unit=options.unit),
            want_usd=not options.no_usd,
        )
        try:
            report = convert(request, lambda told: print(f"{told.fraction:5.0%} {told.message}", flush=True))
        except CadError as error:
            print(f"{error.code}: {error}", file=sys.stderr)
            return 1
    print(
        json.dumps(
            {key: value for key, value in report.items() if key != "tree"}, ensure_ascii=False, indent=1
        )
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
