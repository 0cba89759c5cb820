"""Many pictures as one archive: what is in it, under which names, and who gets it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from media_assets.models import MediaAsset
from media_assets.storage import ContentStorage
from rendering import orders
from rendering.catalog.channels.names import DEFAULT_PATTERN, BadPattern, Pattern, safe
from rendering.delivery import archives
from rendering.delivery.archives import Packing, Wanted
from rendering.models import Order, OrderLine, OutputType
from tests import factories
from tests.media import path_of
from tests.rendering.desk.conftest import picture_of
from tests.rendering.desk.test_every_page import assert_strict
from tests.rendering.steps import type_of

pytestmark = pytest.mark.django_db
HOSTILE = (
    "../../etc/passwd",
    "CON",
    "a\r\nb\x00c",
    "..",
    "evil\u202egnp.exe",
    "x" * 99 + "é" * 90,
    "C:\\x",
    "  ",
)
FORBIDDEN = set('<>:"/\\|?*')


def delivered(folder: Path, *numbers: str) -> Order:
    """An order whose lines are done, with a picture of 64 x 64 px each."""
    placed = Order.objects.create()
    for number in numbers:
        add_line(placed, asset=picture_of(factories.product(number=number), folder))
    return placed


def add_line(placed: Order, asset: MediaAsset | None = None, **fields: Any) -> OrderLine:
    product = asset.product if asset and asset.product else factories.product()
    assert product.cad_file is not None
    done = {"state": OrderLine.State.DONE, "source": OrderLine.Source.RENDERED} if asset else {}
    common = {"recipe_key": "k", "master_width": 64, "master_height": 64, "asset": asset}
    kind = type_of("thumbnail")
    return OrderLine.objects.create(
        order=placed, product=product, cad_file=product.cad_file, output_type=kind, **common, **done, **fields
    )


def address(placed: Order) -> str:
    return reverse("admin:rendering_order_zip", args=[placed.pk])


def download(client: Client, placed: Order, pattern: str = DEFAULT_PATTERN) -> Any:
    return client.post(address(placed), {"pattern": pattern, "_download": "1"})


def unpacked(response: Any) -> dict[str, bytes]:
    assert response["Content-Type"] == "application/zip" and response.streaming
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(names) == len(set(names))
        return {name: archive.read(name) for name in names}


def test_an_order_is_downloaded_as_one_archive_of_its_pictures(tmp_path: Path, admin_client: Client) -> None:
    placed = delivered(tmp_path, "A1", "B2")
    files = unpacked(download(admin_client, placed))
    assert set(files) == {"A1_thumbnail_64x64.png", "B2_thumbnail_64x64.png"}
    asset = placed.lines.get(product__number="A1").asset
    assert asset is not None and files["A1_thumbnail_64x64.png"] == path_of(asset).read_bytes()
    assert f'"order-{placed.pk}.zip"' in download(admin_client, placed)["Content-Disposition"]


def test_the_same_pictures_give_the_same_archive(tmp_path: Path, admin_client: Client) -> None:
    placed = delivered(tmp_path, "A1")
    add_line(placed, state="failed", error_code="hung", error="It hung.")
    first, second = (b"".join(download(admin_client, placed).streaming_content) for _ in range(2))
    assert first == second


def test_what_is_not_done_or_gone_or_cut_off_is_listed_with_its_reason(
    tmp_path: Path, admin_client: Client
) -> None:
    placed = delivered(tmp_path, "A1", "GONE", "SHORT")
    add_line(placed, state="failed", error_code="hung", error="It hung.\nTwice.")
    add_line(placed, state="canceled")
    add_line(placed)
    size = MediaAsset.objects.get(product__number="A1").bytes
    MediaAsset.objects.filter(product__number="GONE").update(file="pictures/gone.png")
    MediaAsset.objects.filter(product__number="SHORT").update(bytes=size + 1)
    files = unpacked(download(admin_client, placed))
    told = files.pop("MISSING.txt").decode()
    assert set(files) == {"A1_thumbnail_64x64.png"}
    for words in (
        "Not in this archive (5)",
        "GONE, Thumbnail 256 px: The stored file is gone",
        "SHORT, Thumbnail 256 px: The stored file is damaged (",
        "Failed: It hung. Twice.",
        "Canceled.",
        "Not done yet: waiting.",
    ):
        assert words in told


def test_hostile_product_numbers_become_names_that_every_system_takes(tmp_path: Path) -> None:
    asset = picture_of(factories.product(), tmp_path)
    wanted = [Wanted(number, "x", "thumbnail", None, type_of("thumbnail"), asset) for number in HOSTILE]
    for pattern in ("{product}.{ext}", DEFAULT_PATTERN):
        names = [entry.name for entry in Packing.of(wanted, Pattern.of(pattern)).entries]
        assert len({name.casefold() for name in names}) == len(HOSTILE)
        for name in names:
            assert not FORBIDDEN & set(name) and name.isprintable() and name.endswith(".png")
            assert (
                len(name.encode()) <= archives.LONGEST and not name.startswith((".", " ")) and name != ".png"
            )


@pytest.mark.parametrize("name", ["con", "NUL", "com1", "LPT9.tar", "COM¹", "aux .x"])
def test_names_that_windows_takes_for_devices_get_a_mark(name: str) -> None:
    assert safe(name) == f"_{name}"
    assert safe("console") == "console"


@pytest.mark.parametrize(
    ("kind", "format_name", "pattern", "name"),
    [
        ("book", "pdf", DEFAULT_PATTERN, "P-1_file.pdf"),
        ("drawing", "dxf", "{product}-{width}.{ext}", "P-1.dxf"),
        ("model", "glb", "{product}_{view}_{kind}.{ext}", "P-1_model.glb"),
        ("drawing", "dxf", "{width}_{product} ({width} x {height}).{ext}", "P-1.dxf"),
        ("drawing", "dxf", "{product}_{width}x{height}px-{output}.{ext}", "P-1-file.dxf"),
        ("drawing", "dxf", "[{view}]{product}{{{width}}}.{ext}", "P-1.dxf"),
        ("spin", "webp360", DEFAULT_PATTERN, "P-1_file_1024x1024.zip"),
    ],
)
def test_a_file_that_has_no_size_or_view_has_none_in_its_name(
    kind: str, format_name: str, pattern: str, name: str
) -> None:
    made = OutputType(slug="file", kind=kind, format=format_name)
    asset = MediaAsset(kind=kind, file=f"files/x{Path(name).suffix}")
    wanted = Wanted("P-1", "File", "file", None, made, asset)
    assert [entry.name for entry in Packing.of([wanted], Pattern.of(pattern)).entries] == [name]


def test_equal_names_are_numbered_and_the_list_keeps_its_own(tmp_path: Path, admin_client: Client) -> None:
    placed = delivered(tmp_path, "a1", "A1", "Z9")
    assert set(unpacked(download(admin_client, placed, "picture.{ext}"))) == {
        "picture.png",
        "picture-2.png",
        "picture-3.png",
    }
    names = set(unpacked(download(admin_client, placed, "{product}.{ext}")))
    assert names == {"a1.png", "A1-2.png", "Z9.png"}


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("{product}_{color}.{ext}", "There is no field {color}"),
        ("{product.__class__}.{ext}", "There is no field {product.__class__}"),
        ("{product!r}.{ext}", "There is no field {product!r}"),
        ("{width:99999999}.{ext}", "There is no field {width:99999999}"),
        ("{0}{}.{ext}", "There is no field {0}"),
        ("{product.{ext}", "Each { needs a }"),
        ("a/{product}.{ext}", "A file name can"),
        ("{product}", "End it with .{ext}"),
        (".{ext}", "Write something before"),
    ],
)
def test_a_pattern_that_can_not_be_used_is_explained_beside_it(
    pattern: str, words: str, tmp_path: Path, admin_client: Client
) -> None:
    with pytest.raises(BadPattern) as caught:
        Pattern.of(pattern)
    assert words in str(caught.value)
    response = download(admin_client, delivered(tmp_path, "A1"), pattern)
    assert response.status_code == 200 and words in response.context["form"].errors["pattern"][0]
    assert_strict(response, "zip")


def test_the_first_names_are_shown_before_the_download(tmp_path: Path, admin_client: Client) -> None:
    placed = delivered(tmp_path, *(f"N{number}" for number in range(7)))
    response = admin_client.post(address(placed), {"pattern": "{kind}-{view}-{date}-{product}.{ext}"})
    day = response.context["names"][0].removeprefix("thumbnail-three_quarter-").removesuffix("-N0.png")
    assert len(day) == len("2026-01-31") and len(response.context["names"]) == 5
    page = response.content.decode()
    assert "and 2 more" in page and "7 files" in page
    link = admin_client.get(reverse("admin:rendering_order_change", args=[placed.pk])).content.decode()
    assert address(placed) in link and "Download all" in link


def test_an_order_with_nothing_done_says_so_and_gives_no_archive(admin_client: Client) -> None:
    empty = Order.objects.create()
    assert "this order has no lines" in admin_client.get(address(empty)).content.decode()
    waiting = orders.place([orders.Wish(factories.product(), type_of("draft"))], trigger="operator")
    response = download(admin_client, waiting)
    assert not response.streaming and "nothing to download yet" in response.content.decode()
    assert "Not done yet: in progress." in response.content.decode()


def test_ticked_cells_of_the_matrix_are_downloaded(tmp_path: Path, admin_client: Client) -> None:
    placed = delivered(tmp_path, "A1", "B2")
    first = placed.lines.get(product__number="A1")
    other = factories.product()
    kind = type_of("thumbnail").pk
    shown = [line.product_id for line in placed.lines.all()] + [other.pk]
    ticks = {"verb": "zip", "shown": shown, "cell": [f"{first.product_id}:{kind}", f"{other.pk}:{kind}"]}
    page = admin_client.post(reverse("admin:rendering_matrix"), ticks)
    assert page.context["names"] == ["A1_thumbnail_64x64.png"]
    data = {"cells": page.context["cells"], "pattern": "{product}.{ext}", "_download": "1"}
    files = unpacked(admin_client.post(page.context["action"], data))
    assert set(files) == {"A1.png", "MISSING.txt"}
    assert f"{other.number}, Thumbnail 256 px: Missing" in files["MISSING.txt"].decode()


@pytest.mark.parametrize("cells", ["", "x", "1:", "9:9", "²:1", f"{'9' * 30}:1"])
def test_nonsense_instead_of_cells_leads_back_to_the_matrix(cells: str, admin_client: Client) -> None:
    response = admin_client.post(reverse("admin:rendering_matrix_zip"), {"cells": cells}, follow=True)
    assert "Nothing is selected" in response.content.decode()


def test_only_who_may_see_orders_and_pictures_downloads(
    tmp_path: Path, staff: Callable[..., Client], client: Client
) -> None:
    placed = delivered(tmp_path, "A1")
    orders_only = staff("rendering.view_order", "media_assets.view_product")
    for refused in (orders_only, staff("media_assets.view_mediaasset")):
        assert refused.get(address(placed)).status_code == 403
        assert download(refused, placed).status_code == 403
        assert refused.post(reverse("admin:rendering_matrix_zip"), {"cells": "1:1"}).status_code == 403
    tick = {"verb": "zip", "shown": [placed.lines.get().product_id], "row": [placed.lines.get().product_id]}
    assert orders_only.post(reverse("admin:rendering_matrix"), tick).status_code == 403
    assert download(client, placed).status_code == 302
    allowed = staff("rendering.view_order", "media_assets.view_mediaasset")
    assert set(unpacked(download(allowed, placed))) == {"A1_thumbnail_64x64.png"}


def test_the_archive_is_read_while_it_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    placed = delivered(tmp_path, "A1", "B2", "C3")
    opened = []
    real = ContentStorage.open

    def watched(self: ContentStorage, name: str, mode: str = "rb") -> Any:
        opened.append(name)
        return real(self, name, mode)

    monkeypatch.setattr(ContentStorage, "open", watched)
    monkeypatch.setattr(archives, "CHUNK", 16)
    packing = Packing.of(archives.of_order(placed), Pattern.of(DEFAULT_PATTERN))
    chunks: Iterator[bytes] = packing.chunks()
    first = next(chunks)
    assert first.startswith(b"PK") and len(opened) == 1
    rest = list(chunks)
    assert len(opened) == 3 and max(map(len, rest)) < 512
    with zipfile.ZipFile(io.BytesIO(first + b"".join(rest))) as archive:
        assert archive.testzip() is None and len(archive.namelist()) == 3


def test_files_of_4_gib_are_told_as_zip64(tmp_path: Path) -> None:
    placed = delivered(tmp_path, "A1")
    entry = Packing.of(archives.of_order(placed), Pattern.of(DEFAULT_PATTERN)).entries[0]
    big = archives.ArchiveEntry(entry.name, entry.stored, 5 << 30, entry.produced, entry.what)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, archive.open(archives._head(big), "w"):
        assert b"\x01\x00\x10\x00" in out.getvalue()  # the extra field of ZIP64
