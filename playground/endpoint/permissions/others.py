"""Services whose operations are about one thing with a name, or about none."""

from collections.abc import Iterable
from typing import Final

from invocations.region import REGION
from playground.endpoint.permissions.asked import Asked, arn
from playground.endpoint.registry import Call

_PREFIXES: Final = {"dynamodbstreams": "dynamodb", "apigatewayv2": "apigateway"}
"""botocore's service -> what its actions begin with, where that is another word."""


def of_logs(call: Call) -> Iterable[Asked]:
    """A log group and stream, empty where the call names none: as AWS's refusals print it."""
    given, name = call.input, call.operation
    if given.get("resourceArn"):
        return [Asked(f"logs:{name}", given["resourceArn"])]
    group = given.get("logGroupName") or given.get("logGroupIdentifier") or ""
    named = group.split(":log-group:")[-1].removesuffix(":*")
    tail = f":log-stream:{given.get('logStreamName', '')}"
    identifiers = given.get("logGroupIdentifiers") or ([named] if named or not given.get("logGroupNamePrefix") else [""])
    names = [each.split(":log-group:")[-1].removesuffix(":*") for each in identifiers]
    return [Asked(f"logs:{name}", arn(call, "logs", f"log-group:{each}{tail}")) for each in names]


def of_kinesis(call: Call) -> Iterable[Asked]:
    """The stream, or all of them."""
    given = call.input
    stream = given.get("StreamARN") or given.get("ResourceARN") or given.get("ConsumerARN")
    if not stream:
        stream = arn(call, "kinesis", f"stream/{given['StreamName']}") if given.get("StreamName") else "*"
    return [Asked(f"kinesis:{call.operation}", stream)]


def of_dynamodb(call: Call) -> Iterable[Asked]:
    """The table or its stream."""
    given = call.input
    table = given.get("TableName") or ""
    named = given.get("StreamArn") or given.get("ResourceArn") or (table if table.startswith("arn:") else "")
    return [Asked(f"dynamodb:{call.operation}", named or (arn(call, "dynamodb", f"table/{table}") if table else "*"))]


def of_apigateway(call: Call) -> Iterable[Asked]:
    """API Gateway's actions are the methods of HTTP; the verb of the operation's name tells which."""
    methods = {"Create": "POST", "Import": "POST", "Get": "GET", "List": "GET", "Update": "PATCH", "Put": "PUT", "Delete": "DELETE"}
    method = next((method for verb, method in methods.items() if call.operation.startswith(verb)), "POST")
    return [Asked(f"apigateway:{method}", f"arn:aws:apigateway:{REGION}::/*")]


def anything(call: Call) -> Iterable[Asked]:
    """For services of which no more is known: the operation, on everything."""
    return [Asked(f"{_PREFIXES.get(call.service, call.service)}:{call.operation}")]
