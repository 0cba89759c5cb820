from __future__ import annotations

from django.urls import path

from rendering.delivery import embedding, share_views

app_name = "shares"
urlpatterns = [
    path("asset/<str:token>/<str:name>", share_views.ending, name="ending"),
    path("<str:token>/logo.png", share_views.logo, name="logo"),
    path("<str:token>/all.zip", share_views.archive, name="archive"),
    path("<str:token>/", share_views.page, name="page"),
    path("<str:token>/embed/<str:digits>/", embedding.embed, name="embed"),
    path("<str:token>/<str:digits>/spin/<path:name>", share_views.spin, name="spin"),
    path("<str:token>/<str:digits>/<str:name>", share_views.file, name="file"),
]
