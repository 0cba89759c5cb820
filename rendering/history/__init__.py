"""Who changed and did what: written for people, at the desk or on the command line; never for workers."""

from rendering.history.entries import record
from rendering.history.people import Actor, acting, actor, on_the_command_line

__all__ = ["Actor", "acting", "actor", "on_the_command_line", "record"]
