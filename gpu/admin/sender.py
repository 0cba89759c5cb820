"""The sender's logo in the form of the system settings: any picture, kept as a small PNG."""

from __future__ import annotations

import io
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image

from gpu.admin.versions import VersionedForm
from gpu.models import SystemSettings

LOGO_PX = (480, 160)  # the largest that is kept
MOST_PX = 20_000_000  # pixels of a picture that is read
MOST_BYTES = 5_000_000
FORMATS = ("PNG", "JPEG", "WEBP")  # each is decoded by Pillow alone


class SystemSettingsForm(VersionedForm):
    """The settings, with a file for the logo and a way to remove it."""

    new_logo = forms.FileField(
        label=gettext_lazy("Logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".png,.jpg,.jpeg,.webp"}),
        help_text=gettext_lazy("PNG, JPEG or WebP, shown on share pages up to 160 px high."),
    )
    remove_logo = forms.BooleanField(label=gettext_lazy("Remove the logo"), required=False)

    def clean_new_logo(self) -> bytes:
        upload = self.cleaned_data.get("new_logo")
        return _png(upload) if isinstance(upload, UploadedFile) else b""

    def save(self, commit: bool = True) -> Any:
        if logo := self.cleaned_data.get("new_logo"):
            self.instance.sender_logo = logo
        elif self.cleaned_data.get("remove_logo"):
            self.instance.sender_logo = b""
        return super().save(commit)


def _png(upload: UploadedFile[Any]) -> bytes:
    """Return an uploaded picture as a PNG of at most LOGO_PX without anything else that it held."""
    words = _("This is no PNG, JPEG or WebP picture that can be read. Save it anew as PNG.")
    if (upload.size or 0) > MOST_BYTES:
        raise ValidationError(_("The picture is larger than 5 MB. Save it smaller."))
    try:
        with Image.open(upload, formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PX:
                raise ValidationError(_("The picture has too many pixels. Save it smaller."))
            small = picture.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValidationError(words) from error
    small.thumbnail(LOGO_PX)
    out = io.BytesIO()
    Image.frombytes("RGBA", small.size, small.tobytes()).save(out, "PNG", optimize=True)
    return out.getvalue()


def logo(request: HttpRequest) -> HttpResponse:
    """Return the logo as it is kept."""
    if not request.user.has_perm("gpu.view_systemsettings"):
        raise PermissionDenied
    if not (kept := bytes(SystemSettings.load().sender_logo)):
        raise Http404(_("There is no logo."))
    return HttpResponse(kept, content_type="image/png")


def shown() -> SafeString:
    """Return the logo as it is in the form; "-" without one."""
    if not SystemSettings.objects.exclude(sender_logo=b"").exists():
        return SafeString("-")
    address = reverse("admin:gpu_systemsettings_logo")
    return format_html('<img src="{}" alt="{}" class="sender-logo">', address, _("Logo"))
