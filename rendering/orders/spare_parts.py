"""The shipped workflow of the spare-parts book: its output types and its steps."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from rendering.models import OutputType, Workflow

SLUG = "spare-parts-book"

_LARGE: dict[str, Any] = {"format": "webp", "width": 1600, "height": 1200}
_TYPES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("book-hero", gettext_noop("Book: product"), _LARGE),
    (
        "book-exploded",
        gettext_noop("Book: exploded view"),
        {**_LARGE, "kind": "balloons", "exploded": "apart"},
    ),
    ("book-section", gettext_noop("Book: section"), {**_LARGE, "section": "half"}),
    ("book-drawing", gettext_noop("Book: drawing"), {"kind": "drawing", "format": "svg"}),
    (
        "book-parts",
        gettext_noop("Book: each part"),
        {"format": "webp", "width": 512, "height": 512, "parts": "each"},
    ),
    ("spare-parts-book-pdf", gettext_noop("Spare-parts book, PDF"), {"kind": "book", "format": "pdf"}),
    (
        "spare-parts-book-web",
        gettext_noop("Spare-parts book, web page"),
        {"kind": "book", "format": "webpage"},
    ),
)


def there() -> Workflow | None:
    """Return the workflow, where it was added before."""
    return Workflow.objects.filter(slug=SLUG).first()


@transaction.atomic
def add() -> Workflow:
    """Return the workflow, added with its output types where it is not there; types that are there stay as they are."""
    if found := there():
        return found
    workflow = Workflow.objects.create(slug=SLUG, name=_("Spare-parts book"))
    for position, (slug, name, fields) in enumerate(_TYPES, start=1):
        made, _is_new = OutputType.objects.get_or_create(slug=slug, defaults={"name": _(name), **fields})
        workflow.steps.create(position=position, output_type=made)
    return workflow
