"""Tables of orders: whatever a spreadsheet writes is read, and a bad row says what is wrong and stops no other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rendering.orders import table
from rendering.orders.table import NotATable
from tests import factories

GOOD = "product,output_type\nP-1,draft\nP-2,still-1024\n"


def rows(text: str) -> list[tuple[int, str, tuple[str, ...]]]:
    entries, errors = table.parse(text)
    assert not errors
    return [(entry.row, entry.product, entry.outputs) for entry in entries]


PLAIN = [(2, "P-1", ("draft",)), (3, "P-2", ("still-1024",))]


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        GOOD.replace(",", ";"),
        GOOD.replace(",", "\t"),
        'Product;"Output Type"\n"P-1";draft\nP-2;"still-1024"',
        "note,SKU,Output-Type\n,P-1,draft\nx y, P-2 , still-1024 \n",
        "product,output_type\nP-1,draft,surplus\nP-2,still-1024\n\n,\n",
    ],
)
def test_every_dialect_gives_the_same_rows(text: str) -> None:
    assert rows(text) == PLAIN


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_encoding_of_a_spreadsheet_is_read(encoding: str) -> None:
    text = "product,output_type\nKäfig,draft\n"
    assert table.parse(table.decode(text.encode(encoding)))[0][0].product == "Käfig"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "file is empty"),
        ("\n\n", "file is empty"),
        ("P-1,draft\nP-2,draft\n", "first row must name the columns"),
        ("product\nP-1\n", "no column output_type"),
        ("product,output_type\n", "no rows"),
        ("product,output_type\n" + "P-1,draft\n" * 10_001, "10,000 rows"),
    ],
)
def test_what_is_no_table_says_what_to_do(text: str, said: str) -> None:
    with pytest.raises(NotATable, match=said):
        table.parse(text)


def test_a_workbook_and_a_huge_file_are_refused_in_plain_words() -> None:
    with pytest.raises(NotATable, match="Save the sheet as CSV"):
        table.decode(b"PK\x03\x04\x00\x00\xff\xfe\x00")
    with pytest.raises(NotATable, match="Split it"):
        table.decode(b"a" * 2_000_001)


def test_bad_rows_are_named_by_their_number_and_stop_no_other() -> None:
    entries, errors = table.parse(
        "product,output_type,force\n,draft,\nP-1,,\nP-2,draft,maybe\nP-3,draft,yes\n"
    )
    assert [(entry.row, entry.product, entry.force) for entry in entries] == [(5, "P-3", True)]
    assert [error.row for error in errors] == [2, 3, 4]
    assert "yes or no" in errors[2].message


def test_quotes_over_several_lines_keep_the_numbers_of_the_rows() -> None:
    entries, errors = table.parse('product,output_type,note\nP-1,draft,"two\nlines"\nP-2,draft,x\n')
    assert [entry.row for entry in entries] == [2, 4] and not errors


def test_a_quote_that_never_ends_costs_only_what_follows() -> None:
    entries, errors = table.parse('product,output_type\nP-1,draft\n"P-2,draft\nP-3,draft\n')
    assert [entry.product for entry in entries] == ["P-1"]
    assert [error.row for error in errors] == [3] and "quotes" in errors[0].message


def test_rows_that_name_no_output_type_take_the_given_ones() -> None:
    entries, _ = table.parse("product\nP-1\n", ["draft", "still-1024"])
    assert entries[0].outputs == ("draft", "still-1024")


@given(st.text(max_size=400))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        entries, errors = table.parse(f"product,output_type\n{text}")
    except NotATable:
        return
    assert entries or errors
    assert all(entry.product and entry.outputs for entry in entries)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_decoder(data: bytes) -> None:
    try:
        assert isinstance(table.decode(data), str)
    except NotATable as error:
        assert str(error)


@pytest.mark.django_db
def test_unknown_and_doubled_things_are_told_row_by_row() -> None:
    factories.product(number="P-1")
    factories.product(number="P-2", cad_file=None)
    factories.output_type("off", is_active=False)
    rows = ("P-1,draft|still-1024", "P-9,draft", "P-2,draft", "P-1,nothing", "P-1,off", "P-1,draft")
    text = "\n".join(("product,output_type", *rows))
    entries, _ = table.parse(text)
    found = table.resolve(entries)
    assert [(row, wish.output_type.slug) for row, wish in found.wishes] == [(2, "draft"), (2, "still-1024")]
    assert {error.row: error.message for error in found.errors} == {
        3: "There is no product 'P-9'. Check the number, or upload its CAD file first.",
        4: "Product 'P-2' has no CAD file yet. Upload one first.",
        5: found.errors[2].message,
        6: found.errors[3].message,
        7: "draft is already ordered by row 2.",
    }
    assert "There are: " in found.errors[2].message and "switched off" in found.errors[3].message


@pytest.mark.django_db
def test_a_written_table_orders_the_same() -> None:
    factories.product(number="P-1")
    entries, _ = table.parse("product,output_type,force\nP-1,draft,x\n")
    wishes = [wish for _, wish in table.resolve(entries).wishes]
    again, errors = table.parse(table.write(wishes))
    assert not errors and [wish for _, wish in table.resolve(again).wishes] == wishes
