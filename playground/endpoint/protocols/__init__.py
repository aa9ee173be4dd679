"""AWS's wire protocols, driven by botocore's models: one way of reading requests and one of writing answers each."""

from collections.abc import Mapping

from playground.endpoint.protocols.aws_json import AwsJson
from playground.endpoint.protocols.query import Query
from playground.endpoint.protocols.rest_json import RestJson
from playground.endpoint.protocols.rest_xml import RestXml
from playground.endpoint.protocols.rpc_v2_cbor import RpcV2Cbor
from playground.endpoint.wire import Dialect

DIALECTS: Mapping[str, type[Dialect]] = {kind.protocol: kind for kind in (RestJson, AwsJson, Query, RestXml, RpcV2Cbor)}
