"""Delivered pictures as one ZIP archive: its files and their names, streamed while they are read.

Pictures are compressed already, so they are stored uncompressed. Only one chunk and the list of names are in memory.
"""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, cast

from django.db.models import prefetch_related_objects
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from media_assets import storage
from media_assets.models import MediaAsset, Product
from media_assets.storage import CHUNK
from rendering.catalog.channels import companions
from rendering.catalog.channels.names import DEFAULT_PATTERN, Pattern, Unnamed, safe, spelled
from rendering.models import Approval, ChannelProfile, Order, OrderLine, OutputType
from rendering.models.review import FREE, withheld
from rendering.orders.channels.compliance import ChannelFile, Checker, FileState
from rendering.orders.channels.fields import name_fields
from rendering.orders.matrix import Cell, CellState

LONGEST = 180  # bytes in UTF-8, ending and number included: fits every file system, with room for a folder on Windows
LIST_NAME = "MISSING.txt"
OLDEST = (1980, 1, 1, 0, 0, 0)  # that ZIP can store


@dataclass(frozen=True)
class Wanted:
    """One picture to be packed, or the reason why there is none."""

    number: str  # of the product
    output: str  # the output type's name
    slug: str
    product: Product | None
    output_type: OutputType | None
    asset: MediaAsset | None
    reason: str = ""
    is_stale: bool = False
    code: str = ""  # of the output in a channel
    variant: str = ""  # its slug
    part: str = ""  # its key

    @property
    def what(self) -> str:
        """What it is of, for people."""
        return ", ".join(filter(None, (self.number, self.variant, self.part, self.output)))

    def values(self) -> dict[str, str]:
        """Return what fields of names stand for; as it is, not yet made safe."""
        assert self.asset is not None
        fields = name_fields(self.asset, self.number, self.slug, self.product, self.output_type, self.code)
        return {**fields, "variant": self.variant, "part": self.part}


@dataclass(frozen=True)
class ArchiveEntry:
    """One file of an archive: its name there, where it is stored, and what it is of."""

    name: str
    stored: str
    size: int  # bytes
    produced: datetime
    what: str


@dataclass(frozen=True)
class Packing:
    """What an archive will hold, and (what, reason) of each picture that it can't."""

    entries: list[ArchiveEntry]
    missing: list[tuple[str, str]]
    texts: list[tuple[str, str]] = field(default_factory=list)  # name and content of files that are made here

    @property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(entry.size for entry in self.entries)

    @classmethod
    def of(cls, wanted: Iterable[Wanted], pattern: Pattern, *, letters: str = "") -> Packing:
        """Return what is packed under which names. No name comes twice, upper and lower case being the same.

        A picture whose name needs what its product lacks is missing, with the reason.
        """
        packing = cls([], [])
        names = _Names()
        for one in wanted:
            what = one.what
            if one.asset is None:
                packing.missing.append((what, one.reason))
                continue
            values = one.values()
            try:
                stem = pattern.stem(values)
            except Unnamed as error:
                packing.missing.append((what, str(error)))
                continue
            name = names.new(spelled(stem, letters), f".{values['ext']}")
            asset = one.asset
            packing.entries.append(
                ArchiveEntry(name, str(asset.file.name), asset.bytes, asset.produced, what)
            )
        return packing

    def chunks(self) -> Iterator[bytes]:
        """Yield the archive. MISSING.txt lists files that are gone, and all that was missing before.

        An error in the middle of a file ends the stream without the archive's directory: no program takes it for whole.
        """
        pipe = _Pipe()
        missing = list(self.missing)
        with zipfile.ZipFile(cast("IO[bytes]", pipe), "w", zipfile.ZIP_STORED) as archive:
            for entry in self.entries:
                try:
                    source = _opened(entry)
                except OSError as error:
                    missing.append((entry.what, _why(error)))
                    continue
                with source, archive.open(_head(entry), "w") as target:
                    while chunk := source.read(CHUNK):
                        target.write(chunk)
                        yield pipe.take()
            for name, text in self.texts:
                archive.writestr(_info(name, OLDEST), text)
            if missing:
                archive.writestr(_info(LIST_NAME, OLDEST), _missing_list(missing))
        yield pipe.take()


