"""Exact dotenv files: what is read is what was meant, or an error; what is edited is read back."""

from __future__ import annotations

import os
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secopskit.errors import ConfigError
from secopskit.formats.exact.dotenv_edit import edit_exact
from secopskit.formats.exact.dotenv_exact import SIZE_LIMIT, read_exact
from secopskit.secret import SecretValue
from support.values import alnum

PEM = "-----BEGIN PRIVATE " + "KEY-----"  # in two parts: no key, and nobody should take it for one


def values(data: bytes) -> dict[str, bytes]:
    return {entry.key: entry.value.reveal() for entry in read_exact(data, ".env").entries}


# What python-dotenv (without interpolation), docker compose, Node's dotenv and shells agree about, and
# what is decided where they do not: `$` is text, quotes keep line ends, backticks are quotes.
READ = [
    (b"A=b", {"A": b"b"}),
    (b"A=b\n\n# c\nB=d\n", {"A": b"b", "B": b"d"}),
    (b"  export A = b  \n", {"A": b"b"}),
    (b"\xef\xbb\xbfA=b\r\nB=c\r\n", {"A": b"b", "B": b"c"}),
    (b"A=\nB=   \nC= # nothing\n", {"A": b"", "B": b"", "C": b""}),
    (b"A=''\nB=\"\"\nC=``", {"A": b"", "B": b"", "C": b""}),
    (b"A=b c # comment\n", {"A": b"b c"}),
    (b"A='b # c' # comment\n", {"A": b"b # c"}),
    (b'A="b"#comment\n', {"A": b"b"}),
    (b"A=b$c${HOME}`d`'e'\\f\n", {"A": b"b$c${HOME}`d`'e'\\f"}),
    (b"A='${HOME} $x'\nB=\"${HOME} $x\"\nC=`$x`", {"A": b"${HOME} $x", "B": b"${HOME} $x", "C": b"$x"}),
    (b"A='b\\n\\d\"`'", {"A": b"b\\n\\d\"`"}),
    (b'A="b\\nc\\r\\\\d\\"e\\$f"', {"A": b'b\nc\r\\d"e$f'}),
    (b"A='b\r\nc\n'\r\nB=d\r\n", {"A": b"b\r\nc\n", "B": b"d"}),
    (b'A="' + PEM.encode() + b'\nMIIx==\n-----END-----\n"\nB=1\n',
     {"A": PEM.encode() + b"\nMIIx==\n-----END-----\n", "B": b"1"}),
    (b"A=" + PEM.encode() + b"\\nMIIx\\n-----END-----\n", {"A": PEM.encode() + b"\\nMIIx\\n-----END-----"}),
    (b"A=b=c==\n", {"A": b"b=c=="}),
    (b"a.b-c_1=2\n_=3", {"a.b-c_1": b"2", "_": b"3"}),
    ("A=\u00fc\u2028x\nB='\u00a0'\n".encode(), {"A": "\u00fc\u2028x".encode(), "B": "\u00a0".encode()}),
    (b"", {}),
    (b"\xef\xbb\xbf", {}),
    (b" \n\t\n#", {}),
]  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), READ)
def test_what_is_read(data: bytes, expected: dict[str, bytes]) -> None:
    assert values(data) == expected


