from __future__ import annotations

import gzip

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from media_assets.ingest.name_samples import name_samples
from media_assets.models import CadFile
from tests import factories

pytestmark = pytest.mark.django_db


def readings(row: CadFile) -> dict[str, tuple[str | None, ...]]:
    return {str(sample.page): sample.names for sample in name_samples(row)}


def cad(content: bytes, **fields: str) -> CadFile:
    row = factories.cad_file(**fields)
    default_storage.delete(str(row.file.name))
    default_storage.save(str(row.file.name), ContentFile(content))
    return row


def products(*names: bytes) -> bytes:
    rows = (b"#%d=PRODUCT('%s','%s','',(#2));" % (n, name, name) for n, name in enumerate(names, 1))
    return b"ISO-10303-21;\n" + b"\n".join(rows)


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("cp1251", "Подшипник"),
        ("gbk", "轴承"),
        ("latin-1", "Käfig"),
        ("cp1250", "Ložisko"),
        ("shift-jis", "ブラケット"),
        ("euc-kr", "브래킷"),
        ("big5", "軸承座"),
        ("cp1253", "Βάση"),
        ("cp1254", "Yatağı"),
    ],
)
def test_a_name_reads_right_in_the_code_page_it_was_written_in(page: str, name: str) -> None:
    found = readings(cad(products(name.encode(page), b"Ring")))
    assert found[page] == (name,)
    assert found["utf-8"] == (None,), "these bytes make no sense there"
    assert next(reversed(found)) != page, "what makes sense comes first"


def test_a_packed_file_shows_its_names_too() -> None:
    assert readings(cad(gzip.compress(products("Käfig".encode()))))["utf-8"] == ("Käfig",)


def test_five_different_names_are_enough() -> None:
    names = [f"Käfig {number % 9}".encode() for number in range(50)]
    assert len(readings(cad(products(*names)))["utf-8"]) == 5


def test_a_name_cut_in_the_middle_of_a_letter_still_reads_right() -> None:
    (name,) = readings(cad(products(("x" + "轴" * 60).encode())))["utf-8"]
    assert (name or "").startswith("x轴轴")


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b broken", b"no product", products(b"Ring")])
def test_what_has_no_such_name_has_no_sample(content: bytes) -> None:
    assert name_samples(cad(content)) == []


def test_a_file_that_is_gone_has_no_sample() -> None:
    row = factories.cad_file()
    default_storage.delete(str(row.file.name))
    assert name_samples(row) == []
