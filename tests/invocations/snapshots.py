"""Snapshots of functions that exist nowhere, for tests of what only reads them."""

from invocations.arn import LATEST, function_arn
from invocations.catalogue import AccountSnapshot, AliasSnapshot, FunctionSnapshot, VersionSnapshot
from invocations.enums import LastUpdateStatus, LogFormat, State

ACCOUNT = "123456789012"


def a_version(version: str = LATEST, *, name: str = "orders", state: State = State.ACTIVE, revision_id: str = "r1") -> VersionSnapshot:
    return VersionSnapshot(
        account_id=ACCOUNT,
        function_name=name,
        version=version,
        runtime="python3.12",
        handler="app.handler",
        role=f"arn:aws:iam::{ACCOUNT}:role/orders",
        timeout=3,
        memory_size=128,
        ephemeral_storage_size=512,
        variables=(),
        layer_codes=(),
        log_format=LogFormat.TEXT,
        application_log_level=None,
        system_log_level=None,
        log_group_name=f"/aws/lambda/{name}",
        dead_letter_target_arn="",
        code_sha256="",
        state=state,
        state_reason_code="",
        last_update_status=LastUpdateStatus.SUCCESSFUL,
        revision_id=revision_id,
    )


def a_function(
    *,
    name: str = "orders",
    versions: tuple[str, ...] = (),
    aliases: dict[str, tuple[str, dict[str, float]]] | None = None,
    reserved: int | None = None,
    provisioned: dict[str, int] | None = None,
) -> FunctionSnapshot:
    return FunctionSnapshot(
        account_id=ACCOUNT,
        name=name,
        arn=function_arn(ACCOUNT, "us-east-1", name),
        reserved_concurrent_executions=reserved,
        recursive_loop="Terminate",
        versions={number: a_version(number, name=name) for number in (LATEST, *versions)},
        aliases={alias: AliasSnapshot(alias, number, weights) for alias, (number, weights) in (aliases or {}).items()},
        provisioned=provisioned or {},
    )


def an_account(unreserved: int = 1000) -> AccountSnapshot:
    return AccountSnapshot(ACCOUNT, 1000, unreserved)
