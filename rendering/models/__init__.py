from __future__ import annotations

from rendering.models.alert import Alert
from rendering.models.api_token import ApiRequest, ApiToken, ApiUpload
from rendering.models.channel import ChannelOutput, ChannelProfile, ChannelRule, ChannelVersion
from rendering.models.color_profile import ColorProfile
from rendering.models.deliverables_view import DeliverablesView
from rendering.models.environment import Environment
from rendering.models.event import Event
from rendering.models.finish import Finish
from rendering.models.history import HistoryEntry, HistorySubject
from rendering.models.job import Attempt, Job
from rendering.models.label import Label
from rendering.models.material_rule import MaterialRule
from rendering.models.notification import DeliveryAttempt, NewsChoice, Notification
from rendering.models.order import Order, OrderLine
from rendering.models.order_step import OrderStep
from rendering.models.output_type import OutputType
from rendering.models.picture_comment import PictureComment
from rendering.models.preferences import Preferences, as_preferred_by
from rendering.models.report import Reports
from rendering.models.review import Approval, Review
from rendering.models.role_grant import RoleGrant
from rendering.models.share_link import ShareLink
from rendering.models.studio import Studio
from rendering.models.texture import Texture
from rendering.models.variant import Variant
from rendering.models.webhook import Webhook
from rendering.models.workflow import Workflow, WorkflowStep, WorkflowVersion

__all__ = [
    "Alert",
    "ApiRequest",
    "ApiToken",
    "ApiUpload",
    "Approval",
    "Attempt",
    "ChannelOutput",
    "ChannelProfile",
    "ChannelRule",
    "ChannelVersion",
    "ColorProfile",
    "DeliverablesView",
    "DeliveryAttempt",
    "Environment",
    "Event",
    "Finish",
    "HistoryEntry",
    "HistorySubject",
    "Job",
    "Label",
    "MaterialRule",
    "NewsChoice",
    "Notification",
    "Order",
    "OrderLine",
    "OrderStep",
    "OutputType",
    "PictureComment",
    "Preferences",
    "Reports",
    "Review",
    "RoleGrant",
    "ShareLink",
    "Studio",
    "Texture",
    "Variant",
    "Webhook",
    "Workflow",
    "WorkflowStep",
    "WorkflowVersion",
    "as_preferred_by",
]
