"""Who may import whom: the table of docs/architecture.md, held over every import, hidden ones included."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
APPS = {"blender_scripts", "media_assets", "gpu", "rendering", "config", "tests", "samples"}
BLENDER_HOST = {
    "blender_scripts.child",
    "blender_scripts.finish_library",
    "blender_scripts.finish_rules",
    "blender_scripts.wording",
    "blender_scripts.contract",
    "blender_scripts.jsonform",
    "blender_scripts.launch",
    "blender_scripts.executable",
}
INSIDE_BLENDER = {"bpy", "bpy_extras", "mathutils", "_cycles", "numpy"}
CAD_LIBRARIES = {"OCP", "pxr", "numpy"}
PIXELS = {
    f"rendering.{name}" for name in ("deep", "derive", "gate", "linear")
}  # of 16 bits and more: by NumPy
CAD_HOST = {
    f"media_assets.cad.{name}"
    for name in (
        *("client", "prescan", "contract", "errors", "settings", "forkclient", "failures", "unpack"),
        *("assembly_graph", "code_pages", "mesh_scan", "names", "step_text"),
    )
}
MAY_IMPORT = {
    "blender_scripts": {"blender_scripts"},
    "media_assets": {"media_assets"},
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
    ]
    assert not wrong


def test_the_apps_reach_the_cad_reader_through_its_host_side_alone() -> None:
    wrong = [
        f"{name} imports {target}"
        for name, path in modules("media_assets", "gpu", "rendering").items()
        if not name.startswith("media_assets.cad")
        for target in imported(path, name)
        if target.startswith("media_assets.cad.") and not is_allowed(target, CAD_HOST)
    ]
    assert not wrong


def test_reading_cad_knows_no_django() -> None:
    wrong = [
        f"{name} imports {target}"
        for name, path in modules("media_assets/cad").items()
        for target in imported(path, name)
        if top(target) not in {*sys.stdlib_module_names, *CAD_LIBRARIES}
        if not target.startswith("media_assets.cad.")
    ]
    assert not wrong


def test_the_host_side_of_cad_needs_only_the_standard_library() -> None:
    wrong = [
        f"{name} imports {target}"
        for name, path in modules("media_assets/cad").items()
        if name in CAD_HOST
        for target in imported(path, name)
        if top(target) not in sys.stdlib_module_names and not is_allowed(target, CAD_HOST)
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
def test_importing_the_web_application_loads_no_blender_and_no_cad_library() -> None:
    code = (
        "import sys, django; django.setup(); import config.urls, rendering.execute, rendering.tasks;"
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
    edges = {"admin", "views", "urls", "management", "demo"}
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
    below = {"models", "recipes", "formats"}
    wrong = [
        f"{name} imports {target}"
        for name, path in modules(app).items()
        if name.split(".")[1:2] == ["models"]
        for target in imported(path, name)
        if top(target) == app and not below & set(target.split(".")[1:2])
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
