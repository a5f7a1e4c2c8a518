"""What an S3-compatible service, or the way to it, says when it cannot be used, as a StateError that says what to do.

The library's own text is only searched, never shown: services put key ids and signatures into what they answer.
"""

import re
from typing import Final, NamedTuple

from reconciler.errors import StateError

_STATUS: Final = re.compile(r"status code: (\d{3})")
_CODE: Final = re.compile(r"<Code>([A-Za-z0-9.]{1,64})</Code>")

_READ: Final = "s3:GetObject, and s3:ListBucket, without which a missing object looks like a forbidden one"
PERMISSIONS: Final = {
    "read": _READ,
    "list": "s3:ListBucket on the bucket",
    "write": "s3:PutObject",
    "remove": "s3:DeleteObject",
}
_CREDENTIALS: Final = (
    "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or the role of this machine"
)
_REGION: Final = "set AWS_REGION to the bucket's region, or AWS_ENDPOINT_URL_S3 to the service that has it"
# Codes of https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html that say more than their status does.
_BY_CODE: Final = {
    "AuthorizationHeaderMalformed": _REGION,
    "ExpiredToken": "the credentials have run out: get new ones",
    "InvalidAccessKeyId": _CREDENTIALS,
    "InvalidToken": _CREDENTIALS,
    "NoSuchBucket": "create the bucket, or correct its name; then check AWS_REGION and AWS_ENDPOINT_URL_S3",
    "PermanentRedirect": _REGION,
    "QuotaExceeded": "make room in the bucket, then run it again",
    "RequestTimeTooSkewed": "set this machine's clock: the service refuses requests that are minutes off",
    "SignatureDoesNotMatch": _CREDENTIALS,
}
_LATER: Final = "nothing is wrong with state; run it again later"
_CONDITIONS: Final = "the service may not know conditional writes (If-None-Match, If-Match), which state needs"
_BY_STATUS: Final = {
    301: _REGION,
    307: _REGION,
    400: _CONDITIONS,
    401: _CREDENTIALS,
    405: _CONDITIONS,
    501: _CONDITIONS,
}
_PLACE: Final = "check AWS_ENDPOINT_URL_S3, AWS_REGION and the network"
# Where no answer came: words of the library that give the reason away, the reason, what to do. The first that fits.
_SILENCES: Final = (
    (("redential", "169.254.", "/latest/"), "there are no credentials for it", _CREDENTIALS),
    (("dns error",), "its host cannot be resolved", _PLACE),
    (("BareRedirect",), "the service points to another region", _REGION),
    (("BadScheme",), "only https is used, loopback excepted", _PLACE),
    (("ertificate",), "the certificate of its host is not trusted", _PLACE),
    (("kind: Connect",), "its host cannot be connected to", _PLACE),
    (("TimedOut", "kind: Timeout"), "no answer came in time", _LATER),
    (("",), "the connection was cut, or what came back is not an answer of S3", _LATER),
)


class Fault(NamedTuple):
    """What went wrong with one request, as far as it matters here: the status and code of an answer, or neither."""

    status: int | None
    code: str | None
    text: str

    @property
    def was_refused(self) -> bool:
        """Tell whether the service said no for good: nothing was done, and asking again would change nothing."""
        if self.status is None:
            return "BareRedirect" in self.text or "BadScheme" in self.text
        return self.status in (301, 307, 400, 401, 403, 405, 501) or self.code == "NoSuchBucket"

    @property
    def was_not_done(self) -> bool:
        """Tell whether the write was certainly not done: it never left, or its condition did not hold."""
        return self.status in (404, 409, 412, 429) or (self.status is None and "kind: Connect" in self.text)


def fault_of(error: BaseException) -> Fault:
    """Read what obstore says of a failed request."""
    text = str(error)
    status, code = _STATUS.search(text), _CODE.search(text)
    return Fault(int(status[1]) if status else None, code[1] if code else None, text)


def trouble(action: str, name: str, fault: Fault) -> StateError:
    """Return the error to raise; `action` is one of PERMISSIONS, `name` the object as messages name it."""
    reason, hint = _explain(action, fault)
    return StateError(f"cannot {action} {name}: {reason}", hint=hint)


def _explain(action: str, fault: Fault) -> tuple[str, str]:
    if fault.status is None:
        return next((reason, hint) for signs, reason, hint in _SILENCES if any(each in fault.text for each in signs))
    reason = f"the service answered {fault.status}{f' {fault.code}' if fault.code else ''}"
    if fault.status == 403 and fault.code not in _BY_CODE:
        return reason, f"the credentials need {PERMISSIONS[action]}"
    return reason, _BY_CODE.get(fault.code or "", _BY_STATUS.get(fault.status, _LATER))
