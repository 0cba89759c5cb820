"""Who may import whom: the table of docs/architecture.md, held over every import, hidden ones included."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
APPS = {"blender_scripts", "media_assets", "gpu", "rendering", "config", "tests", "samples"}
CHILDREN = {
    f"blender_scripts.children.{name}"
    for name in (
        *("program", "contained", "lines", "ending", "process", "folders"),
        *("confine", "landlock", "syscalls"),
    )
}
BLENDER_HOST = {
    *CHILDREN,
    "blender_scripts.finish_library",
    "blender_scripts.finish_choice",
    "blender_scripts.finish_rules",
    "blender_scripts.presets",
    "blender_scripts.wording",
    "blender_scripts.contract",
    "blender_scripts.jsonform",
    "blender_scripts.labels",
    "blender_scripts.launch",
    "blender_scripts.logged",
    "blender_scripts.matte_hash",
    "blender_scripts.executable",
    "blender_scripts.containment",
    "blender_scripts.reach",
    "blender_scripts.refusals",
    "blender_scripts.room",
    "blender_scripts.staging",
    "blender_scripts.studios",
    "blender_scripts.tokens",
}
INSIDE_BLENDER = {"bpy", "bpy_extras", "mathutils", "_cycles", "numpy"}
CAD_LIBRARIES = {"OCP", "pxr", "numpy"}
PIXELS = {  # of 16 bits and more: by NumPy
    "rendering.catalog.images.reader",
    *(
        f"rendering.pictures.{name}"
        for name in ("sixteen_bit", "derive", "gate", "exr", "measure", "outline")
    ),
    *(f"rendering.pictures.balloons.{name}" for name in ("anchors", "drawn", "files", "hotspots", "layout")),
    *(f"rendering.pictures.passes.{name}" for name in ("files", "ids", "master", "mattes", "planes")),
}
# Files that are made of the geometry, in the encoder's child.
SHAPES, SHAPE_LIBRARIES = "rendering.pictures.shapes", {"numpy", "pxr"}
# The rooms of each app: a room imports those before it, never one behind it.
ROOMS = {
    "media_assets": ("recipes", "formats", "storage", "models", "cad", "ingest", "serving"),
    "gpu": ("models", "queues", "probing", "workers", "admin"),
    "rendering": (
        *("models", "catalog", "pictures", "queue", "orders", "delivery", "farm", "reports", "history"),
        *("management", "desk", "api"),
    ),
}
# What Django wants at the top of an app; nothing else lies loose there.
# Tables: they import nothing of their app, so every room may read them, models included.
TABLES = {f"rendering.pictures.{name}" for name in ("formats", "kinds", "gate_words")}
TOP_FILES = {"__init__", "apps", "checks", "signals", "tasks", "urls"}
CAD_HOST = {
    f"media_assets.cad.{name}"
    for name in (
        *("client", "prescan", "contract", "errors", "settings", "forkclient", "failures", "unpack"),
        *("error_table", "file_errors", "problem"),
        *("scanning", "spoken", "produce", "glb_container", "glb_images", "described"),
        *("assembly_graph", "code_pages", "meshes.scan", "names", "section.wanted", "step_text"),
        *("drawing.arcs", "drawing.wanted", "explode.plan", "explode.wanted"),
    )
}
HOST_LIBRARIES = {"media_assets.cad.code_pages": {"chardet"}}
# Tables without an import of their own, which the reader of CAD shares with Django.
FORMATS = "media_assets.formats"
MAY_IMPORT = {
    "blender_scripts": {"blender_scripts"},
    "media_assets": {"media_assets", *CHILDREN},
    "gpu": {"gpu", *BLENDER_HOST},
    "rendering": {"rendering", "media_assets", "gpu", *BLENDER_HOST},
    "config": {"config", "media_assets.urls"},
}


def modules(*folders: str) -> dict[str, Path]:
    """Every module below *folders* by its dotted name."""
    found = {}
    for folder in folders:
        for path in (PROJECT / folder).rglob("*.py"):
            parts = path.relative_to(PROJECT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(path: Path, name: str) -> Iterator[str]:
    """Every name that a module imports, wherever in it; ``from a import b`` counts as a.b."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = name.split(".")
            base = package[: len(package) - node.level + (path.name == "__init__.py")] if node.level else []
            yield from (".".join([*base, *filter(None, [node.module]), alias.name]) for alias in node.names)


