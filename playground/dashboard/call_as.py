"""The same Invoke as a program or a shell would make it: AWS CLI, boto3 and curl, ready to paste."""

import shlex
from dataclasses import dataclass
from urllib.parse import quote

from invocations.enums import InvocationType, LogType
from invocations.models.account import DEFAULT_ACCOUNT_ID
from invocations.region import REGION

INLINE_CHARACTERS = 4_000
"""A longer event is read from a file: shells take only so much on one line."""


@dataclass(frozen=True, slots=True)
class Call:
    """One Invoke of one function of one account."""

    account_id: str
    function_name: str
    payload: str
    endpoint_url: str
    qualifier: str = ""
    log_type: str = LogType.NONE
    invocation_type: str = InvocationType.REQUEST_RESPONSE
    times: int = 1
    """How often it is made, all at once."""

    @property
    def wants_log(self) -> bool:
        """Whether LogType is worth naming: only a caller that waits gets a log."""
        return self.log_type != LogType.NONE and self.invocation_type != InvocationType.EVENT

    @property
    def access_key_id(self) -> str:
        """A key that the endpoint takes for this account."""
        return key_of(self.account_id)

    @property
    def is_inline(self) -> bool:
        """Whether the event fits on a command line."""
        return len(self.payload) <= INLINE_CHARACTERS


@dataclass(frozen=True, slots=True)
class Form:
    """One of the ways to make the call."""

    id: str
    name: str
    text: str


def key_of(account_id: str) -> str:
    """An access key id of an account's root, whose secret is `test`."""
    return "test" if account_id == DEFAULT_ACCOUNT_ID else account_id


def connections(account_id: str, endpoint_url: str) -> list[Form]:
    """What makes a shell's AWS tools, and Terraform, talk to this server."""
    key = key_of(account_id)
    variables = {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
    }
    shell = "\n".join(f"export {name}={value}" for name, value in variables.items())
    endpoints = "\n".join(f'    {service:<6} = "{endpoint_url}"' for service in ("lambda", "iam", "sts", "sqs", "logs"))
    provider = f'''provider "aws" {{
  region     = "{REGION}"
  access_key = "{key}"
  secret_key = "test"
  endpoints {{
{endpoints}
  }}
}}'''
    return [Form("shell", "AWS CLI, boto3, SAM: in a shell", shell), Form("terraform", "Terraform", provider)]


def forms(call: Call) -> list[Form]:
    """All ways."""
    return [Form("cli", "AWS CLI", aws_cli(call)), Form("boto3", "boto3", boto3(call)), Form("curl", "curl", curl(call))]


def clock(account_id: str, endpoint_url: str) -> list[Form]:
    """The account's clock from a script: what it shows, and how it is set."""
    url = f"{endpoint_url}/_playground/clock"
    signed = f"curl --aws-sigv4 aws:amz:{REGION}:lambda --user {key_of(account_id)}:test"
    lines = [f"{signed} {url}"]
    lines += [f"{signed} -X PUT {url} -d '{body}'" for body in ('{"rate": 60}', '{"paused": true}', '{"skip": "next"}')]
    return [Form("curl", "curl", "\n".join(lines))]


def limits(account_id: str, endpoint_url: str) -> list[Form]:
    """The account's quotas from a script: what they are, and how they are set."""
    url = f"{endpoint_url}/_playground/limits"
    signed = f"curl --aws-sigv4 aws:amz:{REGION}:lambda --user {key_of(account_id)}:test"
    body = '{"concurrent_executions": 5}'
    return [Form("curl", "curl", f"{signed} {url}\n{signed} -X PUT {url} -d '{body}'")]


def faults(account_id: str, endpoint_url: str) -> list[Form]:
    """Faults from a script: listed, set, taken away."""
    url = f"{endpoint_url}/_playground/faults"
    signed = f"curl --aws-sigv4 aws:amz:{REGION}:lambda --user {key_of(account_id)}:test"
    bodies = ('{"function": "hello", "kind": "throttle", "count": 3}', '{"function": "hello", "kind": "latency", "latency_ms": 500}')
    lines = [f"{signed} {url}", *(f"{signed} {url} -d '{body}'" for body in bodies), f"{signed} -X DELETE {url}"]
    return [Form("curl", "curl", "\n".join(lines))]


