"""The AWS services that clients may address here, how they are recognised, and botocore's models of them."""

import gzip
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from botocore.model import ServiceModel


@dataclass(frozen=True, slots=True)
class Service:
    """One service of AWS."""

    name: str
    """botocore's."""
    signing_name: str
    """The service part of the credential scope."""
    protocols: tuple[str, ...]
    """What its clients speak, today's first."""
    target_prefix: str = ""
    """What stands before the operation in X-Amz-Target."""
    validation_error: str = ""
    """The code of the error that lists broken constraints of the model; empty where the service words them in its own way."""
    is_global: bool = False
    """Signed for us-east-1, wherever the caller is."""


SERVICES = (
    Service("lambda", "lambda", ("rest-json",), validation_error="ValidationException"),
    Service("sqs", "sqs", ("json", "query"), "AmazonSQS"),
    Service("sns", "sns", ("query",), validation_error="ValidationError"),
    Service("events", "events", ("json",), "AWSEvents", "ValidationException"),
    Service("scheduler", "scheduler", ("rest-json",), validation_error="ValidationException"),
    Service("kinesis", "kinesis", ("json",), "Kinesis_20131202", "ValidationException"),
    Service("dynamodb", "dynamodb", ("json",), "DynamoDB_20120810", "ValidationException"),
    Service("dynamodbstreams", "dynamodb", ("json",), "DynamoDBStreams_20120810", "ValidationException"),
    Service("s3", "s3", ("rest-xml",)),
    Service("iam", "iam", ("query",), validation_error="ValidationError", is_global=True),
    Service("sts", "sts", ("query",), validation_error="ValidationError", is_global=True),
    Service("logs", "logs", ("json",), "Logs_20140328", "InvalidParameterException"),
    Service("cloudtrail", "cloudtrail", ("json",), "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"),
    Service(
        "cloudwatch",
        "monitoring",
        ("smithy-rpc-v2-cbor", "json", "query"),
        "GraniteServiceVersion20100801",
        "ValidationError",
    ),
    Service("apigateway", "apigateway", ("rest-json",)),
    Service("apigatewayv2", "apigateway", ("rest-json",)),
    Service("cognito-idp", "cognito-idp", ("json",), "AWSCognitoIdentityProviderService", "InvalidParameterException"),
)

BY_NAME: Mapping[str, Service] = {service.name: service for service in SERVICES}
BY_SIGNING_NAME: Mapping[str, Service] = {service.signing_name: service for service in reversed(SERVICES)}
BY_TARGET: Mapping[str, Service] = {service.target_prefix: service for service in SERVICES if service.target_prefix}

_LEFT_OUT = frozenset({"documentation", "documentationUrl", "deprecatedMessage"})


@cache
def model_of(name: str) -> ServiceModel:
    """The service's model, without its documentation: about a megabyte each, so only services in use are loaded."""
    folder = files("botocore") / "data" / name
    newest = max(folder.iterdir(), key=lambda version: version.name)
    description = json.loads(gzip.decompress((newest / "service-2.json.gz").read_bytes()), object_pairs_hook=_without_prose)
    return ServiceModel(description, name)


def empty_model(protocol: str) -> ServiceModel:
    """A model without operations, to word errors of services that are not here."""
    metadata = {"protocol": protocol, "endpointPrefix": "unknown"}
    return ServiceModel({"metadata": metadata, "operations": {}, "shapes": {}}, "unknown")


def _without_prose(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {sys.intern(key): value for key, value in pairs if key not in _LEFT_OUT}
