from __future__ import annotations

from django.urls import path, re_path

from rendering.api.site import api, nowhere

urlpatterns = [path("v1/", api.urls), re_path(r"^(?P<path>.*)\Z", nowhere)]
