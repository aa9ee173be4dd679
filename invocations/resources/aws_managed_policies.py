"""AWS's own managed policies, as far as functions and those who call them use them."""

import json
from collections.abc import Sequence
from typing import Any

_LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
_NETWORK = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
]
_STREAM = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"]

_ACTIONS: dict[str, Sequence[str]] = {
    "AdministratorAccess": ["*"],
    "AWSLambda_FullAccess": ["lambda:*", "logs:*", "iam:GetRole", "iam:GetPolicy", "iam:ListRoles", "iam:PassRole"],
    "AWSLambda_ReadOnlyAccess": ["lambda:Get*", "lambda:List*", "logs:Describe*", "logs:Get*", "logs:FilterLogEvents"],
    "service-role/AWSLambdaRole": ["lambda:InvokeFunction"],
    "service-role/AWSLambdaBasicExecutionRole": _LOGS,
    "service-role/AWSLambdaVPCAccessExecutionRole": [*_LOGS, *_NETWORK],
    "service-role/AWSLambdaSQSQueueExecutionRole": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", *_LOGS],
    "service-role/AWSLambdaKinesisExecutionRole": [
        *(f"kinesis:{action}" for action in _STREAM),
        "kinesis:DescribeStreamSummary",
        "kinesis:ListShards",
        "kinesis:SubscribeToShard",
        *_LOGS,
    ],
    "service-role/AWSLambdaDynamoDBExecutionRole": [*(f"dynamodb:{action}" for action in _STREAM), *_LOGS],
    "service-role/AWSLambdaMSKExecutionRole": ["kafka:DescribeCluster", "kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers", *_LOGS],
    "AWSXRayDaemonWriteAccess": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
    "AmazonSQSFullAccess": ["sqs:*"],
    "AmazonSNSFullAccess": ["sns:*"],
    "AmazonS3FullAccess": ["s3:*"],
    "AmazonEventBridgeFullAccess": ["events:*"],
    "AmazonKinesisFullAccess": ["kinesis:*"],
    "AmazonDynamoDBFullAccess": ["dynamodb:*"],
}
"""Path and name -> the actions it allows on every resource."""


def names() -> list[str]:
    """Path and name of each: "service-role/AWSLambdaBasicExecutionRole"."""
    return list(_ACTIONS)


def find(arn: str) -> str | None:
    """The path and name of the policy that *arn* means, or None."""
    name = arn.removeprefix("arn:aws:iam::aws:policy/")
    return name if name in _ACTIONS and name != arn else None


def document(name: str) -> str:
    """What the policy says, as JSON."""
    statement: dict[str, Any] = {"Effect": "Allow", "Action": list(_ACTIONS[name]), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