def is_allowed(target: str, allowed: set[str]) -> bool:
    return any(target == name or target.startswith(f"{name}.") for name in allowed)


def top(name: str) -> str:
    return name.partition(".")[0]


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_an_app_imports_only_the_apps_below_it(app: str) -> None:
    wrong = [
        f"{name} imports {target}"
        for name, path in modules(app).items()
        for target in imported(path, name)
        if top(target) in APPS and not is_allowed(target, MAY_IMPORT[app])
    ]
    assert not wrong


def test_django_never_imports_blender_or_the_cad_libraries() -> None:
    child_side = {name for name in modules("media_assets/cad") if name not in CAD_HOST}
    wrong = [
        f"{name} imports {target}"
        for name, path in modules("media_assets", "gpu", "rendering", "config").items()
        if name not in child_side
        for target in imported(path, name)
        if top(target) in INSIDE_BLENDER | CAD_LIBRARIES and not (name in PIXELS and top(target) == "numpy")
        if not (is_allowed(name, {SHAPES}) and top(target) in SHAPE_LIBRARIES)
    ]
    assert not wrong


def test_the_apps_reach_the_cad_reader_through_its_host_side_alone() -> None:
    wrong = [
        f"{name} imports {target}"
        for name, path in modules("media_assets", "gpu", "rendering").items()
        if not name.startswith("media_assets.cad")
        for target in imported(path, name)
        if target.startswith("media_assets.cad.") and not is_allowed(target, CAD_HOST)
        if not (is_allowed(name, {SHAPES}) and is_allowed(target, {"media_assets.cad.usd"}))
    ]
    assert not wrong


def test_reading_cad_knows_no_django() -> None:
    wrong = [
        f"{name} imports {target}"
        for name, path in modules("media_assets/cad").items()
        for target in imported(path, name)
        if top(target) not in {*sys.stdlib_module_names, *CAD_LIBRARIES, "PIL", "chardet", "DracoPy"}
        if not target.startswith("media_assets.cad.") and not is_allowed(target, CHILDREN | {FORMATS})
    ]
    assert not wrong


def test_the_host_side_of_cad_needs_only_the_standard_library() -> None:
    wrong = [
        f"{name} imports {target}"
        for name, path in modules("media_assets/cad").items()
        if name in CAD_HOST
        for target in imported(path, name)
        if top(target) not in {*sys.stdlib_module_names, *HOST_LIBRARIES.get(name, ())}
        and not is_allowed(target, CAD_HOST | CHILDREN | {FORMATS})
    ]
    assert not wrong


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_imports_nothing_of_its_app(name: str) -> None:
    wrong = [
        target
        for target in imported(modules(top(name))[name], name)
        if top(target) not in sys.stdlib_module_names
        and not target.startswith(("django.utils.", FORMATS, "media_assets.cad.problem."))
        and not is_allowed(target, TABLES)
    ]
    assert not wrong


def test_the_tables_of_formats_need_only_the_standard_library() -> None:
    """For the host's scans and the child's readers take their rows from them."""
    wrong = [
        f"{name} imports {target}"
        for name, path in modules("media_assets/formats").items()
        for target in imported(path, name)
        if top(target) not in sys.stdlib_module_names and not is_allowed(target, {FORMATS})
    ]
    assert not wrong


@pytest.mark.parametrize("name", sorted(BLENDER_HOST))
def test_the_host_side_of_blender_needs_only_the_standard_library(name: str) -> None:
    path = modules("blender_scripts")[name]
    wrong = [
        target
        for target in imported(path, name)
        if top(target) not in sys.stdlib_module_names and not is_allowed(target, BLENDER_HOST)
    ]
    assert not wrong


def test_the_scripts_inside_blender_need_blender_and_the_standard_library_alone() -> None:
    allowed = {*sys.stdlib_module_names, *INSIDE_BLENDER, "blender_scripts"}
    wrong = [
        f"{name} imports {target}"
        for name, path in modules("blender_scripts").items()
        for target in imported(path, name)
        if top(target) not in allowed
    ]
    assert not wrong