def response(packing: Packing, name: str) -> StreamingHttpResponse:
    """Return the archive as a download with this file name, packed while it is sent."""
    answer = StreamingHttpResponse(packing.chunks(), content_type="application/zip")
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def of_order(order: Order) -> list[Wanted]:
    """Return what an order has to deliver, in the order of its lines."""
    rows = order.lines.select_related("product", "output_type", "variant", "asset").order_by("id")
    rows = rows.prefetch_related("product__identifiers")
    lines = list(rows.defer("asset__recipe", "asset__receipt"))
    kept_back = withheld(line.asset_id for line in lines if line.asset_id)
    return [
        Wanted(
            line.number,
            line.output_words,
            line.slug,
            line.product,
            line.output_type,
            asset,
            "" if asset else _reason(line, kept_back.get(line.asset_id or 0, "")),
            variant=line.variant_code,
            part=line.part,
        )
        for line in lines
        for asset in [
            line.asset
            if line.state == OrderLine.State.DONE and not (_is_pruned(line) or line.asset_id in kept_back)
            else None
        ]
    ]


def of_asset(asset: MediaAsset) -> list[Wanted]:
    """Return one asset as the newest line that delivered it names it; nothing for one that no line delivered."""
    lines = OrderLine.objects.filter(asset=asset, state=OrderLine.State.DONE)
    line = lines.select_related("product", "output_type", "variant").order_by("-id").first()
    if line is None:
        return []
    whole = (line.number, line.output_words, line.slug, line.product, line.output_type, asset)
    return [Wanted(*whole, variant=line.variant_code, part=line.part)]


def names(wanted: Sequence[Wanted]) -> dict[int, str]:
    """Return by the ids of assets how an archive with the usual pattern names them."""
    there = [one for one in wanted if one.asset]
    packed = Packing.of(there, Pattern.of(DEFAULT_PATTERN)).entries
    found: dict[int, str] = {}
    for one, entry in zip(there, packed, strict=True):
        assert one.asset is not None
        found.setdefault(one.asset.pk, entry.name)
    return found


def of_cells(cells: Sequence[Cell]) -> list[Wanted]:
    """Return what the cells of the matrix have; a stale picture is better than none."""
    prefetch_related_objects([cell.product for cell in cells], "identifiers")
    return [
        Wanted(
            cell.product.number,
            str(cell.output_type),
            cell.output_type.slug,
            cell.product,
            cell.output_type,
            asset,
            "" if asset else _why_none(cell),
            asset is not None and cell.state != CellState.DONE,
            variant=cell.variant.slug if cell.variant else "",
            part=cell.part,
        )
        for cell in cells
        for asset in [cell.asset if cell.approval in FREE else None]
    ]


def _why_none(cell: Cell) -> str:
    if cell.approval not in FREE:
        return str(Approval(cell.approval).label)
    return ": ".join(filter(None, (str(cell.state.label), cell.why)))


def of_channel(profile: ChannelProfile, products: Sequence[Product]) -> list[Wanted]:
    """Return what these products have for a channel; what the channel would refuse is missing, with the figures."""
    prefetch_related_objects(products, "identifiers")
    checked = Checker.of(profile).check(products)
    kept_back = withheld(file.asset.pk for found in checked for file in found.files if file.asset)
    return [
        _of_channel(found.product, file, kept_back.get(file.asset.pk, "") if file.asset else "")
        for found in checked
        for file in found.files
        if file.state != FileState.MISSING or file.output.is_required
    ]


def _of_channel(product: Product, file: ChannelFile, approval: str) -> Wanted:
    is_ready = file.state == FileState.READY and not approval
    return Wanted(
        product.number,
        str(file.output.output_type),
        file.output.output_type.slug,
        product,
        file.output.output_type,
        file.asset if is_ready else None,
        str(Approval(approval).label) if approval else "; ".join(file.why),
        code=file.output.code,
    )


