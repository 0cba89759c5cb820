"""Settings of one Renderdesk installation, read from the environment and an optional .env file.

The defaults suit a laptop: SQLite in var/, media in var/media, one host. docs/operations.md lists every variable
that an operator may set; bad combinations are system checks with a hint.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ

from config.bucket import origin, read_bucket
from config.secret import load_or_make_secret, read_files

VERSION = "0.1.0"
BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")
_secrets, SECRETS_WRONG = read_files(
    os.environ
)  # a check and the web server refuse to go on with what is wrong
env.ENVIRON = {**os.environ, **_secrets}


def folder(name: str, default: Path) -> Path:
    """A folder of the environment; a relative one lies in the project, wherever a process was started."""
    return BASE_DIR / str(env.str(name, default=str(default)))


def path_of_package(name: str) -> Path:
    """The folder of an installed package, which is not imported by that."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin or "").parent if spec else BASE_DIR / "missing" / name


VAR_DIR = folder("RENDERDESK_VAR_DIR", BASE_DIR / "var")
CACHE_DIR = folder("RENDERDESK_CACHE_DIR", VAR_DIR / "cache")
KERNEL_CACHE_DIR = folder("RENDERDESK_KERNEL_CACHE_DIR", CACHE_DIR / "kernels")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or (
    secrets.token_urlsafe(50) if SECRETS_WRONG else load_or_make_secret(VAR_DIR / "secret_key")
)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "rendering.desk.apps.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "axes",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "django_q",
    "media_assets",
    "gpu",
    "rendering",
]

