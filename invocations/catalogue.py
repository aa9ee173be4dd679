"""Configuration as the path of an invocation reads it: frozen snapshots, cached, invalidated by message.

The database is asked once after each change; a warm invocation reads memory alone.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import redis
from asgiref.sync import sync_to_async
from django.db import connection, models

from invocations import limits, store
from invocations.arn import LATEST, function_arn
from invocations.enums import FaultKind, LastUpdateStatus, LogFormat, State
from invocations.faults import FaultSnapshot
from invocations.models import (
    Account,
    EventInvokeConfig,
    Fault,
    Function,
    FunctionUrl,
    FunctionVersion,
    LayerVersion,
    ProvisionedConcurrencyConfig,
)
from invocations.policies import Policy, parse
from invocations.region import REGION

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class VersionSnapshot:
    """One version's code and configuration; the fields are FunctionVersion's."""

    account_id: str
    function_name: str
    version: str
    runtime: str
    handler: str
    role: str
    timeout: int
    memory_size: int
    ephemeral_storage_size: int
    variables: tuple[tuple[str, str], ...]
    layer_codes: tuple[str, ...]
    """The layers' code by its SHA-256 (base64), in the order in which they are laid over /opt."""
    log_format: LogFormat
    application_log_level: str | None
    system_log_level: str | None
    log_group_name: str
    dead_letter_target_arn: str
    code_sha256: str
    state: State
    state_reason_code: str
    last_update_status: LastUpdateStatus
    revision_id: str

    @property
    def arn(self) -> str:
        """Qualified by the version."""
        return function_arn(self.account_id, REGION, self.function_name, self.version)


@dataclass(frozen=True, slots=True)
class AliasSnapshot:
    """Where an alias leads."""

    name: str
    function_version: str
    additional_version_weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class EventInvokeConfigSnapshot:
    """What becomes of asynchronous invocations by one qualifier; what was never set is None or empty."""

    maximum_retry_attempts: int | None
    maximum_event_age_in_seconds: int | None
    on_success: str
    """The destination's ARN."""
    on_failure: str


@dataclass(frozen=True, slots=True)
class FunctionSnapshot:
    """A function with all that can be asked for by a qualifier."""

    account_id: str
    name: str
    arn: str
    """Unqualified."""
    reserved_concurrent_executions: int | None
    recursive_loop: str
    versions: Mapping[str, VersionSnapshot]
    aliases: Mapping[str, AliasSnapshot]
    provisioned: Mapping[str, int]
    """Qualifier -> environments asked for."""
    event_invoke_configs: Mapping[str, EventInvokeConfigSnapshot] = field(default_factory=dict)
    """By $LATEST, version or alias, as the invocation asked."""
    policies: Mapping[str, Policy] = field(default_factory=dict)
    """Resource policies by version or alias; "" for the function without qualifier."""
    faults: tuple[FaultSnapshot, ...] = ()
    """What is to go wrong on purpose."""

    @property
    def provisioned_total(self) -> int:
        """Environments kept ready over all qualifiers."""
        return sum(self.provisioned.values())


@dataclass(frozen=True, slots=True)
class AccountSnapshot:
    """What an account's functions share."""

    account_id: str
    concurrent_executions: int
    unreserved_concurrent_executions: int
    """What is left for functions without reserved concurrency."""
    scaling_rate: int = limits.SCALING_RATE
    """Environments that a function may add within limits.SCALING_WINDOW."""
    requests_per_concurrent_execution: int = limits.REQUESTS_PER_CONCURRENT_EXECUTION
    records_messages: bool = False
    """Whether what is published, put and sent is in the trail."""
    control_plane_requests_per_second: int = 0
    """0: not enforced."""

    @property
    def growth(self) -> int:
        """By how many requests a second the rate of a function may rise each second: what its new environments can serve."""
        return max(1, int(self.scaling_rate * self.requests_per_concurrent_execution / limits.SCALING_WINDOW.total_seconds()))


@dataclass(frozen=True, slots=True)
class UrlSnapshot:
    """A function URL: whom it means, and how it answers."""

    url_id: str
    account_id: str
    function_name: str
    qualifier: str | None
    """The alias; None for $LATEST."""
    auth_type: str
    invoke_mode: str
    cors: Mapping[str, Any] | None
    """Cors by its AWS members."""
    alias_is_gone: bool = False


