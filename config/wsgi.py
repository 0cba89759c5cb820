"""WSGI entry point: gunicorn config.wsgi."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
if settings.MEDIA_BUCKET_WRONG:
    raise ImproperlyConfigured(f"MEDIA_STORAGE_URL can't be used: {settings.MEDIA_BUCKET_WRONG}.")
# Commands say so by their checks, which a web server does not run.
if wrong := [*settings.SECRETS_WRONG, *settings.TELEMETRY_WRONG]:
    raise ImproperlyConfigured(" ".join(wrong))
_ = get_resolver().url_patterns  # all pages are imported now, not with the first request
