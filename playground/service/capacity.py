"""What a page of concurrency shows: pools, environments, the seconds gone by, and the load that is under way."""

from typing import Any

from invocations import catalogue, load
from invocations.execution.environment import ExecutionEnvironment
from invocations.run import installed

MOST_ENVIRONMENTS = 400
"""In one snapshot; of more, the number is told."""


async def snapshot(account_id: str, after: int) -> dict[str, Any]:
    """An account as it is now, with the seconds behind *after*."""
    engine = installed()
    account = await catalogue.account(account_id)
    environments = engine.pool.environments(account_id)
    current = load.of(account_id)
    return {
        "limit": account.concurrent_executions,
        "unreserved": account.unreserved_concurrent_executions,
        "used": engine.admission.used(account_id),
        "pools": engine.admission.pools(account_id),
        "environment_count": len(environments),
        "environments": [_environment(each) for each in environments[:MOST_ENVIRONMENTS]],
        "series": [second.as_list() for second in engine.meter.since(account_id, after)],
        "load": current.status() if current is not None else None,
    }


def _environment(environment: ExecutionEnvironment) -> dict[str, Any]:
    spec = environment.spec
    return {
        "id": environment.environment_id,
        "function": spec.function_name,
        "version": spec.version,
        "phase": str(environment.phase),
        "initialization_type": str(spec.initialization_type),
    }
