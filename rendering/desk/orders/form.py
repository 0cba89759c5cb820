"""The form that places an order: product numbers, output types or a workflow, priority, force."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from media_assets.models import CadFile, Product
from rendering.desk.orders.details import PlacingFields
from rendering.models import ChannelProfile, OutputType, Variant, Workflow
from rendering.orders import OrderRefused, Run, Wish, parts, variants, workflows
from rendering.orders.channels import profiles

NUMBERS_LIMIT = 5000  # products of one order
NAMED = 5  # unknown products of an error


class ChannelChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Channels by their names, each with its note: some channels have conditions that nobody can measure."""

    def label_from_instance(self, obj: Any) -> str:
        return format_html('{} <span class="quiet">{}</span>', obj.name, obj.note) if obj.note else obj.name


class OrderForm(PlacingFields):
    """What to order. `wishes` is the result."""

    field_order = ("products", "output_types", "workflow", "due", "priority", "note")

    products = forms.CharField(
        label=gettext_lazy("Products"),
        widget=forms.Textarea(attrs={"rows": 6, "class": "vLargeTextField", "spellcheck": "false"}),
        help_text=gettext_lazy("One product number per line."),
    )
    variants = forms.CharField(
        label=gettext_lazy("Variants"),
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs={"class": "vTextField", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "Empty: the products themselves. Otherwise names of their variants, separated by commas; "
            "“all” is every variant, “none” the product itself."
        ),
    )
    output_types = forms.ModelMultipleChoiceField(
        OutputType.objects.orderable(),
        label=gettext_lazy("Output types"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    channels = ChannelChoice(
        ChannelProfile.objects.all(),
        label=gettext_lazy("Channels"),
        required=False,
        to_field_name="slug",
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Every product is ordered in all outputs of these channels."),
    )
    workflow = forms.ModelChoiceField(
        Workflow.objects.all(),
        label=gettext_lazy("Workflow"),
        required=False,
        help_text=gettext_lazy("Its steps run as well; skipped steps are listed with the reason."),
    )
    force = forms.BooleanField(
        label=gettext_lazy("Render again"),
        required=False,
        help_text=gettext_lazy("Otherwise, pictures that already exist are reused."),
    )
    wants_email = forms.BooleanField(
        label=gettext_lazy("E-mail me when it finishes"),
        required=False,
        help_text=gettext_lazy(
            "Also if it fails or is canceled. Under My notifications you choose this for all your orders."
        ),
    )

    form_token = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not ChannelProfile.objects.exists():
            del self.fields["channels"]
        if not Variant.objects.exists():
            del self.fields["variants"]

    def clean_products(self) -> list[Product]:
        lines = (line.strip() for line in self.cleaned_data["products"].splitlines())
        numbers = list(dict.fromkeys(line for line in lines if line))
        if len(numbers) > NUMBERS_LIMIT:
            raise forms.ValidationError(
                _("One order takes up to %(limit)d products; here are %(count)d.")
                % {"limit": NUMBERS_LIMIT, "count": len(numbers)}
            )
        found = {
            product.number: product
            for start in range(0, len(numbers), 500)
            for product in Product.objects.filter(number__in=numbers[start : start + 500]).with_cad()
        }
        unknown = [number for number in numbers if number not in found]
        if unknown:
            shown = ", ".join(unknown[:NAMED])
            if rest := len(unknown) - len(unknown[:NAMED]):
                shown = _("%(numbers)s and %(count)d more") % {"numbers": shown, "count": rest}
            raise forms.ValidationError(
                _("There is no product %(numbers)s. Check the number, or upload its CAD file first.")
                % {"numbers": shown}
            )
        archived = [number for number in numbers if found[number].is_archived]
        if archived:
            raise forms.ValidationError(
                _("Archived products can't be ordered. Bring them back first: %(numbers)s")
                % {"numbers": ", ".join(archived[:NAMED])}
            )
        failed = [number for number in numbers if _has_failed(found[number])]
        if failed:
            raise forms.ValidationError(
                _("The CAD file of %(numbers)s has failed. Upload a new revision, or convert it again.")
                % {"numbers": ", ".join(failed[:NAMED])}
            )
        return [found[number] for number in numbers]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not (data.get("output_types") or data.get("workflow") or data.get("channels")):
            self.add_error("output_types", _("Choose at least one output type or a workflow."))
        try:
            data["of_channels"] = profiles.outputs_of(list(data.get("channels") or ()))
        except OrderRefused as error:
            self.add_error("channels", str(error))
        names = [name.strip() for name in data.get("variants", "").split(",") if name.strip()]
        types = {one.pk: one for one in (*data.get("output_types", ()), *data.get("of_channels", ()))}
        try:
            data["wishes"] = variants.wishes(
                data.get("products", []), list(types.values()), names, force=data["force"]
            )
        except OrderRefused as error:
            self.add_error("variants", str(error))
            return data
        try:
            data["wishes"] = parts.each_part(data["wishes"])
            parts.refuse_missing(data["wishes"])
        except OrderRefused as error:
            self.add_error("output_types", str(error))
        return data

    def wishes(self) -> list[Wish]:
        """Return what a valid form asks for: every product in every output type that is ticked, or of a channel."""
        wished: list[Wish] = self.cleaned_data["wishes"]
        return wished

    def run(self) -> Run | None:
        """Return the workflow that a valid form asks for, as it is now, for every product."""
        data = self.cleaned_data
        workflow = data["workflow"]
        return Run(workflows.current(workflow), data["products"], data["force"]) if workflow else None


def _has_failed(product: Product) -> bool:
    return product.cad_file is not None and product.cad_file.state == CadFile.State.FAILED
