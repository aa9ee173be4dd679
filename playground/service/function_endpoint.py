"""The AWS endpoint that functions see on their own loopback: the same one, in the name of the environment's role."""

import asyncio
from collections.abc import Callable
from functools import cache

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from invocations.credentials import assumed_role_arn, role_id
from invocations.enums import PrincipalType
from invocations.execution.environment import ExecutionEnvironment
from invocations.values import Principal
from playground.endpoint.app import Endpoint
from playground.service.http_server import server_config


def endpoint_for(environment: ExecutionEnvironment) -> Callable[[], asyncio.Protocol]:
    """Makes the protocol of each connection out of *environment*; the first connection makes what they share."""
    spec = environment.spec
    arn = assumed_role_arn(spec.account_id, spec.role_arn, spec.function_name)
    role = Principal(
        spec.account_id,
        arn,
        PrincipalType.ASSUMED_ROLE,
        f"{role_id(spec.role_arn)}:{spec.function_name}",
        role_arn=spec.role_arn,
        source_function_arn=spec.function_arn,
    )

    @cache
    def shared() -> tuple[object, ServerState]:
        config = server_config(Endpoint(lambda: role))
        config.load()
        return config, ServerState()

    def connection() -> asyncio.Protocol:
        config, state = shared()
        return HttpToolsProtocol(config=config, server_state=state, app_state={})  # type: ignore[arg-type]

    return connection
