"""Receives CAD files: checks them, stores each once, assigns it to a product."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F

from blender_scripts.children.folders import temporary_folder
from media_assets import storage
from media_assets.cad.contract import Reading
from media_assets.cad.errors import CadError
from media_assets.cad.meshes.scan import unit_unknown
from media_assets.cad.prescan import Prescan
from media_assets.cad.problem import CASE, Failure
from media_assets.cad.scanning import scan
from media_assets.cad.unpack import apart
from media_assets.formats import cad
from media_assets.ingest import conversions, numbering, room
from media_assets.ingest.problems import failure_of
from media_assets.ingest.text import visible
from media_assets.models import PRODUCT_NUMBER, CadFile, Product, ProductRevision, sight
from media_assets.signals import Notice

# The file itself is no use: nothing is kept of it but the message.
REFUSED = frozenset({"empty", "not_cad", "too_large"})
# Nothing is wrong with the file: its row, and what to do with it, are shown.
KNOWN = frozenset({"archived", "superseded"})

UNSAID = Reading()


@dataclass(frozen=True)
class Arrival:
    """The result of one incoming file: its row (None if refused), its product, and why it failed.

    *failure*: for pages, unless it is an app above that could not go on; *error* is in English, for programs.
    """

    name: str
    sha256: str
    cad_file: CadFile | None
    product: Product | None
    duplicate: bool
    error_code: str = ""
    error: str = ""
    failure: Failure | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "cad_file": self.cad_file.pk if self.cad_file else None,
            "sha256": self.sha256,
            "name": self.name,
            "product": self.product.number if self.product else None,
            "state": self.cad_file.state if self.cad_file else CadFile.State.FAILED.value,
            "duplicate": self.duplicate,
            "error_code": self.error_code or None,
            "error": self.error or None,
        }


def clean_name(name: str) -> str:
    """Return a shown name of 255 characters at most, without folders and what can't be seen.

    Controls, marks that turn the direction of writing, and bytes that are no UTF-8 become blanks.
    """
    base = re.split(r"[/\\]", name)[-1]
    return visible(base)[:255] or "unnamed"


def number_from(name: str) -> str:
    """Return a product number made from a file name: its stem, with what a number may not hold replaced."""
    stem = cad.without_endings(clean_name(name))
    return re.sub(r"[^\w .+-]", "_", stem).lstrip(" .+-")[:90].strip() or "product"


def receive(
    source: Path,
    name: str,
    *,
    number: str = "",
    product_name: str = "",
    user: User | None = None,
    reading: Reading = UNSAID,
    look_first: bool = False,
    asks: bool = False,
    customer: int | None = None,
    max_bytes: int,
    floor_bytes: int = 0,
) -> Arrival:
    """Take the file *source*, shown as *name*, into the system and make it its product's current CAD file.

    The same bytes are stored once. Without *number* a known file keeps its product, and a new one gets a product
    named after the file. A file that can't be CAD is refused; a damaged one is kept with its reason, and a mesh whose
    unit *reading* does not say waits for that. What *reading* says about a known file is another reading of it. With
    *look_first*, or where the code page of its names is a guess, a new file is rendered by itself only after somebody
    has looked at it. With *asks*, an earlier revision that is no product's current one is refused ("superseded"). What
    is archived stays so, and nothing is taken in for it. A new file that would leave less than
    *floor_bytes* of the media disk free is not taken (StorageBelowFloor).
    *customer*: the id of that of a new product.
    Raises ValidationError (a product number that is bad or taken, no customer), StorageError or OSError (unreadable
    source).
    """
    shown = clean_name(name)
    if number:
        PRODUCT_NUMBER(number)
    with source.open("rb") as stream:
        sha256, size = storage.digest(stream)
    known = sight.regardless(CadFile).filter(sha256=sha256).first()
    is_seen = known is not None and CadFile.objects.filter(pk=known.pk).exists()
    named = numbering.named(number) if number else _owner(known)
    owner = named if named and named.pk else None
    if owner is None:
        sight.customer_of_new(customer)
    try:
        _refuse_archived(known, owner, "" if is_seen else shown)
        if known and asks and not (number or owner):
            _refuse_superseded(known)
        if size > max_bytes:
            raise too_large(size, max_bytes)
        found, problem = (None, None) if known else _scan(source, reading, max_bytes)
    except CadError as error:
        file, product = (known, owner) if error.code in KNOWN and is_seen else (None, None)
        if known and error.code == "superseded":
            product = superseded(known)[0].product
        is_known = file is not None
        return Arrival(shown, sha256, file, product, is_known, error.code, error.message, error.failure)
    if not known:
        room.check_room(size, floor_bytes)
    with transaction.atomic():
        if known and not sight.regardless(CadFile).filter(pk=known.pk).held():
            known = None  # deleted just now
        if known and storage.is_lost(known.file):
            storage.store_as(source, str(known.file.name))
        cad_file, is_new = (
            (known, False)
            if known
            else _create(source, shown, sha256, size, found, problem, reading, look_first, user)
        )
        if known and is_seen:
            conversions.set_reading(known, _over(known, reading), user)
        product, notice = _product(
            number, product_name, shown, cad_file, user, is_new_file=is_new, customer=customer
        )
    cad_file.refresh_from_db()
    code, message = cad_file.error_code, cad_file.error
    failure = failure_of(cad_file) if code else None
    if notice and not code:
        code, message = notice.code, notice.message
    return Arrival(shown, sha256, cad_file, product, not is_new, code, message, failure)


def receive_all(
    source: Path, name: str, *, max_bytes: int, number: str = "", **options: Any
) -> list[Arrival]:
    """Do the same for a file, or for each of the CAD files of an archive that do not belong together.

    An archive that shall be one product, as *number* is given, is refused as `receive` does.
    """
    arrival = receive(source, name, number=number, max_bytes=max_bytes, **options)
    failure = arrival.failure
    is_several = failure is not None and failure.details.get(CASE) == "many_packed"
    if number or not is_several:
        return [arrival]
    with temporary_folder() as folder:
        parts = apart(source, folder, max_bytes)
        return [receive(one, one.name, max_bytes=max_bytes, **options) for one in parts] or [arrival]


def _owner(cad_file: CadFile | None) -> Product | None:
    """Return the product that has a known file, an archived one only where there is no other."""
    if cad_file is None:
        return None
    return cad_file.products.order_by(F("archived_at").asc(nulls_first=True), "number").first()


def superseded(cad_file: CadFile) -> list[ProductRevision]:
    """Return the revisions that this file was of products in use, the latest first."""
    had = ProductRevision.objects.filter(cad_file=cad_file, product__archived_at=None)
    return list(had.exclude(product__cad_file=cad_file).select_related("product").order_by("-since"))


def _refuse_superseded(cad_file: CadFile) -> None:
    """Raise CadError for an earlier revision of a product."""
    for one in superseded(cad_file)[:1]:
        raise CadError("superseded", "product", revision=one.number, number=one.product.number)


def _refuse_archived(cad_file: CadFile | None, product: Product | None, name: str = "") -> None:
    """Raise CadError for a file, called *name* or its own, or a product that is archived."""
    if cad_file and cad_file.is_archived:
        raise CadError("archived", "file", name=name or cad_file.original_name)
    if product and product.is_archived:
        raise CadError("archived", "product", number=product.number)


def too_large(size: int, max_bytes: int) -> CadError:
    """Return the error of a file of *size* bytes where *max_bytes* are allowed."""
    return CadError("too_large", "upload", size_mb=math.ceil(size / 1e5) / 10, limit_mb=max_bytes / 1e6)


def _scan(source: Path, reading: Reading, max_bytes: int) -> tuple[Prescan | None, CadError | None]:
    """Look into the file without the reader; raise for what is refused, return what is kept with its reason."""
    try:
        found = scan(source, max_bytes=max_bytes, code_page=reading.code_page)
        needs_unit = not cad.of(found.format).states_unit and not reading.unit
        return found, unit_unknown(found.format) if needs_unit else None
    except CadError as error:
        if error.code in REFUSED:
            raise
        return None, error


def _create(
    source: Path,
    name: str,
    sha256: str,
    size: int,
    found: Prescan | None,
    problem: CadError | None,
    reading: Reading,
    look_first: bool,
    user: User | None,
) -> tuple[CadFile, bool]:
    """Return the row of these bytes, and whether it is new: the same file may have come twice at once."""
    suffix = found.format if found else _claimed_format(name)
    matters = conversions.as_far_as_it_matters(suffix, reading)
    if CadFile.objects.exists():
        storage.require_media()  # the empty folder of a disk that is not mounted would take it
    stored = storage.store(source, storage.CAD_FOLDER, f".{suffix}")
    cad_file, created = sight.regardless(CadFile).get_or_create(
        sha256=sha256,
        defaults={
            "file": stored.name,
            "original_name": name,
            "bytes": size,
            "format": suffix,
            "schema": visible(found.schema)[:100] if found else "",
            "unit": visible(found.unit)[:20] if found else "",
            "source_system": conversions.source_system(found.to_json()) if found else "",
            "code_page": matters.code_page,
            "stated_unit": matters.unit,
            "up": matters.up,
            "strays": matters.strays,
            "waits_for_look": look_first or bool(found and not found.code_page_sure),
            "uploaded_by": user,
        },
    )
    if created and problem:
        conversions.mark_failed(cad_file, problem.failure, problem.message)
    return cad_file, created


def _claimed_format(name: str) -> str:
    """The format that the name of a damaged file claims."""
    suffix = Path(name).suffix.lower().lstrip(".")
    return suffix if suffix in cad.CAD_FORMATS else cad.CLAIMED


def _over(known: CadFile, reading: Reading) -> Reading:
    """The reading options of a known file, overridden by the new ones."""
    return Reading(
        code_page=reading.code_page or known.code_page,
        unit=reading.unit or known.stated_unit,
        up=reading.up or known.up,
        strays=reading.strays or known.strays,
    )


def _product(
    number: str,
    name: str,
    shown: str,
    cad_file: CadFile,
    user: User | None,
    *,
    is_new_file: bool,
    customer: int | None = None,
) -> tuple[Product, Notice | None]:
    """Return the product of this file, and what a listener to its revision could not do."""
    if not number and not is_new_file and (owner := _owner(cad_file)):
        return owner, None
    return numbering.revise(
        cad_file,
        number=number or number_from(shown),
        is_number_given=bool(number),
        name=name,
        other_name=Path(shown).stem[:255],
        is_new_file=is_new_file,
        user=user,
        customer=customer,
    )


def assign(product: Product, cad_file: CadFile, user: User | None = None) -> None:
    """Make *cad_file* the current one of *product*; its older pictures become stale, never deleted."""
    with transaction.atomic():
        _product(product.number, product.name, product.name, cad_file, user, is_new_file=False)


def new_product(cad_file: CadFile, user: User | None = None) -> Product:
    """Make a new product of a file that is known, named after it."""
    with transaction.atomic():
        return _product("", "", cad_file.original_name, cad_file, user, is_new_file=True)[0]
