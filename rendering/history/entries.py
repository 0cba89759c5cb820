"""Writes entries: one for each action, however many objects and fields it changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from rendering.history.people import Actor, actor
from rendering.models import HistoryEntry, HistorySubject

Verb = HistoryEntry.Verb
Change = Sequence[str]  # field, before, after
Key = tuple[int, int]  # content type and id of an object
BATCH = 500
WORDS_LIMIT = 2000  # characters
# Actions that are part of another one: they are added to its entry.
PARTS: dict[str, tuple[str, ...]] = {
    Verb.CHANGE: (Verb.CHANGE, Verb.ADD, Verb.UPLOAD),
    Verb.ADD: (Verb.UPLOAD,),
    Verb.RERENDER: (Verb.ORDER, Verb.RERENDER),
    Verb.DELETE: (Verb.DELETE,),
}


def record(
    verb: str,
    subjects: Model | Iterable[Model],
    *,
    words: str = "",
    count: int | None = None,
    name: str = "",
    changes: Iterable[Change] = (),
) -> None:
    """Write down that whoever acts now did *verb* to *subjects*; nothing, where nobody does.

    *count* and *name* say to how many and to what, where that is not the subjects themselves. What belongs to the
    entry before, as a re-render to its order, is added to that.
    """
    person = actor()
    if person is None:
        return
    rows = [subjects] if isinstance(subjects, Model) else list(subjects)
    kinds = ContentType.objects
    keys: list[Key] = [(kinds.get_for_model(row).pk, row.pk) for row in rows if row.pk is not None]
    with transaction.atomic():
        entry = (
            _whole(person, verb, keys)
            or HistoryEntry(
                user=None
                if verb == Verb.DELETE and person.user in rows
                else person.user,  # who deletes himself is gone
                person=person.person[:200],
                via=person.via,
                about=kinds.get_for_model(rows[0]) if rows else None,
                name=(name or name_of(rows))[:300],
                count=len(rows) if count is None else count,
            )
        )
        if not entry.verb or verb == Verb.RERENDER:
            entry.verb = verb
        if words not in entry.words:
            entry.words = f"{entry.words} {words}".strip()[:WORDS_LIMIT]
        entry.changes = [*entry.changes, *map(list, changes)]
        entry.save()
        wanted = [HistorySubject(entry=entry, kind_id=kind, object_id=pk) for kind, pk in dict.fromkeys(keys)]
        HistorySubject.objects.bulk_create(wanted, batch_size=BATCH, ignore_conflicts=True)
    person.last = entry.pk


def name_of(rows: Sequence[Model]) -> str:
    """Return what an entry calls these objects: the one by its name, many by their number."""
    if not rows:
        return _("nothing")
    options = rows[0]._meta
    if len(rows) > 1:
        return f"{len(rows)} {options.verbose_name_plural}"
    kind, text = str(options.verbose_name), str(rows[0])
    return text if text.lower().startswith(kind.lower()) else f"{kind} {text}"


def _whole(person: Actor, verb: str, keys: Collection[Key]) -> HistoryEntry | None:
    """Return the person's last entry, where *verb* is a part of that; None where it is one of its own."""
    if person.last is None or verb not in PARTS:
        return None
    # None as well when the transaction around it was undone.
    last = HistoryEntry.objects.filter(pk=person.last, verb__in=PARTS[verb]).first()
    if last is None or verb not in (Verb.CHANGE, Verb.DELETE) or last.verb == Verb.UPLOAD:
        return last
    known = set(last.subjects.values_list("kind", "object_id"))
    return last if keys and known.issuperset(keys) else None
