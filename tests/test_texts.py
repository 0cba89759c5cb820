"""Texts in Python code are marked for translation wherever people see them.

Not looked at: media_assets/cad, which runs without Django and has a gettext_noop of its own; migrations; and management
commands, whose lines are for scripts and logs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.paths import PROJECT

APPS = ("rendering", "gpu", "media_assets")
OUTSIDE = ("migrations", "management", "cad")
ROOMS = sorted(
    str(room.relative_to(PROJECT))
    for app in APPS
    for room in (PROJECT / app).iterdir()
    if room.suffix == ".py" or (room.is_dir() and room.name not in OUTSIDE and any(room.rglob("*.py")))
)

MARKS = {
    "_",
    "gettext",
    "gettext_lazy",
    "gettext_noop",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
}
# The same in every language: names of products, formats and devices, signs of units.
INTERNATIONAL = {
    "Renderdesk",
    "GPU",
    "CPU",
    "SHA-256",
    "STEP",
    "IGES",
    "BREP",
    "GLB",
    "STL",
    "OBJ",
    "USD",
    "USDZ",
}
INTERNATIONAL |= {
    "BinXCAF",
    "JSON",
    "SVG",
    "PDF",
    "DXF",
    "PNG",
    "JPEG",
    "WebP",
    "AVIF",
    "TIFF",
    "OpenEXR",
    "Cryptomatte",
    "MP4",
    "WebM",
    "AgX",
    "px",
    "s",
}
INTERNATIONAL |= {"NVIDIA OptiX", "NVIDIA CUDA", "AMD HIP", "Intel oneAPI", "Khronos PBR Neutral"}
NAMED = {"description", "short_description", "verbose_name", "verbose_name_plural", "help_text", "label"}
NAMED |= {"empty_label", "title", "violation_error_message", "message"}
ERRORS = {"PermissionDenied", "Http404", "ValidationError"}
SAYS = {"message_user": 1, "add_error": 1}  # and the place of the text among its arguments
LEVELS = {"debug", "info", "success", "warning", "error"}  # of django.contrib.messages
DOCUMENT = {"Field", "Header", "Api"}  # the document of the API is written in English, for programmers
RELATIONS = {"ForeignKey", "OneToOneField", "ManyToManyField", "GenericForeignKey"}
CHOICES = {"TextChoices", "IntegerChoices"}

ALLOWED = {
    "gpu/models/worker.py": {"host:boot:pid:start"},  # how an identity is written
    "rendering/models/output_type/view.py": {"Standard"},  # Blender's name of a view transform, as AgX is
    "rendering/models/role_grant.py": {"app.codename"},  # how a permission is written
}


def name_of(node: ast.expr) -> str:
    """Return the last name of what is called or inherited from."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def unmarked(node: ast.expr | None) -> Iterator[str]:
    """Yield each text that *node* shows without a mark; texts inside a call of something else are its own affair."""
    match node:
        case ast.Constant(value=str(text)):
            if any(letter.isalpha() for letter in text) and text not in INTERNATIONAL:
                yield text
        case ast.JoinedStr(values=parts):
            yield from (text for part in parts for text in unmarked(part))
        case ast.IfExp(body=body, orelse=other):
            yield from unmarked(body)
            yield from unmarked(other)
        case ast.BoolOp(values=parts):
            yield from (text for part in parts for text in unmarked(part))
        case ast.BinOp(left=left, op=ast.Mod()):
            yield from unmarked(left)
        case ast.BinOp(left=left, right=right):
            yield from unmarked(left)
            yield from unmarked(right)
        case ast.Call(func=function, args=args) if name_of(function) in ("format_html", "format_lazy", "str"):
            yield from unmarked(args[0] if args else None)
        case ast.Call(func=ast.Attribute(value=whole, attr="format" | "join" | "capitalize")):
            yield from unmarked(whole)
        case ast.Call(func=function, args=args) if name_of(function) in MARKS:
            # A mark around an f-string marks nothing: the translators see no such text.
            yield from (
                f"f-string in {name_of(function)}()" for arg in args if isinstance(arg, ast.JoinedStr)
            )