@pytest.mark.slow
def test_what_runs_imports_no_package_that_only_the_tests_install() -> None:
    """`make demo` and a server have requirements.txt, and whatever of the others they ask for."""
    installed = {
        re.sub(r"[-_.]+", "-", line.split("==")[0].strip()).lower()
        for name in ("", "-s3", "-c2pa", "-telemetry", "-blender")
        for line in (PROJECT / f"requirements{name}.txt").read_text().splitlines()
        if "==" in line and not line.startswith((" ", "#"))
    }
    known = packages_distributions()
    wrong = set()
    for name, path in modules(*(APPS - {"tests"})).items():
        for target in at_run_time(path):
            of = {re.sub(r"[-_.]+", "-", one).lower() for one in known.get(target, ())}
            if target not in sys.stdlib_module_names | APPS and of and not of & installed:
                wrong.add((name, target))
    assert not wrong


def at_run_time(path: Path) -> Iterator[str]:
    """The first names of what a file imports, wherever in it, but not what type checkers alone import."""
    waiting: list[ast.AST] = [ast.parse(path.read_text())]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting.extend(node.orelse)
            continue
        if isinstance(node, ast.Import):
            yield from (top(one.name) for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield top(node.module)
        waiting.extend(ast.iter_child_nodes(node))


def test_importing_the_web_application_loads_no_blender_and_no_cad_library() -> None:
    code = (
        "import sys, django; django.setup(); import config.urls, rendering.farm.execute, rendering.tasks;"
        "print(sorted({'bpy', 'OCP', 'pxr'} & set(sys.modules)))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env={"DJANGO_SETTINGS_MODULE": "config.settings", "SECRET_KEY": "x" * 50, "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert out.stdout.strip() == "[]"


@pytest.mark.parametrize("app", ["media_assets", "gpu", "rendering"])
def test_nothing_but_an_edge_imports_an_edge(app: str) -> None:
    edges = {"admin", "desk", "api", "views", "urls", "management"}
    wrong = [
        f"{name} imports {target}"
        for name, path in modules(app).items()
        if not edges & set(name.split("."))
        for target in imported(path, name)
        if top(target) == app and edges & set(target.split(".")[1:2])
    ]
    assert not wrong


@pytest.mark.parametrize("app", ["media_assets", "gpu", "rendering"])
def test_models_import_no_services(app: str) -> None:
    below = {"models", "recipes", "formats", "storage"}
    wrong = [
        f"{name} imports {target}"
        for name, path in modules(app).items()
        if name.split(".")[1:2] == ["models"]
        for target in imported(path, name)
        if top(target) == app and not below & set(target.split(".")[1:2]) and not is_allowed(target, TABLES)
    ]
    assert not wrong


@pytest.mark.parametrize("app", ["media_assets", "gpu", "rendering"])
def test_no_import_of_the_project_hides_in_a_function(app: str) -> None:
    """apps.py imports in ready(), as Django asks; a child process imports its heavy libraries late."""
    wrong = []
    for name, path in modules(app).items():
        if path.name == "apps.py" or name.startswith("media_assets.cad"):
            continue
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.ImportFrom) and top(node.module or "") in APPS:
                        wrong.append(f"{name}.{function.name} imports {node.module}")
    assert not wrong


@pytest.mark.parametrize("app", ROOMS)
def test_a_room_imports_only_the_rooms_before_it(app: str) -> None:
    order = ROOMS[app]
    wrong = [
        f"{name} imports {target}"
        for name, path in modules(app).items()
        if (room := name.split(".")[1:2]) and room[0] in order
        for target in imported(path, name)
        if top(target) == app
        and target.split(".")[1] in order
        and not is_allowed(target, TABLES)
        and order.index(target.split(".")[1]) > order.index(room[0])
    ]
    assert not wrong


@pytest.mark.parametrize("app", ROOMS)
def test_nothing_lies_loose_at_the_top_of_an_app(app: str) -> None:
    folder = PROJECT / app
    loose = {path.stem for path in folder.glob("*.py")} - TOP_FILES
    not_rooms = {"migrations", "static", "templatetags", "management", "locale", "__pycache__"}
    rooms = {path.name for path in folder.iterdir() if path.is_dir()} - not_rooms
    assert not loose
    assert rooms <= set(ROOMS[app])
    assert len(rooms) <= 11


def test_a_class_name_means_one_thing() -> None:
    """Of the classes of modules: what is nested (Kind, State) has its owner's name before it."""
    where: dict[str, list[str]] = {}
    for name, path in modules("blender_scripts", "media_assets", "gpu", "rendering", "config").items():
        if "migrations" in name or ".commands." in name:
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                where.setdefault(node.name, []).append(name)
    assert {name: places for name, places in where.items() if len(places) > 1} == {}
