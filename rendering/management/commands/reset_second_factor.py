"""Reset the second factor of a user who lost it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from rendering.history import second_factor
from rendering.management.console import DeskCommand, Report, UsageError


class Command(DeskCommand):
    help = _(
        "Let a user who lost phone and recovery codes log in by password alone, and set up a new second factor."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("username")

    def report(self, *, username: str, **options: Any) -> Report:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise UsageError(_("There is no user {name!r}.").format(name=username))
        had = bool(second_factor.forget([user]))
        words = (
            _("{name} logs in by password alone now.") if had else _("{name} had no second factor.")
        ).format(name=username)
        return Report({"user": username, "had_second_factor": had}, [words])
