"""Each language has each text, with the same placeholders, compiled. `make translations` writes the files."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils.translation import override, to_locale

from tests.paths import PROJECT

LOCALES = [to_locale(code) for code, _ in settings.LANGUAGES if code != "en"]
DOMAINS = ("django", "djangojs")
each_catalog = pytest.mark.parametrize(
    "name", [f"{locale}/LC_MESSAGES/{domain}" for locale in LOCALES for domain in DOMAINS]
)
PLACEHOLDER = re.compile(
    r"%\([a-z_]+\)[sd]|%[sd]|\{[a-z_0-9.]*(?:![rs])?(?::[^{}]*)?\}|</?[a-z]+[^>]*>|https?://(?:[\w./-]*\w)?",
    re.ASCII,
)


def catalog(name: str, folder: Path = PROJECT) -> polib.POFile:
    return polib.pofile(str(folder / "locale" / f"{name}.po"))


def forms(entry: polib.POEntry) -> list[tuple[str, str]]:
    """The original and the translation; of a plural each form, with the original that it stands for."""
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)]
    several = len(entry.msgstr_plural) > 1
    return [
        (entry.msgid if several and number == 0 else entry.msgid_plural, text)
        for number, text in entry.msgstr_plural.items()
    ]


@each_catalog
def test_each_text_is_translated_and_none_is_a_guess(name: str) -> None:
    found = catalog(name)
    assert not [entry.msgid for entry in found if entry.fuzzy or not all(text for _, text in forms(entry))]
    assert not found.obsolete_entries()


@each_catalog
def test_placeholders_and_tags_are_those_of_the_original(name: str) -> None:
    differing = [
        (entry.msgid, text)
        for entry in catalog(name)
        for original, text in forms(entry)
        if Counter(PLACEHOLDER.findall(original)) != Counter(PLACEHOLDER.findall(text))
    ]
    assert not differing


@each_catalog
def test_what_django_reads_is_compiled_from_what_is_written(name: str) -> None:
    compiled = polib.mofile(str(PROJECT / "locale" / f"{name}.mo"))

    def texts(entries: polib.POFile | polib.MOFile) -> dict[tuple[str, str], object]:
        return {(one.msgctxt or "", one.msgid): one.msgstr_plural or one.msgstr for one in entries}

    assert texts(compiled) == texts(catalog(name)), "`make translations` compiles them"


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="apt-get install gettext")
def test_the_catalogs_have_the_texts_of_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("config", "gpu", "media_assets", "rendering", "blender_scripts", "templates"):
        (tmp_path / name).symlink_to(PROJECT / name)
    (tmp_path / "locale").mkdir()
    monkeypatch.chdir(tmp_path)
    for domain in DOMAINS:
        call_command(
            *("makemessages", "--locale", LOCALES[0], "--domain", domain, "--symlinks", "--verbosity", "0"),
            *("--ignore", "*/vendor/*"),
        )
        said = keys(catalog(f"{LOCALES[0]}/LC_MESSAGES/{domain}", tmp_path))
        for locale in LOCALES:
            here = keys(catalog(f"{locale}/LC_MESSAGES/{domain}"))
            assert (said - here, here - said) == (set(), set()), "`make translations` adds them"


def keys(entries: polib.POFile) -> set[tuple[str, str]]:
    return {(one.msgctxt or "", one.msgid) for one in entries}


def test_the_labels_of_fields_are_in_the_catalogs() -> None:
    from rendering.desk.labels import LABELS, unlabeled

    with override("en"):
        shown = {str(field.verbose_name) for field in unlabeled()}
    known = {entry.msgid for entry in catalog(f"{LOCALES[0]}/LC_MESSAGES/django")}
    assert shown - known - {"SHA-256"} == set(), "add them to rendering/desk/labels.py"
    assert set(LABELS) - shown == set(), "no field is called so any more"
