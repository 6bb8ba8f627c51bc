"""IAM and STS, as far as access keys go: the query protocol, signatures that are checked, two keys a user.

Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/ and .../STS/latest/APIReference/.
"""

from __future__ import annotations

import re
import secrets
import string
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from support.values import alnum
from support.vendors.server import Asked, Reply, Vendor

_VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15"}
_ACTIONS = {
    "ListAccessKeys": ("iam", {"UserName"}, {"MaxItems", "Marker"}),
    "CreateAccessKey": ("iam", {"UserName"}, set()),
    "UpdateAccessKey": ("iam", {"UserName", "AccessKeyId", "Status"}, set()),
    "DeleteAccessKey": ("iam", {"UserName", "AccessKeyId"}, set()),
    "GetAccessKeyLastUsed": ("iam", {"AccessKeyId"}, set()),
    "GetCallerIdentity": ("sts", set[str](), set[str]()),
}


@dataclass
class AwsKeyEntry:
    """An access key of a user."""

    user: str
    created: datetime
    id: str = field(
        default_factory=lambda: "AKIA" + "".join(secrets.choice(string.ascii_uppercase) for _ in range(16))
    )
    secret: str = field(default_factory=lambda: alnum(40))
    active: bool = True
    used: datetime | None = None
    lag: int = 0


