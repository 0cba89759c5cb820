"""An archive of CAD files that do not belong together becomes a file for each of them, with what belongs to it."""

from __future__ import annotations

import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assets.cad.errors import CadError
from media_assets.cad.unpack import apart, plain_file

PLACES = ("", "a/", "a/b/", "b/", "b\\c/")
CLUTTER = {
    "__MACOSX/._x.step": b"\0",
    ".DS_Store": b"\0",
    "Readme.txt": b"Hi",
    "docs/": b"",
    "docs/list.pdf": b"%PDF",
}


def step(number: int, *names: str) -> bytes:
    refers = "".join(f"#{at + 2}=DOCUMENT_FILE('{name}','',$,$,'',$);\n" for at, name in enumerate(names))
    return f"ISO-10303-21;\nDATA;\n#1=PRODUCT('{number}');\n{refers}ENDSEC;\nEND-ISO-10303-21;\n".encode()


@dataclass(frozen=True)
class Group:
    """What belongs together: its folder, the first of its files, and all of them with their content."""

    first: str
    files: dict[str, bytes]


@st.composite
def groups(draw: st.DrawFn) -> list[Group]:
    """Return groups in different folders, which may have files of the same names."""
    found = []
    for number, place in enumerate(
        draw(st.lists(st.sampled_from(PLACES), min_size=2, max_size=4, unique=True))
    ):
        stem = draw(st.sampled_from(["part", "Größe 3", "x.y", "PART"]))
        kind = draw(st.sampled_from(["step", "STP", "stl", "igs", "obj", "assembly"]))
        if kind == "assembly":
            path = draw(st.sampled_from(["pin.stp", "./PIN.stp", "..\\\\pin.stp", "/data/pin.stp"]))
            files = {f"{place}{stem}.step": step(number, path), f"{place}pin.stp": step(100 + number)}
        elif kind == "obj":
            files = {f"{place}{stem}.obj": b"v %d" % number, f"{place}{stem}.mtl": b"newmtl %d" % number}
        else:
            files = {f"{place}{stem}.{kind}": step(number)}
        found.append(Group(next(iter(files)), files))
    return found


def contents(path: Path) -> dict[str, bytes]:
    if path.suffix != ".zip":
        return {path.name: path.read_bytes()}
    with zipfile.ZipFile(path) as archive:
        return {one.filename: archive.read(one) for one in archive.infolist()}


@settings(deadline=None, max_examples=60)
@given(groups(), st.sets(st.sampled_from(sorted(CLUTTER))), st.randoms(use_true_random=False))
def test_each_gets_its_own_files_and_no_others(made: list[Group], clutter: set[str], order: object) -> None:
    members = [*((name, content) for one in made for name, content in one.files.items())]
    members += [(name, CLUTTER[name]) for name in sorted(clutter)]
    order.shuffle(members)  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "all.zip"
        with zipfile.ZipFile(source, "w") as archive:
            for name, content in members:
                archive.writestr(name, content)
        found = [contents(one) for one in apart(source, Path(folder) / "apart", 10**6)]
        again = [contents(one) for one in apart(source, Path(folder) / "again", 10**6)]
    wanted = [
        {name.replace("\\", "/").rpartition("/")[2]: data for name, data in one.files.items()} for one in made
    ]
    assert sorted(sorted(one.items()) for one in found) == sorted(sorted(one.items()) for one in wanted)
    assert found == again


def test_what_belongs_together_is_left_alone(tmp_path: Path) -> None:
    source = tmp_path / "one.zip"
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("part.step", step(1))
    assert apart(source, tmp_path / "out", 10**6) == []


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    source = tmp_path / "bomb.zip"
    with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.step", step(1))
        archive.writestr("b.step", b"0" * 60_000_000)
    with pytest.raises(CadError) as failure:
        apart(source, tmp_path / "out", 10**9)
    assert failure.value.code == "too_large"
    with pytest.raises(CadError):
        plain_file(source, tmp_path, 10**9)
