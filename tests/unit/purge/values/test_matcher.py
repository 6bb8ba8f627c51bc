"""The forms of a value, what takes their place, and what must not change."""

from __future__ import annotations

import base64
import json
import sys
import tomllib
import urllib.parse
from collections.abc import Callable

import pytest
import yaml
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from secopskit.errors import UsageError
from secopskit.purge.model import PurgeTarget, Style
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.secret import SecretValue
from support.cli import SOURCE, run
from support.engines import ENGINES
from support.values import alnum

# A value in the shape of those that hurt: reserved in URLs, escaped in JSON and XML, not ASCII.
AWKWARD = f'p"a/s+w\\é rd&<{alnum(12)}==>?$1.*[x]'
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "plain": lambda text: text.encode(),
    "json": lambda text: json.dumps(text).encode(),
    "json in utf-8": lambda text: json.dumps(text, ensure_ascii=False).encode(),
    "json with escaped slashes": lambda text: json.dumps(text).replace("/", "\\/").encode(),
    "json for html": lambda text: (
        json.dumps(text, ensure_ascii=False)
        .replace("&", "\\u0026")
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .encode()
    ),
    "xml": lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode(),
    "url": lambda text: urllib.parse.quote(text, safe="").encode(),
    "url path": lambda text: urllib.parse.quote(text).encode(),
    "url in small letters": lambda text: "".join(
        c if (c.isalnum() and c.isascii()) or c in "_.-~" else "".join(f"%{b:02x}" for b in c.encode())
        for c in text
    ).encode(),
    "form data": lambda text: urllib.parse.quote_plus(text).encode(),
    "every byte in percent": lambda text: b"".join(b"%%%02X" % byte for byte in text.encode()),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 behind one byte": lambda text: base64.b64encode(b"u" + text.encode() + b"xy"),
    "base64 behind two bytes": lambda text: base64.b64encode(b"u:" + text.encode() + b"z"),
    "base64 for urls": lambda text: base64.urlsafe_b64encode(text.encode()),
}


def target(value: bytes | str, number: int = 1, **more: object) -> PurgeTarget:
    raw = value.encode() if isinstance(value, str) else value
    fields: dict[str, object] = {"number": number, "label": "", "fingerprint": str(number)}
    return PurgeTarget(value=SecretValue(raw), **{**fields, **more})  # type: ignore[arg-type]  # fields of the test's choice


def matcher(*values: bytes | str, engine: str = "auto") -> ValueMatcher:
    return ValueMatcher([target(value, number) for number, value in enumerate(values, 1)], engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_form_is_found_and_replaced_in_its_own_way(engine: str, encoding: str) -> None:
    written = ENCODINGS[encoding](AWKWARD)
    text = b"before " + written + b" after"
    search = matcher(AWKWARD, engine=engine)
    assert search.contains(text) == (1,)
    clean = search.redact(text)
    assert search.contains(clean) == ()
    assert clean.startswith(b"before ")
    assert clean.endswith(b" after")
    assert search.redact(clean) == clean


def test_what_replaces_a_form_can_be_decoded() -> None:
    search = matcher(AWKWARD)

    def after(encoding: str) -> bytes:
        return search.redact(ENCODINGS[encoding](AWKWARD))

    assert json.loads(after("json")) == "***REMOVED***"
    assert urllib.parse.unquote_to_bytes(after("url")) == b"***REMOVED***"
    assert after("utf-16-le").decode("utf-16-le") == "***REMOVED***"
    assert after("utf-16-be").decode("utf-16-be") == "***REMOVED***"
    for encoding in ("base64", "base64 behind one byte", "base64 behind two bytes"):
        assert len(after(encoding)) == len(ENCODINGS[encoding](AWKWARD))
        assert b"REMOVED" in base64.b64decode(after(encoding), validate=True)
    login = base64.b64encode(b"user:" + AWKWARD.encode())
    assert base64.b64decode(search.redact(login)).startswith(b"user:")


def test_utf16_text_around_a_value_stays() -> None:
    value = alnum(14)
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        text = f"a line\r\nkey = {value}\r\nan é\r\n"
        clean = matcher(value).redact(text.encode(encoding))
        assert clean.decode(encoding) == text.replace(value, "***REMOVED***")


def test_a_value_inside_another_one() -> None:
    inner = alnum(16)
    outer = f"{alnum(8)}{inner}{alnum(4)}"
    search = matcher(inner, outer)
    text = f"{outer} {inner} {outer}{inner}".encode()
    assert search.contains(text) == (1, 2)
    assert search.redact(text) == b"***REMOVED*** ***REMOVED*** ***REMOVED******REMOVED***"
    assert [hit.numbers for hit in search.spans(text)] == [(2,), (1,), (2,), (1,)]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "value",
    [
        b"a==>b-arrow-value",
        b"(.*)+[a-z]{8}$^|\\",
        b"\xff\xfe\x00\x80raw-bytes\xc3",
        b"aaaaaaaaaaaaaaaa",
    ],
)
def test_values_that_mean_something_elsewhere(engine: str, value: bytes) -> None:
    search = matcher(value, engine=engine)
    assert search.contains(b"-" + value + b"-") == (1,)
    clean = search.redact(b"-" + value + b"-")
    assert clean.rstrip(b"-").rstrip(b"*") == b"-***REMOVED"
    assert search.contains(b"nothing of the kind, however long the text may be") == ()


