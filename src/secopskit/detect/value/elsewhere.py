"""References: values that say where a secret is kept, a variable, a template, a vault, a call.

A generated password may hold any sign, so a sign of a template counts only at the ends of a value,
or where what is left beside the template does not look drawn.
"""

from __future__ import annotations

import re
from typing import Final

from secopskit.detect.chance.bigrams import chance
from secopskit.detect.chance.randomness import looks_random
from secopskit.lazy_regex import LazyRegex

_MOST: Final = 4096  # of a longer value only the beginning is judged
_DRAWN: Final = 16.0  # bits of evidence
_LEAST_DRAWN: Final = 10  # characters


def is_drawn_among_signs(text: bytes) -> bool:
    """Whether `text` is drawn for sure, so that a sign in it stands there by chance."""
    return len(text) >= _LEAST_DRAWN and chance(text) >= _DRAWN


def is_reference(value: bytes, *, literal: bool = False) -> bool:
    """Whether `value` says where the secret is kept instead of being it.

    `literal`: it stood in single quotes, in which `$name` is not expanded; a name written as one of
    a template, in capitals or in braces, is filled in later even there.
    """
    text = value[:_MOST].strip()
    if _is_template(text) or _SCHEMES.match(text) or _is_code(text):
        return True
    if not _VARIABLE.fullmatch(text) or (literal and _LITERAL.fullmatch(text)):
        return False
    # A generated password may begin with a dollar too.
    return bool(_BRACED.fullmatch(text)) or not looks_random(text[1:])


# --- templates --------------------------------------------------------------------------------

_SIGN: Final = LazyRegex(
    rb"\$\\?[{(]|^\$\[|\{\{|\}\}$|^[%#@]\{|[%#@]\{[\w .:-]{1,200}\}|<%|\{%[ -]"
    rb"|%\([\w.-]{1,80}\)s|%[\w.]{2,40}\(|\[\[ ?\.|^@@\w|@@\w{1,80}@@|^`|^\\\("
    rb"|\w\(\w{1,40}\(|\$[A-Z]{2,20}_[A-Z_]{2,60}"
)
_FORM: Final = LazyRegex(
    rb"\$\\?\{[^{}]{1,200}\}|\{\{[^{}]{0,400}\}\}|<%[^<>]{0,400}%>|\{%[ -][^{}]{0,400}%\}"
    rb"|[%#@]\{[^{}]{1,200}\}|\$\((?:[^()]|\([^()]{0,200}\)){1,400}\)|\$\[[^\[\]]{1,200}\]|%\([\w.-]{1,80}\)s"
    rb"|%[\w.]{2,40}\([^()]{0,200}\)%"
    rb"|\[\[[^\[\]]{1,200}\]\]|@@\w{1,80}(?:@@)?|^`[^`]{1,400}`$|\$[A-Z]{2,20}_[A-Z_]{2,60}"
)
_ENDS: Final = LazyRegex(
    rb"(?s)(?:\$\\?\{.{0,4000}\}|\$\(.{0,4000}\)|\{\{.{0,4000}\}\}|<%.{0,4000}%>|`[^`]{1,400}`)[;,]?"
)


def _is_template(text: bytes) -> bool:
    """Whether variables or expressions of a template make up `text`, or stand in it beside mere words."""
    if not _SIGN.search(text):
        return False
    return bool(_ENDS.fullmatch(text)) or not is_drawn_among_signs(_FORM.sub(b"", text))


# --- stores -----------------------------------------------------------------------------------

_SCHEMES: Final = LazyRegex(
    rb"(?:file|env|vault|ssm|op|keyring|keychain|secrets?|secretsmanager|awssm|gcpsm|sm|aws-sm|gcp-sm|akv|kms"
    rb"|azurekeyvault|doppler|bws|sops|ref|ref\+\w{1,30}|conjur|chamber|infisical|lastpass|pass|credstash|param)"
    rb":(?://|(?=[/.{$~-]|\w{1,40}[/#]))"
    rb"|(?-i:env:[A-Z][A-Z0-9_]{1,60}$)"
    rb"|arn:aws[\w-]{0,10}:(?:secretsmanager|ssm|kms|iam|s3|sts)"
    rb"|!(?:secret|vault|ref|sub|getatt|env\w{0,4}|file|include|encrypted)\b"
    rb"|enc[\[(]|\{cipher\}|\{(?:aes|enc)\}|@microsoft\.keyvault|\$ansible_vault|projects/[\w-]{1,60}/secrets/"
    rb"|resolve:|lookup\(|random_password\.|(?:path|jsonpath)=?\{"
    # What Maven has encrypted stands in braces.
    rb"|\{(?:[a-z0-9+/]{40,400}={0,2}|[a-z0-9+/]{14,400}={1,2})\}$",
    re.IGNORECASE,
)

# --- code -------------------------------------------------------------------------------------

_CODE: Final = LazyRegex(
    rb"(?:os\.(?:environ|getenv)|process\.env|import\.meta\.env|system\.getenv|getenv|env\[|env\(|environ\[|config\("
    rb"|(?:env|secrets?|vars?|local|data|self|this|settings|config|params|args|options|request|req|ctx|module|each)"
    rb"\.[a-z_][\w.\[\]]{0,80}$)"
    rb"|[a-z_][\w.]{0,80}\[[\w'\"]{1,60}\]$"
    rb"|[a-z_][\w.:]{0,80}(?:->\w{1,60})?\([\w\s,.'\"\[\]$/=-]{0,200}\)[.;]{0,1}$",
    re.IGNORECASE,
)
_QUOTED: Final = LazyRegex(rb"[\s'\",]")


def _is_code(text: bytes) -> bool:
    """Whether `text` is code that reads the value from elsewhere."""
    if not _CODE.match(text):
        return False
    return bool(_QUOTED.search(text)) or not is_drawn_among_signs(text)


# --- variables --------------------------------------------------------------------------------

_VARIABLE: Final = LazyRegex(
    # Of shells, PHP, Perl, PowerShell: $x, $1, $x[0], $x->y, $env:X.
    rb"\\?\$\$?[A-Za-z_][\w.-]{0,80}\$?|\$[\d@*#?!$]|\$env:\w{1,80}"
    rb"|\$\w{1,60}(?:(?:->|::|\.)\w{1,60}|\[['\"]?\w{1,60}['\"]?\]){1,4}"
    # Of batch files: %X%, %1, %~2, !X!.
    rb"|%[A-Za-z_][\w.-]{0,80}%|%%?~?[A-Za-z]{0,4}\d?|%\*|![A-Za-z_]\w{0,80}!"
    # Of templates: {x}, [%x%], @x@, :'x'.
    rb"|\{[A-Za-z_][\w.-]{1,80}\}|\[%[\w.-]{1,80}%\]|@[A-Za-z_][\w.-]{0,80}@|:'\w{1,60}'|:\"\w{1,60}\""
)
_BRACED: Final = LazyRegex(rb"\$[\d@*#?!$]|%%?~?[A-Za-z]{0,4}\d?|%\*|\$\w{1,60}\[['\"]?\w{1,60}['\"]?\]")
_LITERAL: Final = LazyRegex(rb"\$(?=[A-Za-z]{0,60}\d)(?=[A-Z\d]{0,60}[a-z])[A-Za-z\d]{8,60}\$?")