MIDDLEWARE = [
    "rendering.reports.metrics.requests.measure",
    "rendering.history.requests.note",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "rendering.desk.people.confined.narrow",
    "allauth.account.middleware.AccountMiddleware",
    "rendering.history.sessions.end_idle_sessions",
    "rendering.history.second_factor.require",
    "rendering.desk.people.preferences.follow",
    "rendering.history.people.put_down_to_user",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "rendering.desk.shared.out_of_range.RefuseOutOfRange",
    "rendering.desk.shared.media_away.SayMediaAreAway",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def database(url_default: str) -> dict[str, Any]:
    """The default database. SQLite gets WAL and immediate transactions: without them writers fail as 'locked'.

    PostgreSQL compiles nothing: its just-in-time compiler takes 0.3 s for a search that is done in 5 ms. What is
    prepared is planned once. `?options=` in the URL overrules that.
    """
    config: dict[str, Any] = env.db("DATABASE_URL", default=url_default)
    config["CONN_MAX_AGE"] = 600
    config["CONN_HEALTH_CHECKS"] = True
    if config["ENGINE"].endswith("sqlite3"):
        with contextlib.suppress(OSError):  # what it can't make, SQLite reports better
            Path(config["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    if config["ENGINE"].endswith("postgresql"):
        options = config.setdefault("OPTIONS", {})
        options.setdefault("options", "-c jit=off -c plan_cache_mode=force_generic_plan")
        options.setdefault(
            "prepare_threshold", 2
        )  # only a claim prepares (rendering.queue.claims.statements)
    return config


DATABASES = {"default": database(f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"  # also where an unsafe ?next= ends
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "rendering.desk.people.confined.CustomerBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# After so many wrong passwords for one user from one address: a pause, and a page that says so.
AXES_FAILURE_LIMIT = env.int("RENDERDESK_LOGIN_FAILURES", default=10)
AXES_COOLOFF_TIME = timedelta(minutes=env.float("RENDERDESK_LOGIN_PAUSE_MINUTES", default=15))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # by name alone anybody could shut out anybody
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "rendering.history.people.address_of"
AXES_LOCKOUT_CALLABLE = "rendering.desk.people.locked_out.page"
AXES_DISABLE_ACCESS_LOG = True  # log-ins are in the history
AXES_ENABLE_ADMIN = False  # "Allow log-in again" in the list of users does it
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username"]  # the password is left out anyway
# A second factor for those who want it, or for all staff.
REQUIRE_SECOND_FACTOR = env.bool("RENDERDESK_REQUIRE_SECOND_FACTOR", default=False)
MFA_ADAPTER = "rendering.desk.people.second_factor.adapters.FactorAdapter"
MFA_FORMS = {
    "authenticate": "rendering.desk.people.second_factor.forms.LogInCodeForm",
    "reauthenticate": "rendering.desk.people.second_factor.forms.AgainCodeForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Renderdesk"
MFA_TOTP_TOLERANCE = 1  # periods of 30 s: clocks of phones differ
MFA_ALLOW_UNVERIFIED_EMAIL = True  # administrators add users; nobody confirms an address
ACCOUNT_ADAPTER = "rendering.desk.people.second_factor.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# The company's own accounts, by OpenID Connect.
OIDC_ISSUER = env.str("RENDERDESK_OIDC_ISSUER", default="")
OIDC_CLIENT_ID = env.str("RENDERDESK_OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("RENDERDESK_OIDC_CLIENT_SECRET", default="")
OIDC_ON = bool(OIDC_ISSUER and OIDC_CLIENT_ID and OIDC_CLIENT_SECRET)
OIDC_LABEL = env.str("RENDERDESK_OIDC_LABEL", default="OpenID Connect")
OIDC_SCOPES = env.str("RENDERDESK_OIDC_SCOPES", default="openid profile email").split()
OIDC_GROUPS_CLAIM = env.list("RENDERDESK_OIDC_GROUPS_CLAIM", default=["groups"])
# (value of the claim, group); the value may have "=" itself, as names of a directory do.
OIDC_GROUPS = [
    (value.strip(), group.strip())
    for value, _, group in (
        one.rpartition("=") for one in env.str("RENDERDESK_OIDC_GROUPS", default="").split(";") if one.strip()
    )
]
OIDC_SUPERUSERS = env.list("RENDERDESK_OIDC_SUPERUSERS", default=[])  # values of the claim
OIDC_LINK_BY_EMAIL = env.bool("RENDERDESK_OIDC_LINK_BY_EMAIL", default=False)
OIDC_EMAIL_VERIFIED_CLAIM = env.str("RENDERDESK_OIDC_EMAIL_VERIFIED_CLAIM", default="email_verified")
OIDC_SECOND_FACTOR = env.bool("RENDERDESK_OIDC_SECOND_FACTOR", default=False)  # ours, besides the provider's
SOCIALACCOUNT_ADAPTER = "rendering.desk.people.open_id.adapters.OpenIdAdapter"
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10  # seconds for each question to the provider

LANGUAGE_CODE = "en"
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True
USE_I18N = True
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("zh-hans", "简体中文")]  # `make translations` for another
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]

STATIC_URL = "static/"
# The page of the API; as an app, ninja would be imported by every worker (0.15 s).
STATICFILES_DIRS = [path_of_package("ninja") / "static"]
STATIC_ROOT = folder("STATIC_ROOT", VAR_DIR / "static")
MEDIA_URL = "media/"
MEDIA_ROOT = folder("MEDIA_ROOT", VAR_DIR / "media")
MEDIA_OFFLOAD = env.str("MEDIA_OFFLOAD", default="")  # "", "x-accel:/location/" or "x-sendfile"
# "" (a folder, MEDIA_ROOT) or s3://BUCKET/PREFIX?endpoint=...; then MEDIA_CACHE has copies of what this host uses.
MEDIA_BUCKET, MEDIA_BUCKET_WRONG = dict[str, str](), ""
try:
    if _media_url := env.str("MEDIA_STORAGE_URL", default=""):
        MEDIA_BUCKET = read_bucket(_media_url)
except ValueError as _error:
    MEDIA_BUCKET_WRONG = str(_error)  # a check says so
MEDIA_CACHE_BYTES = round(env.float("MEDIA_CACHE_GB", default=20) * 1e9)
MEDIA_LINK_SECONDS = env.int(
    "MEDIA_LINK_SECONDS", default=3600
)  # how long an address of the bucket opens its file
STORAGES = {
    "default": {
        "BACKEND": f"media_assets.storage.{'objects.ObjectStorage' if MEDIA_BUCKET else 'ContentStorage'}"
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MANIFEST_STRICT = False
WHITENOISE_USE_FINDERS = DEBUG
# Large CAD uploads stream to disk, up to the limit in SystemSettings; small requests stay in memory.
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "rendering.desk.cad_files.upload_guard.GuardedUpload",
]
FILE_UPLOAD_PERMISSIONS = 0o640

# -- signed files (C2PA) --------------------------------------------------------------------------
# PEM files: the certificate with its chain, its private key without a password, and the roots that are believed.
C2PA_CERTIFICATE = folder("C2PA_CERTIFICATE", VAR_DIR / "signing/certificate.pem")
C2PA_KEY = folder("C2PA_KEY", VAR_DIR / "signing/key.pem")
C2PA_TRUST = folder("C2PA_TRUST", VAR_DIR / "signing/roots.pem")

# -- security -------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        # The one <style> inside the 3-D viewer (tests/rendering/desk/test_vendored.py computes it from the file).
        "style-src": ["'self'", "'sha256-PXtZZkJMMyc18o/DN1ZEFOJ2qEGq95IQbVaJFMOXOb0='"],
        # Pictures of surfaces, which the 3-D viewer takes out of a GLB that it has loaded.
        "img-src": ["'self'", "blob:"],
        "media-src": ["'self'", *filter(None, [origin(MEDIA_BUCKET)])],  # films come from the bucket itself
        "font-src": ["'self'"],
        "connect-src": ["'self'", "blob:"],
        "worker-src": ["'self'", "blob:"],  # the 3-D viewer unpacks Draco in a worker that it makes itself
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
HTTPS = env.bool("HTTPS", default=False)
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "rendering.desk.shared.refusals.csrf_failed"
SESSION_COOKIE_AGE = env.int("SESSION_COOKIE_AGE", default=12 * 3600)  # seconds from the log-in
SESSION_IDLE_SECONDS = env.int("RENDERDESK_SESSION_IDLE_SECONDS", default=4 * 3600)  # 0: no end by idleness
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# -- the API --------------------------------------------------------------------------------------
API_RATE = env.str("RENDERDESK_API_RATE", default="50/s")  # of one token, in each web process
METRICS_ADDRESSES = env.list("RENDERDESK_METRICS_ADDRESSES", default=[])  # who reads /metrics without a token

# -- notifications ---------------------------------------------------------------------------------
# Base address of the links in e-mails and webhooks, and of the addresses that are copied from the desk.
SITE_URL = env.str("RENDERDESK_URL", default="") or "http://localhost:8000"
WEBHOOK_PORTS = {80, 443, *map(int, env.list("RENDERDESK_WEBHOOK_PORTS", default=[]))}
WEBHOOK_PRIVATE_ADDRESSES = env.bool("RENDERDESK_WEBHOOK_PRIVATE_ADDRESSES", default=False)
vars().update(env.email("EMAIL_URL", default="consolemail://"))  # EMAIL_BACKEND, EMAIL_HOST and others
EMAIL_TIMEOUT = 10  # seconds; without it a silent mail server would hold the control cluster
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Renderdesk <renderdesk@localhost>")

# -- Blender and OpenCASCADE ----------------------------------------------------------------------
# "" means: as in SystemSettings. A value here overrides it.
CYCLES_DEVICE = env.str("CYCLES_DEVICE", default="")
BLENDER_EXECUTABLE = env.str("BLENDER_EXECUTABLE", default="")
# Off only where a GPU driver needs what the confinement takes away: Blender then has all rights of its user.
CONFINE_BLENDER = env.bool("RENDERDESK_CONFINE_BLENDER", default=True)
# From 0 to 19: how far a Blender that renders on the processors leaves them to the web server and the database.
BLENDER_NICE = env.int("RENDERDESK_BLENDER_NICE", default=10)

# -- the life of a job (seconds) ------------------------------------------------------------------
# A lease outlives a database that is away for a minute; a dead worker on the same host is seen at once.
LEASE_SECONDS = env.float("RENDERDESK_LEASE_SECONDS", default=90.0)
MISSING_FILE_SECONDS = env.float("RENDERDESK_MISSING_FILE_SECONDS", default=600.0)  # then it is made again
TICK_SECONDS = 0.5  # lease renewal and cancel flag: cancel must act within 2 s
HEARTBEAT_SECONDS = env.float("RENDERDESK_HEARTBEAT_SECONDS", default=3.0)
RING_SECONDS = env.float(
    "RENDERDESK_RING_SECONDS", default=15.0
)  # makes up for lost messages; proves that workers answer
WEDGED_SECONDS = env.float("RENDERDESK_WEDGED_SECONDS", default=60.0)  # woken, idle and silent for this long

# -- queues ---------------------------------------------------------------------------------------
# Each cluster is selected by Q_CLUSTER_NAME alone (django-q2 ignores its -n option on Linux), so the one
# alternative cluster that a process can be is named by its own environment. run_workers sets it.
CONTROL_QUEUE = "renderdesk"
# Messages lie in Redis where this names one, else in the database.
REDIS_URL = env.str("REDIS_URL", default="")
# For LISTEN where a pooler stands before PostgreSQL: an address that bypasses it.
DIRECT_DATABASE_URL = env.str("RENDERDESK_DIRECT_DATABASE_URL", default="")
# SQLite tells nobody of a change: how often its file is looked at while it is in use.
POLL_SECONDS = env.float("RENDERDESK_POLL_SECONDS", default=0.1)
WORK_TASK = "rendering.tasks.work"
_lane = {
    "retry": 120,
    "scheduler": False,
}
Q_CLUSTER = {
    "name": CONTROL_QUEUE,
    "broker_class": "gpu.queues.redis_lists.Lists" if REDIS_URL else "gpu.queues.brokers.Rows",
    "orm": "default",
    "redis": REDIS_URL,
    "workers": 1,
    "queue_limit": 1,
    "bulk": 1,
    "timeout": 100,
    "retry": 420,
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    "save_limit": -1,  # what went well is no news: two rows a minute for ever. Failures are kept for a while
    "recycle": 500,  # the warm Blender lives in the worker process: recycle rarely
    "guard_cycle": 0.5,
    "label": "Queue",
    "log_level": env.str("RENDERDESK_QUEUE_LOG_LEVEL", default="WARNING"),
    "ALT_CLUSTERS": {os.environ.get("Q_CLUSTER_NAME", ""): _lane},
}

TELEMETRY_WRONG: list[str] = []
if env.str("SENTRY_DSN", default="") or env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default=""):
    from config import telemetry

    TELEMETRY_WRONG = telemetry.start(env.ENVIRON, VERSION)
LOG_FORMAT = env.str("RENDERDESK_LOG_FORMAT", default="lines")  # or json
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"ids": {"()": "blender_scripts.logged.Ids"}},
    "formatters": {
        "lines": {"()": "config.logs.LineFormatter"},
        "json": {"()": "config.logs.ObjectFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if LOG_FORMAT == "json" else "lines",
            "filters": ["ids"],
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "renderdesk": {"level": env.str("LOG_LEVEL", default="INFO")},
        "botocore": {"level": "WARNING"},  # at DEBUG it writes down addresses that open files, and signatures
    },
}
