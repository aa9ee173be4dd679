"""ARNs that are none, or of what has no policy here: the service's own error, never a 500."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.playground.endpoint.conftest import Server

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]
POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}]}'
ARNS = [POLICY, "arn:aws:ec2:us-east-1:000000000000:x", "arn:aws:::::", "arn:a:b:c:d:e:f:g", ":::::", "arn:aws:sqs:us-east-1:000000000000:"]
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("sns", "delete_topic", {"TopicArn": "{}"}),
    ("sns", "list_tags_for_resource", {"ResourceArn": "{}"}),
    ("sns", "publish", {"TargetArn": "{}", "Message": "m"}),
    ("sqs", "list_message_move_tasks", {"SourceArn": "{}"}),
    ("sqs", "start_message_move_task", {"SourceArn": "arn:aws:sqs:us-east-1:000000000000:q", "DestinationArn": "{}"}),
    ("events", "list_tags_for_resource", {"ResourceARN": "{}"}),
    ("events", "create_archive", {"ArchiveName": "a", "EventSourceArn": "{}"}),
    ("scheduler", "list_tags_for_resource", {"ResourceArn": "{}"}),
    ("lambda", "list_tags", {"Resource": "{}"}),
]


@pytest.mark.parametrize(("service", "operation", "members"), CALLS)
def test_is_answered_by_the_service(server: Server, service: str, operation: str, members: dict[str, Any]) -> None:
    client = server.client(service)
    statuses = set()
    for arn in ARNS:
        try:
            answer = getattr(client, operation)(**{name: value.replace("{}", arn) for name, value in members.items()})
        except ClientError as error:
            answer = error.response
        statuses.add(answer["ResponseMetadata"]["HTTPStatusCode"])
    assert statuses <= {200, 400, 403, 404}
