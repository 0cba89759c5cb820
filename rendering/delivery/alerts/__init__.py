"""Alerts about Renderdesk itself, for installations that nothing else watches: looked for each minute."""

from rendering.delivery.alerts.looking import look

__all__ = ["look"]
