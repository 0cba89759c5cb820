from __future__ import annotations

from django.urls import path

from gpu.probing import views

app_name = "gpu"
urlpatterns = [
    path("probe/", views.start, name="probe"),
    path("probe/result/", views.result, name="probe_result"),
]
