"""An inquiry: one question to the issuer of a credential, which tells whether it works and changes nothing.

Written by the author of a rule under `inquiries:` of its file; see docs/verify.md. Here it is a value.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from secopskit.named_tuple import NamedTuple

VALUE: Final = "value"
"""The name that stands for the credential itself in texts with `{…}`."""
SLOT: Final = re.compile(r"\{([a-z][a-z0-9_]{0,23})\}")
"""A place in a text that a value, a part of it, or something from near by is put into."""


class Protocol(Enum):
    """How an issuer is spoken to. HTTP is described by the inquiry itself, all else by a module."""

    HTTP = "http"
    AWS_STS = "aws-sts"
    SERVICE_URL = "service-url"


class AnswerSign(NamedTuple):
    """What an answer must be to mean something: of that status, and with that in its body.

    `path` leads into JSON (see `Inquiry.account`); what stands there is one of `values`, or anything but
    null where there are none. `text` stands somewhere in the body. What is empty asks for nothing.
    """

    status: int
    path: str = ""
    values: tuple[str, ...] = ()
    text: str = ""


class Inquiry(NamedTuple):
    """One request that reads. Texts may have slots: `{value}`, and the names of `parts` and `near`.

    `url` has a fixed host, but for its first label. `headers`, `basic` (user and password), `form` and
    `body` (JSON as it stands) say what is sent. `parts` are regular expressions for pieces of the value,
    `near` for what stands beside it in the same file: what is meant is group 1 or the whole match.

    An answer that has one of the signs in `inactive` says that the value is dead, else one in `active` that
    it works; every other one says nothing. `account` and `scopes` are paths into the JSON of an answer
    (`data.*.email`), or `header NAME`.

    `elsewhere` names others who issue values of the same form (a server of one's own), so that a refusal
    proves nothing. `sandbox`: who has a value that works can still do no harm. `source` is the vendor's page.
    """

    name: str
    source: str
    protocol: Protocol = Protocol.HTTP
    method: str = "GET"
    url: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    basic: tuple[str, ...] = ()
    form: tuple[tuple[str, str], ...] = ()
    body: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    near: tuple[tuple[str, str], ...] = ()
    active: tuple[AnswerSign, ...] = ()
    inactive: tuple[AnswerSign, ...] = ()
    account: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    elsewhere: str = ""
    sandbox: bool = False

    @property
    def stands_alone(self) -> bool:
        """Whether the value is enough to ask, without what stands beside it in a file."""
        return self.protocol is Protocol.HTTP and not self.near

    @property
    def host(self) -> str:
        """The host as it is written: with slots where a part of the value is its first label."""
        return self.url.partition("://")[2].partition("/")[0]

    @property
    def summary(self) -> str:
        """What is asked of whom, in a line."""
        if self.protocol is Protocol.HTTP:
            return f"{self.method} {self.url} ({self.source})"
        return f"{self.protocol.value} ({self.source})"
