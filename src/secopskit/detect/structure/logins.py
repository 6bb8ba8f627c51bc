"""Files that hold logins and nothing else, told by their names: see `secopskit.formats.logins`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.candidate import candidate_of
from secopskit.detect.judgement.judge import judge_candidates
from secopskit.detect.judgement.place import SettingPlace, Trust
from secopskit.findings import Match
from secopskit.formats import logins
from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from secopskit.findings import Blob
    from secopskit.formats.setting import Setting


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a login file, by the file's name."""
    name = blob.path.rpartition("/")[2].lower()
    for mark, kind in _LOGINS.items():
        if mark in name:
            yield from _passwords(kind.read(blob.data), rule=kind.rule, note=kind.note)
            return
    for mark, kind in _KEPT.items():
        if mark in name:
            yield from _kept(kind.read(blob.data), rule=kind.rule, note=kind.note)
            return


class _LoginFile(NamedTuple):
    """How a file of logins is read, the rule of what it holds, and what a note says of each."""

    read: Callable[[bytes], Iterator[Setting]]
    rule: str
    note: str


# By what stands in the name of the file: the first that does decides.
_LOGINS: Final = {
    "netrc": _LoginFile(logins.netrc, "netrc-password", "password of a machine"),
    "curlrc": _LoginFile(logins.curlrc, "shell-secret", "login for curl"),
    "pgpass": _LoginFile(logins.pgpass, "pgpass-password", "password of a connection"),
    "git-credentials": _LoginFile(logins.git_credentials, "git-credentials-password", "password of a remote"),
    "ap-secrets": _LoginFile(logins.secrets_of_peers, "login-file-password", "secret of a peer"),
    "sasl_passw": _LoginFile(logins.relays, "login-file-password", "password for a mail relay"),
    "userlist.txt": _LoginFile(logins.pool_users, "login-file-password", "password of a user of the pool"),
    "users.acl": _LoginFile(logins.access_list, "login-file-password", "password of a user"),
    ".secrets": _LoginFile(logins.ends_of_tunnels, "login-file-password", "secret of an end of a tunnel"),
    "fetchmailrc": _LoginFile(logins.mailboxes, "login-file-password", "password of a mailbox"),
}
_KEPT: Final = {
    ".key": _LoginFile(logins.master_key, "rails-master-key", "the whole file"),
    "htpasswd": _LoginFile(logins.htpasswd, "htpasswd-hash", "password hash of a user"),
    "": _LoginFile(logins.shadow, "shadow-hash", "password hash of an account"),
}


def _passwords(settings: Iterator[Setting], *, rule: str, note: str) -> Iterator[Match]:
    candidates = (candidate_of(setting, note=note) for setting in settings)
    return judge_candidates(candidates, SettingPlace(rule=rule, trust=Trust.DEPLOYED))


def _kept(settings: Iterator[Setting], *, rule: str, note: str) -> Iterator[Match]:
    """Hashes and keys: the grammar leaves nothing to judge."""
    for setting in settings:
        yield Match(rule_id=rule, span=setting.span, secret=SecretValue(setting.value), note=note)
