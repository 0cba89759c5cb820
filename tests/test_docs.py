"""What the docs say of the code is so: the picture of the rooms, the paths, the words."""

from __future__ import annotations

import re

import pytest

from tests.test_imports import PROJECT, ROOMS, TABLES, imported, is_allowed, modules

ARROW = re.compile(r"^ +(\S+) --> (\S+)$", re.M)
PATH = re.compile(
    r"`((?:rendering|media_assets|gpu|blender_scripts|config|tests|templates|docs|deploy)/[\w./-]*)`"
)


def arrows_of_the_code() -> set[tuple[str, str]]:
    """Who imports whom: rooms of one app by their names, apps by theirs; not those to models and tables."""
    found = set()
    for app in (*ROOMS, "blender_scripts"):
        for name, path in modules(app).items():
            for target in imported(path, name):
                found |= arrow(name.split("."), target.split("."))
    return found


def arrow(source: list[str], target: list[str]) -> set[tuple[str, str]]:
    if target[0] == "blender_scripts" and source[:2] != ["blender_scripts", "children"]:
        to = "children" if target[1:2] == ["children"] else "blender_scripts"
        if to == "children" and source[0] in ("gpu", "rendering"):
            to = "blender_scripts"
        return {(source[0], to)} - {("blender_scripts", "blender_scripts")}
    if target[0] not in ROOMS or source[0] not in ROOMS or is_allowed(".".join(target), TABLES):
        return set()
    if source[0] != target[0]:
        return {(source[0], target[0])}
    rooms = ROOMS[source[0]]
    ends = (source[1:2], target[1:2])
    if not all(one and one[0] in rooms for one in ends) or ends[0] == ends[1] or ends[1] == ["models"]:
        return set()
    return {(f"{source[0]}.{ends[0][0]}", f"{source[0]}.{ends[1][0]}")}


def test_the_picture_of_the_rooms_is_that_of_the_imports() -> None:
    drawn = ARROW.findall((PROJECT / "docs/architecture.md").read_text(encoding="utf-8"))
    assert len(drawn) == len(set(drawn))
    assert set(drawn) == arrows_of_the_code()


@pytest.mark.parametrize("app", ROOMS)
def test_every_room_is_described(app: str) -> None:
    text = (PROJECT / "docs/architecture.md").read_text(encoding="utf-8")
    assert [room for room in ROOMS[app] if f"| `{app}/{room}/` |" not in text] == []


PAGES = ["README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in (PROJECT / "docs").glob("*.md"))]
DIARIES = {"docs/decisions.md"}  # what they name was there on its day


@pytest.mark.parametrize("page", sorted({*PAGES} - DIARIES))
def test_every_path_that_the_docs_name_is_there(page: str) -> None:
    text = (PROJECT / page).read_text(encoding="utf-8")
    assert sorted(path for path in set(PATH.findall(text)) if not (PROJECT / path).exists()) == []


def test_every_page_is_in_the_site() -> None:
    """`make docs` checks the links as well, but needs MkDocs."""
    named = re.findall(r"^ +- .*: (\w+\.md)$", (PROJECT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(
        [
            *(path.name for path in (PROJECT / "docs").glob("*.md")),
            "about.md",
            "contributing.md",
            "changelog.md",
        ]
    )
