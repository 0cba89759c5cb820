from __future__ import annotations

from django.urls import path

from media_assets.serving import views

app_name = "media_assets"
urlpatterns = [
    path("cad/<int:pk>/<str:name>", views.cad_source, name="cad_source"),
    path("<int:pk>/usdz/<str:name>", views.usdz, name="usdz"),
    path("<int:pk>/spin/<str:digits>/<path:name>", views.spin, name="spin"),
    path("<int:pk>/small/<str:name>", views.small, name="small"),
    path("<int:pk>/<str:name>", views.asset, name="asset"),
]
