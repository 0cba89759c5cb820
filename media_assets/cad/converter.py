"""One conversion from a request to finished files: loaded, written as GLB and USD, checked, reported."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from media_assets.cad.contract import DOCUMENT_NAME, GLB_NAME, REPORT_NAME, USD_NAME, Request
from media_assets.cad.drawing.projecting import Projector
from media_assets.cad.drawing.wanted import EXACT_STAGE, LINES_NAME, Drawing
from media_assets.cad.drawing.wanted import STAGE as DRAWING_STAGE
from media_assets.cad.explode.product import explode
from media_assets.cad.explode.wanted import Explosion
from media_assets.cad.fidelity import compare
from media_assets.cad.glb import GlbWriter
from media_assets.cad.glb_check import KeptContents, check_glb
from media_assets.cad.kinds import kinds_of
from media_assets.cad.loading import Loaded, Loader, nothing_usable
from media_assets.cad.placing import Box, box_around, world_matrices
from media_assets.cad.prescan import Prescan
from media_assets.cad.reader import Opened
from media_assets.cad.report import build_report
from media_assets.cad.section.cutting import SectionCutter
from media_assets.cad.section.wanted import STAGE, Section
from media_assets.cad.stages import Stages, Tell
from media_assets.cad.usd import UsdWriter
from media_assets.cad.validation import validate
from media_assets.formats.cad import CAD_FORMATS, CONVERTER_VERSION


class Converter:
    """One conversion, stage by stage, with the seconds each took."""

    def __init__(self, request: Request, tell: Tell) -> None:
        self.request = request
        self.stages = Stages(tell)
        self.loader = Loader(request, self.stages, tell)
        self.loaded: Loaded | None = None

    def run(self) -> dict[str, Any]:
        """Write all results into the request's folder and return the report. Raises CadError."""
        request = self.request
        work = Path(request.work_dir)
        scan, source = self.loader.look()
        loaded = self.loaded = self.loader.load(scan, source)
        kinds: list[dict[str, Any] | None] = []
        if request.section:
            loaded = self.loaded = self._cut(loaded, request.section)
        elif not request.drawing:
            checked = validate(loaded.product, loaded.meshes, loaded.meshed, loaded.placed, loaded.origin)
            loaded.opened.facts.update(checked.facts)
            loaded.opened.findings.extend(checked.findings)
            kinds = kinds_of(loaded.product, loaded.meshes, checked.sizes)
        if request.explosion:
            loaded = self.loaded = self._explode(loaded, request.explosion)
        if request.drawing:
            return self._draw(loaded, request.drawing, scan)
        box = self._measure(loaded)
        glb = work / GLB_NAME
        self.stages.enter("glb", 0.9, "Writing the geometry")
        GlbWriter(loaded.product, loaded.meshes).write(glb)
        self.stages.enter("check", 0.92, "Reading the geometry back")
        kept = check_glb(glb, loaded.product, loaded.meshes, box)
        if not request.section:
            self._compare(scan, loaded, kept)
        if request.want_usd:
            self.stages.enter("usd", 0.93, "Writing the USD master")
            metadata = _metadata(request, scan, loaded.opened)
            UsdWriter(loaded.product, loaded.meshes, metadata, box, loaded.memory).write(work / USD_NAME)
        names = [GLB_NAME] + ([USD_NAME] if request.want_usd else [])
        return self._publish(self._report(scan, loaded, box, kinds), names)

    def _report(
        self, scan: Prescan, loaded: Loaded, box: Box, kinds: list[dict[str, Any] | None]
    ) -> dict[str, Any]:
        self.stages.enter("report", 0.98, "Writing the report")
        return build_report(
            scan,
            loaded.opened,
            loaded.product,
            loaded.meshed,
            loaded.meshes,
            box,
            loaded.placed,
            loaded.origin,
            self.request.tessellation,
            kinds,
        )

    def _draw(self, loaded: Loaded, drawing: Drawing, scan: Prescan) -> dict[str, Any]:
        """Write the lines of a drawing instead of the geometry, and return the report.

        Exact ones replace them afterwards, view by view: whoever does not wait for all has those that are there.
        """
        self.stages.enter(DRAWING_STAGE, 0.86, "Drawing the views")
        projector = Projector(drawing, loaded, self.stages.tell, self.request.only_triangles)
        written = Path(self.request.work_dir) / LINES_NAME
        written.write_text(json.dumps(projector.run(), ensure_ascii=False), encoding="utf-8")
        report = self._publish(self._report(scan, loaded, self._measure(loaded), []), [LINES_NAME])
        if drawing.exact:
            self.stages.enter(EXACT_STAGE, 1.0, "Drawing exact lines")
            for lines in projector.exactly():
                written.write_text(json.dumps(lines, ensure_ascii=False), encoding="utf-8")
                written.replace(Path(self.request.out_dir) / LINES_NAME)
            self.stages.enter("", 1.0, "Done")
        return report

    def _cut(self, loaded: Loaded, section: Section) -> Loaded:
        """Return what a section leaves of the product, and note in the report what was cut and how."""
        self.stages.enter(STAGE, 0.86, "Cutting the parts")
        cutter = SectionCutter(
            section,
            loaded.product,
            loaded.meshes,
            loaded.meshed,
            self.request.tessellation,
            Path(self.request.work_dir),
            self.stages.tell,
            self.request.only_triangles,
        )
        loaded.opened.facts["section"] = cutter.run().to_json()
        return replace(loaded, placed=world_matrices(loaded.product.root))

    def _explode(self, loaded: Loaded, wanted: Explosion) -> Loaded:
        """Return the product taken apart, and note in the report how."""
        self.stages.enter("explode", 0.86, "Taking the product apart")
        loaded.opened.facts["explosion"] = explode(loaded.product, loaded.meshes, wanted).to_json()
        return replace(loaded, placed=world_matrices(loaded.product.root))

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
            raise nothing_usable(loaded.opened, loaded.meshed)
        return box

    def _compare(self, scan: Prescan, loaded: Loaded, kept: KeptContents) -> None:
        """Note in the report whether the written geometry has every name and color of the document."""
        if not CAD_FORMATS[scan.format].is_mesh:
            facts, findings = compare(loaded.opened.document, kept, loaded.product.strays)
            loaded.opened.facts.update(facts)
            loaded.product.findings.extend(findings)

    def _publish(self, report: dict[str, Any], names: list[str]) -> dict[str, Any]:
        """Move the finished files to their place, the report last: when it is there, everything is."""
        self.stages.enter("", 1.0, "Done")
        request = self.request
        work, out = Path(request.work_dir), Path(request.out_dir)
        report["bytes"] = {name: (work / name).stat().st_size for name in names}
        report["seconds"] = {stage: round(seconds, 4) for stage, seconds in self.stages.seconds.items()}
        report["peak_mb"] = self.stages.highest_mb
        report["stage_peak_mb"] = self.stages.peak_mb
        report["document"] = self.loader.document
        if request.earlier and self.loaded and self.loaded.memory:
            report["meshes_reused"] = len(self.loaded.memory.parts)
        written = {**report, "learned": self.loader.learned} if self.loader.learned else report
        (work / REPORT_NAME).write_text(json.dumps(written, ensure_ascii=False), encoding="utf-8")
        kept = [DOCUMENT_NAME] if self.loader.document["kept"] else []
        for name in [*names, *kept, REPORT_NAME]:
            shutil.move(work / name, out / name)
        return report


def _metadata(request: Request, scan: Prescan, opened: Opened) -> dict[str, str]:
    known = {
        "source_file": request.name,
        "generator": f"Renderdesk, converter {CONVERTER_VERSION}",
        "schema": scan.schema,
        "originating_system": scan.originating_system,
        "source_unit": opened.unit or scan.unit,
    }
    return {key: value for key, value in known.items() if value}
