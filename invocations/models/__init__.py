"""What is stored. Every row belongs to an account, and every query starts with `.of(account_id)`."""

from invocations.models.account import AccessKey, Account
from invocations.models.alias import Alias
from invocations.models.bucket import Bucket, MultipartUpload, StoredObject, UploadedPart
from invocations.models.concurrency import ProvisionedConcurrencyConfig
from invocations.models.event_bus import Archive, EventBus, Replay, Rule
from invocations.models.event_invoke_config import EventInvokeConfig
from invocations.models.fault import Fault
from invocations.models.function import Function, FunctionVersion
from invocations.models.function_policy import FunctionPolicy
from invocations.models.function_url import FunctionUrl
from invocations.models.identity import Group, ManagedPolicy, ManagedPolicyVersion, Role, User
from invocations.models.invocation import Invocation
from invocations.models.layer import LayerVersion
from invocations.models.log import LogBatch, LogGroup, LogStream
from invocations.models.queue import Queue
from invocations.models.schedule import Schedule, ScheduleGroup
from invocations.models.test_event import TestEvent
from invocations.models.topic import Subscription, Topic
from invocations.models.trail import TrailEvent

__all__ = [
    "AccessKey",
    "Account",
    "Alias",
    "Archive",
    "Bucket",
    "EventBus",
    "EventInvokeConfig",
    "Fault",
    "Function",
    "FunctionPolicy",
    "FunctionUrl",
    "FunctionVersion",
    "Group",
    "Invocation",
    "LayerVersion",
    "LogBatch",
    "LogGroup",
    "LogStream",
    "ManagedPolicy",
    "ManagedPolicyVersion",
    "MultipartUpload",
    "ProvisionedConcurrencyConfig",
    "Queue",
    "Replay",
    "Role",
    "Rule",
    "Schedule",
    "ScheduleGroup",
    "StoredObject",
    "Subscription",
    "TestEvent",
    "Topic",
    "TrailEvent",
    "UploadedPart",
    "User",
]
