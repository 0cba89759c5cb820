"""All admin pages of this app, and the pages of other apps that it removes."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django_q.models import Failure, OrmQ, Schedule, Success

from gpu.admin import registry as gpus
from rendering.desk.activity import admin as activity
from rendering.desk.alerts import admin as alerts
from rendering.desk.assets import admin as assets
from rendering.desk.cad_files import admin as cad_files
from rendering.desk.cad_systems import admin as cad_systems
from rendering.desk.channels import admin as channels
from rendering.desk.color_profiles import admin as color_profiles
from rendering.desk.groupings import admin as groupings
from rendering.desk.jobs import admin as jobs
from rendering.desk.materials import admin as materials
from rendering.desk.materials import labels
from rendering.desk.notifications import admin as notifications
from rendering.desk.notifications import webhooks
from rendering.desk.orders import admin as orders
from rendering.desk.output_types import admin as output_types
from rendering.desk.panoramas import admin as panoramas
from rendering.desk.people import admin as people
from rendering.desk.products import admin as products
from rendering.desk.shares import admin as shares
from rendering.desk.studios import admin as studios
from rendering.desk.textures import admin as textures
from rendering.desk.tokens import admin as tokens
from rendering.desk.workflows import admin as workflows

__all__ = [
    "activity",
    "alerts",
    "assets",
    "cad_files",
    "cad_systems",
    "channels",
    "color_profiles",
    "gpus",
    "groupings",
    "jobs",
    "labels",
    "materials",
    "notifications",
    "orders",
    "output_types",
    "panoramas",
    "people",
    "products",
    "shares",
    "studios",
    "textures",
    "tokens",
    "webhooks",
    "workflows",
]

# Their pages unpickle messages in the web process, and messages only wake workers: jobs have their own pages.
# Addresses are those of the users; a second factor is reset in the list of users, and its secret is nobody's.
for model in (Failure, OrmQ, Schedule, Success, EmailAddress, Authenticator):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
