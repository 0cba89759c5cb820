from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from rendering.models import ApiToken
from rendering.models.api_token import TokenScope

Program = Callable[..., Client]


def client_of(token: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def boss() -> User:
    return User.objects.create_user("boss", is_staff=True, is_superuser=True)


@pytest.fixture
def program(boss: User) -> Program:
    """A client with a token of these scopes (all of them), of an owner who may do everything."""

    def make(*scopes: str, owner: User = boss, **more: Any) -> Client:
        _, key = ApiToken.issue(owner, "PIM", list(scopes or TokenScope.values), **more)
        return client_of(key)

    return make
