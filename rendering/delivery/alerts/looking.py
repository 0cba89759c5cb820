"""One look at every condition: alerts begin, go on and end, and their receivers hear of it once each."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from gpu.models import SystemSettings
from rendering.delivery.alerts.conditions import CONDITIONS, AlertRule, Wrong
from rendering.delivery.notifications import notify
from rendering.delivery.notifications.words import about_alert
from rendering.models import Alert, Event
from rendering.models.alert import AlertName

log = logging.getLogger("renderdesk.alerts")

OVER_AFTER = timedelta(minutes=5)  # not seen for so long: what comes and goes is one alert


def look() -> int:
    """Look at every condition; return how many alerts began or are over. One that can't be looked at stays as it is."""
    row, changes = SystemSettings.load(), 0
    for name, condition in CONDITIONS.items():
        now = timezone.now()
        try:
            found = list(condition.look(row))
        except Exception:
            log.exception("%s can't be looked at", name)
            continue
        changes += sum(_seen(name, condition, one, now) for one in found)
        gone = Alert.objects.open().filter(name=name).exclude(subject__in=[one.subject for one in found])
        changes += sum(_gone(alert, now) for alert in gone)
    return changes


def _seen(name: AlertName, condition: AlertRule, wrong: Wrong, now: datetime) -> bool:
    """Note that something is wrong now; return whether its alert begins with that."""
    with transaction.atomic():
        alert, _ = Alert.objects.get_or_create(
            name=name,
            subject=wrong.subject,
            ended=None,
            defaults={"first_seen": now, "message": wrong.message},
        )
        mine = Alert.objects.filter(pk=alert.pk, ended=None)
        mine.update(last_seen=now, message=wrong.message)
        begins = now - alert.first_seen >= condition.holds_for
        if not begins or not mine.filter(began=None).update(began=now):
            return False
        alert.began, alert.message = now, wrong.message
        notify(Event.ALERT_BEGAN, {"alert": about_alert(alert)})
    log.warning("%s: %s", alert, alert.message)
    return True


def _gone(alert: Alert, now: datetime) -> bool:
    """End an alert that has not been seen for a while, or forget one that never began; return whether it ended."""
    mine = Alert.objects.filter(pk=alert.pk, ended=None)
    if alert.began is None:
        mine.delete()
        return False
    if now - alert.last_seen < OVER_AFTER:
        return False
    with transaction.atomic():
        if not mine.update(ended=now):
            return False
        alert.ended = now
        notify(Event.ALERT_OVER, {"alert": about_alert(alert)})
    log.warning("%s is over", alert)
    return True
