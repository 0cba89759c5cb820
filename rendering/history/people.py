"""Who acts now: the user of the request, or the user of the host who runs a command. Workers are nobody."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.contrib.auth.models import User

from blender_scripts.children import process

BY_HAND = ("shell", "createsuperuser", "changepassword")


@dataclass
class Deeds:
    """What one person does in one request or command, and the entries written of it so far."""

    of: Any = (
        None  # something with .user: a request, whose user is looked up only when there is something to write
    )
    person_of_host: str = ""
    via: str = ""
    entries: list[Any] = field(default_factory=list)

    @property
    def user(self) -> User | None:
        user = getattr(self.of, "user", None)
        return user if user is not None and user.is_authenticated else None

    @property
    def person(self) -> str:
        user = self.user
        return user.get_username() if user else self.person_of_host or "somebody without a log-in"


_now: ContextVar[Deeds | None] = ContextVar("renderdesk_deeds", default=None)


def now() -> Deeds | None:
    """Return who acts; None in workers and wherever nobody said so."""
    return _now.get() or _by_hand()


def is_somebody() -> bool:
    """Return whether a person acts, so that it is worth looking at what changes."""
    return now() is not None


@contextmanager
def acting(deeds: Deeds) -> Iterator[None]:
    """Put down what happens inside to this person."""
    token = _now.set(deeds)
    try:
        yield
    finally:
        _now.reset(token)


def at_the_desk(request: Any) -> Deeds:
    """Return the deeds of the user of *request*."""
    return Deeds(of=request)


def on_the_command_line(command: str) -> Deeds:
    """Return the deeds of whoever runs *command* of manage.py here; sudo names the person behind it."""
    return Deeds(person_of_host=f"{_user_of_host()} on {process.HOST}", via=f"manage.py {command}"[:60])


@cache
def _by_hand() -> Deeds | None:
    """Return the deeds of this whole process, where it is a command of Django's with which people change rows."""
    command = next(iter(sys.argv[1:]), "")
    return on_the_command_line(command) if command in BY_HAND else None


def _user_of_host() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        user = f"user {os.getuid()}"
    behind = os.environ.get("SUDO_USER", "")
    return f"{behind} as {user}" if behind and behind != user else user
