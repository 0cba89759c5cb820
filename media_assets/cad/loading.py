"""From a CAD file to its product with triangles: reading it, or opening what was read before, and meshing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from media_assets.cad.centering import bring_near, stand_up
from media_assets.cad.contract import DOCUMENT_NAME, ConversionProgress, Request
from media_assets.cad.document import DocumentUnusable, Known, open_document, save
from media_assets.cad.earlier import MeshMemory, prototypes
from media_assets.cad.errors import CadError
from media_assets.cad.mesher import MeshedProduct, mesh_product
from media_assets.cad.meshes.load import as_meshed, load_mesh
from media_assets.cad.placing import Floats, world_matrices
from media_assets.cad.prescan import Prescan, scan_plain
from media_assets.cad.product_tree import CadProduct
from media_assets.cad.reader import Opened, new_document
from media_assets.cad.stages import Stages, Tell
from media_assets.cad.strays import take_out_strays
from media_assets.cad.surfaces import Mesh
from media_assets.cad.triangles import note_far_parts, take_triangles
from media_assets.cad.unpack import beside, plain_file
from media_assets.cad.xcaf import TreeBuilder
from media_assets.formats.cad import CAD_FORMATS, function

# Now, so that a child is forked with them.
_READERS: dict[str, Callable[..., Opened]] = {
    row.name: function(row.read) for row in CAD_FORMATS.values() if not row.is_mesh
}
for row in CAD_FORMATS.values():
    function(row.scan)


@dataclass(frozen=True)
class Loaded:
    """A file's product, its triangles, and where everything in it ends up."""

    opened: Opened
    product: CadProduct
    meshed: MeshedProduct
    meshes: list[Mesh]
    placed: dict[int, Floats]
    origin: Floats
    """Where the origin of these places is in the file, in mm."""
    memory: MeshMemory | None = None


class Loader:
    """Gets what a request wants to be written. ``document`` says whether the document was kept for other
    qualities, and ``learned`` what belongs to it.
    """

    def __init__(self, request: Request, stages: Stages, tell: Tell) -> None:
        self.request = request
        self.stages = stages
        self.tell = tell
        self.work = Path(request.work_dir)
        self.known: Known | None = None
        self.document: dict[str, Any] = {"reused": False, "kept": False, "why": ""}
        self.learned: dict[str, Any] = {}

    def look(self) -> tuple[Prescan, Path]:
        """Return what the file is, and where its plain text lies unless what an earlier conversion read can be used."""
        request = self.request
        if request.kept:
            self.stages.enter("document", 0.0, "Opening what was read before")
            try:
                self.known = Known.from_kept(Path(request.kept), self.work)
            except DocumentUnusable as error:
                self.document["why"] = str(error)
            else:
                self.document["reused"] = True
                return self.known.scan, Path(request.source)
        self.stages.enter("prescan", 0.0, "Looking at the file")
        source = plain_file(Path(request.source), self.work, request.limits.source_mb * 1_000_000)
        companions = beside(source, self.work)
        return scan_plain(source, request.limits, request.reading.code_page, companions), source

    def load(self, scan: Prescan, source: Path) -> Loaded:
        """Return the product of a file and its triangles. Raises CadError."""
        request = self.request
        if CAD_FORMATS[scan.format].is_mesh:
            return self._load_mesh(scan, source)
        opened = (
            self.known.opened
            if self.known
            else _READERS[scan.format](scan, source, self.work, request.limits, self.stages)
        )
        if self.request.keep_document and not self.known and CAD_FORMATS[scan.format].is_kept:
            opened = self._keep(Known(scan, opened), source)
        self.stages.enter("tree", 0.45, "Collecting parts, names and colors")
        product = TreeBuilder(
            opened.document, request.name, request.limits.max_instances, opened.placements
        ).build()
        if not product.looks:
            if product.hidden:
                raise CadError("no_usable_geometry", "all_hidden")
            raise CadError("no_usable_geometry", "no_surface", words="; ".join(opened.damage[:3]))
        placed = world_matrices(product.root)
        memory = self._memory(product)
        meshed = self._mesh(product, placed, memory)
        if meshed.triangles == 0:
            raise nothing_usable(opened, meshed)
        self.stages.enter("triangles", 0.85, "Collecting triangles")
        note_far_parts(product)
        meshes = take_triangles(product, self.work, memory.reused if memory else {})
        return replace(self._placed(opened, product, meshed, meshes), memory=memory)

    def _load_mesh(self, scan: Prescan, source: Path) -> Loaded:
        """Return the product of a file that is a mesh already: nothing is left to tessellate. Raises CadError."""
        request = self.request
        self.stages.enter("read", 0.05, f"Reading {CAD_FORMATS[scan.format].label}")
        scene = load_mesh(
            scan.format,
            source,
            request.name,
            request.reading,
            request.limits,
            beside(source, self.work),
        )
        opened = Opened(new_document(), unit=scene.unit, facts=scene.facts)
        return self._placed(opened, scene.product, as_meshed(scene), scene.meshes)

    def _placed(
        self, opened: Opened, product: CadProduct, meshed: MeshedProduct, meshes: list[Mesh]
    ) -> Loaded:
        stand_up(product, self.request.reading.up)
        origin = bring_near(product, meshes)
        take_out_strays(product, meshes, keep=self.request.reading.strays == "keep")
        return Loaded(opened, product, meshed, meshes, world_matrices(product.root), origin)

    def _keep(self, known: Known, source: Path) -> Opened:
        """Write what was read to a file and return it as that file gives it back.

        Rounding in the file moves a triangle here and there, and a geometry must be the same whichever way it is made.
        """
        self.stages.enter("keep", 0.44, "Keeping what was read")
        path = self.work / DOCUMENT_NAME
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

    def _memory(self, product: CadProduct) -> MeshMemory | None:
        """Return what is known of the meshes of an earlier revision; None where neither that nor a master is wanted."""
        if not (self.request.want_usd or self.request.earlier):
            return None
        self.stages.enter("earlier", 0.49, "Looking at the earlier revision")
        return MeshMemory(product, prototypes(Path(self.request.earlier)) if self.request.earlier else {})

    def _mesh(
        self, product: CadProduct, placed: dict[int, Floats], memory: MeshMemory | None
    ) -> MeshedProduct:
        count = len(product.parts)
        self.stages.enter("mesh", 0.5, f"Meshing {count} parts")

        def told(done: int) -> None:
            self.tell(
                ConversionProgress(0.5 + 0.35 * done / count, "mesh", f"Meshed {done} of {count} parts")
            )

        limit = self.request.limits.max_triangles
        return mesh_product(product, placed, self.request.tessellation, limit, told, memory)


def nothing_usable(opened: Opened, meshed: MeshedProduct) -> CadError:
    """Return the error of a file that was read without a triangle to show for it."""
    unmeshed = sum(part.unmeshed_faces for part in meshed.parts)
    return CadError("no_usable_geometry", "not_meshed", words="; ".join(opened.damage[:3]), faces=unmeshed)
