"""Tags, whatever they are of: against a whole playground, whose database takes one change after the other."""

import json
from concurrent.futures import ThreadPoolExecutor

from playground.supervision.trial import Trial

ACCOUNT = "303030303030"
START = f"us-east-1:{ACCOUNT}:"


def test_tags_that_come_at_the_same_time_are_all_kept(stack: Trial) -> None:
    events, scheduler, iam, logs = (stack.boto3(name, aws_access_key_id=ACCOUNT) for name in ("events", "scheduler", "iam", "logs"))
    rule = events.put_rule(Name="r", EventPattern='{"source": ["shop"]}')["RuleArn"]
    bus, group = f"arn:aws:events:{START}event-bus/default", f"arn:aws:scheduler:{START}schedule-group/default"
    document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    policy = iam.create_policy(PolicyName="p", PolicyDocument=document)["Policy"]["Arn"]
    logs.create_log_group(logGroupName="g")
    log_group = f"arn:aws:logs:{START}log-group:g"
    keys = list("abcdefghijklmnop")

    def tag(key: str) -> None:
        tags = [{"Key": key, "Value": "v"}]
        events.tag_resource(ResourceARN=rule, Tags=tags)
        events.tag_resource(ResourceARN=bus, Tags=tags)
        scheduler.tag_resource(ResourceArn=group, Tags=tags)
        iam.tag_policy(PolicyArn=policy, Tags=tags)
        logs.tag_resource(resourceArn=log_group, tags={key: "v"})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(tag, keys))
    for found in (
        events.list_tags_for_resource(ResourceARN=rule)["Tags"],
        events.list_tags_for_resource(ResourceARN=bus)["Tags"],
        scheduler.list_tags_for_resource(ResourceArn=group)["Tags"],
        iam.list_policy_tags(PolicyArn=policy)["Tags"],
    ):
        assert sorted(each["Key"] for each in found) == keys
    assert sorted(logs.list_tags_for_resource(resourceArn=log_group)["tags"]) == keys
