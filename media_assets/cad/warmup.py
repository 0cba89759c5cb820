"""Does work once, before children are forked, that each would repeat: 25 ms of the 90 ms of a small file.

Libraries fill their tables on their first use (STEP's protocols, USD's plug-ins), and a child inherits them filled. No
stranger's file is touched: the one that is converted is made here.
"""

from __future__ import annotations

from contextlib import suppress

from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox
from OCP.STEPControl import STEPControl_AsIs, STEPControl_Writer
from pxr import Work

from blender_scripts.children.folders import temporary_folder
from media_assets.cad.child import convert, quiet_reader
from media_assets.cad.contract import Limits, Request
from media_assets.cad.settings import PRESETS


def warm_up() -> None:
    """Convert a box, in this process and without a trace of it. It stays with one thread, as forking requires."""
    # Errors here are ignored: the first real file reports them to somebody.
    with suppress(Exception), temporary_folder() as folder:
        Work.SetConcurrencyLimit(1)
        quiet_reader()
        source, out, work = folder / "box.step", folder / "out", folder / "work"
        out.mkdir()
        work.mkdir()
        writer = STEPControl_Writer()
        writer.Transfer(BRepPrimAPI_MakeBox(1.0, 2.0, 3.0).Shape(), STEPControl_AsIs)
        writer.Write(str(source))
        request = Request(
            source=str(source),
            out_dir=str(out),
            work_dir=str(work),
            name="box",
            tessellation=PRESETS["draft"],
            limits=Limits(),
            keep_document=True,
        )
        convert(request, lambda told: None)
