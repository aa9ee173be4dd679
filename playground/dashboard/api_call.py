"""Any call of an AWS API as a program or a shell would make it, from botocore's service models."""

import json
import shlex
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore import xform_name
from botocore.model import ServiceModel

from invocations.region import REGION
from playground.dashboard.call_as import Form, key_of
from playground.endpoint.services import model_of


@dataclass(frozen=True)
class ApiCall:
    """One operation with its members, as boto3 takes them: JSON-able."""

    service: str
    """sqs, sns, events, scheduler, s3, …"""
    operation: str
    """SendMessage"""
    members: dict[str, Any]

    @cached_property
    def _model(self) -> ServiceModel:
        return model_of(self.service)

    def forms(self, account_id: str, endpoint_url: str) -> list[Form]:
        """As AWS CLI and boto3, and as curl where the protocol can be typed."""
        found = [
            Form("cli", "AWS CLI", self._aws_cli(account_id, endpoint_url)),
            Form("boto3", "boto3", self._boto3(account_id, endpoint_url)),
        ]
        if self._model.metadata["protocol"] == "json":
            found.append(Form("curl", "curl", self._curl(account_id, endpoint_url)))
        return found

    def _aws_cli(self, account_id: str, endpoint_url: str) -> str:
        command = {"s3": "s3api"}.get(self.service, self.service)
        lines = [
            f"AWS_ACCESS_KEY_ID={key_of(account_id)} AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION={REGION}",
            f"aws --endpoint-url {endpoint_url} {command} {xform_name(self.operation, '-')}",
        ]
        for name, value in self.members.items():
            option = f"--{xform_name(name, '-')}"
            if isinstance(value, bool):
                lines.append(option if value else f"--no-{option[2:]}")
            else:
                lines.append(f"{option} {shlex.quote(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))}")
        return " \\\n  ".join(lines)

    def _boto3(self, account_id: str, endpoint_url: str) -> str:
        arguments = "".join(f"    {name}={value!r},\n" for name, value in self.members.items())
        call = f"(\n{arguments})" if arguments else "()"
        return (
            "import boto3\n\n"
            f'client = boto3.client(\n    "{self.service}",\n    endpoint_url="{endpoint_url}",\n    region_name="{REGION}",\n'
            f'    aws_access_key_id="{key_of(account_id)}",\n    aws_secret_access_key="test",\n)\n'
            f"print(client.{xform_name(self.operation)}{call})"
        )

    def _curl(self, account_id: str, endpoint_url: str) -> str:
        metadata = self._model.metadata
        lines = [
            f"curl {shlex.quote(endpoint_url + '/')}",
            f"--aws-sigv4 aws:amz:{REGION}:{metadata.get('signingName', metadata['endpointPrefix'])} --user {key_of(account_id)}:test",
            f"-H 'Content-Type: application/x-amz-json-{metadata['jsonVersion']}'",
            f"-H 'X-Amz-Target: {metadata['targetPrefix']}.{self.operation}'",
            f"--data-raw {shlex.quote(json.dumps(self.members, ensure_ascii=False))}",
        ]
        return " \\\n  ".join(lines)
