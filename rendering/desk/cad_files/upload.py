"""Several CAD files in one form, each handled separately."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from blender_scripts.children.folders import temporary_folder
from blender_scripts.launch import BlenderError
from gpu.models import SystemSettings
from media_assets.cad.contract import Reading
from media_assets.cad.problem import describe
from media_assets.ingest import receive
from media_assets.ingest.receive import Arrival
from media_assets.models import PRODUCT_NUMBER, CadFile, Customer, Product, numbers, sight
from media_assets.storage import StorageError
from rendering import orders
from rendering.desk.cad_files import formats
from rendering.desk.cad_files.upload_guard import RefusedUpload
from rendering.desk.products.staleness import freshness_of
from rendering.models import Order
from rendering.models.errors import ERRORS
from rendering.orders import OrderRefused


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files; its value is a list."""

    widget = ManyFilesInput(attrs={"accept": formats.ACCEPTED})

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        # Empty files are for ingest to refuse: it says more than "the submitted file is empty".
        files = [file for file in data or [] if file]
        if not files:
            raise ValidationError(_("Choose at least one CAD file."), code="required")
        return files


class UploadForm(forms.Form):
    cad_files = ManyFilesField(
        label=gettext_lazy("CAD files"),
        help_text=formats.accepted(),
    )
    revision_of = forms.ModelChoiceField(Product.objects.none(), required=False, widget=forms.HiddenInput())
    product = forms.CharField(
        label=gettext_lazy("Product number"),
        required=False,
        max_length=100,
        validators=[PRODUCT_NUMBER],
        help_text=gettext_lazy(
            "For a single file. An existing product gets a new revision. If empty, each file becomes a new product."
        ),
    )
    customer = forms.ModelChoiceField(
        Customer.objects.none(),
        label=gettext_lazy("Customer"),
        required=False,
        help_text=gettext_lazy("Of the new products. You see the products of several customers."),
    )

    unit = forms.ChoiceField(
        label=gettext_lazy("Length unit of mesh files"),
        choices=[("", gettext_lazy("Not stated")), *CadFile.Unit.choices],
        required=False,
        help_text=formats.unit_of_meshes(),
    )

    look_first = forms.BooleanField(
        label=gettext_lazy("Look at it before it is rendered"),
        required=False,
        help_text=gettext_lazy("Convert only; you see names, unit, size and what is up, and then say yes."),
    )

    render_stale = forms.BooleanField(
        label=gettext_lazy("Re-render the pictures that become stale"),
        required=False,
        initial=True,
        help_text=gettext_lazy("What was delivered of the earlier revision is ordered again at once."),
    )

    def __init__(self, *args: Any, revised: Product | None, may_order: bool, **kwargs: Any) -> None:
        """Make the form of new products, or of a new revision of *revised*."""
        super().__init__(*args, **kwargs)
        confined = sight.now()
        if revised or confined is None or len(confined.customers) == 1:
            del self.fields["customer"]
        else:
            self.fields["customer"].queryset = Customer.objects.all()  # type: ignore[attr-defined]
        if revised is None:
            del self.fields["revision_of"], self.fields["render_stale"]
            return
        self.fields["revision_of"].queryset = Product.objects.unarchived()  # type: ignore[attr-defined]
        del self.fields["product"]
        self.initial["revision_of"] = revised
        self.fields["cad_files"].label = _("CAD file")
        self.fields["cad_files"].widget.attrs.pop("multiple", None)
        if not may_order:
            del self.fields["render_stale"]

    @property
    def number(self) -> str:
        """The number of the product that the files are for; "" for a new product each."""
        revised = self.cleaned_data.get("revision_of")
        return str(revised.number if revised else self.cleaned_data.get("product", ""))

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if self.number and len(data.get("cad_files", [])) > 1:
            self.add_error(
                "product" if "product" in self.fields else "cad_files",
                _("A product has one current CAD file: upload one file, or leave the number empty."),
            )
        return data


@dataclass(frozen=True)
class Answer:
    """The result of one uploaded file, in words; its row and product if it was kept; whether trying again can help."""

    text: str
    is_good: bool
    cad_file: CadFile | None = None
    product: Product | None = None
    again: bool = False
    archived: CadFile | Product | None = None  # what has to be brought back first
    superseded: CadFile | None = None  # an earlier revision: somebody has to say what becomes of it


