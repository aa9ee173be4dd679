"""SNS: topics and what is configured of them. (Subscriptions: sns_subscriptions. Publishing: sns_publish.)"""

from typing import Any

from invocations.errors import aws_error
from invocations.models import Topic
from invocations.resources import topics
from invocations.services import sns
from invocations.services.sns import signing
from invocations.services.sns.envelopes import CERTIFICATE_PATH
from playground.endpoint.local import LocalAnswer, LocalRequest, local_route
from playground.endpoint.registry import Call, operation


def topic_of(call: Call, parameter: str = "TopicArn") -> tuple[str, str]:
    """(account id, name) of the topic that the call means. Raises InvalidParameter; NotFound for another account's."""
    account_id, name = sns.read_topic_arn(call.input.get(parameter, ""), parameter)
    if account_id != call.principal.account_id:
        sns.find(account_id, name)
    return account_id, name


def row_of(call: Call) -> Topic:
    """The same as a row."""
    return topics.get(*topic_of(call))


@operation("sns", "CreateTopic")
def create_topic(call: Call) -> dict[str, Any]:
    """A topic, new or the same."""
    account_id, members = call.principal.account_id, call.input
    tags = _tags_in(call)
    row = topics.create(account_id, members["Name"], members.get("Attributes"), tags, members.get("DataProtectionPolicy", ""))
    return {"TopicArn": sns.topic_arn(account_id, row.name)}


@operation("sns", "DeleteTopic")
def delete_topic(call: Call) -> dict[str, Any]:
    """Gone with its subscriptions; no error where it was not there."""
    account_id, name = sns.read_topic_arn(call.input["TopicArn"])
    if account_id != call.principal.account_id:
        topic_of(call)
    topics.delete(account_id, name)
    return {}


@operation("sns", "ListTopics")
def list_topics(call: Call) -> dict[str, Any]:
    """The account's own."""
    rows, next_token = topics.list_all(call.principal.account_id, call.input.get("NextToken", ""))
    return {"Topics": [{"TopicArn": sns.topic_arn(row.account_id, row.name)} for row in rows], "NextToken": next_token}


@operation("sns", "GetTopicAttributes")
def get_topic_attributes(call: Call) -> dict[str, Any]:
    """All of them."""
    return {"Attributes": topics.attributes_of(*topic_of(call))}


@operation("sns", "SetTopicAttributes")
def set_topic_attributes(call: Call) -> dict[str, Any]:
    """One, in force at once."""
    topics.set_attribute(*topic_of(call), call.input["AttributeName"], call.input.get("AttributeValue", ""))
    return {}


@operation("sns", "AddPermission")
def add_permission(call: Call) -> dict[str, Any]:
    """One more statement in the topic's policy."""
    members = call.input
    topics.add_permission(*topic_of(call), members["Label"], members["AWSAccountId"], members["ActionName"])
    return {}


@operation("sns", "RemovePermission")
def remove_permission(call: Call) -> dict[str, Any]:
    """One statement less in the topic's policy."""
    topics.remove_permission(*topic_of(call), call.input["Label"])
    return {}


@operation("sns", "TagResource")
def tag_resource(call: Call) -> dict[str, Any]:
    """Adds tags, or changes their values."""
    topics.tag(*_tagged(call), _tags_in(call))
    return {}


@operation("sns", "UntagResource")
def untag_resource(call: Call) -> dict[str, Any]:
    """Takes tags away."""
    topics.untag(*_tagged(call), call.input["TagKeys"])
    return {}


@operation("sns", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> dict[str, Any]:
    """All of them."""
    return {"Tags": [{"Key": key, "Value": value} for key, value in sorted(topics.tags_of(*_tagged(call)).items())]}


@operation("sns", "GetDataProtectionPolicy")
def get_data_protection_policy(call: Call) -> dict[str, Any]:
    """As it was put."""
    return {"DataProtectionPolicy": topics.get(*topic_of(call, "ResourceArn")).data_protection_policy}


@operation("sns", "PutDataProtectionPolicy")
def put_data_protection_policy(call: Call) -> dict[str, Any]:
    """It is kept; nothing is masked by it."""
    topics.set_data_protection_policy(*topic_of(call, "ResourceArn"), call.input["DataProtectionPolicy"])
    return {}


@local_route("GET", CERTIFICATE_PATH + "{name}")
def certificate(request: LocalRequest) -> LocalAnswer:
    """The certificate by which receivers check the signatures of messages."""
    identity = signing.identity()
    if request.parts["name"] != identity.certificate_name:
        return LocalAnswer.of_json({"message": "There is no such certificate."}, 404)
    return LocalAnswer(200, identity.certificate, {"content-type": "application/x-pem-file"})


def _tagged(call: Call) -> tuple[str, str]:
    account_id, name = sns.read_topic_arn(call.input["ResourceArn"], "ResourceArn")
    if account_id != call.principal.account_id:
        raise aws_error("ResourceNotFound", "Resource does not exist", 404)
    return account_id, name


def _tags_in(call: Call) -> dict[str, str]:
    tags = call.input.get("Tags", [])
    found = {tag["Key"]: tag["Value"] for tag in tags}
    if len(found) < len(tags):
        raise aws_error("InvalidParameter", "Invalid parameter: Duplicated keys are not allowed.")
    return found
