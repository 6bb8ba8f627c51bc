r"""The ways in which well-known programs take a password, key or token on their command line.

`WAYS` is the table: a new program is a row. Its expression is written as the command is: a blank stands
for what parts two words (a continued line, too), `~` for any other words of the same command, `<word>` for
one word, `<value>` for what is given, `<name>` for a name that the command sets, `<secret>` for one that may
be that of a secret; all else is a regular
expression, in which a blank itself is `\x20`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.commands import charts
from secopskit.formats.setting import Setting, SettingForm
from secopskit.lazy_regex import LazyRegex, prepared
from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

VALUE: Final = r"(?:\"([^\"\n]{1,200})\"|'([^'\n]{1,200})'|([^\s\"';&|)\\<>-][^\s\"';&|)\\<>]{0,199}))"
BREAK: Final = r"(?:[ \t]{1,8}|[ \t]{0,8}[\\`^]\r?\n[ \t]{0,40})"
_OTHERS: Final = r"(?:[^\n|;&\\`^]|[\\`^](?:\r?\n|[^\n])){0,200}?" + BREAK
_NOTATION: Final = {
    " ": BREAK,
    "~": _OTHERS,
    "<word>": r"[\"']?[^\s\"'|;&]{1,120}[\"']?",
    "<value>": VALUE,
    "<name>": r"([A-Za-z_][\w.:\[\]/@-]{0,120}?)",
    "<secret>": r"([\w.:\[\]/@-]{0,60}(?i:pass|pwd|secret|token|key|cred|auth)[\w.:\[\]/@-]{0,40})",
    "<echo>": rf"(?:echo|printf){BREAK}(?:-[ne]{{1,2}}{BREAK}|[\"']%s(?:\\n)?[\"']{BREAK})?",
    "<blanks>": r"[ \t]{0,8}",
    "<pipe>": r"[ \t]{0,8}\|[ \t]{0,8}",
}
_START: Final = r"(?<![\w./-])"
_SIGNS: Final = prepared("|".join(re.escape(sign) for sign in _NOTATION))


class Way(NamedTuple):
    """One way: `words`, of which one must stand in the text, and the expression of a use.

    `name` is how notes call it. With `names_key`, group 1 is the name of what is set, and decides whether
    its value is a secret at all. If it is `led`, each use begins with one of the words.
    """

    name: str
    words: tuple[bytes, ...]
    pattern: LazyRegex[bytes]
    names_key: bool
    led: bool

    def uses(self, text: bytes) -> Iterator[re.Match[bytes]]:
        """The uses in `text`."""
        if not self.led:
            yield from self.pattern.finditer(text)
            return
        end = 0
        for start in sorted({at for word in self.words for at in _places(word, text)}):
            if start >= end and (found := self.pattern.match(text, start)):
                end = found.end()
                yield found


def _places(word: bytes, text: bytes) -> Iterator[int]:
    """Where a word begins in a text. Most expressions take thirty times as long to find out."""
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _way(name: str, words: str, expression: str, *, led: bool = False) -> Way:
    spelled = tuple(word.encode() for word in words.split("|"))
    whole = _SIGNS.sub(lambda sign: _NOTATION[sign[0]], expression)
    names_key = "<name>" in expression or "<secret>" in expression
    return Way(name, spelled, LazyRegex(whole.encode()), names_key, led)


def _flag(flag: str, programs: str) -> Way:
    """Programs that take it behind a short flag: `mongo -p X`."""
    either = "|".join(program.replace(" ", r"\x20") for program in programs.split("|"))
    return _way(
        f"-{flag[-1]}",
        programs,
        rf"{_START}(?:{either})(?:\.exe)?(?![\w-])~{flag} (?=[^\s-])<value>",
        led=True,
    )


_STDIN: Final = (
    r"(?:--password-stdin|--with-token|--passphrase-fd(?:=| )0|-passin stdin|sudo~-S|passwd --stdin)(?![\w-])"
)
_REDIS: Final = "redis-cli|valkey-cli|keydb-cli"
_PLAIN_TEXT: Final = r"(?:\"([^\"\n]{1,200})\"|'([^'\n]{1,200})')"

WAYS: Final = (
    _flag("-[pPw]", "mongo|mongosh|mongodump|mongorestore|mongoexport|mongoimport|sqlcmd|ldapsearch|ldapadd"),
    _flag("-w", "ldapmodify|ldapdelete|ldappasswd|ldapwhoami"),
    _flag("-p", "docker login|podman login|buildah login|skopeo login|nerdctl login|helm registry login"),
    _flag("-p", "crane auth login|oras login|az login|az acr login|oc login|cf login|ibmcloud login"),
    _flag("-p", "twine upload|poetry publish|cqlsh|cypher-shell|rdesktop|snowsql|sshpass"),
    _way(
        "-p",
        "psexec|PsExec|PSEXEC|psExec|Psexec",
        rf"{_START}(?i:psexec(?:64)?(?:\.exe)?)(?![\w-])~(?i:-p) (?=[^\s-])<value>",
    ),
    _flag("-P", "mosquitto_pub|mosquitto_sub|bcp|isql|tsql|zip|unzip|zipcloak|ipmitool"),
    _flag("-p", "az sql server create|az vm create|az postgres server create|az mysql server create"),
    _flag("-pw", "plink|pscp|psftp|putty"),
    _way("password", "nmcli", r"nmcli~(?:password|(?:[\w-]{1,40}\.)?psk|802-1x\.password) <value>"),
    _way("-p", "sshpass", r"sshpass -p(?=[^\s-])<value>"),
    _way("-p", "docker", r"docker login~-p(?=[^\s-])<value>"),
    _way("-p", "mongo", r"mongo(?:sh|dump|restore)?~-p(?=[^\s-])<value>"),
    _way(
        "-p",
        "mysql|mariadb",
        rf"{_START}(?:mysql|mariadb)-?[a-z]{{0,8}}(?![\w-])~-p(?=[^\s-])(?!ort\b|rot)<value>",
        led=True,
    ),
    _way("-a", _REDIS, rf"(?:{_REDIS})~-a (?=[^\s-])<value>", led=True),
    _way("AUTH", _REDIS, rf"(?:{_REDIS})~(?i:auth) <value>", led=True),
    _way("-p", "7z|rar|unrar", rf"{_START}(?:7z[arz]?|rar|unrar) [a-z]{{1,3}}~-h?p<value>", led=True),
    _way("-passin", "-pass", r"-pass(?:in|out|word)? [\"']?pass:([^\s\"']{1,200})"),
    _way("openssl -k", "openssl", r"openssl (?:enc|aes|des|camellia|chacha)~-[kK] <value>"),
    _way(
        "curl --user",
        "curl",
        r"(?<![\w-])curl(?![\w-])~(?:-[a-zA-Z]{0,6}[uU]<blanks>|--(?:proxy-)?user(?:=| ))"
        r"[\"']?[^\s:\"'$]{1,80}:([^\s\"'\\]{1,200})",
        led=True,
    ),
    _way(
        "htpasswd -b",
        "htpasswd",
        r"htpasswd -(?=[A-Za-z]{0,6}b)(?![A-Za-z]{0,6}n)[A-Za-z]{1,7} (?:-C \d{1,3} )?<word> <word> <value>",
    ),
    _way(
        "htpasswd -nb",
        "htpasswd",
        r"htpasswd -(?=[A-Za-z]{0,6}b)(?=[A-Za-z]{0,6}n)[A-Za-z]{1,7} (?:-C \d{1,3} )?<word> <value>",
    ),
    _way(
        "chpasswd",
        "chpasswd",
        r"<echo>[\"']?[\w.-]{1,60}:([^\s\"'|\\]{1,200})(?:\\n)?[\"']?<pipe>[^\n|;&]{0,40}?chpasswd",
    ),
    _way("chpasswd", "chpasswd", r"chpasswd[^\n|;&<]{0,60}<<<<blanks>[\"']?[\w.-]{1,60}:([^\s\"']{1,200})"),
    _way("standard input", "echo|printf", rf"<echo><value><pipe>[^\n|;&]{{0,200}}?{_STDIN}", led=True),
    _way(
        "secret create",
        "echo|printf",
        r"<echo><value><pipe>(?:sudo )?(?:docker|podman) secret create ",
        led=True,
    ),
    _way("standard input", "<<<", rf"{_STDIN}[^\n|;&<]{{0,120}}<<<<blanks><value>"),
    _way(
        "-U user%password",
        "smb|rpcclient|winexe|wmic",
        rf"{_START}(?:smbclient|rpcclient|smbmap|winexe|wmic|smbget)~(?:-U<blanks>|--user(?:=| ))"
        r"[\"']?[\w\\/.@-]{1,80}%([^\s\"'%]{1,200})",
        led=True,
    ),
    _way(
        "mount option",
        "cifs|mount",
        r"(?:mount|cifs)[^\n]{0,160}[,\s]pass(?:word)?=([^\s,\"']{1,200})",
        led=True,
    ),
    _way("net use", "net", r"net use (?:[A-Za-z*]:? )?\\\\\S{1,120} (?!/)<value> /user:"),
    _way("net use", "net", r"net use~/user:\S{1,100} (?!/)<value>"),
    _way("net user", "net", r"net user <word> (?![/*])<value> /add"),
    _way("/pass:", "/pass", r"(?<![\w/:.])/pass(?:word)?:<value>"),
    _way("/p:", "freerdp|mstsc", r"(?:freerdp|mstsc)~/p:<value>", led=True),
    _way("vault login", "vault", r"vault login (?:-[\w.=/-]{1,80} ){0,4}(?:token=)?(?![\w-]{1,40}=)<value>"),
    _way("vault", "vault", r"vault (?:login|write|kv)~<secret>=<value>"),
    _way("rabbitmqctl", "rabbitmqctl", r"rabbitmqctl~(?:add_user|change_password) <word> <value>"),
    _way(
        "sqlplus",
        "sqlplus|sqlldr|expdp|impdp|rman",
        r"(?:sqlplus|sqlldr|expdp|impdp|rman)~[\"']?\w{1,60}/[\"']?([^\s@/\"']{1,120})[\"']?@",
        led=True,
    ),
    _way("rclone obscure", "rclone", r"rclone obscure <value>"),
    _way(
        "mc alias set", "alias|host", r"\bmc (?:alias|config host) (?:set|add) <word> <word> <word> <value>"
    ),
    _way("nuget push", "nuget", r"nuget(?:\.exe)? (?:push <word>|setapikey) (?!-)<value>"),
    _way("gh secret set", "secret", r"gh secret set~(?:-b|--body)(?:=| )<value>"),
    _way("--from-literal", "from-literal", r"--from-literal(?:=| )[\"']?<name>=<value>"),
    _way(
        "config:set",
        "config:set|secrets|setenv|env",
        r"(?:config:set|secrets set|setenv|env set)~[\"']?<secret>=<value>",
        led=True,
    ),
    _way("aws configure set", "configure", r"aws configure set <name> <value>"),
    _way(
        "config set",
        "config",
        r"(?:npm|yarn|pnpm|poetry|pip|composer|git|bundle) config (?:(?:set|--global|--local|-g) ){0,2}"
        r"/{0,2}<name>[\x20\t=]<value>",
    ),
    _way("user-secrets set", "user-secrets", r"user-secrets set [\"']?<name>[\"']? <value>"),
    _way("--value", "keyvault", r"az keyvault secret set~--value(?:=| )<value>"),
    _way("--secret-string", "secret-string", r"--secret-string(?:=| )(?![\"']?[{\[]|[\"']?file:)<value>"),
    _way("put-parameter", "put-parameter", r"put-parameter~--value(?:=| )(?![\"']?file:)<value>"),
    _way(
        "openssl passwd",
        "openssl passwd",
        r"openssl passwd (?:-salt <word> |-[\w-]{1,12} ){0,4}(?!-)<value><blanks>[)\n;]",
    ),
    _way("passwd", "passwd", r"<echo>[\"']([^\s\"'\\]{1,200})\\n\1(?:\\n)?[\"']<pipe>[^\n|;&]{0,40}?passwd"),
    _way(
        "http -a",
        "http|xh",
        rf"{_START}(?:https?|xhs?)(?![\w:/.-])~(?:-a |--auth(?:=| ))"
        r"[\"']?[^\s:\"'$]{1,80}:([^\s\"'\\]{1,200})",
        led=True,
    ),
    _way("lftp -u", "lftp", r"lftp~-u<blanks>[\"']?[^\s,\"'$]{1,80},([^\s\"'\\]{1,200})"),
    _way("setx", "setx|SETX", r"(?i:setx) (?:/[mM] )?<name> <value>"),
    _way(
        "SetEnvironmentVariable",
        "SetEnvironmentVariable",
        r"SetEnvironmentVariable\(<blanks>[\"']<name>[\"']<blanks>,<blanks><value>",
    ),
    _way(
        "SecureString",
        "ecure",
        rf"(?i:ConvertTo-SecureString) (?:-String )?{_PLAIN_TEXT}[^\n]{{0,80}}(?i:-AsPlainText)",
    ),
    _way(
        "SecureString",
        "ecure",
        rf"(?i:ConvertTo-SecureString)[^\n\"']{{0,80}}(?i:-AsPlainText)[^\n\"']{{0,40}}{_PLAIN_TEXT}",
    ),
)
"""All of them."""
_WORDS: Final = tuple(dict.fromkeys(word for way in WAYS for word in way.words))
_SHORT: Final = 1000


def settings(text: bytes, offset: int, path: tuple[str, ...] = ()) -> Iterator[Setting]:
    """What the commands of `text`, which stands at `offset`, hand to programs in their own ways."""
    for way in _ways_of_short(text) if len(text) <= _SHORT else _ways(text):
        for found in way.uses(text):
            yield _setting(way, found, offset, path)
    if b"--set" in text:
        yield from charts.settings(text, offset, path)


def _ways(text: bytes) -> tuple[Way, ...]:
    """The ways that may stand in `text`, by their words: these are far cheaper than the expressions."""
    there = {word for word in _WORDS if word in text}
    return tuple(way for way in WAYS if not there.isdisjoint(way.words)) if there else ()


@lru_cache(maxsize=2048)  # the steps of a pipeline stand in each of its versions
def _ways_of_short(text: bytes) -> tuple[Way, ...]:
    return _ways(text)


def _setting(way: Way, found: re.Match[bytes], offset: int, path: tuple[str, ...]) -> Setting:
    first = 2 if way.names_key else 1
    group = next(number for number in range(first, len(found.groups()) + 1) if found[number] is not None)
    return Setting(
        key=found[1].decode("ascii", "replace") if way.names_key else way.name,
        value=found[group],
        span=Span(offset + found.start(group), offset + found.end(group)),
        path=path,
        form=SettingForm.ASSIGNED if way.names_key else SettingForm.PASSWORD_OPTION,
    )