@dataclass(slots=True)
class _Cache:
    functions: dict[tuple[str, str], FunctionSnapshot | None] = field(default_factory=dict)
    urls: dict[str, UrlSnapshot] = field(default_factory=dict)
    """By url id."""
    accounts: dict[str, AccountSnapshot] = field(default_factory=dict)
    generation: int = 0
    """Rises with every invalidation: a load that began before one is not kept."""


_cache = _Cache()
_listeners: list[Callable[[str, str], None]] = []


async def find(account_id: str, name: str) -> FunctionSnapshot | None:
    """The function's snapshot, or None where there is no such function."""
    key = (account_id, name)
    try:
        return _cache.functions[key]
    except KeyError:
        generation = _cache.generation
        snapshot = await sync_to_async(_load_function, thread_sensitive=False)(account_id, name)
        if snapshot is not None and generation == _cache.generation:
            _cache.functions[key] = snapshot
        return snapshot


async def url(url_id: str) -> UrlSnapshot | None:
    """The function URL of that id, or None where there is none."""
    try:
        return _cache.urls[url_id]
    except KeyError:
        generation = _cache.generation
        snapshot = await sync_to_async(_load_url, thread_sensitive=False)(url_id)
        if snapshot is not None and generation == _cache.generation:
            _cache.urls[url_id] = snapshot
        return snapshot


async def account(account_id: str) -> AccountSnapshot:
    """The account's shared limits."""
    try:
        return _cache.accounts[account_id]
    except KeyError:
        generation = _cache.generation
        snapshot = await sync_to_async(_load_account, thread_sensitive=False)(account_id)
        if generation == _cache.generation:
            _cache.accounts[account_id] = snapshot
        return snapshot


def changed(account_id: str, name: str = "") -> None:
    """To be called after the commit of any change to a function, or with no name, to the account's own limits."""
    _forget(account_id, name)
    store.connection().publish(store.CONFIGURATION_CHANGED, f"{account_id}:{name}")


def on_change(listener: Callable[[str, str], None]) -> None:
    """Has *listener* called with account id and function name after each change, in the process that listens."""
    _listeners.append(listener)


async def listen() -> None:
    """Drops what other processes change, for as long as it runs. After a lost connection everything is dropped once."""
    while True:
        try:
            async with store.async_connection().pubsub() as pubsub:
                await pubsub.subscribe(store.CONFIGURATION_CHANGED)
                _forget_all()
                async for message in pubsub.listen():
                    if message["type"] == "message":
                        account_id, _, name = message["data"].decode().partition(":")
                        _forget(account_id, name)
                        for listener in _listeners:
                            listener(account_id, name)
        except redis.RedisError:
            log.warning("lost the connection to redis; configuration is read anew")
            await asyncio.sleep(0.2)


def _forget(account_id: str, name: str) -> None:
    _cache.generation += 1
    _cache.functions.pop((account_id, name), None)
    _cache.accounts.pop(account_id, None)
    for url_id in [each.url_id for each in _cache.urls.values() if (each.account_id, each.function_name) == (account_id, name)]:
        _cache.urls.pop(url_id, None)


def _forget_all() -> None:
    _cache.generation += 1
    _cache.functions.clear()
    _cache.urls.clear()
    _cache.accounts.clear()


def _load_function(account_id: str, name: str) -> FunctionSnapshot | None:
    try:
        rows = Function.objects.of(account_id).prefetch_related(
            "versions", "aliases", "provisioned_concurrency_configs", "event_invoke_configs", "policies", "faults"
        )
        row = rows.get(name=name)
    except Function.DoesNotExist:
        return None
    finally:
        connection.close_if_unusable_or_obsolete()
    layer_codes = _layer_codes({arn for version in row.versions.all() for arn in version.layers})
    aliases = {
        alias.name: AliasSnapshot(alias.name, alias.function_version, MappingProxyType(dict(alias.additional_version_weights)))
        for alias in row.aliases.all()
    }
    return FunctionSnapshot(
        account_id=account_id,
        name=name,
        arn=row.arn,
        reserved_concurrent_executions=row.reserved_concurrent_executions,
        recursive_loop=row.recursive_loop,
        versions=MappingProxyType({version.version: _version(account_id, name, version, layer_codes) for version in row.versions.all()}),
        aliases=MappingProxyType(aliases),
        provisioned=MappingProxyType({config.qualifier: config.requested for config in row.provisioned_concurrency_configs.all()}),
        event_invoke_configs=MappingProxyType({config.qualifier: _event_invoke(config) for config in row.event_invoke_configs.all()}),
        policies=MappingProxyType({policy.qualifier: parse(policy.document) for policy in row.policies.all()}),
        faults=tuple(_fault(fault) for fault in row.faults.all()),
    )


