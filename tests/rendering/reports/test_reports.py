"""Reports over a small history whose every number is known."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from rendering.pictures.kinds import KINDS
from rendering.reports import REPORTS, Scope, ScopeError, Table, durations
from rendering.reports.durations import percentile
from rendering.reports.table import duration, size
from tests.paths import PROJECT
from tests.rendering import past
from tests.rendering.past import MONDAY, WEEK, encoded, rendered
from tests.rendering.shell import Shell

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def history(db: None) -> dict[str, Any]:
    return past.history()


def rows(name: str, scope: Scope = WEEK) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in REPORTS[name](scope).rows]


def of_day(day: date, **counts: int) -> tuple[object, ...]:
    return (day, *(counts.get(kind, 0) for kind in KINDS), sum(counts.values()))


def test_pictures_are_counted_by_day_and_kind(history: dict[str, Any]) -> None:
    assert rows("pictures") == [of_day(date(2026, 3, 2), still=1), of_day(date(2026, 3, 3), thumbnail=1)]


def test_a_day_is_one_of_the_installations_time_zone(history: dict[str, Any]) -> None:
    shop, gear = history["shop"], history["gear"]
    encoded(gear, shop, datetime(2026, 3, 8, 23, 30, tzinfo=UTC))
    assert rows("pictures")[-1][0] == date(2026, 3, 8)
    with timezone.override("Asia/Tokyo"):
        assert rows("pictures")[-1][0] == date(2026, 3, 3), "in Tokyo it was Monday already"
        assert rows("pictures", Scope(date(2026, 3, 9), date(2026, 3, 9))) == [
            of_day(date(2026, 3, 9), still=1)
        ]


def test_renders_are_counted_by_the_device_that_was_used(history: dict[str, Any]) -> None:
    assert rows("devices") == [(date(2026, 3, 2), 0, 1, 0), (date(2026, 3, 3), 1, 0, 1)]
    assert REPORTS["devices"](WEEK).summary.startswith("1 of 3 renders")


def test_render_time_is_ranked_by_gpu_seconds(history: dict[str, Any]) -> None:
    assert rows("output-types") == [("shop", 2, 30.0, 8.0, 19.0), ("thumbnail", 1, 0.0, 2.0, 2.0)]
    assert rows("products") == [("GEAR-1", 2, 30.0, 8.0, 19.0), ("BEARING-2", 1, 0.0, 2.0, 2.0)]
    assert rows("products", Scope(WEEK.since, WEEK.until, top=1)) == [("GEAR-1", 2, 30.0, 8.0, 19.0)]


def test_percentiles_of_stages_and_waits(history: dict[str, Any]) -> None:
    found = {row[:2]: row[2:] for row in rows("stages")}
    assert found["render", "sample"] == pytest.approx((3, 8.0, 27.8, 30.0))
    assert found["encode", "encode"] == (2, 0.2, 0.2, 0.2)
    assert ("render", "wait") not in found
    assert ("asset_pipeline", "light", 4, 10.0, 10.0, 10.0) in rows("waits")


def test_percentile_is_interpolated() -> None:
    assert percentile([5.0], 0.95) == 5.0
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.5


def test_reuse_says_what_it_saved(history: dict[str, Any]) -> None:
    assert rows("cache") == [
        ("Existed already", 2, 0.5, 0.0, 16.0),
        ("Derived from a picture", 1, 0.25, 0.0, 0.0),
        ("Rendered", 1, 0.25, None, None),
    ]
    assert REPORTS["cache"](WEEK).summary == "75 % of 4 order lines needed no render."


def test_formats_are_compared_with_png_where_that_was_measured(history: dict[str, Any]) -> None:
    assert rows("formats") == [("image/webp", 1, 400, 1000, 600, 0.6)]
    only = Scope(WEEK.since, WEEK.until, output_type=history["thumb"])
    assert rows("formats", only) == []


def test_failures_are_grouped_by_code_kind_and_device(history: dict[str, Any]) -> None:
    assert rows("failures") == [("hung", "render", "Card", 1, 1, 1)]


def test_a_gpu_is_busy_while_its_worker_holds_jobs(history: dict[str, Any]) -> None:
    gpu, cpu, encoder = rows("gpus")
    assert gpu[:4] == ("Card on h1", "asset_pipeline", 2, 120.0)
    begun = MONDAY - timedelta(seconds=60)
    assert gpu[4] == pytest.approx(120 / (WEEK.end - begun).total_seconds(), rel=1e-6)
    assert cpu == ("CPU workers", "asset_pipeline", 2, 120.0, None)
    assert encoder == ("CPU workers", "asset_pipeline_cpu", 2, 2.0, None)


def test_only_the_part_of_an_attempt_within_the_period_counts(history: dict[str, Any]) -> None:
    midnight = datetime(2026, 3, 3, tzinfo=UTC)
    rendered(history["gear"], history["shop"], midnight + timedelta(seconds=20), 1.0, gpu="GPU-1", spent=60)
    tuesday = Scope(date(2026, 3, 3), date(2026, 3, 3))
    assert rows("gpus", tuesday)[0][2:4] == (2, 80.0)


def test_test_renders_count_for_nothing_but_the_gpus_time(history: dict[str, Any]) -> None:
    known = {name: rows(name) for name in REPORTS if name != "gpus"}
    trial = {"spec": {"trial": True}, "gpu": "GPU-1", "device_used": "GPU"}
    rendered(history["gear"], history["shop"], MONDAY, 99.0, **trial)
    rendered(history["gear"], history["shop"], MONDAY, 99.0, **trial, state="failed", error_code="hung")
    assert {name: rows(name) for name in known} == known
    assert rows("gpus")[0][2] == 4


def test_a_product_and_an_output_type_narrow_every_report(history: dict[str, Any]) -> None:
    bearing = Scope(WEEK.since, WEEK.until, product=history["bearing"])
    assert rows("pictures", bearing) == [of_day(date(2026, 3, 3), thumbnail=1)]
    assert rows("cache", bearing) == []
    shop = Scope(WEEK.since, WEEK.until, output_type=history["shop"])
    assert rows("failures", shop) == []
    assert [row[0] for row in rows("output-types", shop)] == ["shop"]


@pytest.mark.parametrize("name", REPORTS)
def test_an_installation_without_work_gets_words(name: str) -> None:
    table: Table = REPORTS[name](Scope.of())
    assert list(table.rows) == []
    assert table.to_lines() == [table.title, table.empty]


def test_a_period_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ScopeError, match="Swap the days"):
        Scope(date(2026, 3, 8), date(2026, 3, 2))
    with pytest.raises(ScopeError, match="at most"):
        Scope(date(2001, 1, 1), date(2026, 1, 1))
    with pytest.raises(ScopeError, match="between"):
        Scope(date(1, 1, 1), date(1, 1, 2))
    assert Scope.of(until=date(2026, 3, 30)).since == date(2026, 3, 1)


def test_the_command_prints_table_json_and_csv(history: dict[str, Any], manage: Shell) -> None:
    words = ("report", "products", "--since", "2026-03-02", "--until", "2026-03-08")
    table = manage(*words)
    assert table.code == 0 and "GEAR-1" in table.out and "30.0 s" in table.out
    document = manage(*words, "--format", "json").document
    assert (document["since"], document["rows"][0]["gpu_seconds"]) == ("2026-03-02", 30.0)
    assert manage(*words, "--json").document == document
    first, *_ = csv.DictReader(io.StringIO(manage(*words, "--format", "csv").out))
    assert first == {"product": "GEAR-1", "renders": "2", "gpu_seconds": "30.0", "cpu_seconds": "8.0",
                     "mean_seconds": "19.0"}  # fmt: skip


def test_the_command_names_what_it_does_not_know(history: dict[str, Any], manage: Shell) -> None:
    for words in (
        ("--product", "NO-1"),
        ("--output-type", "no"),
        ("--since", "2999-01-01", "--until", "2998-01-01"),
    ):
        said = manage("report", "pictures", *words)
        assert (said.code, said.out) == (2, "") and said.err
    assert manage("report", "nothing").code == 2


def test_amounts_are_told_in_the_unit_that_fits() -> None:
    assert [duration(value) for value in (0.012, 59.94, 59.96, 3599, 7500)] == [
        "12 ms", "59.9 s", "1 min 00 s", "1 h 00 min", "2 h 05 min",
    ]  # fmt: skip
    assert [size(value) for value in (0, 999, 1500, 250_000, 5e13)] == [
        "0 B",
        "999 B",
        "1.5 kB",
        "250 kB",
        "50.0 TB",
    ]


def test_a_spreadsheet_runs_nothing_of_a_csv() -> None:
    table = Table("x", "X", "", REPORTS["failures"](WEEK).columns, [("=1+1", "render", "@x", 1, 1, -1)], "")
    assert table.to_csv().splitlines()[1] == "'=1+1,render,'@x,1,1,-1"


def test_the_examples_of_the_documentation_run(history: dict[str, Any]) -> None:
    text = (PROJECT / "docs" / "reports.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    answers = []
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        *lines, last = block.strip().splitlines()
        exec("\n".join(lines), names)
        answers.append(eval(last, names))
    (products, *_), by_view, by_person, slowest = answers
    assert products == ["GEAR-1", "BEARING-2"]
    assert list(by_view) == [{"output_type__camera": "three_quarter", "total": 30.0}]
    assert list(by_person) == [{"order__ordered_by__username": None, "pictures": 4, "cached": 2}]
    assert [seconds for _, _, seconds in slowest] == [30.0, 8.0]
    assert set(re.findall(r"`([a-z-]+)`", text.split("## Your own")[0])) >= set(REPORTS)


def test_percentiles_of_very_many_jobs_are_measured_on_some(
    history: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which ones depends on their ids, and so does how many more or fewer than three."""
    whole = {name: sum(row[2] for row in REPORTS[name](WEEK).rows) for name in ("stages", "waits")}
    monkeypatch.setattr(durations, "MOST_JOBS", 3)
    for name, every in whole.items():
        table = REPORTS[name](WEEK)
        assert table.summary.startswith("Measured on about 3 of ")
        assert sum(row[2] for row in table.rows) < every
