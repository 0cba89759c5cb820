"""When a log-in asks for a code."""

from __future__ import annotations

from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest

from rendering.history import second_factor


class CodeStage(AuthenticateStage):  # type: ignore[misc]
    def _should_handle(self, request: HttpRequest) -> bool:
        return second_factor.is_asked(request, self.login.user) and super()._should_handle(request)
