"""A function with a URL, and a plain HTTP client that names the URL's host as a browser would."""

import http.client
import json
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from playground.supervision.trial import Trial
from tests.playground.endpoint.operations.test_lambda import create, zipped

FORBIDDEN = (
    b'{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: '
    b'https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}'
)


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for each, value in self.headers if each.lower() == name]

    def header(self, name: str) -> str | None:
        """A header that may be there once."""
        found = self.all(name)
        assert len(found) < 2
        return found[0] if found else None


@dataclass
class Url:
    """A function's URL in a playground."""

    stack: Trial
    function_name: str
    address: str
    qualifier: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return urlsplit(self.address).netloc

    @property
    def url_id(self) -> str:
        return self.host.partition(".")[0]

    def send(self, method: str = "GET", path: str = "/", body: bytes | None = None, headers: Any = ()) -> Answer:
        """One request to the URL's host; *headers* by name, or pairs."""
        connection = http.client.HTTPConnection("127.0.0.1", self.stack.endpoint_port, timeout=30)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            given = list(dict(headers).items()) if not isinstance(headers, list) else headers
            if not any(name.lower() == "host" for name, _ in given):
                given.insert(0, ("Host", self.host))
            if body is not None and not any(name.lower() == "content-length" for name, _ in given):
                given.append(("Content-Length", str(len(body))))
            for name, value in given:
                connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            return Answer(response.status, response.getheaders(), response.read())
        finally:
            connection.close()

    def signed(
        self, credentials: Credentials, method: str = "GET", path: str = "/", body: bytes | None = None, *, query: bool = False
    ) -> tuple[str, dict[str, str]]:
        """Path and headers of a signed request to it."""
        request = AWSRequest(method, self.address.rstrip("/") + path, data=body)
        if query:
            SigV4QueryAuth(credentials, "lambda", "us-east-1", expires=60).add_auth(request)
        else:
            SigV4Auth(credentials, "lambda", "us-east-1").add_auth(request)
        prepared = request.prepare()
        parts = urlsplit(prepared.url)
        return parts.path + (f"?{parts.query}" if parts.query else ""), dict(prepared.headers)

    def open_to_all(self) -> None:
        """Both statements that a public URL needs."""
        client = self.stack.boto3("lambda")
        common = {"FunctionName": self.function_name, "Principal": "*", **self.qualifier}
        client.add_permission(StatementId="url", Action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE", **common)
        client.add_permission(StatementId="invoke", Action="lambda:InvokeFunction", InvokedViaFunctionUrl=True, **common)


def url_of(stack: Trial, code: str, auth_type: str = "NONE", *, is_open: bool = True, files: Any = None, **config: Any) -> Url:
    """A function of *code* (or of *files*) with a URL."""
    client = stack.boto3("lambda")
    name = f"door{uuid.uuid4().hex[:10]}"
    settings = config.pop("settings", {})
    create(client, name, zipped(files or {"m.py": code}), **{"MemorySize": 128, **settings})
    made = client.create_function_url_config(FunctionName=name, AuthType=auth_type, **config)
    url = Url(stack, name, made["FunctionUrl"])
    if is_open and auth_type == "NONE":
        url.open_to_all()
    return url


def returning(value: Any) -> str:
    """A handler that returns *value*."""
    return f"def handler(event, context):\n    return {value!r}\n"


def keys(key: str = "test", secret: str = "test", token: str | None = None) -> Credentials:
    """Credentials to sign with."""
    return Credentials(key, secret, token)


def loaded(answer: Answer) -> Any:
    """The body as JSON."""
    return json.loads(answer.body)
