"""Templates are short of line, and each text in them that a person sees is marked for translation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.paths import PROJECT

TEMPLATES = sorted(path for path in (PROJECT / "templates").rglob("*") if path.is_file())
STATIC = PROJECT / "rendering" / "static" / "rendering"
ASSETS = sorted(
    path for kind in ("css", "js") for path in STATIC.rglob(f"*.{kind}") if "vendor" not in path.parts
)
LONGEST = 160

# The same in every language: our name, names of formats and devices, signs of units.
INTERNATIONAL = {"Renderdesk", "Blender", "CSV", "JSON", "CPU", "GPU", "MB", "px", "s"}
SEEN_ATTRIBUTES = {"alt", "title", "aria-label", "placeholder", "data-alt", "data-none"}
NOT_READ = {"code", "script", "style"}

# Comments, and what the admin takes as the name of a class.
COMMENT = re.compile(
    r"{#.*?#}|{% comment %}.*?{% endcomment %}|{% block coltype %}.*?{% endblock %}", re.DOTALL
)
MARKED = re.compile(r"{% blocktranslate\b.*?{% endblocktranslate %}", re.DOTALL)
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
# Words that a tag or a filter would show: {% include ... with label="x" %}, {{ n|pluralize }}, {{ a|default:"x" }}, ...
SHOWN_BY_TAG = re.compile(
    r"""\blabel="(?P<label>[^"]*)"|\|(?P<plural>pluralize\b)|\|(?:default|default_if_none|yesno):"(?P<filter>[^"]*)"|"""
    r"""^{%\s*firstof\b.*?"(?P<firstof>[^"]*)"|\|stringformat:"(?P<format>[^"]* [^"]*)\""""
)


def words(text: str) -> list[str]:
    """Return the words of a language in a text."""
    return [word for word in re.findall(r"[^\W\d_]+", text) if word not in INTERNATIONAL]


class Reader(HTMLParser):
    """Collect what a browser shows of a page, or a screen reader says."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in NOT_READ:
            self.inside.append(tag)
        is_button = tag == "input" and values.get("type") in ("submit", "button")
        names = SEEN_ATTRIBUTES | ({"value"} if is_button else set())
        self.seen += [value for name, value in attrs if name in names and value]

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.seen.append(data)


def unmarked(source: str) -> Iterator[str]:
    """Yield the visible texts of a template that no translation reaches."""
    source = MARKED.sub("", COMMENT.sub("", source))
    for tag in TAG.findall(source):
        for found in SHOWN_BY_TAG.finditer(tag):
            text = next(value for value in found.groups() if value is not None)
            if words(text):
                yield text
    reader = Reader()
    html = TAG.sub("", source)
    is_attributes = re.match(r"[\w-]+=", html)  # of a tag that another template opens
    reader.feed(f"<p {html}>" if is_attributes else html)
    reader.close()
    yield from (text.strip() for text in reader.seen if words(text))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PROJECT / "templates")))
def test_every_visible_text_of_a_template_is_marked_for_translation(path: Path) -> None:
    assert list(unmarked(path.read_text())) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Not marked {{ name }}</p>", ["Not marked"]),
        ('<img alt="A picture of {{ name }}">', ["A picture of"]),
        ('<input type="submit" value="Save">', ["Save"]),
        ('<input type="hidden" value="save">', []),
        ('{% include "x.html" with state="done" label="Current" %}', ["Current"]),
        ("<b>{{ n }}</b> {{ n|pluralize }}", ["pluralize"]),
        ('{{ name|default:"nobody" }}', ["nobody"]),
        (
            '<p title="{% translate "Marked" %}">{% translate "Marked too" %} <code>manage.py</code> 3 px</p>',
            [],
        ),
        ("{% blocktranslate count n=n %}{{ n }} file{% plural %}{{ n }} files{% endblocktranslate %}", []),
    ],
)
def test_a_text_that_is_not_marked_is_found(source: str, found: list[str]) -> None:
    assert list(unmarked(source)) == found


@pytest.mark.parametrize("path", [p for p in ASSETS if p.suffix == ".js"], ids=lambda path: path.name)
def test_sentences_of_scripts_are_marked_for_translation(path: Path) -> None:
    source = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(), flags=re.DOTALL)
    sentence = re.compile(r"""(\w*\()?(["'`])([A-Z][a-z']+,?(?: [\w'$-]|\.["'`])[^"`]*)\2""")
    assert [text for call, _, text in sentence.findall(source) if call not in ("gettext(", "ngettext(")] == []


@pytest.mark.parametrize("folder", [PROJECT / "templates" / "desk", STATIC], ids=["templates", "static"])
def test_what_a_page_shows_lies_under_the_name_of_the_page(folder: Path) -> None:
    pages = {path.parent.name for path in (PROJECT / "rendering" / "desk").glob("*/__init__.py")}
    others = {"vendor", "finishes", "delivery"} if folder == STATIC else set()
    assert {path.name for path in folder.iterdir()} - others <= pages


@pytest.mark.parametrize("path", TEMPLATES + ASSETS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_no_line_is_too_long_to_be_read(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > LONGEST] == []
