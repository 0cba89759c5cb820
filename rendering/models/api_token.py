"""Tokens with which programs use the API, and what belongs to one: repeated requests and uploads in parts."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from media_assets.storage import SharedFile, SharedFolder

PREFIX = "rd"  # so that a scanner of leaked secrets knows one when it sees it
USE_NOTED = timedelta(minutes=1)  # uses closer together than this are one, and write nothing


class TokenScope(models.TextChoices):
    """What a token is for. Its owner's permissions hold as well."""

    READ = "read", _("Read")
    ORDER = "order", _("Order, cancel, retry")
    UPLOAD = "upload", _("Upload CAD files")
    MANAGE = "manage", _("Probe GPUs")


class ApiToken(models.Model):
    """A key of a program, which acts as its owner. Only a hash of the key is kept."""

    name = models.CharField(_("name"), max_length=100, help_text=_("Which program uses it, and what for"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens", verbose_name=_("owner")
    )
    scopes = models.JSONField(_("scopes"), default=list)
    public = models.CharField(
        _("beginning"), max_length=20, unique=True, editable=False, help_text=_("The part that is no secret")
    )
    hashed = models.CharField(max_length=64, editable=False)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires = models.DateTimeField(_("expires"), null=True, blank=True, help_text=_("Empty: never"))
    last_used = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    revoked = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def issue(
        cls, owner: User, name: str, scopes: list[str], expires: datetime | None = None
    ) -> tuple[ApiToken, str]:
        """Make a token; return it with its key, which is nowhere else."""
        token = cls(owner=owner, name=name, scopes=sorted(scopes), expires=expires)
        key = token.new_key()
        token.save()
        return token, key

    def new_key(self) -> str:
        """Give the unsaved token a key, and return it."""
        self.public = f"{PREFIX}_{secrets.token_hex(4)}"
        secret = secrets.token_urlsafe(32)
        self.hashed = _hash(secret)
        return f"{self.public}_{secret}"

    @classmethod
    def of_key(cls, key: str) -> ApiToken | None:
        """Return the token with this key, whatever its state; None for any other text."""
        public, secret = "_".join(key.split("_")[:2]), "_".join(key.split("_")[2:])
        token = cls.objects.select_related("owner").filter(public=public[:20]).first()
        return token if token and hmac.compare_digest(token.hashed, _hash(secret)) else None

    @property
    def state(self) -> str:
        """Return open, expired or revoked."""
        if self.revoked:
            return "revoked"
        return "expired" if self.expires and self.expires <= timezone.now() else "open"

    def revoke(self) -> None:
        """Refuse it from now on."""
        if self.revoked is None:
            self.revoked = timezone.now()
            self.save(update_fields=["revoked"])

    def note_use(self) -> None:
        """Write down that it is used now, at most once a minute."""
        now = timezone.now()
        if self.last_used is None or now - self.last_used > USE_NOTED:
            ApiToken.objects.filter(pk=self.pk).update(last_used=now)

    def as_dict(self) -> dict[str, Any]:
        """Return the token as the commands print it, without its key."""
        return {
            "id": self.pk,
            "name": self.name,
            "owner": self.owner.get_username(),
            "scopes": self.scopes,
            "state": self.state,
            "begins_with": self.public,
            "created": self.created.isoformat(),
            "expires": self.expires.isoformat() if self.expires else None,
            "last_used": self.last_used.isoformat() if self.last_used else None,
        }


class ApiRequest(models.Model):
    """A request with an Idempotency-Key and its answer: the same request again is answered, not done again."""

    token = models.ForeignKey(ApiToken, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64, help_text=_("SHA-256 of method, address and content"))
    status = models.PositiveSmallIntegerField(default=0)
    answer = models.JSONField(default=dict)
    created = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="apirequest_once")]

    def __str__(self) -> str:
        return self.key


class ApiUploadQuerySet(models.QuerySet["ApiUpload"]):
    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete them with their bytes."""
        for row in self:
            row.part.delete_pieces()
        return super().delete()


class ApiUpload(models.Model):
    """A CAD file that arrives in parts; its bytes so far lie in a shared folder."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField(help_text=_("bytes, when it is whole"))
    received = models.PositiveBigIntegerField(default=0, help_text=_("bytes"))
    options = models.JSONField(default=dict, help_text=_("Product and reading options"))
    created = models.DateTimeField(default=timezone.now, db_index=True)

    objects = ApiUploadQuerySet.as_manager()
    FOLDER = SharedFolder("uploads")

    class Meta:
        default_permissions = ()
        base_manager_name = "objects"  # so that whoever deletes old rows deletes their bytes
        constraints = [
            models.CheckConstraint(
                condition=models.Q(received__lte=models.F("size")), name="apiupload_not_too_long"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def part(self) -> SharedFile:
        """The bytes so far."""
        return self.FOLDER.file(f"{self.pk}.part")


def _hash(secret: str) -> str:
    """Return the SHA-256 of a secret of 32 random bytes: nobody tries those through, so no slow hash is needed."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
