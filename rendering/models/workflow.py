"""Workflows: ordered steps with conditions, and the versions that orders point to."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from media_assets.formats.cad import CAD_FORMATS
from rendering.models import steps
from rendering.models.output_type import OutputType
from rendering.models.steps import Step


class Workflow(models.Model):
    """Steps that run for a product, one after the other."""

    class Uploads(models.TextChoices):
        EVERY = "every", _("Every upload")
        FIRST = "first", _("Only a product's first CAD file")
        REVISION = "revision", _("Only new revisions of a product")

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=100)
    runs_on_upload = models.BooleanField(
        _("runs automatically"),
        default=False,
        help_text=_("Order this for each product whose CAD file is new."),
    )
    uploads = models.CharField(
        _("for"),
        max_length=8,
        choices=Uploads,
        default=Uploads.EVERY,
        help_text=_("Which uploads, if it runs automatically. Only one workflow for each."),
    )
    priority = models.SmallIntegerField(
        default=60, help_text=_("Of the orders that it places on upload. Higher goes first.")
    )
    output_types: models.ManyToManyField[OutputType, WorkflowStep] = models.ManyToManyField(
        OutputType, through="WorkflowStep", related_name="workflows"
    )

    class Meta:
        verbose_name = _("workflow")
        verbose_name_plural = _("workflows")
        ordering = ["slug"]
        constraints = [
            # Two workflows for the same uploads would order the same pictures twice.
            models.UniqueConstraint(
                fields=["uploads"],
                condition=models.Q(runs_on_upload=True),
                name="workflow_one_for_uploads",
                violation_error_message=_("Another workflow already runs for these uploads."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a second workflow for the same uploads: "every" are also the first ones and the revisions."""
        others = Workflow.objects.filter(runs_on_upload=True).exclude(pk=self.pk)
        if self.uploads != self.Uploads.EVERY:
            others = others.filter(uploads__in=[self.uploads, self.Uploads.EVERY])
        if self.runs_on_upload and (other := others.first()):
            raise ValidationError(
                {
                    "uploads": gettext(
                        "{other} already runs for these uploads ({uploads}). "
                        "Change it first, or choose other uploads here."
                    ).format(other=other, uploads=other.get_uploads_display().lower())
                }
            )


class WorkflowStep(models.Model):
    """One step of a workflow, in its place: what it makes, and under which conditions."""

    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(_("step"), default=1, help_text=_("Earlier steps go first."))
    kind = models.CharField(_("makes"), max_length=8, choices=steps.StepKind, default=steps.StepKind.OUTPUT)
    output_type = models.ForeignKey(
        OutputType,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Only for a picture or film."),
    )
    tessellation = models.CharField(
        _("quality"),
        max_length=10,
        choices=OutputType.Tessellation,
        default=OutputType.Tessellation.STANDARD,
        help_text=_("Only for a conversion or a USD master."),
    )
    when = models.CharField(_("runs"), max_length=8, choices=steps.When, default=steps.When.ALWAYS)
    numbers = models.CharField(
        _("product numbers like"),
        max_length=200,
        blank=True,
        help_text=_(
            "For example 10*, AB-??. * is any characters, ? is one; separate several with commas. Empty: all."
        ),
    )
    formats = models.JSONField(_("CAD formats"), default=list, blank=True, help_text=_("None selected: all."))
    structure = models.CharField(
        _("only for"), max_length=8, choices=steps.Structure, blank=True, default=steps.Structure.ANY
    )
    longest_min = models.FloatField(
        _("longest edge from (mm)"), null=True, blank=True, validators=[MinValueValidator(0)]
    )
    longest_max = models.FloatField(_("to (mm)"), null=True, blank=True, validators=[MinValueValidator(0)])
    after = models.PositiveSmallIntegerField(
        _("only after step"),
        null=True,
        blank=True,
        help_text=_("The number of an earlier step. This step waits for it, and is skipped if it fails."),
    )

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workflow", "output_type"], name="workflowstep_once_per_workflow"
            ),
            # A picture has an output type, and nothing else has one.
            models.CheckConstraint(
                condition=Q(kind="output", output_type__isnull=False)
                | (~Q(kind="output") & Q(output_type__isnull=True)),
                name="workflowstep_output_has_type",
            ),
            models.CheckConstraint(
                condition=Q(longest_min=None) | Q(longest_max=None) | Q(longest_min__lte=F("longest_max")),
                name="workflowstep_edges_in_order",
            ),
        ]

    def __str__(self) -> str:
        return "; ".join([self.step.makes, *self.step.conditions])

    def clean(self) -> None:
        """Explain what can't be combined, at the field that is wrong."""
        wrong: dict[str, str] = {}
        if self.kind == steps.StepKind.OUTPUT and self.output_type_id is None:
            wrong["output_type"] = gettext("Choose which picture or film.")
        if self.kind != steps.StepKind.OUTPUT and self.output_type_id is not None:
            wrong["output_type"] = gettext("Only a picture or film has an output type: leave it empty here.")
        if unknown := [one for one in self.formats or [] if one not in CAD_FORMATS]:
            wrong["formats"] = gettext("There is no CAD format {name!r}. There are: {known}.").format(
                name=unknown[0], known=", ".join(CAD_FORMATS)
            )
        if self.numbers and not steps.patterns(self.numbers):
            wrong["numbers"] = gettext("Write a product number, or the beginning of one and a *.")
        low, high = self.longest_min, self.longest_max
        if low is not None and high is not None and low > high:
            wrong["longest_max"] = gettext(
                "The range ends before it begins: swap the two, or leave one empty."
            )
        if self.after is not None and self.position is not None and not 0 < self.after < self.position:
            wrong["after"] = gettext("Name the number of a step before this one.")
        if wrong:
            raise ValidationError(wrong)

    @property
    def step(self) -> Step:
        """The step as versions keep it."""
        made = self.output_type if self.output_type_id else None
        return Step(
            kind=self.kind,
            output_type=self.output_type_id,
            slug=made.slug if made else "",
            name=made.name if made else "",
            tessellation=self.tessellation,
            when=self.when,
            numbers=self.numbers,
            formats=tuple(self.formats or ()),
            structure=self.structure,
            longest_min=self.longest_min,
            longest_max=self.longest_max,
            after=self.after,
        )


class WorkflowVersion(models.Model):
    """What a workflow was when it ran: never changed, and kept when the workflow is deleted."""

    workflow = models.ForeignKey(Workflow, models.SET_NULL, null=True, blank=True, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    runs_on_upload = models.BooleanField(default=False)
    uploads = models.CharField(max_length=8, choices=Workflow.Uploads)
    priority = models.SmallIntegerField()
    steps_json = models.JSONField(_("steps"), default=list)
    by = models.CharField(max_length=200, blank=True, help_text=_("Who made it, in words"))
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["workflow", "-number"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["workflow", "number"], name="workflowversion_number_once")
        ]

    def __str__(self) -> str:
        return gettext("{name}, version {number}").format(name=self.name, number=self.number)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save a new version. Orders say what they ran by it, so it is never written again."""
        if not self._state.adding:
            raise TypeError("A version of a workflow never changes: make a new one.")
        super().save(*args, **kwargs)

    @property
    def steps(self) -> list[Step]:
        return [Step.from_json(one) for one in self.steps_json]

    @property
    def on_upload(self) -> str:
        """For which uploads it ran by itself, in words."""
        return self.get_uploads_display() if self.runs_on_upload else gettext("Only when somebody runs it")
