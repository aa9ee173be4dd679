"""How the endpoint is served over HTTP."""

from typing import Any

import uvicorn

from playground.service.one_write import EncryptedProtocol, OneWriteProtocol
from playground.tls_certificate import Certificate

GRACE_SECONDS = 3.5
"""How long running invocations may take to finish when the service is told to stop."""


def server_config(app: Any, http: type[OneWriteProtocol] = OneWriteProtocol, **options: Any) -> uvicorn.Config:
    """How the endpoint is served: no access log, no lifespan, the fast parser."""
    return uvicorn.Config(
        app,
        http=http,
        loop="none",
        lifespan="off",
        access_log=False,
        proxy_headers=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=int(GRACE_SECONDS),
        h11_max_incomplete_event_size=None,
        **options,
    )


def encrypted_server_config(app: Any, certificate: Certificate) -> uvicorn.Config:
    """The same with TLS."""
    return server_config(app, EncryptedProtocol, ssl_certfile=str(certificate.path), ssl_keyfile=str(certificate.key_path))
