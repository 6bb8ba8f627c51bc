"""One expression that every file with something for a structured detector matches."""

from __future__ import annotations

from typing import Final

# Names of settings that hold secrets: see `secopskit.detect.value.keys`.
_NAME: Final = (
    r"(?:pass(?:w|phrase|code)?|pswd|psw|_?pw|pwd|mdp|senha|secret|token|cred(?:ential)?s?|dsn|conn(?:ection)?str(?:ing)?"
    r"|auth(?:orization)?|(?:api|secret|private|priv|access|auth|account|app|application|encrypt(?:ion)?|enc|sign(?:ing)?"
    r"|crypto|cipher|master|session|cookie|jwt|hmac|aes|rsa|django|flask|symmetric|hash|license|oauth|service|storage"
    r"|shared|subscription|integration|admin|write|ingest|deploy|rest|restapi|sdk|server|bearer|webhook|role"
    r"|logged_in|nonce|token)[_. -]?key|salt)"
)
# The rest of the name, then what leads to a value: a sign, a quote, a tag's end, `name:`/`value:`.
_ASSIGNED: Final = (
    r"[\w.\-]{0,40}[\"'\])]{0,3}"
    r"(?:[ \t]{0,40}[=:,>]|[ \t]{1,20}[\"']|[\"']?,?\s{1,40}[\"']?value)"
)
_SPACED: Final = (
    r"(?:login|account)\s{1,20}\S{1,100}\s{1,20}password\s|machine\s{1,20}\S{1,100}\s{1,20}password\s"
    r"|(?:pass|passwd|password|pw|secret|token|requirepass|masterauth)[ \t]{1,20}[^\s=:#(]{3}"
    r"|(?:env|arg|setenv|set)[ \t][\w \t-]{0,60}(?:pass|pwd|secret|token|key)\w{0,20}[ \t=]"
)
_OPTIONS: Final = (
    r"--?[\w.-]{0,40}(?:pass|passwd|password|passphrase|pwd|secret|token|key)[ \t=]"
    r"|(?:cli|mysql|mysqladmin|mysqldump|mariadb|mongo|mongosh|sqlcmd|ldap\w{3,8}|sshpass|login)\b"
    r"[^\n]{0,120}[ \t]-[apw]"
    r"|-pass(?:in|out)|curl\b[^\n]{0,200}[ \t]-(?:u|-user)[ \t=]|AsPlainText|identified\s{1,8}(?:by|with)"
)
_VALUES: Final = (
    r"://[^\s/\"'<>]{0,120}:[^\s/\"'<>]{1,100}@|:\$(?:apr1|[0-9]|2[abxy]|y)\$"
    r"|kind[\"']?:[ \t]{0,8}[\"']?secret|accountkey=|sharedaccesskey="
)

HINT: Final = f"(?i:{_NAME}{_ASSIGNED}|{_SPACED}|{_OPTIONS}|{_VALUES})"
"""A bounded expression source without anchors and look-arounds, for bytes, fit for Hyperscan.

Where it does not match, no structured detector finds anything, apart from the two that go by the
file's name alone: `dotenv` (the file itself is a finding) and `logins` (nothing in it but logins).
"""
