"""Channel profiles: which outputs a shop or catalog takes, under which names, by which rules."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rendering.models.output_type import OutputType

RULE_KINDS = (
    *("format", "longest_min", "longest_max", "shortest_min", "size", "megapixels_max", "bytes_max"),
    *("fill_min", "fill_max", "margin_min", "white_beyond", "opaque", "profile", "bits", "dpi_min"),
    "clipping_path",
    *("name", "metadata", "people"),
)
CODE = RegexValidator(r"^[\w.-]+\Z", _("Use letters, digits, hyphens, dots and underscores."))


class ChannelProfile(models.Model):
    """What one shop or catalog takes."""

    class Companion(models.TextChoices):
        NONE = "", _("None")
        PICTURE = "picture", _("<picture> snippet for web pages")
        BMECAT = "bmecat", _("MIME entries of a BMEcat")

    class Letters(models.TextChoices):
        ANY = "", _("As they are")
        SMALL = "small", _("Small letters")
        PLAIN = "plain", _("Small letters, digits and underscores only")

    slug = models.SlugField(max_length=60, unique=True, help_text=_("Used by commands and in file names"))
    name = models.CharField(max_length=100)
    note = models.TextField(
        blank=True, max_length=2000, help_text=_("Shown to whoever orders for this channel")
    )
    pattern = models.CharField(
        _("file names"),
        max_length=200,
        default="{product}_{code}.{ext}",
        help_text=_("For example {asin}.{code}.{ext}; {code} is that of the output."),
    )
    letters = models.CharField(
        _("letters of names"), max_length=5, choices=Letters, blank=True, default=Letters.ANY
    )
    companion = models.CharField(
        _("text file for each product"), max_length=10, choices=Companion, blank=True, default=""
    )

    class Meta:
        verbose_name_plural = _("channel profiles")
        verbose_name = _("channel profile")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ChannelOutput(models.Model):
    """One picture of a channel: an output type, and what the channel calls it."""

    profile = models.ForeignKey(ChannelProfile, models.CASCADE, related_name="outputs")
    output_type = models.ForeignKey(OutputType, models.PROTECT, related_name="channel_outputs")
    code = models.CharField(
        max_length=30,
        blank=True,
        validators=[CODE],
        help_text=_("As the channel calls it, such as MAIN or A1C1; {code} in file names"),
    )
    position = models.PositiveSmallIntegerField(default=1)
    is_required = models.BooleanField(
        _("required"), default=True, help_text=_("A product is ready when all required pictures are.")
    )

    class Meta:
        verbose_name = _("output")
        verbose_name_plural = _("outputs")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["profile", "output_type"], name="channeloutput_once_per_profile"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.output_type}".strip()


class ChannelRule(models.Model):
    """One demand of a channel, where it is written, and when somebody read it there."""

    profile = models.ForeignKey(ChannelProfile, models.CASCADE, related_name="rules")
    kind = models.CharField(_("rule"), max_length=20, choices=[(name, name) for name in RULE_KINDS])
    value = models.CharField(max_length=200)
    code = models.CharField(
        _("only for"), max_length=30, blank=True, help_text=_("The code of one output. Empty: for all.")
    )
    source = models.URLField(max_length=400, blank=True, help_text=_("Where the channel says so"))
    read_on = models.DateField(
        _("read on"), null=True, blank=True, help_text=_("When the source was read. Empty: not read.")
    )

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind}: {self.value}"

    @property
    def is_read(self) -> bool:
        return self.read_on is not None


class ChannelVersion(models.Model):
    """What a profile was at one time: never changed."""

    profile = models.ForeignKey(ChannelProfile, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField(default=dict)
    by = models.CharField(max_length=200, blank=True, help_text=_("Who made it, in words"))
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["profile", "-number"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["profile", "number"], name="channelversion_number_once")
        ]

    def __str__(self) -> str:
        return gettext("{name}, version {number}").format(
            name=self.document.get("name", ""), number=self.number
        )

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save a new version; it is never written again."""
        if not self._state.adding:
            raise ValidationError(gettext("A version of a profile never changes: make a new one."))
        super().save(*args, **kwargs)
