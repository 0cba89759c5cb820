"""manage.py import_cad: every file is answered for, whatever it is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError

from blender_scripts.launch import BlenderMissing
from media_assets import storage
from media_assets.ingest import receive as ingest
from media_assets.models import CadFile, Product
from media_assets.storage import StorageFull, StorageReadOnly
from rendering.catalog import plan
from rendering.models import Job
from tests.conftest import SAMPLE
from tests.media import path_of
from tests.rendering.shell import Shell

pytestmark = [pytest.mark.django_db, pytest.mark.database]

KEYS = {"cad_file", "sha256", "name", "product", "state", "duplicate", "error_code", "error"}


@pytest.fixture
def step(tmp_path: Path) -> Path:
    path = tmp_path / "bearing.step"
    path.write_bytes(SAMPLE.read_bytes())
    return path


def test_a_good_file_is_a_product_with_its_conversion_on_the_way(manage: Shell, step: Path) -> None:
    said = manage("import_cad", step, "--json")
    (entry,) = said.document
    assert said.code == 0
    assert entry.keys() == KEYS
    assert (entry["name"], entry["product"], entry["state"]) == ("bearing.step", "bearing", "uploaded")
    assert (entry["duplicate"], entry["error_code"], entry["error"]) == (False, None, None)
    cad = CadFile.objects.get()
    assert (entry["cad_file"], entry["sha256"]) == (cad.pk, cad.sha256)
    assert Job.objects.get().kind == Job.Kind.TESSELLATE


def test_people_get_a_line_for_each_file(manage: Shell, step: Path) -> None:
    said = manage("import_cad", step, step)
    assert said.code == 0
    assert said.out.splitlines() == [
        "bearing.step: product bearing",
        "bearing.step: product bearing (known already)",
    ]


def test_number_and_name_are_taken_as_given(manage: Shell, step: Path) -> None:
    manage("import_cad", step, "--product", "KRL 30205", "--name", "Kegelrollenlager")
    product = Product.objects.get()
    assert (product.number, product.name) == ("KRL 30205", "Kegelrollenlager")


def test_the_same_file_twice_is_one_file_and_one_conversion(manage: Shell, step: Path) -> None:
    first = manage("import_cad", step, "--json").document[0]
    again = manage("import_cad", step, "--json")
    assert again.code == 0
    assert again.document == [first | {"duplicate": True}]
    assert (CadFile.objects.count(), Product.objects.count(), Job.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize(
    ("content", "code", "is_kept"),
    [
        (b"", "empty", False),
        (b"   \n \n", "empty", False),
        (b"Dear Sir or Madam", "not_cad", False),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "not_cad", False),
        (None, "truncated", True),
    ],
)
def test_a_bad_file_fails_with_its_reason_and_a_next_step(
    content: bytes | None, code: str, is_kept: bool, manage: Shell, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.step"
    bad.write_bytes(SAMPLE.read_bytes()[:-2000] if content is None else content)
    said = manage("import_cad", bad, "--json")
    (entry,) = said.document
    assert said.code == 1
    assert (entry["state"], entry["error_code"]) == ("failed", code)
    assert len(entry["error"].split(".")) >= 2
    assert (CadFile.objects.count() == 1) == is_kept == (entry["cad_file"] is not None)
    assert not Job.objects.exists()
    plain = manage("import_cad", bad)
    assert (plain.code, plain.out.startswith(f"bad.step: {code}: ")) == (1, True)


def test_a_bad_file_does_not_keep_the_good_ones_out(manage: Shell, step: Path, tmp_path: Path) -> None:
    said = manage("import_cad", tmp_path / "none.step", step, tmp_path, "--json")
    assert said.code == 1
    assert [entry["error_code"] for entry in said.document] == ["not_found", None, "not_found"]
    assert "folder" in said.document[2]["error"]


@pytest.mark.parametrize("name", ["x" * 300 + ".step", "a\nb.step", "no\udcff.step", "../../x.step"])
def test_a_file_that_is_not_there_is_told_whatever_its_name(name: str, manage: Shell) -> None:
    said = manage("import_cad", name, "--json")
    assert said.code == 1
    assert said.document[0]["error_code"] in ("not_found", "not_readable")
    plain = manage("import_cad", name)
    assert len(plain.out.splitlines()) == 1


@pytest.mark.parametrize("name", [b"a\nb\x1b[31m.step", b"no-\xff-utf8.step", "‮rts.step".encode()])
def test_a_file_with_a_hostile_name_gets_one_that_can_be_shown(
    name: bytes, manage: Shell, step: Path
) -> None:
    hostile = Path(os.fsdecode(os.fsencode(step.parent) + b"/" + name))
    step.rename(hostile)
    said = manage("import_cad", hostile, "--json")
    (entry,) = said.document
    assert said.code == 0
    assert entry["name"].isprintable()
    assert CadFile.objects.get().original_name == entry["name"]


def test_a_pipe_is_not_waited_for(manage: Shell, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.step"
    os.mkfifo(pipe)
    assert manage("import_cad", pipe, "--json").document[0]["error_code"] == "not_readable"


@pytest.mark.parametrize(
    "number", ["a/b", "a\\b", "line\nbreak", "end\n", "x" * 300, " ", "../x", "-x", "a\tb"]
)
def test_a_number_that_can_not_be_one_is_a_usage_error(number: str, manage: Shell, step: Path) -> None:
    said = manage("import_cad", step, f"--product={number}", "--json")
    assert said.code == 2
    assert said.document["error_code"] == "usage"
    assert "Use 1 to 99 letters" in said.document["error"] and "Use 1 to 99" in said.err
    assert not CadFile.objects.exists() and not Product.objects.exists()


def test_a_number_for_several_files_is_a_usage_error(manage: Shell, step: Path) -> None:
    said = manage("import_cad", step, step, "--product", "P", "--json")
    assert (said.code, said.document["error_code"]) == (2, "usage")


def test_no_file_at_all_is_a_usage_error_that_is_json_too(manage: Shell) -> None:
    said = manage("import_cad", "--json")
    assert (said.code, said.document["error_code"]) == (2, "usage")
    assert "usage:" in said.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StorageFull(5_000, 10), "disk_full"),
        (StorageReadOnly(Path("/media"), "Read-only file system"), "media_read_only"),
    ],
)
def test_a_media_folder_that_takes_nothing_is_told_and_leaves_nothing(
    error: Exception, code: str, manage: Shell, step: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise error

    monkeypatch.setattr(storage, "store", refuse)
    said = manage("import_cad", step, "--json")
    assert said.code == 1
    assert said.document[0] | {"error": ""} == {
        **dict.fromkeys(KEYS, None),
        "name": "bearing.step",
        "sha256": "",
        "state": "failed",
        "duplicate": False,
        "error_code": code,
        "error": "",
    }
    assert not CadFile.objects.exists() and not Product.objects.exists()


def test_bytes_that_were_lost_come_back_with_the_next_import(manage: Shell, step: Path) -> None:
    manage("import_cad", step)
    cad = CadFile.objects.get()
    path_of(cad).unlink()
    manage("import_cad", step)
    assert path_of(cad).read_bytes() == step.read_bytes()
    assert not list(Path(settings.MEDIA_ROOT).rglob(".draft-*"))


@pytest.mark.parametrize("noise", [b"\0", b"\xff\xfe", b"\xe2\x80\xae"])
def test_a_header_with_bytes_that_no_database_takes_is_answered_for(
    noise: bytes, manage: Shell, step: Path
) -> None:
    content = step.read_bytes().replace(b"FILE_SCHEMA(('", b"FILE_SCHEMA(('" + noise)
    step.write_bytes(content)
    said = manage("import_cad", step, "--json")
    assert said.code in (0, 1)
    assert said.document[0]["name"] == "bearing.step"
    assert "\0" not in CadFile.objects.get().schema


def test_without_blender_an_import_is_refused_with_how_to_get_one(
    manage: Shell, step: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> None:
        raise BlenderMissing("There is no Blender at /opt/none. Install it or unset BLENDER_EXECUTABLE.")

    monkeypatch.setattr(plan, "blender", none)
    said = manage("import_cad", step, "--json")
    assert said.code in (1, 2)
    assert "/opt/none" in said.out


def test_the_unit_of_a_mesh_is_stated_on_the_command_line(manage: Shell, tmp_path: Path) -> None:
    mesh = tmp_path / "plate.obj"
    mesh.write_bytes(b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    said = manage("import_cad", mesh, "--json")
    assert (said.code, said.document[0]["error_code"]) == (1, "unit_unknown")
    again = manage("import_cad", mesh, "--unit", "inch", "--code-page", "cp1251", "--json")
    assert (again.code, again.document[0]["state"]) == (0, "uploaded")
    assert Job.objects.get().spec["recipe"]["reading"] == {"unit": "inch", "code_page": "cp1251"}


def test_a_unit_that_is_none_is_a_usage_error(manage: Shell, step: Path) -> None:
    said = manage("import_cad", step, "--unit", "league", "--json")
    assert (said.code, said.document["error_code"]) == (2, "usage")
    assert "league" in said.document["error"] and not CadFile.objects.exists()


def test_a_file_that_the_database_did_not_take_does_not_keep_the_next_out(
    manage: Shell, step: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = ingest.receive

    def fail_once(*words: Any, **options: Any) -> Any:
        monkeypatch.setattr(ingest, "receive", receive)
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(ingest, "receive", fail_once)
    said = manage("import_cad", step, step, "--json")
    assert said.code == 1
    assert [entry["error_code"] for entry in said.document] == ["database", None]
