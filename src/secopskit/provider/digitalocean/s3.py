"""One signed GET of S3's protocol: whether a Spaces key opens what it should.

Signature Version 4 (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html), which
Spaces speaks too (https://docs.digitalocean.com/products/spaces/reference/s3-compatibility/).
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urlsplit

from secopskit.named_tuple import NamedTuple
from secopskit.provider.interface import Surroundings
from secopskit.provider.vendor.talk import open_client, status_of
from secopskit.secret import SecretValue

_EMPTY: Final = hashlib.sha256(b"").hexdigest()
_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_SIGNED: Final = "host;x-amz-content-sha256;x-amz-date"
# Spaces looks at no region; its documentation says to give this one.
_REGION: Final = "us-east-1"


class AccessKey(NamedTuple):
    """An access key: its id, which is no secret, and its secret."""

    id: str
    secret: SecretValue


def bucket_path(bucket: str) -> str:
    """The path of a bucket, of all buckets for an empty name."""
    return f"/{quote(bucket, safe='')}"


def status_for(base_url: str, path: str, key: AccessKey, surroundings: Surroundings) -> int:
    """The status of a GET of `path` that is signed with `key`; 0 where there is no answer."""
    moment = datetime.fromtimestamp(surroundings.now(), UTC)
    stamp = f"{moment:%Y%m%dT%H%M%SZ}"
    signature = _signature(urlsplit(base_url).netloc, path, key, stamp)
    client = open_client(
        base_url,
        surroundings,
        tries=1,
        token=SecretValue(signature.encode()),
        token_prefix=f"{_ALGORITHM} ",
        headers={
            "X-Amz-Content-SHA256": SecretValue(_EMPTY.encode()),
            "X-Amz-Date": SecretValue(stamp.encode()),
        },
    )
    return status_of(client, path)


def _signature(host: str, path: str, key: AccessKey, stamp: str) -> str:
    """What stands behind the algorithm in the header `Authorization` of a GET without query and body."""
    headers = f"host:{host}\nx-amz-content-sha256:{_EMPTY}\nx-amz-date:{stamp}\n"
    canonical = f"GET\n{path}\n\n{headers}\n{_SIGNED}\n{_EMPTY}"
    scope = f"{stamp[:8]}/{_REGION}/s3/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    signing = b"AWS4" + key.secret.reveal()
    for part in scope.split("/"):
        signing = _mac(signing, part)
    signature = _mac(signing, f"{_ALGORITHM}\n{stamp}\n{scope}\n{digest}").hex()
    return f"Credential={key.id}/{scope},SignedHeaders={_SIGNED},Signature={signature}"


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
