"""The activity: who did and changed what, at the desk or on the command line; workers are not recorded."""

from rendering.history.entries import record
from rendering.history.people import Actor, acting, actor, on_the_command_line

__all__ = ["Actor", "acting", "actor", "on_the_command_line", "record"]
