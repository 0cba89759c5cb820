"""What mkdocs.yml adds to docs/: the pages of the project's folder, and the text of the files that pages link to."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

PROJECT = Path(__file__).resolve().parent.parent
PAGES = {"README.md": "about.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]+)")


def on_files(files: Any, config: Any) -> Any:
    """Add those pages, and what they and the pages of docs/ link to."""
    for name, page in PAGES.items():
        text = (PROJECT / name).read_text()
        files.append(File.generated(config, page, content=LINK.sub(lambda link: there(link[1], ""), text)))
    sources = [
        *PAGES,
        *(f"docs/{file.src_uri}" for file in files.documentation_pages() if not file.generated_by),
    ]
    for name in sources:
        for link in LINK.findall((PROJECT / name).read_text()):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), link))
            source, page = PROJECT / target, there(target, "")
            if page.startswith("files/") and source.is_file() and files.get_file_from_path(page) is None:
                text = f"# {target}\n\n````{source.suffix.strip('.') or 'text'}\n{source.read_text()}\n````\n"
                files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    return markdown if page.file.generated_by else LINK.sub(lambda link: there(link[1], "docs"), markdown)


def there(link: str, folder: str) -> str:
    """Return where a link of a page in *folder* leads in the site."""
    target, sharp, place = posixpath.normpath(posixpath.join(folder, link)).partition("#")
    if target.startswith("docs/"):
        return target.removeprefix("docs/") + sharp + place
    return PAGES.get(target, f"files/{target.strip('.')}.md") + sharp + place
