"""Writing entries: one for each deed, however many objects and fields it touched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model

from rendering.history.people import Deeds, now
from rendering.models import HistoryEntry, HistorySubject

Verb = HistoryEntry.Verb
Change = Sequence[str]  # field, before, after
BATCH = 500
WORDS_LIMIT = 2000  # characters
# A deed that is part of another: what was there first is said once, with what came of it.
PARTS: dict[str, tuple[str, ...]] = {
    Verb.CHANGE: (Verb.CHANGE, Verb.ADD, Verb.UPLOAD),
    Verb.ADD: (Verb.UPLOAD,),
    Verb.RERENDER: (Verb.ORDER, Verb.RERENDER),
}


def record(
    verb: str,
    subjects: Model | Iterable[Model],
    *,
    words: str = "",
    count: int | None = None,
    name: str = "",
    changes: Sequence[Change] = (),
) -> HistoryEntry | None:
    """Write down that whoever acts now did *verb* to *subjects*; None, and nothing written, where nobody does.

    *count* and *name* say to how many and to what, where that is not the subjects themselves. What belongs to the
    entry before, as a re-render to its order, is added to that.
    """
    deeds = now()
    if deeds is None:
        return None
    rows = [subjects] if isinstance(subjects, Model) else list(subjects)
    with transaction.atomic():
        entry = _joined(deeds, verb, rows, words, changes)
        if entry is None:
            entry = HistoryEntry.objects.create(
                user=deeds.user,
                person=deeds.person[:200],
                via=deeds.via,
                verb=verb,
                about=ContentType.objects.get_for_model(rows[0]) if rows else None,
                name=(name or name_of(rows))[:300],
                count=len(rows) if count is None else count,
                words=words[:WORDS_LIMIT],
                changes=[list(change) for change in changes],
            )
            deeds.entries.append(entry)
        _attach(entry, rows)
    return entry


def name_of(rows: Sequence[Model]) -> str:
    """Return what an entry calls these objects: the one by its name, many by their number."""
    if not rows:
        return "nothing"
    options = rows[0]._meta
    if len(rows) > 1:
        return f"{len(rows)} {options.verbose_name_plural}"
    kind, text = str(options.verbose_name), str(rows[0])
    return text if text.lower().startswith(kind.lower()) else f"{kind} {text}"


def _joined(
    deeds: Deeds, verb: str, rows: Sequence[Model], words: str, changes: Sequence[Change]
) -> HistoryEntry | None:
    """Return the last entry with this deed added, where it is a part of that; None where it is one of its own."""
    last: HistoryEntry | None = deeds.entries[-1] if deeds.entries else None
    if last is None or last.verb not in PARTS.get(verb, ()):
        return None
    if verb == Verb.CHANGE and last.verb != Verb.UPLOAD and not _is_about(last, rows):
        return None
    if verb == Verb.RERENDER:
        last.verb = verb
    if words and words not in last.words:
        last.words = f"{last.words} {words}".strip()[:WORDS_LIMIT]
    last.changes = [*last.changes, *(list(change) for change in changes)]
    written = HistoryEntry.objects.filter(pk=last.pk)  # none, when the transaction around it was undone
    return last if written.update(verb=last.verb, words=last.words, changes=last.changes) else None


def _is_about(entry: HistoryEntry, rows: Sequence[Model]) -> bool:
    known = set(entry.subjects.values_list("kind", "object_id"))
    return bool(rows) and all(_key(row) in known for row in rows)


def _key(row: Model) -> tuple[int, Any]:
    return ContentType.objects.get_for_model(row).pk, row.pk


def _attach(entry: HistoryEntry, rows: Sequence[Model]) -> None:
    wanted = [
        HistorySubject(entry=entry, kind_id=kind, object_id=pk)
        for kind, pk in dict.fromkeys(_key(row) for row in rows if row.pk is not None)
    ]
    HistorySubject.objects.bulk_create(wanted, batch_size=BATCH, ignore_conflicts=True)
