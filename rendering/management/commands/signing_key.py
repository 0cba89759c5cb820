"""The key that signs pictures and films (C2PA): make one, or show it."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from cryptography import x509
from django.conf import settings
from django.utils.translation import gettext as _

from rendering.management.console import DeskCommand, Report, UsageError
from rendering.pictures import signing
from rendering.pictures.signing import NoSigningKey, SigningKey


class Command(DeskCommand):
    help = _("Make the key that signs pictures and films (C2PA), or show it.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("verb", choices=["create", "show"])
        parser.add_argument(
            "--organization", default="", help=_("create: whom the signature names, such as Acme GmbH")
        )

    def report(self, *, verb: str, organization: str, **options: Any) -> Report:
        return self._create(organization.strip()) if verb == "create" else self._show()

    def _create(self, organization: str) -> Report:
        if not 0 < len(organization) <= 64:
            raise UsageError(_("Say whom the signature names: --organization with 1 to 64 characters."))
        certificates, key, root = signing.create(organization)
        try:
            _write(settings.C2PA_KEY, key)
            _write(settings.C2PA_CERTIFICATE, certificates)
            with settings.C2PA_TRUST.open("a", encoding="ascii") as roots:  # earlier ones are still believed
                roots.write(root)
        except FileExistsError as error:
            raise UsageError(
                _("There is a key already: {file}. Move it away to make another one.").format(
                    file=error.filename
                )
            ) from error
        except OSError as error:
            raise UsageError(
                _("{path} can't be written: {reason}.").format(path=error.filename, reason=error.strerror)
            ) from error
        return self._show()

    def _show(self) -> Report:
        try:
            key = SigningKey.load(settings.C2PA_CERTIFICATE, settings.C2PA_KEY)
        except NoSigningKey as error:
            raise UsageError(str(error)) from error
        leaf = x509.load_pem_x509_certificates(key.certificates.encode())[0]
        document = {
            "certificate": str(settings.C2PA_CERTIFICATE),
            "key": str(settings.C2PA_KEY),
            "trusted": str(settings.C2PA_TRUST),
            "subject": leaf.subject.rfc4514_string(),
            "until": leaf.not_valid_after_utc.isoformat(),
            "algorithm": key.algorithm,
        }
        lines = [f"{name}: {value}" for name, value in document.items()]
        return Report(document, [*lines, _("Copy these files to each host that encodes pictures.")])


def _write(path: Path, text: str) -> None:
    """Write a new file that only its owner can read. Raises FileExistsError and other OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
