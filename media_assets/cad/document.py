"""Keeps a document with the facts learned while reading it, so that no later quality reads the file again.

Reading and repairing is most of a conversion; opening the kept document (OpenCASCADE's binary XCAF format) takes
milliseconds. Runs in the child process only.
"""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

from OCP.BinXCAFDrivers import BinXCAFDrivers
from OCP.PCDM import PCDM_ReaderStatus, PCDM_StoreStatus
from OCP.TCollection import TCollection_ExtendedString
from OCP.TDocStd import TDocStd_Application, TDocStd_Document

from media_assets.cad.contract import LEARNED_NAME, Finding
from media_assets.cad.prescan import Prescan
from media_assets.cad.reader import Opened, new_document

LARGEST_SHARE = 4
"""A document this many times larger than its source is not kept. Over 162 files it had 0.16 to 1.3 times its size."""


class DocumentUnusable(Exception):
    """The kept document cannot be used; the message says why. The source is then read again."""


@dataclass(frozen=True)
class Known:
    """A document and what its source's text and reader said."""

    scan: Prescan
    opened: Opened

    def learned(self) -> dict[str, Any]:
        """Return all but the document itself, as JSON values, as it is now: later stages add facts of one quality."""
        said = {
            one.name: deepcopy(getattr(self.opened, one.name))
            for one in fields(Opened)
            if one.name != "document"
        }
        said["findings"] = [finding.to_json() for finding in self.opened.findings]
        return {"scan": self.scan.to_json(), "opened": said}

    @classmethod
    def from_kept(cls, document: Path, folder: Path) -> Self:
        """Return a kept document with what lies beside the request. Raises DocumentUnusable for whatever is wrong."""
        try:
            learned = json.loads((folder / LEARNED_NAME).read_text(encoding="utf-8"))
            scan = Prescan(**learned["scan"])
            said = learned["opened"]
            said["findings"] = [Finding(**finding) for finding in said["findings"]]
            return cls(scan, Opened(open_document(document), **said))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DocumentUnusable(f"what was noted beside it is not understood ({error})") from error


def save(document: TDocStd_Document, path: Path, source_bytes: int) -> None:
    """Write the document; DocumentUnusable when that fails or is no gain. Call it before anything is meshed."""
    status = _application().SaveAs(document, TCollection_ExtendedString(str(path)))
    if status != PCDM_StoreStatus.PCDM_SS_OK:
        raise DocumentUnusable(f"what was read could not be kept ({status.name})")
    size = path.stat().st_size
    if size > LARGEST_SHARE * source_bytes:
        raise DocumentUnusable(
            f"what was read is too large to be kept ({size / 1e6:.1f} MB, the source has {source_bytes / 1e6:.1f} MB)"
        )


def open_document(path: Path) -> TDocStd_Document:
    """Return the document of a file that ``save`` wrote. Raises DocumentUnusable."""
    # The document is closed with its application, so each gets its own, which lives as long as the process.
    application = _application()
    try:
        status = application.Open(TCollection_ExtendedString(str(path)), new_document())
    except Exception as error:
        raise DocumentUnusable(f"the kept document is damaged ({type(error).__name__})") from error
    if status != PCDM_ReaderStatus.PCDM_RS_OK or application.NbDocuments() != 1:
        raise DocumentUnusable(f"the kept document is damaged or of another version ({status.name})")
    document = application.GetDocument(1)
    if document is None or document.Main().IsNull():
        raise DocumentUnusable("the kept document is empty")
    return document


def _application() -> TDocStd_Application:
    application = TDocStd_Application()
    BinXCAFDrivers.DefineFormat_s(application)
    return application
