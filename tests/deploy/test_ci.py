"""What others check a change with says the same as we do: the CI file, the commit hooks, the Makefile."""

from __future__ import annotations

import re
from typing import Any

import yaml

from blender_scripts.executable import DEBIAN_PACKAGES
from tests.paths import PROJECT

MAKEFILE = (PROJECT / "Makefile").read_text()
TARGETS = {name for line in re.findall(r"^([a-z][\w -]*):", MAKEFILE, re.MULTILINE) for name in line.split()}


def read(name: str) -> dict[str, Any]:
    document = yaml.safe_load((PROJECT / name).read_text())
    assert isinstance(document, dict)
    return document


def test_ci_installs_what_blender_links_to_and_runs_targets_that_are_there() -> None:
    document = read(".github/workflows/ci.yml")
    assert set(DEBIAN_PACKAGES.split()) <= set(document["env"]["PACKAGES"].split())
    test = document["jobs"]["test"]
    databases = test["strategy"]["matrix"]["database"]
    assert databases == ["sqlite", "postgresql"]
    commands = [step["run"] for job in document["jobs"].values() for step in job["steps"] if "run" in step]
    made = [command.removeprefix("make ") for command in commands if command.startswith("make ")]
    assert made == ["lint", "test-${{ matrix.database }}"]
    assert {"lint", *(f"test-{name}" for name in databases)} <= TARGETS


def test_a_commit_is_checked_by_the_tools_of_lint_in_their_pinned_versions() -> None:
    pinned = {line.split("==")[0].lower() for line in (PROJECT / "constraints.txt").read_text().splitlines()}
    hooks = [hook for repo in read(".pre-commit-config.yaml")["repos"] for hook in repo["hooks"]]
    tools = {hook["entry"].split()[0].removeprefix(".venv/bin/") for hook in hooks}
    assert tools == {"ruff", "djlint", "codespell"} <= pinned
    assert all(f"$(VENV)/bin/{tool} " in f"{MAKEFILE} ".replace("\n", " ") for tool in tools)