REFUSED = [
    (b"A=1\nB=2\nA=3\n", 3, "second time, after line 1"),
    (b"A=1\nB='x\nC=2\n", 2, "no closing quote"),
    (b'A="x\n', 1, "no closing quote"),
    (b"A=`x", 1, "no closing quote"),
    (b"A='x\nB='\n", 1, "seems to have no closing quote"),
    (b'A=1\nB="x\nC="y"\n', 2, "seems to have no closing quote"),
    (b"A='x\ny'\nB='it's'\n", 3, "text after the closing quote of B (line 3)"),
    (b"A='x\n\ny' z\n", 3, "text after the closing quote of A (line 1)"),
    (b"A=1\nKEY\n", 2, "neither an assignment"),
    (b"KEY: value\n", 1, "neither an assignment"),
    (b"'A'=1\n", 1, "neither an assignment"),
    (b"export\n", 1, "neither an assignment"),
    (b"\n1A=2\n", 2, "not a name"),
    (b"A B=2\n", 1, "neither an assignment"),
    (b"A$=2\n", 1, "not a name"),
    (b"=2\n", 1, "neither an assignment"),
    ("\u00c4=2\n".encode(), 1, "not a name"),
    (b"A=x\nK=" + PEM.encode() + b"\nMIIx==\nMIIy=\n-----END-----\n", 2, "a PEM block without quotes"),
    (b"K=MIIBVgIBADANBgkq\nhkiG9w0BAQEFAASC==\n", 2, "the rest of a base64 value"),
    (b"K=MIIBVgIBADANBgkq\n\nhkiG9w0BAQEFAASC=\n", 3, "the rest of a base64 value"),
    (b"A=x\0y\n", 1, "NUL"),
    (b"A=1\nB=\xff\n", 2, "no UTF-8"),
    (b"A=b#c\n", 1, "`#` outside of quotes"),
    (b"A=#c\n", 1, "`#` outside of quotes"),
    (b"A=1\rB=2\n", 1, "control character"),
    (b"A=1\r", 1, "control character"),
    (b"# a\rB=2\n", 1, "neither an assignment"),
    (b"A=\x1b[1m\n", 1, "control character"),
    ("A=b\u00a0\n".encode(), 1, "unusual blank"),
    (b"A='b\\'\n", 1, "ends with a backslash"),
    (b'A="b\n\\t"\n', 2, "a backslash"),
    (b'A="b\\\'"\n', 1, "a backslash"),
]


@pytest.mark.parametrize(("data", "line", "message"), REFUSED)
def test_what_is_refused_with_its_line(data: bytes, line: int, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_exact(data, "conf/.env")
    assert str(caught.value).startswith(f"conf/.env:{line}: ")
    assert message in str(caught.value)
    assert caught.value.advice


def test_no_message_and_no_repr_holds_a_value() -> None:
    canary = alnum(24)
    for data, _, _ in REFUSED:
        text = data.replace(b"x", canary.encode()).replace(b"2", canary.encode())
        with pytest.raises(ConfigError) as caught:
            read_exact(text, ".env")
        assert canary not in str(caught.value) + caught.value.advice + repr(caught.value)
    assert canary not in repr(read_exact(f"A={canary}\n".encode(), ".env"))


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(ConfigError, match="larger"):
        read_exact(b"#" * (SIZE_LIMIT + 1), ".env")


# --- editing ------------------------------------------------------------------------------------


def edited(data: bytes, **changes: bytes) -> bytes:
    return edit_exact(read_exact(data, ".env"), {key: SecretValue(value) for key, value in changes.items()})


EDITED = [
    # Quotes, comments, order, blanks, `export` and line ends stay.
    (b"#\r\nexport A = 'b'  # c\r\n\r\nB=1\r\n", {"A": b"x y"}, b"#\r\nexport A = 'x y'  # c\r\n\r\nB=1\r\n"),
    (b'A="b"\nB=c', {"A": b"d"}, b'A="d"\nB=c'),
    (b"A=`b`\n", {"A": b"d'\""}, b"A=`d'\"`\n"),
    (b"A=b\n", {"A": b"b"}, b"A=b\n"),
    (b"A=b # c\n", {"A": b"$x#y"}, b"A='$x#y' # c\n"),
    (b"A= # c\n", {"A": b"d"}, b"A=d # c\n"),
    (b"A='b'#c\n", {"A": b"d"}, b"A='d'#c\n"),
    (b"A=b\n", {"A": b"it's"}, b"A=\"it's\"\n"),
    (b"A='b'\n", {"A": b"it's"}, b"A=\"it's\"\n"),
    (b"A=b\n", {"A": b"it's $5 \"\\"}, b'A="it\'s \\$5 \\"\\\\"\n'),
    (b"A=b\n", {"A": b"x\ny\n"}, b"A='x\ny\n'\n"),
    (b"A=b\r\n", {"A": b"x\ny\r\n"}, b'A="x\\ny\\r\\n"\r\n'),
    (b"A=b\n", {"A": b"x\nB="}, b'A="x\\nB="\n'),
    (b"A=b\n", {"A": b""}, b"A=\n"),
    (b"A=b\n", {"A": b"="}, b"A='='\n"),
    (b"", {"hkiG9w0BAQEFAASC": b""}, b"hkiG9w0BAQEFAASC=''\n"),
    # New keys are added at the end.
    (b"A=b\r\nB=c", {"C": b"d", "D": b"e f"}, b"A=b\r\nB=c\r\nC=d\r\nD='e f'\r\n"),
    (b"", {"C": b"d"}, b"C=d\n"),
    (b"\xef\xbb\xbf", {"C": b"d"}, b"\xef\xbb\xbfC=d\n"),
    (b"A=b\n", {"C": PEM.encode()}, b"A=b\nC='" + PEM.encode() + b"'\n"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "changes", "expected"), EDITED)
def test_what_an_edit_writes(data: bytes, changes: dict[str, bytes], expected: bytes) -> None:
    assert edited(data, **changes) == expected


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("A", b"x\0y", "NUL"),
        ("A", b"\xff", "no UTF-8"),
        ("B C", b"x", "not a name"),
        ("B\nC", b"x", "not a name"),
        ("A", b"x" * SIZE_LIMIT, "larger"),
    ],
)
def test_what_no_file_can_carry(key: str, value: bytes, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        edited(b"A=b\n", **{key: value})
    assert caught.value.advice


_TEXTS = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    st.text(st.sampled_from("ab=# \t\r\n'\"`\\$B\ufeff\u00a0\x0b")),
)
_NAMES = ("A", "B", "C.d", "_e")
_LINES = st.sampled_from(
    [b"# note", b"", b"A=1", b"export B='x y'  # why", b"C.d = \"q\\n\"", b"_e=`w`#z", b"\t", b"# B=2"]
)  # fmt: skip


