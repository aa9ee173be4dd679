"""AWS's own managed policies, as far as functions and those who call them use them.

Source: AWS Managed Policy Reference Guide; of the wide ones, the parts about services that are not here are left out.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

_PREFIX: Final = "arn:aws:iam::aws:policy/"
_LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
_NETWORK = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
]
_READ_IAM = ["GetPolicy", "GetPolicyVersion", "GetRole", "GetRolePolicy", "ListAttachedRolePolicies", "ListRolePolicies", "ListRoles"]
_STREAM = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"]
_OF_FUNCTIONS = "arn:aws:logs:*:*:log-group:/aws/lambda/*"


def _allow(actions: str | Sequence[str], resource: str = "*", condition: Mapping[str, Any] | None = None) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Action": actions if isinstance(actions, str) else list(actions),
        "Resource": resource,
    }
    return statement if condition is None else statement | {"Condition": condition}


def _pass_role(service: str) -> dict[str, Any]:
    return _allow("iam:PassRole", condition={"StringEquals": {"iam:PassedToService": service}})


_STATEMENTS: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = {
    "AdministratorAccess": [_allow("*")],
    "PowerUserAccess": [
        {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"},
        _allow(["iam:CreateServiceLinkedRole", "iam:DeleteServiceLinkedRole", "iam:ListRoles"]),
    ],
    "IAMFullAccess": [_allow("iam:*")],
    "IAMReadOnlyAccess": [_allow(["iam:Get*", "iam:List*", "iam:GenerateCredentialReport", "iam:SimulateCustomPolicy"])],
    "AWSLambda_FullAccess": [
        _allow(["cloudwatch:ListMetrics", "cloudwatch:GetMetricData", "kms:ListAliases", *(f"iam:{each}" for each in _READ_IAM)]),
        _allow(["lambda:*", "logs:DescribeLogGroups", "states:DescribeStateMachine", "states:ListStateMachines", "tag:GetResources"]),
        _pass_role("lambda.amazonaws.com"),
        _allow(["logs:DescribeLogStreams", "logs:GetLogEvents", "logs:FilterLogEvents", "logs:StartLiveTail"], _OF_FUNCTIONS),
    ],
    "AWSLambda_ReadOnlyAccess": [
        _allow(["cloudwatch:ListMetrics", "cloudwatch:GetMetricData", "kms:ListAliases", *(f"iam:{each}" for each in _READ_IAM)]),
        _allow(["lambda:Get*", "lambda:List*", "logs:DescribeLogGroups", "tag:GetResources"]),
        _allow(["logs:DescribeLogStreams", "logs:GetLogEvents", "logs:FilterLogEvents", "logs:StartLiveTail"], _OF_FUNCTIONS),
    ],
    "AWSLambdaExecute": [_allow("logs:*", "arn:aws:logs:*:*:*"), _allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::*")],
    "AWSLambdaInvocation-DynamoDB": [
        _allow("lambda:InvokeFunction"),
        _allow([f"dynamodb:{action}" for action in _STREAM]),
    ],
    "service-role/AWSLambdaRole": [_allow("lambda:InvokeFunction")],
    "service-role/AWSLambdaBasicExecutionRole": [_allow(_LOGS)],
    "service-role/AWSLambdaVPCAccessExecutionRole": [_allow([*_LOGS, *_NETWORK])],
    "service-role/AWSLambdaENIManagementAccess": [_allow(_NETWORK)],
    "service-role/AWSLambdaSQSQueueExecutionRole": [_allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", *_LOGS])],
    "service-role/AWSLambdaKinesisExecutionRole": [
        _allow([*(f"kinesis:{action}" for action in _STREAM), "kinesis:DescribeStreamSummary", "kinesis:ListShards"]),
        _allow(["kinesis:SubscribeToShard", *_LOGS]),
    ],
    "service-role/AWSLambdaDynamoDBExecutionRole": [_allow([*(f"dynamodb:{action}" for action in _STREAM), *_LOGS])],
    "service-role/AWSLambdaMSKExecutionRole": [
        _allow(["kafka:DescribeCluster", "kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers", *_NETWORK[:4], *_LOGS]),
        _allow(["ec2:DescribeVpcs", "ec2:DescribeSecurityGroups"]),
    ],
    "AWSXRayDaemonWriteAccess": [_allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSampling*"])],
    "CloudWatchLogsFullAccess": [_allow("logs:*")],
    "CloudWatchLogsReadOnlyAccess": [_allow(["logs:Describe*", "logs:Get*", "logs:List*", "logs:FilterLogEvents", "logs:StartLiveTail"])],
    "AmazonSQSFullAccess": [_allow("sqs:*")],
    "AmazonSQSReadOnlyAccess": [_allow(["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:List*"])],
    "AmazonSNSFullAccess": [_allow("sns:*")],
    "AmazonSNSReadOnlyAccess": [_allow(["sns:Get*", "sns:List*"])],
    "AmazonS3FullAccess": [_allow(["s3:*", "s3-object-lambda:*"])],
    "AmazonS3ReadOnlyAccess": [_allow(["s3:Get*", "s3:List*", "s3:Describe*"])],
    "AmazonEventBridgeFullAccess": [_allow(["events:*", "scheduler:*", "pipes:*"]), _pass_role("events.amazonaws.com")],
    "AmazonEventBridgeReadOnlyAccess": [_allow(["events:Describe*", "events:List*", "events:TestEventPattern"])],
    "AmazonEventBridgeSchedulerFullAccess": [_allow("scheduler:*"), _pass_role("scheduler.amazonaws.com")],
    "AmazonKinesisFullAccess": [_allow("kinesis:*")],
    "AmazonKinesisReadOnlyAccess": [_allow(["kinesis:Get*", "kinesis:List*", "kinesis:Describe*"])],
    "AmazonDynamoDBFullAccess": [_allow("dynamodb:*")],
    "AmazonDynamoDBReadOnlyAccess": [
        _allow(["dynamodb:BatchGetItem", "dynamodb:Describe*", "dynamodb:Get*", "dynamodb:List*", "dynamodb:Query", "dynamodb:Scan"])
    ],
}
"""Path and name -> its statements."""


def names() -> list[str]:
    """Path and name of each: "service-role/AWSLambdaBasicExecutionRole"."""
    return list(_STATEMENTS)


def find(arn: str) -> str | None:
    """The path and name of the policy that *arn* means, or None."""
    name = arn.removeprefix(_PREFIX)
    return name if name in _STATEMENTS and name != arn else None


def document(name: str) -> str:
    """What the policy says, as JSON."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(_STATEMENTS[name])})
