"""The admin's lists, whose rows are cards on a phone (`.as-cards` in desk.css)."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.contrib.admin.templatetags.admin_list import result_list
from django.contrib.admin.views.main import ChangeList
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

register = template.Library()
CELL, BOX = "<td", '<td class="action-checkbox">'
EMPTY = re.compile(r"<td[^>]*>[-–]?</td>")


@register.inclusion_tag("admin/change_list_results.html")
def card_list(cl: ChangeList) -> dict[str, Any]:
    """Django's list, each cell with the name of its column."""
    context: dict[str, Any] = result_list(cl)
    names = [capfirst(header["text"]) for header in context["result_headers"]]
    for row in context["results"]:
        row[:] = [_named(cell, name) for cell, name in zip(row, names, strict=False)] + row[len(names) :]
    return context


def _named(cell: SafeString, name: str) -> SafeString:
    """Return a cell with its name; what leads to the row's page is the name of the card, and has none."""
    if not cell.startswith(CELL) or cell.startswith(BOX):
        return cell
    rest = SafeString(cell[len(CELL) :])
    return (
        format_html("{} data-empty{}", SafeString(CELL), rest)
        if EMPTY.fullmatch(cell)
        else format_html('{} data-label="{}"{}', SafeString(CELL), name, rest)
    )