@st.composite
def _files(draw: st.DrawFn) -> bytes:
    lines = draw(st.lists(_LINES, max_size=8, unique=True))
    end = draw(st.sampled_from([b"\n", b"\r\n"]))
    return draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + end.join(lines) + draw(st.sampled_from([b"", end]))


@given(_files(), st.dictionaries(st.sampled_from(_NAMES), _TEXTS, min_size=1))
@settings(max_examples=400, deadline=None)
def test_what_is_written_is_read_and_nothing_else_changes(data: bytes, texts: dict[str, str]) -> None:
    changes = {key: text.encode() for key, text in texts.items()}
    after = edited(data, **changes)
    assert values(after) == values(data) | changes
    assert edited(after, **changes) == after
    # With the values taken out, what was there is there.
    assert _without_values(after, data) == _without_values(data, data)


def _without_values(data: bytes, before: bytes) -> bytes:
    """What stands around the values, up to the first key that `before` lacks."""
    known, rest, done = set(values(before)), b"", 0
    for entry in read_exact(data, "x").entries:
        if entry.key not in known:
            return (rest + data[done : entry.start - len(entry.key) - 1]).rstrip(b"\r\n")
        rest, done = rest + data[done : entry.start], entry.end
    return (rest + data[done:]).rstrip(b"\r\n")


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        file = read_exact(data, "x")
    except ConfigError:
        return
    assert edit_exact(file, {entry.key: entry.value for entry in file.entries}) == data


@pytest.mark.skipif(os.name == "nt", reason="no shell")
@given(st.dictionaries(st.sampled_from(["A", "B"]), st.text("ab =#'$\n\t;&", max_size=30), min_size=1))
@settings(max_examples=40, deadline=None)
def test_a_shell_reads_the_same(texts: dict[str, str]) -> None:
    """Of values without backslashes, double quotes, backticks and carriage returns."""
    changes = {key: text.encode() for key, text in texts.items()}
    # A value that needs escapes for its line ends is the one thing that shells read differently.
    after = edited(b"", **changes)
    if b"\\n" in after:
        return
    script = after + b"".join(b'printf "%s\\0" "$' + key.encode() + b'"\n' for key in changes)
    outcome = subprocess.run(["sh"], input=script, capture_output=True, check=True, env={})
    assert outcome.stdout.split(b"\0")[:-1] == list(changes.values())
