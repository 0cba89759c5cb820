"""What others check a change with says the same as we do: the CI file, the commit hooks, the Makefile."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tests.paths import PROJECT

MAKEFILE = (PROJECT / "Makefile").read_text()
TARGETS = {name for line in re.findall(r"^([a-z][\w -]*):", MAKEFILE, re.MULTILINE) for name in line.split()}


def read(name: str) -> dict[str, Any]:
    document = yaml.safe_load((PROJECT / name).read_text())
    assert isinstance(document, dict)
    return document


def test_ci_runs_targets_that_are_there_on_what_the_readme_promises() -> None:
    jobs = read(".github/workflows/ci.yml")["jobs"]
    test = jobs["test"]["strategy"]["matrix"]
    assert test == {"debian": [12, 13], "database": ["sqlite", "postgresql"]}
    commands = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    made = [re.sub(r"^./setup (--\w+ )*", "", one) for one in commands if one.startswith("./setup ")]
    blender = "test-blender BLENDER=.venv-blender/blender"
    assert made == ["lint", "test-${{ matrix.database }}", "test-fast", blender, "containers"]
    assert {
        "lint",
        "test-fast",
        "test-blender",
        "containers",
        *(f"test-{name}" for name in test["database"]),
    } <= TARGETS
    pythons = {
        "3.11",
        "3.13",
        *jobs["python"]["strategy"]["matrix"]["python"],
    }  # Debian's two, and the others
    assert pythons == {"3.11", "3.12", "3.13", "3.14"}


def test_a_commit_is_checked_by_the_tools_of_lint_in_their_pinned_versions() -> None:
    pinned = {
        line.split("==")[0].lower() for line in (PROJECT / "requirements-dev.txt").read_text().splitlines()
    }
    hooks = [hook for repo in read(".pre-commit-config.yaml")["repos"] for hook in repo["hooks"]]
    tools = {hook["entry"].split()[0].removeprefix(".venv/bin/") for hook in hooks}
    assert tools == {"ruff", "djlint", "codespell"} <= pinned
    assert all(f"$(VENV)/bin/{tool} " in f"{MAKEFILE} ".replace("\n", " ") for tool in tools)
