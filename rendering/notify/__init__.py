"""News of orders that ended: written down with their end, delivered later by webhook and e-mail, never by a worker."""

from rendering.notify.delivery import again, deliver_due
from rendering.notify.endings import note_endings, overlooked, reopen

__all__ = ["again", "deliver_due", "note_endings", "overlooked", "reopen"]
