"""The form that places an order: product numbers, output types or a workflow, priority, force."""

from __future__ import annotations

from typing import Any

from django import forms

from media_assets.models import Product
from rendering.models import OutputType, Workflow
from rendering.models.order import DEFAULT_PRIORITY
from rendering.orders import Run, Wish, workflows

NUMBERS_LIMIT = 5000  # products of one order


class OrderForm(forms.Form):
    """What to order. `wishes` is the result."""

    products = forms.CharField(
        label="Products",
        widget=forms.Textarea(attrs={"rows": 6, "class": "vLargeTextField"}),
        help_text="One product number a line.",
    )
    output_types = forms.ModelMultipleChoiceField(
        OutputType.objects.filter(is_active=True), required=False, widget=forms.CheckboxSelectMultiple
    )
    workflow = forms.ModelChoiceField(
        Workflow.objects.all(),
        required=False,
        help_text="Its steps run as well; what their conditions skip is said.",
    )
    priority = forms.IntegerField(
        min_value=0, max_value=1000, initial=DEFAULT_PRIORITY, help_text="Higher goes first. Uploads have 60."
    )
    force = forms.BooleanField(
        label="Render again",
        required=False,
        help_text="Without it, pictures that exist already are handed out at once.",
    )
    wants_email = forms.BooleanField(
        label="E-mail me when it finishes",
        required=False,
        help_text="Finished, failed or canceled. Under My notifications you choose that for all your orders.",
    )

    def clean_products(self) -> list[Product]:
        lines = (line.strip() for line in self.cleaned_data["products"].splitlines())
        numbers = list(dict.fromkeys(line for line in lines if line))
        if len(numbers) > NUMBERS_LIMIT:
            raise forms.ValidationError(
                f"One order takes up to {NUMBERS_LIMIT} products; here are {len(numbers)}."
            )
        found = {
            product.number: product
            for start in range(0, len(numbers), 500)
            for product in Product.objects.filter(number__in=numbers[start : start + 500]).with_cad()
        }
        unknown = [number for number in numbers if number not in found]
        if unknown:
            shown = ", ".join(unknown[:5]) + (f" and {len(unknown) - 5} more" if len(unknown) > 5 else "")
            raise forms.ValidationError(
                f"There is no product {shown}. Check the number, or upload its CAD file first."
            )
        return [found[number] for number in numbers]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not data.get("output_types") and not data.get("workflow"):
            self.add_error("output_types", "Choose at least one output type or a workflow.")
        return data

    def wishes(self) -> list[Wish]:
        """Return what a valid form asks for: every product in every output type that is ticked."""
        data = self.cleaned_data
        return [
            Wish(product, output_type, data["force"])
            for product in data["products"]
            for output_type in data["output_types"]
        ]

    def run(self) -> Run | None:
        """Return the workflow that a valid form asks for, as it is now, for every product."""
        data = self.cleaned_data
        workflow = data["workflow"]
        return Run(workflows.current(workflow), data["products"], data["force"]) if workflow else None
