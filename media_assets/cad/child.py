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
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from OCP.Message import Message, Message_Gravity

from blender_scripts.children.confine import Reach, confine
from media_assets.cad.code_pages import CODECS
from media_assets.cad.contract import Limits, Reading, Request
from media_assets.cad.converter import Converter
from media_assets.cad.errors import CadError
from media_assets.cad.failures import given_up, outgrown, stumbled
from media_assets.cad.meshes.scene import MILLIMETERS
from media_assets.cad.settings import PRESETS, tool_versions
from media_assets.cad.stages import Tell
from media_assets.formats.cad import without_unit


def quiet_reader() -> None:
    """Leave only the reader's errors on standard output, where the parent keeps them."""
    for printer in Message.DefaultMessenger_s().Printers():
        printer.SetTraceLevel(Message_Gravity.Message_Fail)


def convert(request: Request, tell: Tell, done: Callable[[], None] | None = None) -> dict[str, Any]:
    """Convert one file and return its report. Raises CadError, also for what Python or the disk have to say.

    ``done`` is called when the files are in their place and the memory is not yet given back, which a process
    that ends can leave to the system.
    """
    sys.setrecursionlimit(20_000)
    quiet_reader()
    try:
        converter = Converter(request, tell)
        report = converter.run()
        if done:
            done()
        return report
    except CadError:
        raise
    except Exception as error:
        if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
            raise CadError("out_of_memory", "python", limit_mb=request.limits.memory_mb) from error
        if isinstance(error, OSError) and error.errno == errno.EFBIG:
            raise outgrown(request.limits) from error
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            free = shutil.disk_usage(request.out_dir).free // 1_000_000
            raise CadError(
                "disk_full",
                "results",
                words=str(error),
                free_mb=free,
                limit_mb=request.limits.output_mb,
            ) from error
        # What OpenCASCADE throws has no base class in Python.
        if type(error).__module__.startswith("OCP"):
            raise given_up(f"{type(error).__name__}: {error}", request.limits) from error
        traceback.print_exc()
        raise stumbled(error) from error


def main(argv: list[str]) -> int:
    """Convert a file by hand; return 0, or 1 with the reason on standard error."""
    if argv == ["--versions"]:
        versions = " ".join(f"{name} {version}" for name, version in tool_versions().items())
        print(f"{versions}; while it reads a file it is {confine(Reach())}")
        return 0
    parser = argparse.ArgumentParser(prog="python -m media_assets.cad.child", description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("out_folder", type=Path)
    parser.add_argument("--preset", choices=sorted(PRESETS), default="standard")
    parser.add_argument("--no-usd", action="store_true")
    parser.add_argument(
        "--unit", choices=sorted(MILLIMETERS), default="", help=f"of a file in {' or '.join(without_unit())}"
    )
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