@dataclass
class Aws(Vendor):
    """An account. `lag` is how many requests a new key is unknown; `denied` are actions nobody may do.

    `now` is the account's clock.
    """

    keys: list[AwsKeyEntry] = field(default_factory=list)
    lag: int = 0
    denied: set[str] = field(default_factory=set)
    now: datetime = field(default_factory=lambda: datetime.fromtimestamp(1_800_000_000, UTC))
    root: bool = False

    def target(self, path: str, raw: bytes) -> str:
        return parse_qs(raw.decode()).get("Action", [""])[0]

    def add(self, user: str) -> AwsKeyEntry:
        key = AwsKeyEntry(user, self.now)
        self.keys.append(key)
        return key

    def of(self, user: str) -> list[AwsKeyEntry]:
        return [key for key in self.keys if key.user == user]

    def reply(self, asked: Asked) -> Reply:
        with self.lock:
            form = {name: values[0] for name, values in parse_qs(asked.raw.decode()).items()}
            action = form.pop("Action", "")
            self.asked.append(asked._replace(path=action))
            if refused := self._violations(asked, action, form):
                return refused
            key, refused = self._signer(asked, _ACTIONS[action][0])
            if key is None or refused is not None:
                return refused or self._error(403, "InvalidClientTokenId", "no key")
            if action in self.denied:
                return self._error(403, "AccessDenied", f"is not authorized to perform: iam:{action}")
            if action != "GetCallerIdentity":
                key.used = self.now
            answered: Reply = getattr(self, f"_{action}")(form, key)
            return answered

    def _violations(self, asked: Asked, action: str, form: dict[str, str]) -> Reply | None:
        service, needed, allowed = _ACTIONS.get(action, ("", set[str](), set[str]()))
        version = form.pop("Version", "")
        wrong = (
            (asked.method, asked.path) != ("POST", "/")
            or version != _VERSIONS.get(service)
            or not asked.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
            or not needed <= form.keys() <= needed | allowed
            or form.get("Status", "Active") not in ("Active", "Inactive")
        )
        if not wrong:
            return None
        self.violations.append(f"{asked.method} {asked.path} {action} {sorted(form)}")
        return self._error(400, "ValidationError", "malformed")

    def _signer(self, asked: Asked, service: str) -> tuple[AwsKeyEntry | None, Reply | None]:
        given = asked.headers.get("authorization", "")
        found = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=(\w+)/\d{8}/([a-z0-9-]+)/(\w+)/aws4_request, "
            r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})",
            given,
        )
        if found is None or found[3] != service:
            self.violations.append(f"{asked.path}: not signed")
            return None, self._error(403, "MissingAuthenticationToken", "not signed")
        key = next((key for key in self.keys if key.id == found[1]), None)
        if key is None or not key.active or key.lag:
            if key is not None:
                key.lag -= bool(key.lag)
            return None, self._error(403, "InvalidClientTokenId", "The security token is invalid")
        signed = {name: asked.headers[name] for name in found[4].split(";")}
        request = AWSRequest("POST", f"{self.url}/", headers=signed, data=asked.raw)
        request.context["timestamp"] = asked.headers["x-amz-date"]
        signer = SigV4Auth(Credentials(key.id, key.secret), service, found[2])
        canonical = signer.canonical_request(request)
        if signer.signature(signer.string_to_sign(request, canonical), request) != found[5]:
            text = f"The request signature we calculated does not match: {canonical}"
            return None, self._error(403, "SignatureDoesNotMatch", text)
        return key, None

    @staticmethod
    def _error(status: int, code: str, text: str) -> Reply:
        body = f"<Type>Sender</Type><Code>{code}</Code><Message>{escape(text)}</Message>"
        xml = f"<ErrorResponse><Error>{body}</Error><RequestId>r</RequestId></ErrorResponse>"
        return Reply(status, xml.encode(), {"Content-Type": "text/xml"})

    @staticmethod
    def _answer(action: str, inner: str = "") -> Reply:
        xml = f"<{action}Response><{action}Result>{inner}</{action}Result></{action}Response>"
        return Reply(200, xml.encode(), {"Content-Type": "text/xml"})

    def _missing(self) -> Reply:
        return self._error(404, "NoSuchEntity", "The Access Key cannot be found.")

    def _found(self, form: dict[str, str]) -> AwsKeyEntry | None:
        return next(
            (key for key in self.keys if (key.user, key.id) == (form["UserName"], form["AccessKeyId"])), None
        )

    def _GetCallerIdentity(self, form: dict[str, str], key: AwsKeyEntry) -> Reply:  # noqa: N802 - AWS' name
        arn = "arn:aws:iam::123456789012:" + ("root" if self.root else f"user/team/{key.user}")
        return self._answer("GetCallerIdentity", f"<Arn>{arn}</Arn><Account>123456789012</Account>")

    def _ListAccessKeys(self, form: dict[str, str], key: AwsKeyEntry) -> Reply:  # noqa: N802 - AWS' name
        members = "".join(f"<member>{self._shown(each)}</member>" for each in self.of(form["UserName"]))
        inner = f"<AccessKeyMetadata>{members}</AccessKeyMetadata><IsTruncated>false</IsTruncated>"
        return self._answer("ListAccessKeys", inner)

    @staticmethod
    def _shown(key: AwsKeyEntry) -> str:
        status = "Active" if key.active else "Inactive"
        return (
            f"<UserName>{key.user}</UserName><AccessKeyId>{key.id}</AccessKeyId><Status>{status}</Status>"
            f"<CreateDate>{key.created:%Y-%m-%dT%H:%M:%SZ}</CreateDate>"
        )

    def _CreateAccessKey(self, form: dict[str, str], key: AwsKeyEntry) -> Reply:  # noqa: N802 - AWS' name
        if len(self.of(form["UserName"])) >= 2:
            return self._error(409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
        made = self.add(form["UserName"])
        made.lag = self.lag
        inner = f"{self._shown(made)}<SecretAccessKey>{made.secret}</SecretAccessKey>"
        return self._answer("CreateAccessKey", f"<AccessKey>{inner}</AccessKey>")

    def _UpdateAccessKey(self, form: dict[str, str], key: AwsKeyEntry) -> Reply:  # noqa: N802 - AWS' name
        found = self._found(form)
        if found is None:
            return self._missing()
        found.active = form["Status"] == "Active"
        return self._answer("UpdateAccessKey")

    def _DeleteAccessKey(self, form: dict[str, str], key: AwsKeyEntry) -> Reply:  # noqa: N802 - AWS' name
        found = self._found(form)
        if found is None:
            return self._missing()
        self.keys.remove(found)
        return self._answer("DeleteAccessKey")

    def _GetAccessKeyLastUsed(self, form: dict[str, str], key: AwsKeyEntry) -> Reply:  # noqa: N802 - AWS' name
        found: Any = next((each for each in self.keys if each.id == form["AccessKeyId"]), None)
        if found is None:
            return self._missing()
        used = f"<LastUsedDate>{found.used:%Y-%m-%dT%H:%M:%SZ}</LastUsedDate>" if found.used else ""
        last = f"<AccessKeyLastUsed>{used}<ServiceName>s3</ServiceName><Region>r</Region></AccessKeyLastUsed>"
        return self._answer("GetAccessKeyLastUsed", f"<UserName>{found.user}</UserName>{last}")