def _pem(lines: int = 26) -> str:
    body = "\n".join(alnum(64) for _ in range(lines))
    return f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----\n"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_key_of_many_lines_in_whatever_layout(engine: str) -> None:
    key = _pem()
    search = matcher(key, engine=engine)
    body = key.split("\n")[5]
    layouts = {
        "as found": key,
        "windows": key.replace("\n", "\r\n"),
        "one line": key.replace("\n", "\\n"),
        "json": json.dumps({"k": key}),
        "indented": "".join(f"    {line}\n" for line in key.splitlines()),
        "quoted": "".join(f"> {line}\n" for line in key.splitlines()),
        "joined": " +\n".join(f'"{line}\\n"' for line in key.splitlines()),
    }
    for layout, text in layouts.items():
        clean = search.redact(text.encode())
        assert body.encode() not in clean, layout
        assert search.contains(clean) == ()
    assert search.redact(layouts["windows"].encode()) == b"***REMOVED***"
    assert search.redact(key.encode("utf-16-le")).decode("utf-16-le") == "***REMOVED***"


def test_what_all_keys_of_a_kind_share_is_looked_for_by_nobody() -> None:
    common = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW"
    key = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{common}\n{alnum(70)}\n-----END OPENSSH PRIVATE KEY-----"
    search = matcher(key)
    assert search.contains(f"docs: {common}\n-----BEGIN OPENSSH PRIVATE KEY-----".encode()) == ()


def test_a_value_bound_to_blobs_stands_in_those_alone() -> None:
    here, elsewhere = "1" * 40, "2" * 40
    search = ValueMatcher([target("admin", blobs=frozenset({here})), target(long := alnum(20), 2)])
    text = f"admin {long}".encode()
    assert search.contains(text, here) == (1, 2)
    assert search.contains(text, elsewhere) == search.contains(text) == (2,)
    assert search.redact(text, oid=here) == b"***REMOVED*** ***REMOVED***"
    assert search.redact(text, oid=elsewhere) == b"admin ***REMOVED***"
    assert search.bound_blobs == {here}


def test_styles() -> None:
    value, key = alnum(30), _pem(3)
    by_rule = ValueMatcher([target(value, style=Style.RULE, rule_id="aws-access-key")])
    assert by_rule.redact(value.encode()) == b"***REMOVED:aws-access-key***"
    by_length = ValueMatcher([target(value, style=Style.LENGTH), target(key, 2, style=Style.LENGTH)])
    assert by_length.redact(value.encode()) == b"***REMOVED***".ljust(30, b"*")
    kept = by_length.redact(f"a{key}b".encode())
    assert len(kept) == len(key) + 2
    assert kept.count(b"\n") == key.count("\n")
    url = urllib.parse.quote(AWKWARD, safe="").encode()
    long = ValueMatcher([target(AWKWARD, style=Style.LENGTH)])
    assert len(long.redact(url)) == len(url)
    assert len(long.redact(AWKWARD.encode("utf-16-le"))) == len(AWKWARD.encode("utf-16-le"))


def test_structured_files_still_parse() -> None:
    number, word = "73519028461532", alnum(20)
    search = matcher(number, word)
    clean = search.redact(f'{{"pin": {number}, "text": "{number} {word}"}}'.encode(), paths=["a/b.json"])
    assert set(json.loads(clean)) == {"pin", "text"}
    clean = search.redact(f"a: {word}\nb: [{word}, x]\nc: p{word}\n".encode(), paths=["x.yml"])
    assert list(yaml.safe_load(clean)) == ["a", "b", "c"]
    clean = search.redact(f'a: "{word}"\nb: {word}\n'.encode(), paths=["x.yaml"])
    assert yaml.safe_load(clean) == {"a": "REMOVED", "b": "REMOVED"}
    clean = search.redact(f'a = {number}\nb = "{word}"\n'.encode(), paths=["x.toml"])
    assert set(tomllib.loads(clean.decode())) == {"a", "b"}
    broken = f"{{ not json {word}".encode()
    assert search.redact(broken, paths=["x.json"]) == b"{ not json ***REMOVED***"


