"""Who acts now: the user of the request, or the host's user who runs a command. Workers have no actor."""

from __future__ import annotations

import getpass
import ipaddress
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from blender_scripts.children import process

BY_HAND = ("shell", "createsuperuser", "changepassword")


@dataclass
class Actor:
    """One person in one request or command."""

    request: Any = None  # its user is looked up only when there is something to write
    of_host: str = ""
    via: str = ""
    last: int | None = None  # the newest entry of what is done here

    @property
    def user(self) -> User | None:
        user = getattr(self.request, "user", None)
        return user if isinstance(user, User) else None

    @property
    def person(self) -> str:
        return self.user.get_username() if self.user else self.of_host or _("somebody who is not logged in")


_acting: ContextVar[Actor | None] = ContextVar("renderdesk_actor", default=None)


def actor() -> Actor | None:
    """Return who acts; None in workers and wherever no actor is set."""
    return _acting.get() or _by_hand()


@contextmanager
def acting(person: Actor) -> Iterator[None]:
    """Record what happens inside as done by this person."""
    token = _acting.set(person)
    try:
        yield
    finally:
        _acting.reset(token)


def put_down_to_user(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return the middleware by which a request's changes are its user's. It asks for no session by itself."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        with acting(Actor(request)):
            return get_response(request)

    return answer


def address_of(request: HttpRequest) -> str | None:
    """Return the IP address that a request came from, behind a proxy the one that it saw; None when none is known."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_PROXY else ""
    return _address(forwarded.rpartition(",")[2]) or _address(request.META.get("REMOTE_ADDR", ""))


def _address(text: str) -> str | None:
    """Return *text* where it is an IP address; None for anything else, as from a local socket."""
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return None


def on_the_command_line(command: str) -> Actor:
    """Return whoever runs *command* of manage.py here; sudo names the person behind it."""
    user, behind = user_of_host(), os.environ.get("SUDO_USER", "")
    name = _("{behind} as {user}").format(behind=behind, user=user) if behind and behind != user else user
    return Actor(of_host=f"{name} on {process.HOST}", via=f"manage.py {command}"[:60])


@cache
def _by_hand() -> Actor | None:
    """Return the person of this whole process, where it is a command of Django's with which people change rows."""
    command = next(iter(sys.argv[1:]), "")
    return on_the_command_line(command) if command in BY_HAND else None


def user_of_host() -> str:
    """Return the name of the user who runs this process; in a container it may have only a number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return _("user {number}").format(number=os.getuid())