def take(
    upload: UploadedFile[Any],
    *,
    number: str,
    user: User | None,
    row: SystemSettings,
    unit: str = "",
    look_first: bool = False,
    render_stale: bool = False,
    customer: Customer | None = None,
) -> list[Answer]:
    """Import one upload and return the result of each product that it holds; an error is a result too."""
    name = f"“{receive.clean_name(upload.name or '')}”"  # quoted: the page would write its first letter large
    if isinstance(upload, RefusedUpload):
        refused = _("%(name)s was refused: %(reason)s") % {"name": name, "reason": upload.why}
        return [Answer(refused, False, again=not upload.is_too_large)]
    earlier = Product.objects.filter(number=number, cad_file__isnull=False).first() if number else None
    try:
        with on_disk(upload) as source:
            arrivals = receive.receive_all(
                source,
                upload.name or "",
                number=number,
                user=user,
                reading=Reading(unit=unit),
                look_first=look_first,
                asks=True,
                customer=customer.pk if customer else None,
                max_bytes=row.upload_max_mb * 1_000_000,
                floor_bytes=row.disk_floor_mb * 1_000_000,
            )
    except ValidationError as error:
        return [Answer(f"{name}: {' '.join(error.messages)}", False, again=True)]
    except (StorageError, OrderRefused) as error:
        words = _("%(name)s was not accepted: %(reason)s") % {"name": name, "reason": error}
        return [Answer(words, False, again=True)]
    except OSError as error:
        unread = _("%(name)s could not be read on the server (%(reason)s). Upload it again.")
        return [Answer(unread % {"name": name, "reason": error.strerror or error}, False, again=True)]
    return [_answer(arrival, earlier, user if render_stale else None) for arrival in arrivals]


def _answer(arrival: Arrival, earlier: Product | None, orders_for: User | None) -> Answer:
    name = f"“{arrival.name}”"
    if arrival.error_code == "superseded" and arrival.product:
        asked = _("%(name)s is an earlier revision of product %(product)s. Choose what becomes of it.")
        words = asked % {"name": name, "product": arrival.product.number}
        return Answer(words, False, superseded=arrival.cad_file)
    if arrival.error_code == "archived":
        found = arrival.cad_file if arrival.cad_file and arrival.cad_file.is_archived else arrival.product
        words = _("%(name)s was not accepted: %(reason)s") % {"name": name, "reason": _why(arrival)}
        return Answer(words, False, again=True, archived=found)
    if arrival.error_code:
        failed = _fate(arrival) % {"name": name, "reason": _why(arrival)}
        return Answer(failed, False, arrival.cad_file, arrival.product)
    words = _outcome(name, arrival, earlier, orders_for)
    if arrival.cad_file and arrival.cad_file.waits_for_look:
        words = f"{words} {_('It is rendered once you have looked at how it was read.')}"
    return Answer(words, True, arrival.cad_file, arrival.product)


def _why(arrival: Arrival) -> str:
    """Return why a file was not accepted, and the next step."""
    if arrival.failure is None:
        return arrival.error
    problem = describe(ERRORS, arrival.failure, gettext, numbers.numbered)
    return f"{problem.message} {problem.next_step}".strip()


def _outcome(name: str, arrival: Arrival, earlier: Product | None, orders_for: User | None) -> str:
    """Say what a file that was accepted is now; *earlier* is the product whose number was given, as it was before."""
    words = {"name": name, "product": arrival.product.number if arrival.product else "-"}
    is_revision = earlier is not None and arrival.cad_file and earlier.cad_file_id != arrival.cad_file.pk
    if is_revision and arrival.product:
        revised = (
            _("%(name)s already exists and is now the new revision of product %(product)s.")
            if arrival.duplicate
            else _("%(name)s is the new revision of product %(product)s and is being converted.")
        )
        return f"{revised % words} {_stale(arrival.product, orders_for)}".strip()
    if arrival.duplicate:
        return _("%(name)s already exists: it is the CAD file of product %(product)s.") % words
    return _("%(name)s has been uploaded as product %(product)s and is being converted.") % words


def _stale(product: Product, orders_for: User | None) -> str:
    """Order the pictures of a revised product anew for this user, if any, and say so, or how many are stale now."""
    try:
        stale = freshness_of([product])[product.pk].stale
    except BlenderError:
        return ""
    if not stale:
        return ""
    count = len(stale)
    if orders_for and product.cad_file and not product.cad_file.waits_for_look:
        wishes = [item.wish() for item in stale]
        try:
            order = orders.place(wishes, trigger=Order.Trigger.RERENDER, user=orders_for)
        except OrderRefused as error:
            return str(error)
        words = ngettext(
            "%(order)s renders its %(count)d stale picture again.",
            "%(order)s renders its %(count)d stale pictures again.",
            count,
        )
        return words % {"order": order, "count": count}
    words = ngettext("%(count)d picture of it is stale.", "%(count)d pictures of it are stale.", count)
    return words % {"count": count}


def _fate(arrival: Arrival) -> str:
    """Return the sentence about a file with an error, for its name and the reason."""
    if arrival.cad_file is None:
        return _("%(name)s was refused: %(reason)s")
    if arrival.cad_file.state == CadFile.State.FAILED:
        return _("%(name)s was kept, but can't be converted: %(reason)s")
    return _("%(name)s was accepted: %(reason)s")


@contextmanager
def on_disk(upload: UploadedFile[Any]) -> Iterator[Path]:
    """Yield a path of the upload's bytes: Django keeps small ones in memory."""
    if isinstance(upload, TemporaryUploadedFile):
        yield Path(upload.temporary_file_path())
        return
    with temporary_folder() as folder:
        copy = folder / "upload"
        with copy.open("wb") as out:
            out.writelines(upload.chunks())
        yield copy