def aws_cli(call: Call) -> str:
    """For a shell with the AWS CLI, version 2."""
    lines = [
        f"AWS_ACCESS_KEY_ID={call.access_key_id} AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION={REGION}",
        f"aws --endpoint-url {call.endpoint_url} lambda invoke",
        f"--function-name {shlex.quote(call.function_name)}",
    ]
    if call.qualifier:
        lines.append(f"--qualifier {shlex.quote(call.qualifier)}")
    if call.invocation_type != InvocationType.REQUEST_RESPONSE:
        lines.append(f"--invocation-type {call.invocation_type}")
    if call.wants_log:
        lines.append(f"--log-type {call.log_type}")
    lines.append("--cli-binary-format raw-in-base64-out")
    lines.append(f"--payload {shlex.quote(call.payload) if call.is_inline else 'file://event.json'}")
    return _at_once(call, " \\\n  ".join([*lines, "response.json"]))


def boto3(call: Call) -> str:
    """For Python."""
    arguments = [f"FunctionName={call.function_name!r}"]
    if call.qualifier:
        arguments.append(f"Qualifier={call.qualifier!r}")
    if call.invocation_type != InvocationType.REQUEST_RESPONSE:
        arguments.append(f"InvocationType={str(call.invocation_type)!r}")
    if call.wants_log:
        arguments.append(f"LogType={str(call.log_type)!r}")
    payload = repr(call.payload) if call.is_inline else 'open("event.json").read()'
    arguments.append(f"Payload={payload}")
    body = ",\n    ".join(arguments)
    return (
        "import boto3\n\n"
        "client = boto3.client(\n"
        '    "lambda",\n'
        f'    endpoint_url="{call.endpoint_url}",\n'
        f'    region_name="{REGION}",\n'
        f'    aws_access_key_id="{call.access_key_id}",\n'
        '    aws_secret_access_key="test",\n'
        ")\n"
        f"{_boto3_calls(call, body)}"
    )


def _boto3_calls(call: Call, arguments: str) -> str:
    """The call, and a look at what an answer of its type has."""
    if call.invocation_type != InvocationType.EVENT:
        return (
            f"answer = client.invoke(\n    {arguments},\n)\n"
            'print(answer["StatusCode"], answer.get("FunctionError"), answer["Payload"].read().decode())'
        )
    loop, indent = (f"for _ in range({call.times}):\n", "    ") if call.times > 1 else ("", "")
    body = f'answer = client.invoke(\n    {arguments},\n)\nprint(answer["StatusCode"], answer["ResponseMetadata"]["RequestId"])'
    return loop + "\n".join(indent + line for line in body.split("\n"))


def curl(call: Call) -> str:
    """For a shell with curl 7.75 or newer, which signs requests by itself."""
    query = f"?Qualifier={quote(call.qualifier, safe='')}" if call.qualifier else ""
    url = f"{call.endpoint_url}/2015-03-31/functions/{quote(call.function_name, safe='')}/invocations{query}"
    lines = [
        f"curl -i {shlex.quote(url)}",
        f"--aws-sigv4 aws:amz:{REGION}:lambda --user {call.access_key_id}:test",
        "-H 'Content-Type: application/json'",
    ]
    if call.invocation_type != InvocationType.REQUEST_RESPONSE:
        lines.append(f"-H 'X-Amz-Invocation-Type: {call.invocation_type}'")
    if call.wants_log:
        lines.append(f"-H 'X-Amz-Log-Type: {call.log_type}'")
    lines.append(f"--data-raw {shlex.quote(call.payload)}" if call.is_inline else "--data-binary @event.json")
    return _at_once(call, " \\\n  ".join(lines))


def _at_once(call: Call, command: str) -> str:
    """A shell's command, as often as wanted."""
    return command if call.times == 1 else f"for n in $(seq {call.times}); do\n{command} &\ndone\nwait"