def shown(call: ast.Call) -> Iterator[ast.expr]:
    """Yield what a call shows to people."""
    name = name_of(call.func)
    if name not in ("add_argument", "add_parser", *DOCUMENT):
        yield from (word.value for word in call.keywords if word.arg in NAMED)
    if name in ERRORS:
        yield from call.args[:1]
    if name in SAYS:
        yield from call.args[SAYS[name] : SAYS[name] + 1]
    if isinstance(call.func, ast.Attribute) and name_of(call.func.value) == "messages":
        if name in LEVELS:
            yield from call.args[1:2]
        if name == "add_message":
            yield from call.args[2:3]
    is_of_models = isinstance(call.func, ast.Attribute) and name_of(call.func.value) == "models"
    if is_of_models and name.endswith("Field") and name not in RELATIONS:
        yield from call.args[:1]


def labels_of_choices(node: ast.ClassDef) -> Iterator[ast.expr]:
    """Yield the labels of a class of choices; a member without one would show its name."""
    for line in node.body:
        if isinstance(line, ast.Assign):
            if isinstance(line.value, ast.Tuple):
                yield line.value.elts[-1]
            elif isinstance(line.value, ast.Constant) and not str(name_of(line.targets[0])).startswith("__"):
                yield line.value


def shown_by_fieldsets(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the titles and descriptions of fieldsets, wherever they are written in *node*."""
    for part in ast.walk(node):
        if isinstance(part, ast.Tuple) and len(part.elts) == 2 and isinstance(part.elts[1], ast.Dict):
            options = {key.value for key in part.elts[1].keys if isinstance(key, ast.Constant)}
            if "fields" in options:
                yield part.elts[0]


def seen(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield every expression of a module that people see."""
    for node in ast.walk(tree):
        match node:
            case ast.Call():
                yield from shown(node)
            case ast.ClassDef(bases=bases) if CHOICES & {name_of(base) for base in bases}:
                yield from labels_of_choices(node)
            case ast.Assign(targets=[target], value=value) if name_of(target) in NAMED:
                yield value
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if isinstance(key, ast.Constant) and key.value in ("title", "description"):
                        yield value
            case ast.Tuple():
                yield from shown_by_fieldsets(node)


def problems(path: Path) -> list[str]:
    """Return where a file shows people a text that is not marked."""
    name = str(path.relative_to(PROJECT))
    found = (
        f"{name}:{one.lineno}: {text}"
        for one in seen(ast.parse(path.read_text()))
        for text in unmarked(one)
        if text not in ALLOWED.get(name, ())
    )
    return sorted(set(found))


@pytest.mark.parametrize("room", ROOMS)
def test_every_text_that_people_see_is_marked_for_translation(room: str) -> None:
    place = PROJECT / room
    files = [place] if place.is_file() else sorted(place.rglob("*.py"))
    assert [one for path in files for one in problems(path)] == []


@pytest.mark.parametrize(
    "code",
    [
        'x = models.CharField("name", max_length=3)',
        'x = forms.CharField(label="Name")',
        'x = forms.CharField(help_text=f"Up to {MOST}.")',
        'class A(models.TextChoices):\n    B = "b", "Bee"',
        '@admin.display(description="size")\ndef size(self): ...',
        'class F(SimpleListFilter):\n    title = "size"',
        'self.message_user(request, "Done." if done else _("No."))',
        'messages.success(request, "Done: %d." % 3)',
        'raise PermissionDenied("You may not.")',
        'form.add_error(None, f"No {number}")',
        'fieldsets = (("File", {"fields": ()}),)',
        'fieldsets = [(None, {"description": "All.", "fields": ()})]',
        'raise ValidationError(_(f"No {number}."))',
    ],
)
def test_an_unmarked_text_is_found(code: str, tmp_path: Path) -> None:
    assert [text for one in seen(ast.parse(code)) for text in unmarked(one)]


@pytest.mark.parametrize(
    "code",
    [
        'x = models.CharField(_("name"), max_length=3)',
        'x = models.ForeignKey("Order", models.CASCADE)',
        'self.message_user(request, ngettext("%(count)d job.", "%(count)d jobs.", 3) % {"count": 3})',
        'raise ValidationError(_("No %(number)s.") % {"number": number}, code="no")',
        'fieldsets = ((None, {"fields": ("name",)}), (_("File"), {"fields": ()}))',
        'x = format_html("<a href={}>{}</a>", address, name)',
        'return "-"',
    ],
)
def test_a_marked_text_and_what_is_no_text_pass(code: str) -> None:
    assert not [text for one in seen(ast.parse(code)) for text in unmarked(one)]
