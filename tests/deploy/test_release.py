"""A release is tagged from the changelog, and only when nothing is missing: tried in a small project of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import PROJECT

CHANGELOG = """# Changelog

## [Unreleased]

## [0.2.0] - 2026-12-01

### Added

- Containers.

## [0.1.0]

- All.
"""


def git(folder: Path, *words: str) -> str:
    own = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", *own, *words], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.strip()


def release(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(PROJECT / "deploy/release.py")],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def commit(folder: Path) -> None:
    """Commit everything, and say that it was tested, as `make test` does."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Change")
    (folder / "var").mkdir(exist_ok=True)
    (folder / "var" / "tested").write_text(git(folder, "rev-parse", "HEAD^{tree}"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in {
        "config/settings.py": 'VERSION = "0.2.0"\n',
        "gpu/migrations/0001_squashed.py": "",
        "manage.py": "",
        "README.md": "Version 0.2.0\n",
        "CHANGELOG.md": CHANGELOG,
        ".gitignore": "var/\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return tmp_path


def test_the_tag_holds_the_section_of_the_changelog(project: Path) -> None:
    assert release(project) == (0, "Tagged v0.2.0. To publish it: git push --follow-tags\n")
    assert git(project, "tag", "--list", "--format=%(contents)", "v0.2.0") == (
        "Renderdesk 0.2.0\n\n### Added\n\n- Containers."
    )
    assert "is there already" in release(project)[1]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("CHANGELOG.md", CHANGELOG.replace(" - 2026-12-01", ""), "needs a section"),
        ("CHANGELOG.md", CHANGELOG.replace("eased]\n", "eased]\n\n- More.\n"), "has lines under Unreleased"),
        ("README.md", "Version 0.1.0", "does not say 'Version 0.2.0'"),
        ("config/settings.py", 'VERSION = "0.2"', "not three numbers"),
        ("manage.py", "raise SystemExit(1)", "A migration is missing"),
    ],
)
def test_what_is_missing_is_said(project: Path, name: str, text: str, words: str) -> None:
    (project / name).write_text(text)
    commit(project)
    code, said = release(project)
    assert code == 1 and words in said
    assert git(project, "tag") == ""


def test_what_is_not_committed_or_tested_is_not_released(project: Path) -> None:
    (project / "README.md").write_text("Version 0.2.0, changed")
    assert "not committed" in release(project)[1]
    git(project, "commit", "--all", "--quiet", "--message", "Change")
    assert "was not tested" in release(project)[1]


def test_released_migrations_stay_as_they_are(project: Path) -> None:
    release(project)
    (project / "config/settings.py").write_text('VERSION = "0.3.0"\n')
    (project / "gpu/migrations/0001_squashed.py").write_text("changed = True\n")
    (project / "gpu/migrations/0002_more.py").write_text("")
    commit(project)
    said = release(project)[1]
    assert "Migrations of v0.2.0 were changed" in said and "0001" in said and "0002" not in said
