"""Files that hold logins and nothing else: .netrc, .pgpass, .git-credentials, htpasswd, shadow, keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secopskit.detect.judgement.candidate import candidate_of
from secopskit.detect.judgement.judge import judge_candidates
from secopskit.detect.judgement.place import SettingPlace, Trust
from secopskit.findings import Match
from secopskit.formats import logins
from secopskit.secret import SecretValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob
    from secopskit.formats.setting import Setting


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a login file, by the file's name."""
    name, data = blob.path.rpartition("/")[2].lower(), blob.data
    if "netrc" in name:
        yield from _passwords(logins.netrc(data), rule="netrc-password", note="password of a machine")
    elif "curlrc" in name:
        yield from _passwords(logins.curlrc(data), rule="shell-secret", note="login for curl")
    elif "pgpass" in name:
        yield from _passwords(logins.pgpass(data), rule="pgpass-password", note="password of a connection")
    elif "git-credentials" in name:
        found = logins.git_credentials(data)
        yield from _passwords(found, rule="git-credentials-password", note="password of a remote")
    elif name.endswith(".key"):
        yield from _kept(logins.master_key(data), rule="rails-master-key", note="the whole file")
    elif "htpasswd" in name:
        yield from _kept(logins.htpasswd(data), rule="htpasswd-hash", note="password hash of a user")
    else:
        yield from _kept(logins.shadow(data), rule="shadow-hash", note="password hash of an account")


def _passwords(settings: Iterator[Setting], *, rule: str, note: str) -> Iterator[Match]:
    candidates = (candidate_of(setting, note=note) for setting in settings)
    return judge_candidates(candidates, SettingPlace(rule=rule, trust=Trust.DEPLOYED))


def _kept(settings: Iterator[Setting], *, rule: str, note: str) -> Iterator[Match]:
    """Hashes and keys: the grammar leaves nothing to judge."""
    for setting in settings:
        yield Match(rule_id=rule, span=setting.span, secret=SecretValue(setting.value), note=note)