def _load_url(url_id: str) -> UrlSnapshot | None:
    try:
        row = FunctionUrl.objects.select_related("function").filter(url_id=url_id).first()
    finally:
        connection.close_if_unusable_or_obsolete()
    if row is None:
        return None
    return UrlSnapshot(
        url_id=url_id,
        account_id=row.function.account_id,
        function_name=row.function.name,
        qualifier=None if row.qualifier == LATEST else row.qualifier,
        auth_type=row.auth_type,
        invoke_mode=row.invoke_mode,
        cors=None if row.cors is None else MappingProxyType(row.cors),
        alias_is_gone=row.alias_is_gone,
    )


def _fault(row: Fault) -> FaultSnapshot:
    expires_at = row.expires_at.timestamp() if row.expires_at else None
    return FaultSnapshot(row.pk, FaultKind(row.kind), row.probability, row.count, row.latency_ms, row.reason, expires_at)


def _event_invoke(row: EventInvokeConfig) -> EventInvokeConfigSnapshot:
    return EventInvokeConfigSnapshot(row.maximum_retry_attempts, row.maximum_event_age_in_seconds, row.on_success, row.on_failure)


def _layer_codes(arns: Collection[str]) -> dict[str, str]:
    """Layer version ARN -> SHA-256 of its code. A deleted layer version still serves the functions that use it."""
    codes = {}
    for arn in arns:
        *_, account_id, _, name, number = arn.split(":")
        code = LayerVersion.objects.of(account_id).filter(name=name, version=number).values_list("code_sha256", flat=True).first()
        if code is not None:
            codes[arn] = code
    return codes


def _version(account_id: str, name: str, row: FunctionVersion, layer_codes: Mapping[str, str]) -> VersionSnapshot:
    logging_config = row.logging_config
    return VersionSnapshot(
        account_id=account_id,
        function_name=name,
        version=row.version or LATEST,
        runtime=row.runtime,
        handler=row.handler,
        role=row.role,
        timeout=row.timeout,
        memory_size=row.memory_size,
        ephemeral_storage_size=row.ephemeral_storage_size,
        variables=tuple(sorted(row.environment.items())),
        layer_codes=tuple(layer_codes[arn] for arn in row.layers if arn in layer_codes),
        log_format=LogFormat(logging_config.get("LogFormat", LogFormat.TEXT)),
        application_log_level=logging_config.get("ApplicationLogLevel"),
        system_log_level=logging_config.get("SystemLogLevel"),
        log_group_name=logging_config.get("LogGroup") or f"/aws/lambda/{name}",
        dead_letter_target_arn=row.dead_letter_target_arn,
        code_sha256=row.code_sha256,
        state=State(row.state),
        state_reason_code=row.state_reason_code,
        last_update_status=LastUpdateStatus(row.last_update_status),
        revision_id=row.revision_id,
    )


def _load_account(account_id: str) -> AccountSnapshot:
    row = Account.objects.filter(pk=account_id).first() or Account(account_id=account_id)
    reserved = Function.objects.of(account_id).aggregate(total=models.Sum("reserved_concurrent_executions"))["total"] or 0
    provisioned = (
        ProvisionedConcurrencyConfig.objects.filter(
            function__account_id=account_id, function__reserved_concurrent_executions__isnull=True
        ).aggregate(total=models.Sum("requested"))["total"]
        or 0
    )
    connection.close_if_unusable_or_obsolete()
    left = max(row.concurrent_executions - reserved - provisioned, 0)
    return AccountSnapshot(
        account_id,
        row.concurrent_executions,
        left,
        row.scaling_rate,
        row.requests_per_concurrent_execution,
        row.records_messages,
        row.control_plane_requests_per_second,
    )
