"""Make, list and revoke API tokens."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _

from rendering.management.console import DeskCommand, Report, UsageError, number_from
from rendering.models import ApiToken
from rendering.models.api_token import TokenScope


class Command(DeskCommand):
    help = _("Make, list or revoke tokens with which programs use the API. See docs/api.md.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("verb", choices=["create", "list", "revoke"])
        parser.add_argument("--owner", default="", metavar="USER", help=_("as whom the program acts"))
        parser.add_argument("--name", default="", help=_("which program uses it; revoke: which token"))
        parser.add_argument(
            "--scope", nargs="+", action="extend", choices=TokenScope.values, help=_("default: read")
        )
        parser.add_argument("--days", type=number_from(1), help=_("until it expires (default: never)"))

    def report(
        self,
        *,
        verb: str,
        owner: str,
        name: str,
        scope: list[str] | None,
        days: int | None,
        **options: Any,
    ) -> Report:
        if verb == "list":
            tokens = list(ApiToken.objects.select_related("owner"))
            return Report(
                [one.as_dict() for one in tokens], [_line(one) for one in tokens] or [_("No tokens.")]
            )
        if not name:
            raise UsageError(_("Say --name."))
        if verb == "revoke":
            tokens = list(ApiToken.objects.filter(name=name, revoked=None).select_related("owner"))
            if not tokens:
                raise UsageError(_("There is no open token {name!r}.").format(name=name))
            for one in tokens:
                one.revoke()
            return Report([one.as_dict() for one in tokens], [_line(one) for one in tokens])
        user = User.objects.filter(username=owner, is_staff=True, is_active=True).first()
        if user is None:
            raise UsageError(_("Say --owner USER: the name of somebody who may log in to the admin."))
        expires = timezone.now() + timedelta(days=days) if days else None
        token, key = ApiToken.issue(user, name, sorted(set(scope or [TokenScope.READ.value])), expires)
        told = _("The key is shown this once:")
        return Report({**token.as_dict(), "key": key}, [_line(token), told, key])


def _line(token: ApiToken) -> str:
    scopes = ", ".join(token.scopes)
    return f"{token.pk:>4}  {token.state:<8} {token.owner.get_username()}  {token.name}  ({scopes})"
