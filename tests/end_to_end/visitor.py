"""Somebody with a browser's manners: keeps cookies, sends the CSRF token, sees redirects when it wants to."""

from __future__ import annotations

import time
from dataclasses import dataclass
from email.message import Message
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener


@dataclass(frozen=True)
class Page:
    """One answer of the web server, and how long it took in seconds."""

    status: int
    headers: Message
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        return self.body.decode()


class StayHere(HTTPRedirectHandler):
    """A redirect is an answer like any other."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class Visitor:
    """One person's session with the web server at *base*."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.cookies = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.cookies), StayHere)

    def get(self, path: str) -> Page:
        return self._ask(Request(self.base + path))

    def post(self, path: str, **fields: str) -> Page:
        token = next((cookie.value or "" for cookie in self.cookies if cookie.name == "csrftoken"), "")
        data = urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
        return self._ask(Request(self.base + path, data=data, headers={"Referer": self.base + path}))

    def log_in(self, name: str, password: str) -> None:
        self.get("/admin/login/")
        answer = self.post("/admin/login/", username=name, password=password)
        assert answer.status == 302, f"{name} could not log in: {answer.status}"

    def _ask(self, request: Request) -> Page:
        began = time.monotonic()
        try:
            with self.opener.open(request, timeout=30) as response:
                status, headers, body = response.status, response.headers, response.read()
        except HTTPError as error:
            with error:
                status, headers, body = error.code, error.headers, error.read()
        return Page(status, headers, body, time.monotonic() - began)
