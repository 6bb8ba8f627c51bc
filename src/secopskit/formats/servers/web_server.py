"""Configurations of Apache and nginx: the variables that they give to programs, and directives with a secret.

`SetEnv DB_PASSWORD value`, `fastcgi_param DB_PASSWORD value;`, `php_value mysql.default_password value`, and
`AuthLDAPBindPassword value`. https://httpd.apache.org/docs/current/mod/directives.html,
https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_param. A variable's path is its directive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.setting import Setting
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

_VALUE: Final = rb"(?:\"([^\"\n]{1,400})\"|'([^'\n]{1,400})'|([^\s\"'#;{}][^\s;{}]{0,400}))"
_VARIABLE: Final = LazyRegex(
    rb"(?m)^[ \t]{0,80}((?i:SetEnv|PassengerEnvVar|Define|(?:fastcgi|uwsgi|scgi)_param|passenger_env_var"
    rb"|php_(?:admin_)?value|env|set))[ \t]{1,40}[\"'$]?([A-Za-z_][\w.-]{0,120})[\"']?(?:[ \t]{1,200}|=)"
    + _VALUE
)
_DIRECTIVE: Final = LazyRegex(
    rb"(?m)^[ \t]{0,80}([A-Z][A-Za-z]{2,60}(?:Password|Passphrase|Secret))[ \t]{1,40}(?!exec:)" + _VALUE
)
_QUOTES: Final = ('"', "'", "")


def settings(data: bytes) -> Iterator[Setting]:
    """The variables, then the directives of Apache."""
    for found in _VARIABLE.finditer(data):
        yield _setting(found, 2)._replace(path=(found[1].decode(),))
    for found in _DIRECTIVE.finditer(data):
        yield _setting(found, 1)


def _setting(found: re.Match[bytes], name: int) -> Setting:
    group = next(number for number in range(name + 1, name + 4) if found[number] is not None)
    span = Span(*found.span(group))
    return Setting(found[name].decode(), found[group], span, quote=_QUOTES[group - name - 1])
