"""Policies that let services into the queues of tests."""

import json

SERVICES = ("events.amazonaws.com", "sns.amazonaws.com")


def letting_in(*services: str, source_arn: str = "") -> str:
    """A queue's policy that lets these services (by default those above) send, for any topic or rule unless one is named."""
    statement = {"Effect": "Allow", "Principal": {"Service": services or SERVICES}, "Action": "sqs:SendMessage", "Resource": "*"}
    condition = {"Condition": {"ArnEquals": {"aws:SourceArn": source_arn}}} if source_arn else {}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **condition}]})
