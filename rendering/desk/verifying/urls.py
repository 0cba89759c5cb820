from __future__ import annotations

from django.urls import path

from rendering.desk.verifying import page

app_name = "verifying"
urlpatterns = [path("", page.page, name="page")]
