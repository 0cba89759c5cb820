"""The addresses of the log-in by OpenID Connect; the provider knows the second one as redirect URI."""

from __future__ import annotations

from django.urls import path

from rendering.desk.people.open_id import views

urlpatterns = [
    path("", views.begin, name="openid_begin"),
    path("callback/", views.callback, name="openid_callback"),
]
