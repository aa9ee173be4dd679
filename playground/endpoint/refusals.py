"""Why a signature is not accepted, and what each family of services calls that."""

from dataclasses import dataclass
from enum import Enum, auto

from invocations.errors import AwsError, aws_error


class Reason(Enum):
    """What is wrong with how a request is signed."""

    MISSING = auto()
    INCOMPLETE = auto()
    UNKNOWN_KEY = auto()
    INVALID_TOKEN = auto()
    EXPIRED_TOKEN = auto()
    MISMATCH = auto()
    OUT_OF_TIME = auto()
    LINK_EXPIRED = auto()
    WRONG_SCOPE = auto()
    UNSIGNED_HEADER = auto()
    CONTENT_MISMATCH = auto()


@dataclass(frozen=True, slots=True)
class _Wording:
    code: str
    status: int
    message: str


class Refused(Exception):
    """The request's signature is not accepted. *detail* takes the place of the reason's general message."""

    def __init__(self, reason: Reason, detail: str = "", **members: str) -> None:
        super().__init__(detail or reason.name)
        self.reason = reason
        self.detail = detail
        self.members = members

    def as_error(self, protocol: str) -> AwsError:
        """The error by the name that services of *protocol* give it."""
        family = _S3 if protocol == "rest-xml" else _QUERY if protocol == "query" else _JSON
        wording = family[self.reason]
        message = wording.message if family is _S3 and wording.message else self.detail or wording.message
        return aws_error(wording.code, message, wording.status, **(self.members if family is _S3 else {}))


_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)
_S3_MISMATCH = "The request signature we calculated does not match the signature you provided. Check your key and signing method."
_INVALID = "The security token included in the request is invalid."
_EXPIRED = "The security token included in the request is expired"
_SKEWED = "The difference between the request time and the current time is too large."
_CONTENT = "The provided 'x-amz-content-sha256' header does not match what was computed."

_JSON = {
    Reason.MISSING: _Wording("MissingAuthenticationTokenException", 403, "Missing Authentication Token"),
    Reason.INCOMPLETE: _Wording("IncompleteSignatureException", 400, ""),
    Reason.UNKNOWN_KEY: _Wording("UnrecognizedClientException", 403, _INVALID),
    Reason.INVALID_TOKEN: _Wording("UnrecognizedClientException", 403, _INVALID),
    Reason.EXPIRED_TOKEN: _Wording("ExpiredTokenException", 403, _EXPIRED),
    Reason.MISMATCH: _Wording("InvalidSignatureException", 403, _MISMATCH),
    Reason.OUT_OF_TIME: _Wording("InvalidSignatureException", 403, ""),
    Reason.LINK_EXPIRED: _Wording("InvalidSignatureException", 403, ""),
    Reason.WRONG_SCOPE: _Wording("InvalidSignatureException", 403, ""),
    Reason.UNSIGNED_HEADER: _Wording("InvalidSignatureException", 403, ""),
    Reason.CONTENT_MISMATCH: _Wording("InvalidSignatureException", 403, _CONTENT),
}
_QUERY = {
    Reason.MISSING: _Wording("MissingAuthenticationToken", 403, "Missing Authentication Token"),
    Reason.INCOMPLETE: _Wording("IncompleteSignature", 400, ""),
    Reason.UNKNOWN_KEY: _Wording("InvalidClientTokenId", 403, _INVALID),
    Reason.INVALID_TOKEN: _Wording("InvalidClientTokenId", 403, _INVALID),
    Reason.EXPIRED_TOKEN: _Wording("ExpiredToken", 400, _EXPIRED),
    Reason.MISMATCH: _Wording("SignatureDoesNotMatch", 403, _MISMATCH),
    Reason.OUT_OF_TIME: _Wording("SignatureDoesNotMatch", 403, ""),
    Reason.LINK_EXPIRED: _Wording("SignatureDoesNotMatch", 403, ""),
    Reason.WRONG_SCOPE: _Wording("SignatureDoesNotMatch", 403, ""),
    Reason.UNSIGNED_HEADER: _Wording("SignatureDoesNotMatch", 403, ""),
    Reason.CONTENT_MISMATCH: _Wording("SignatureDoesNotMatch", 403, _CONTENT),
}
_S3 = {
    Reason.MISSING: _Wording("AccessDenied", 403, "Access Denied"),
    Reason.INCOMPLETE: _Wording("AuthorizationHeaderMalformed", 400, ""),
    Reason.UNKNOWN_KEY: _Wording("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."),
    Reason.INVALID_TOKEN: _Wording("InvalidToken", 400, "The provided token is malformed or otherwise invalid."),
    Reason.EXPIRED_TOKEN: _Wording("ExpiredToken", 400, "The provided token has expired."),
    Reason.MISMATCH: _Wording("SignatureDoesNotMatch", 403, _S3_MISMATCH),
    Reason.OUT_OF_TIME: _Wording("RequestTimeTooSkewed", 403, _SKEWED),
    Reason.LINK_EXPIRED: _Wording("AccessDenied", 403, "Request has expired"),
    Reason.WRONG_SCOPE: _Wording("AuthorizationHeaderMalformed", 400, ""),
    Reason.UNSIGNED_HEADER: _Wording("AccessDenied", 403, "There were headers present in the request which were not signed"),
    Reason.CONTENT_MISMATCH: _Wording("XAmzContentSHA256Mismatch", 400, _CONTENT),
}