def test_a_replacement_that_would_change_the_structure() -> None:
    value = alnum(20)
    search = ValueMatcher([target(value, replacement=b"gone: for good")])
    assert yaml.safe_load(search.redact(f"key: {value}\n".encode(), paths=["x.yml"])) == {
        "key": "gone: for good"
    }


def test_names_and_identities_stay_what_they_are() -> None:
    value = alnum(20)
    search = ValueMatcher([target(value, replacement=b"<gone>\n ~^:")])
    assert search.redact_name(f"dir-{value}.txt".encode()) == b"dir-gone.txt"
    assert search.redact_identity(f"Ada {value}".encode()) == b"Ada gone ~^:"
    default = matcher(value)
    assert default.redact_name(value.encode()) == b"REMOVED"


def test_a_replacement_with_a_value_in_it_is_refused() -> None:
    with pytest.raises(UsageError, match="value 1") as caught:
        ValueMatcher([target("REMOVED"), target(alnum(20), 2)])
    assert "REMOVED" not in str(caught.value)
    with pytest.raises(UsageError):
        matcher("")


def test_a_replacement_never_makes_up_a_value() -> None:
    search = matcher("x***REMOVED***", "aaaabbbb")
    clean = search.redact(b"xaaaabbbb and xxaaaabbbb")
    assert search.contains(clean) == ()


def test_a_replacement_that_is_not_utf8() -> None:
    search = ValueMatcher([target(AWKWARD, replacement=b"gone \xff")])
    assert search.redact(AWKWARD.encode()) == b"gone \xff"
    assert json.loads(search.redact(json.dumps(AWKWARD).encode())) == "REMOVED"
    assert search.redact(AWKWARD.encode("utf-16-le")).decode("utf-16-le") == "REMOVED"


def test_nothing_to_look_for() -> None:
    search = ValueMatcher(())
    assert search.contains(b"anything") == ()
    assert search.redact(b"anything") == b"anything"


def test_the_values_cross_a_pipe() -> None:
    original = ValueMatcher(
        [
            target(AWKWARD, style=Style.LENGTH, extra_forms=(SecretValue(b"other-writing"),)),
            target(b"\xff\x00raw-value", 2, blobs=frozenset({"a" * 40})),
        ]
    )
    assert ValueMatcher.from_wire(original.to_wire()).targets == original.targets
    assert original.contains(b"an other-writing of it") == (1,)


def test_values_show_nowhere() -> None:
    value = alnum(24)
    search = matcher(value)
    shown = f"{search!r} {search.targets!r} {search.spans(value.encode())!r} {search._search(None).forms!r}"
    assert value not in shown
    assert value.encode().hex() not in shown


@settings(max_examples=50)
@given(
    value=st.binary(min_size=8, max_size=60),
    pieces=st.lists(st.binary(max_size=20), min_size=1, max_size=5),
    style=st.sampled_from(Style),
)
@example(value=b"aaaaaaaa", pieces=[b"a", b"aaa", b""], style=Style.TEXT)
@example(value=b" \0\0\0\0\x01\x02\x03", pieces=[b"\\", b""], style=Style.TEXT)
def test_only_the_value_goes(value: bytes, pieces: list[bytes], style: Style) -> None:
    try:
        search = ValueMatcher([target(value, style=style, rule_id="r")])
    except UsageError:
        assume(False)
    clean_pieces = [search.redact(piece) for piece in pieces]
    text = value.join(clean_pieces)
    clean = search.redact(text)
    assert search.contains(clean) == ()
    assert search.redact(clean) == clean
    if len(search.spans(text)) == len(pieces) - 1 and clean != text:
        at = 0
        escaped = any(
            piece.endswith((b"\\", b"^", b"`")) for piece in pieces
        )  # by what goes with the value then
        for piece in clean_pieces if len(set(value)) > 4 and not escaped else ():
            at = clean.index(piece, at) + len(piece)


@settings(max_examples=40)
@given(value=st.binary(min_size=8, max_size=40), around=st.binary(max_size=30), at=st.integers(0, 30))
def test_the_engines_agree(value: bytes, around: bytes, at: int) -> None:
    try:
        one, other = matcher(value, engine="hyperscan"), matcher(value, engine="re")
    except UsageError:
        assume(False)
    for text in (
        around[:at] + value + around[at:],
        around,
        base64.b64encode(around[:at] + value + around[at:]),
    ):
        assert one.hits(text) == other.hits(text)


def test_importing_the_matcher_loads_nothing_heavy() -> None:
    heavy = "{'yaml', 'hyperscan', 'rich', 'click', 'git_filter_repo'}"
    code = f"import sys, secopskit.purge.values.matcher; sys.exit(len({heavy} & set(sys.modules)))"
    assert run(sys.executable, "-c", code, cwd=SOURCE).code == 0
