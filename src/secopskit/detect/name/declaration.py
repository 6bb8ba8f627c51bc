"""The identifiers that a value is assigned to: the text before it, read from right to left.

`private static final String API_KEY = new String("...")` assigns to `API_KEY`, and so do
`val API_KEY: String = "..."`, `API_KEY: str = Field(default="...")`, `getenv("API_KEY", "...")` and
`#define API_KEY "..."`. Modifiers stand before the name and are never read. Types, properties'
accessors and calls that hand a value on stand behind it, and are taken away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.name.callee import given_to, hands_on
from secopskit.detect.name.several import before_list, one_of
from secopskit.lazy_regex import LazyRegex, TailRegex
from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_STEPS: Final = 10
_ARGUMENTS: Final = 6


def _set(text: str) -> frozenset[bytes]:
    return frozenset(text.encode().split())


# What opens a literal: quotes, a backslash before each in a text within a text, a language's prefix.
_OPENER: Final = TailRegex(
    rb"(?:(?<!\w)(?:[bBrRuUfFLNEqsc]|rb|br|Rb|rB|u8|[@$]{1,2}|~[sS])|(?<!\w)r#{1,3}|<<)?"
    rb"(?:[\\\"'`]{1,12}|&quot;|%22)$|(?<!\w)q[qw]?[{(\[|]$|(?<=[=:(,])[ \t]{0,4}[\"'`][ \t]$",
    width=16,
)
_BLANKS: Final = TailRegex(rb"[\s\\]{1,200}$", width=200)
_CAST: Final = TailRegex(rb"[=:(,][ \t]{0,4}(?:<[\w.\[\] ]{1,40}>|\([\w.: ]{1,30}[*& ]{0,3}\))$", width=47)
_CLOSURE: Final = TailRegex(rb"(?:\|\w{1,20}\||\(\)[ \t]{0,2}(?:=>|->))$", width=22)
_CALL: Final = LazyRegex(
    rb"(?:\b(?:new|await)[ \t]{1,4})?(?:[\w.]{1,40}\(\)\.)?"
    rb"(?:([A-Za-z_$][\w.$-]{0,60}(?:::\w{1,40}){0,4})|\[\]\w{1,12})"
    rb"(?:(?:::)?<[^<>()]{0,40}>)?!?[ \t]{0,2}\($"
)
_OPERATOR: Final = TailRegex(rb"(?:\?\?|\|\||\bor|\?:|(?<![:/])//|:-)$", width=2)
_SIGN: Final = TailRegex(
    rb"(?:[:+]?=>|[:?+|&~<]{0,2}={1,3}|!==?|<<?-|->|:|\||>|(?<=\s)-{1,2}|\b(?:is|are|was|equals|VALUE|to))$",
    width=6,
)
_OPEN: Final = TailRegex(rb"[=:,(>|?{]$|\bor$", width=2)
_ARGUMENT: Final = TailRegex(
    rb"(?:[\"'`]([^\"'`\n]{1,80})[\"'`]|(?<=[{(:@])([A-Za-z_][\w.]{0,60}))[ \t]{0,4},$",
    width=87,
)
# An item of a list that names nothing: `pwd$`.
_NO_NAME: Final = LazyRegex(rb"\w[$^|+*#%\\](?!\{)")
# What may stand between a name and its default: `type=str,`, `"-p",`, `env:"KEY"`.
_SKIPPED: Final = TailRegex(
    rb"(?:[A-Za-z_]\w{0,30}[ \t]{0,2}[=:][ \t]{0,2})?"
    rb"(?:\"([^\"\n]{0,80})\",?|'([^'\n]{0,80})',?|[\w.\[\]|-]{1,40},)$",
    width=119,
)
_QUOTE: Final = TailRegex(rb"\s{0,40}[\"']?$", width=41)
_EXPRESSION: Final = TailRegex(rb"(?<![=!<>])=[^=;{}\n]{0,100}$", width=101)
# Words that a quoted one follows in prose: without a sign between they are names in a statement.
_PROSE: Final = _set("password token secret auth credentials passphrase")
_NO_NAMES: Final = _set("pass key keys passwords tokens secrets")
_STATEMENT: Final = LazyRegex(rb"(?:^|[{};(:]|\b(?:set|def|defvar|setq))\s{0,80}[:$@]?$")
# Names that only say that a value follows.
_NEUTRAL: Final = _set(
    "default value defaultvalue default_value default-value defaultval fallback initial initialvalue "
    "initial_value val content"
)

# --- what stands between a name and the sign ----------------------------------------------------

_ATTRIBUTES: Final = LazyRegex(
    rb"(?:\[\w{0,20}\]|[ \t]PROGMEM|\s{0,4}\{[ \t]{0,4}(?:get|set|init)\b[^{}]{0,60}\}|[ \t]get\(\)"
    rb"|[ \t]PIC[ \t]\S{1,20}){1,3}$"
)
_GETTER: Final = TailRegex(
    rb"(?:\bby[ \t]lazy)?[ \t]{0,4}\{(?:\s{0,8}get\s{0,8}(?:\{|=>))?(?:\s{0,8}return)?$",
    width=47,
)
_TYPED: Final = LazyRegex(
    rb"([A-Za-z_$@][\w.$-]{0,60})[\"'`]?(?:\([^()\n]{0,60}\))?[ \t]{0,4}[?!]?[ \t]{0,40}:(?![:=])[ \t]{0,4}"
    rb"((?:[\w.&*?!|'\" \t]"
    rb"|\[(?:[^\[\]\n]|\[[^\[\]\n]{0,30}\]){0,60}\]|<(?:[^<>\n]|<[^<>\n]{0,30}>){0,60}>){1,70})$"
)
_AS: Final = TailRegex(
    rb"(?i)([a-z_]\w{0,60})(?:\(\))?[ \t]{1,8}(?:as|type)[ \t]{1,8}(?:new[ \t]{1,4})?[\w.]{1,40}$",
    width=130,
)
# A type behind the name, as in Go and SQL.
_FOLLOWED: Final = LazyRegex(
    rb"(?i)([a-z_@$][\w.]{0,60})[ \t]{1,40}(?:constant[ \t]{1,4})?(?:[*&]|\[\d{0,4}\]){0,3}"
    rb"(?:string|bytes?|rune|text|n?char|n?varchar2?|clob|(?:\w{1,20}\.)?null_?string|secretstring)"
    rb"[ \t]{0,2}(?:\([^()]{0,12}\))?$"
)
_FUNCTION: Final = LazyRegex(
    rb"([A-Za-z_]\w{0,60})[ \t]{0,2}\([^()\n]{0,80}\)\s{0,8}"
    rb"(?:(?:->|:)?[ \t]{0,4}[\w.&*?'<>\[\] ]{1,30}|\([\w.*\[\], ]{1,60}\))?"
    rb"[ \t]{0,4}[{:]?\s{0,40}\breturn$"
)
_TYPE_NAME: Final = _set("str string bytes bytearray char text any object dyn u8 i8 byte rune")
_CLOSERS: Final = TailRegex(rb"[\s\"'`\])}>*?!\\:]{1,24}$", width=24)
_IDENTIFIER: Final = TailRegex(rb"[A-Za-z_$@](?:[\w.$@/-]|[\xc3-\xc5][\x80-\xbf]){0,80}$", width=161)
_WORD_BEFORE: Final = TailRegex(rb"([A-Za-z]{2,20})[ \t]$", width=21)
_MODIFIERS: Final = _set(
    "string str const final static val var let auto char byte bytes any object def my our local public"
    " readonly internal protected export new mut global the a an this that your"
)
# `Next page token: …`: where to go on in a list.
_PAGED: Final = _set("page continuation pagination sync resume")


class _Step(NamedTuple):
    """What one look at the end of a text told: names, and the text that is left to look at, if any."""

    names: tuple[bytes, ...]
    rest: bytes = b""


def identifiers(head: bytes) -> Iterator[bytes]:
    """The identifiers that a value behind `head` may be assigned to, the nearest first.

    Words such as `default` are left out. Nothing where nothing leads from a name to the value.
    """
    opener = _OPENER.search(head)
    rest = head[: opener.start()] if opener else head
    for number in range(_STEPS):
        rest = _BLANKS.cut(rest)
        if not rest:
            return
        step = next(filter(None, (look(rest) for look in _LOOKS)), None)
        if step is None:
            if opener and number == 0 and rest != head[: opener.start()]:  # `storePassword '...'`
                yield from _stated(rest)
            return
        yield from step.names
        rest = step.rest


def _stated(rest: bytes) -> Iterator[bytes]:
    """The name in front of a quoted value without a sign: `storePassword '...'`."""
    for name in _named(rest):
        word = name.lower()
        if word in _NO_NAMES or (
            word in _PROSE and not _STATEMENT.search(rest.rstrip(b"\"'`")[: -len(name)])
        ):
            continue
        yield name


def _between(rest: bytes) -> _Step | None:
    """A cast or the head of a closure: nothing that names."""
    if found := _CAST.search(rest):
        return _Step((), rest[: found.start() + 1])
    found = _CLOSURE.search(rest)
    return _Step((), rest[: found.start()]) if found else None


def _returned(rest: bytes) -> _Step | None:
    """`String getApiKey() { return`."""
    if not rest.endswith(b"return"):
        return None
    found = _FUNCTION.search(rest)
    return _Step((found[1],)) if found else None


def _call(rest: bytes) -> _Step | None:
    if not rest.endswith(b"("):
        return None
    found = _CALL.search(rest)
    if not found:  # brackets that hold the value together
        return _Step((), rest[:-1])
    callee = found[1] or b""
    if name := given_to(callee):
        return _Step((name,))
    if callee and not hands_on(callee):
        return _Step(())
    before = _BLANKS.cut(rest[: found.start()])
    if _OPEN.search(before):
        return _Step((), before)
    return _Step(_named(before.rstrip(b".")), _assigned_before(before))


def _argument(rest: bytes) -> _Step | None:
    if not rest.endswith(b","):
        return None
    found = _ARGUMENT.search(rest)
    if not found or (found[1] and _NO_NAME.search(found[1])):
        return _Step(())
    if found[2] and rest[found.start(2) - 1 : found.start(2)] == b"(" and found[2][:1].islower():
        return _Step(())  # a variable beside it, which names nothing: `decode(password, "PLAIN")`
    return _Step((found[1] or found[2],))


def _list(rest: bytes) -> _Step | None:
    """`api_keys = [`: what names each of several."""
    before = _BLANKS.cut(before_list(rest))
    sign = _SIGN.search(before)
    named = _named(_BLANKS.cut(before[: sign.start()]), typed=True) if sign else ()
    names = tuple(filter(None, map(one_of, named)))
    return _Step(names) if names else None


def _operator(rest: bytes) -> _Step | None:
    """`process.env.API_KEY ||`: the name is that of the other operand, or of what is assigned."""
    found = _OPERATOR.search(rest)
    if not found:
        return None
    before = _BLANKS.cut(rest[: found.start()])
    return _Step(_named(before), _assigned_before(before))


def _assigned_before(text: bytes) -> bytes:
    """`text` without the expression at its end, if one is assigned there."""
    found = _EXPRESSION.search(text)
    return text[: found.start() + 1] if found else b""


def _getter(rest: bytes) -> _Step | None:
    """`val token by lazy {`, `public string ApiKey { get { return`, and `apiKey={` in markup."""
    found = _GETTER.search(rest)
    if not found:
        return None
    before = rest[: found.start()]
    if before.endswith(b"="):
        return _Step((), before)
    return _Step(()) if _OPEN.search(before) else _Step(_named(before, typed=True))


def _assignment(rest: bytes) -> _Step | None:
    found = _SIGN.search(rest)
    if not found:
        return None
    before = _BLANKS.cut(rest[: found.start()])
    names = _named(before, typed=b"=" in found[0] or found[0] == b"VALUE")
    if not names or names[0].lower().rpartition(b".")[2] not in _NEUTRAL:
        return _Step(names)
    return _around_default(_QUOTE.cut(before[: before.rfind(names[0])]))


def _around_default(rest: bytes) -> _Step:
    """`config("KEY", default=`: the arguments before, then what the call is assigned to."""
    names: list[bytes] = []
    for _ in range(_ARGUMENTS):
        found = _SKIPPED.search(rest)
        if not found:
            break
        if name := found[1] or found[2]:
            names.append(name)
        rest = rest[: found.start()].rstrip()
    if rest.endswith(b"`"):  # the tag of a field in Go
        return _Step((*names, *_named(rest[:-1].rstrip(), typed=True)))
    return _Step(tuple(names), rest)


_LOOKS: Final = (_between, _returned, _list, _call, _argument, _operator, _getter, _assignment)


def _named(text: bytes, *, typed: bool = False) -> tuple[bytes, ...]:
    """The identifiers that the end of `text` may mean, the likeliest first."""
    text = _ATTRIBUTES.sub(b"", text)
    names: list[bytes] = []
    if typed:
        names += [found[1] for look in (_TYPED, _AS, _FOLLOWED) if (found := look.search(text))]
    bare = _CLOSERS.cut(text)
    found = _IDENTIFIER.search(bare)
    if found and bare[: found.start()].endswith((b"'/", b'"/')):  # a path that a server answers at
        found = None
    if found and not (names and _is_type(found[0])):
        names.append(_phrase(found[0], bare[: found.start()]))
    return tuple(names)


def _is_type(name: bytes) -> bool:
    return name[:1].isupper() or name.lower() in _TYPE_NAME


def _phrase(name: bytes, before: bytes) -> bytes:
    """`name`, with the word before it where it is `key` and says little alone, or a token of pages."""
    if name.lower() not in (b"key", b"token"):
        return name
    found = _WORD_BEFORE.search(before)
    if found and name.lower() == b"token" and found[1].lower() not in _PAGED:
        return name
    return found[1] + b" " + name if found and found[1].lower() not in _MODIFIERS else name
