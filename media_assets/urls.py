from __future__ import annotations

from django.urls import URLPattern

app_name = "media_assets"
urlpatterns: list[URLPattern] = []
