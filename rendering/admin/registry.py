"""Every admin page of this app, and the pages of others that it takes away."""

from __future__ import annotations

from django.contrib import admin
from django_q.models import Failure, OrmQ, Schedule, Success

from rendering.admin import (
    assets,
    cad_files,
    environments,
    jobs,
    materials,
    news,
    orders,
    output_types,
    people,
    products,
    shares,
    workflows,
)

__all__ = [
    "assets",
    "cad_files",
    "environments",
    "jobs",
    "materials",
    "news",
    "orders",
    "output_types",
    "people",
    "products",
    "shares",
    "workflows",
]

# Their pages unpickle messages in the web process, and a message is only a bell: jobs are the truth.
for model in (Failure, OrmQ, Schedule, Success):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
