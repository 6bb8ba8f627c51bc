"""AWS keys: STS is asked who calls, with a signed request that needs no permission and changes nothing.

Signature Version 4 over the one form of request that is needed here:
https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html and, for the operation,
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html. The kit of AWS is not used: it
is as large as all else together, and who scans shall not need it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from secopskit.findings import VerificationState
from secopskit.rules.inquiry import VALUE
from secopskit.secret import SecretValue
from secopskit.verify.model import IssuerAnswer, UnaskableError, VerifyRequest
from secopskit.web.wire import WireAnswer

HOST: Final = "sts.amazonaws.com"
KEY_ID: Final = "key_id"
_WHAT: Final = f"GetCallerIdentity at {HOST}"
_BODY: Final = b"Action=GetCallerIdentity&Version=2011-06-15"
_FORM: Final = "application/x-www-form-urlencoded; charset=utf-8"
_SIGNED: Final = "content-type;host;x-amz-date"
_REGION: Final = "us-east-1"  # that of the global endpoint
_ID: Final = re.compile(rb"(?:AKIA|ASIA)[A-Z0-9]{12,124}")
_SECRET: Final = re.compile(rb"[A-Za-z0-9/+]{40}")
_DEAD: Final = frozenset({"InvalidClientTokenId", "ExpiredToken"})
_ANOTHERS: Final = "SignatureDoesNotMatch"  # the id is that of a key, and the secret that of another


def sts_request(slots: Mapping[str, SecretValue], now: float) -> VerifyRequest:
    """The signed request of the pair in `slots`. Raises UnaskableError where it is none."""
    key_id, secret = slots[KEY_ID].reveal(), slots[VALUE].reveal()
    if not _ID.fullmatch(key_id) or not _SECRET.fullmatch(secret):
        raise UnaskableError("it is no pair of id and secret")
    if key_id.startswith(b"ASIA"):
        raise UnaskableError("a temporary key needs its session token, too")
    stamp = f"{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%SZ}"
    return VerifyRequest(
        method="POST",
        base_url=f"https://{HOST}",
        url=f"https://{HOST}/",
        what=_WHAT,
        headers={
            "Authorization": _authorization(key_id.decode("ascii"), secret, stamp),
            "Content-Type": _FORM,
            "X-Amz-Date": stamp,
            "Accept": "application/xml",
        },
        body=_BODY,
    )


def read_sts(answer: WireAnswer) -> IssuerAnswer:
    """What the answer means."""
    detail = f"{_WHAT}: HTTP {answer.status}"
    if answer.status == 200 and (arn := _element("Arn", answer.body)):
        return IssuerAnswer(VerificationState.ACTIVE, detail, account=arn)
    code = _element("Code", answer.body)
    if code in _DEAD:
        return IssuerAnswer(VerificationState.INACTIVE, f"{detail}, {code}")
    if code == _ANOTHERS:
        return IssuerAnswer(VerificationState.UNKNOWN, f"{detail}: it does not belong to the id beside it")
    return IssuerAnswer(VerificationState.UNKNOWN, f"{detail}, which says neither")


def _element(name: str, body: bytes) -> str:
    """The text of an element of XML. It is looked for, not parsed: it holds no mark-up."""
    found = re.search(rb"<%s>([A-Za-z0-9:/_+=,.@-]{1,200})</" % name.encode(), body)
    return found[1].decode("ascii") if found else ""


def _authorization(key_id: str, secret: bytes, stamp: str) -> str:
    headers = f"content-type:{_FORM}\nhost:{HOST}\nx-amz-date:{stamp}\n"
    canonical = f"POST\n/\n\n{headers}\n{_SIGNED}\n{hashlib.sha256(_BODY).hexdigest()}"
    scope = f"{stamp[:8]}/{_REGION}/sts/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signing = b"AWS4" + secret
    for part in scope.split("/"):
        signing = _mac(signing, part)
    signature = _mac(signing, text).hex()
    return f"AWS4-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={_SIGNED}, Signature={signature}"


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