def packed_for(profile: ChannelProfile, wanted: Sequence[Wanted]) -> Packing:
    """Return the archive of a channel: its names, and its text file for each product. Raises BadPattern."""
    pattern = Pattern.of(profile.pattern)
    packing = Packing.of(wanted, pattern, letters=profile.letters)
    if made := companions.MADE.get(profile.companion):
        make, suffix = made
        files: dict[str, list[companions.NamedFile]] = {}
        # Entries come in the order of what is wanted.
        there = (one for one in wanted if one.asset is not None)
        for one, entry in zip(there, packing.entries, strict=True):
            assert one.asset is not None
            size = one.asset.width or 0, one.asset.height or 0
            alt = one.product.name or one.number if one.product else one.number
            named = companions.NamedFile(entry.name, one.asset.mime_type, *size, one.code, alt)
            files.setdefault(one.number, []).append(named)
        known = {
            one.number: {row.scheme: row.value for row in one.product.identifiers.all()}
            for one in wanted
            if one.product
        }
        packing.texts.extend(
            (f"{spelled(safe(number), profile.letters)}{suffix}", make(own, known.get(number, {})))
            for number, own in files.items()
        )
    return packing


def _reason(line: OrderLine, approval: str) -> str:
    if approval:
        return str(Approval(approval).label)
    if _is_pruned(line):
        return _("The file was deleted to free space. Order it again.")
    if line.state == OrderLine.State.DONE:
        return _("The picture was deleted. Order it again.")
    if line.state == OrderLine.State.FAILED:
        return _("Failed: {error}").format(error=line.error or line.error_code)
    if line.state == OrderLine.State.CANCELED:
        return _("Canceled.")
    return _("Not done yet: {state}.").format(state=line.get_state_display().lower())


def _is_pruned(line: OrderLine) -> bool:
    return line.asset is not None and line.asset.pruned is not None


class _Names:
    """Gives each name once; the second gets -2 and so on."""

    def __init__(self) -> None:
        self._taken = {_folded(LIST_NAME)}
        self._count: dict[str, int] = {}

    def new(self, stem: str, suffix: str) -> str:
        name = _cut(stem, suffix)
        first = _folded(name)
        while _folded(name) in self._taken:
            self._count[first] = self._count.get(first, 1) + 1
            name = _cut(stem, f"-{self._count[first]}{suffix}")
        self._taken.add(_folded(name))
        return name


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())


def _cut(stem: str, suffix: str) -> str:
    room = LONGEST - len(suffix.encode())
    return stem.encode()[:room].decode(errors="ignore") + suffix


class _Pipe:
    """A stream that cannot be wound back: what was written is taken away from its other end."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """There is nothing behind it to flush to."""

    def take(self) -> bytes:
        data = b"".join(self._written)
        self._written.clear()
        return data


class _Damaged(OSError):
    """The stored file is cut off."""


def _opened(entry: ArchiveEntry) -> IO[bytes]:
    if (size := storage.size(entry.stored)) != entry.size:
        raise _Damaged(_("{size} bytes instead of {expected}").format(size=size, expected=entry.size))
    return storage.open_stored(entry.stored)


def _why(error: OSError) -> str:
    again = _("Restore it from a backup, or order the picture again.")
    if isinstance(error, FileNotFoundError):
        return _("The stored file is gone from the media folder. {again}").format(again=again)
    if isinstance(error, _Damaged):
        return _("The stored file is damaged ({error}). {again}").format(error=error, again=again)
    return _("The stored file can't be read ({error}). Give Renderdesk's user the right to read it.").format(
        error=error.strerror
    )


def _head(entry: ArchiveEntry) -> zipfile.ZipInfo:
    """The size is set beforehand, so that zipfile knows which files need ZIP64."""
    made = entry.produced.astimezone(UTC)
    date = (made.year, made.month, made.day, made.hour, made.minute, made.second)
    info = _info(entry.name, max(date, OLDEST))
    info.file_size = entry.size
    return info


def _info(name: str, date: tuple[int, int, int, int, int, int]) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date)
    info.create_system = 3  # Unix, whichever system packs: the same files give the same archive
    info.external_attr = 0o644 << 16
    return info


def _missing_list(missing: Sequence[tuple[str, str]]) -> str:
    lines = [f"{what}: {' '.join(reason.split())}" for what, reason in missing]
    return "\n".join([_("Not in this archive ({count}):").format(count=len(lines)), "", *lines, ""])
