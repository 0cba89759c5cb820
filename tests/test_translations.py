"""Each language has each text, with the same placeholders, compiled. `make translations` writes the files."""

from __future__ import annotations

import io
import re
import shutil
from collections import Counter
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils.translation import to_locale

from tests.paths import PROJECT

LOCALES = [to_locale(code) for code, _ in settings.LANGUAGES if code != "en"]
PLACEHOLDER = re.compile(
    r"%\([a-z_]+\)[sd]|%[sd]|\{[a-z_0-9.]*(?:![rs])?(?::[^{}]*)?\}|</?[a-z]+[^>]*>|https?://(?:[\w./-]*\w)?",
    re.ASCII,
)
SHORT = PROJECT / "locale"


def catalog(locale: str) -> polib.POFile:
    return polib.pofile(str(SHORT / locale / "LC_MESSAGES" / "django.po"))


def forms(entry: polib.POEntry) -> list[tuple[str, str]]:
    """The original and the translation; of a plural each form, with the original that it stands for."""
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)]
    several = len(entry.msgstr_plural) > 1
    return [
        (entry.msgid if several and number == 0 else entry.msgid_plural, text)
        for number, text in entry.msgstr_plural.items()
    ]


@pytest.mark.parametrize("locale", LOCALES)
def test_each_text_is_translated_and_none_is_a_guess(locale: str) -> None:
    found = catalog(locale)
    assert not [entry.msgid for entry in found if entry.fuzzy or not all(text for _, text in forms(entry))]
    assert not found.obsolete_entries()


@pytest.mark.parametrize("locale", LOCALES)
def test_placeholders_and_tags_are_those_of_the_original(locale: str) -> None:
    differing = [
        (entry.msgid, text)
        for entry in catalog(locale)
        for original, text in forms(entry)
        if Counter(PLACEHOLDER.findall(original)) != Counter(PLACEHOLDER.findall(text))
    ]
    assert not differing


@pytest.mark.parametrize("locale", LOCALES)
def test_what_django_reads_is_compiled_from_what_is_written(locale: str) -> None:
    compiled = polib.mofile(str(SHORT / locale / "LC_MESSAGES" / "django.mo"))

    def texts(entries: polib.POFile | polib.MOFile) -> dict[tuple[str, str], object]:
        return {(one.msgctxt or "", one.msgid): one.msgstr_plural or one.msgstr for one in entries}

    assert texts(compiled) == texts(catalog(locale)), "`make translations` compiles them"


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="apt-get install gettext")
def test_the_catalogs_have_the_texts_of_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("config", "gpu", "media_assets", "rendering", "blender_scripts", "templates"):
        (tmp_path / name).symlink_to(PROJECT / name)
    (tmp_path / "locale").mkdir()
    monkeypatch.chdir(tmp_path)
    call_command("makemessages", locale=[LOCALES[0]], symlinks=True, stdout=io.StringIO(), verbosity=0)
    now = polib.pofile(str(tmp_path / "locale" / LOCALES[0] / "LC_MESSAGES" / "django.po"))
    said = {(one.msgctxt, one.msgid) for one in now if not one.obsolete}
    for locale in LOCALES:
        assert {(one.msgctxt, one.msgid) for one in catalog(locale)} == said, "`make translations` adds them"
