"""Check what a release needs and tag it with its section of the changelog: make release. Standard library only.

The version is that of config/settings.py. Nothing is tagged unless everything is in order; what is missing is listed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path.cwd()
TESTED = PROJECT / "var" / "tested"


def git(*words: str) -> str:
    """Return what git prints; "" where it refuses."""
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)  # noqa: S607
    return done.stdout.strip() if done.returncode == 0 else ""


def version() -> str:
    found = re.search(r'^VERSION = "(.+)"$', (PROJECT / "config" / "settings.py").read_text(), re.MULTILINE)
    return found[1] if found else ""


def section(changelog: str, name: str) -> tuple[str, str]:
    """Return what follows the name in the heading of a section, and the section."""
    found = re.search(rf"^## \[{re.escape(name)}\](.*)\n((?:(?!## \[).*\n?)*)", changelog, re.MULTILINE)
    return (found[1], found[2].strip()) if found else ("", "")


def missing(name: str) -> list[str]:
    """Return what keeps this version from being released, each with what to do."""
    found = []
    if not re.fullmatch(r"\d+\.\d+\.\d+", name):
        found.append(f"VERSION in config/settings.py is {name!r}, not three numbers.")
    if git("status", "--porcelain"):
        found.append("The tree has changes that are not committed: commit or stash them.")
    if git("tag", "--list", f"v{name}"):
        found.append(f"The tag v{name} is there already: raise VERSION in config/settings.py.")
    changelog = (PROJECT / "CHANGELOG.md").read_text()
    date, text = section(changelog, name)
    if not text or not re.fullmatch(r" - \d{4}-\d\d-\d\d", date):
        found.append(f"CHANGELOG.md needs a section '## [{name}] - YYYY-MM-DD' with what changed.")
    if section(changelog, "Unreleased")[1]:
        found.append(f"CHANGELOG.md has lines under Unreleased: move them to [{name}].")
    if f"Version {name}" not in (PROJECT / "README.md").read_text():
        found.append(f"README.md, Status, does not say 'Version {name}'.")
    if not TESTED.exists() or TESTED.read_text().strip() != git("rev-parse", "HEAD^{tree}"):
        found.append("This commit was not tested: run make test, which writes var/tested when all is well.")
    argv = [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"]
    if subprocess.run(argv, capture_output=True, check=False).returncode:
        found.append("A migration is missing: manage.py makemigrations.")
    last = git("describe", "--tags", "--abbrev=0", "--match", "v*")
    changed = git("diff", "--name-only", "--diff-filter=MDR", last, "--", "*/migrations/*.py") if last else ""
    if changed:
        found.append(
            f"Migrations of {last} were changed, but people have run them: {', '.join(changed.split())}."
        )
    return found


def main() -> int:
    """Tag, or say why not; return the exit code."""
    name = version()
    if wrong := missing(name):
        sys.stdout.write("\n  - ".join([f"{name} can't be released:", *wrong]) + "\n")
        return 1
    text = section((PROJECT / "CHANGELOG.md").read_text(), name)[1]
    words = [
        "tag",
        "--annotate",
        "--cleanup=verbatim",
        f"v{name}",
        "--message",
        f"Renderdesk {name}\n\n{text}\n",
    ]
    subprocess.run(["git", *words], check=True)  # noqa: S607
    sys.stdout.write(f"Tagged v{name}. To publish it: git push --follow-tags\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
