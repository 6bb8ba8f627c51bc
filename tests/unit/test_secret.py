"""A secret value does not come out by accident, whatever is done with what holds it."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import pprint
import traceback
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.findings import Match, Span
from secopskit.secret import REDACTED, Fingerprint, SecretValue, keyed_digest, same_digest

KEY = bytes(range(32))


def canary() -> bytes:
    return b"canary-" + bytes(reversed(b"fo-ereht-enog-eb-dluohs"))


def _everything_printed(value: SecretValue) -> str:
    match = Match(rule_id="r", span=Span(0, 1), secret=value)
    log = StringIO()
    logger = logging.getLogger("secops-test")
    logger.addHandler(logging.StreamHandler(log))
    logger.error("%s %r %10s", value, match, value)
    try:
        raise ValueError(value)
    except ValueError as error:
        trace = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    forms = [repr(value), str(value), f"{value}", f"{value!r:>9}", format(value, "<20"), "%s" % value]  # noqa: UP031 - as old code does
    forms += [
        repr(match),
        str([value]),
        pprint.pformat({"a": (value, match)}),
        json.dumps({"a": value}, default=str),
    ]
    return "\n".join([*forms, log.getvalue(), trace])


def test_nothing_prints_it() -> None:
    printed = _everything_printed(SecretValue(canary()))
    assert canary().decode() not in printed
    assert "canary" not in printed
    assert REDACTED in printed


def test_it_is_neither_pickled_nor_copied() -> None:
    value = SecretValue(canary())
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError) as refusal:
            attempt(value)
        assert "canary" not in str(refusal.value)
    with pytest.raises((TypeError, AttributeError)):
        vars(value)


def test_it_compares_by_value() -> None:
    assert SecretValue(b"a") == SecretValue(b"a") != SecretValue(b"b")
    assert SecretValue(b"a") != b"a"
    assert len({SecretValue(b"a"), SecretValue(b"a")}) == 1
    assert len(SecretValue(b"abc")) == 3
    assert SecretValue.from_wire(SecretValue(b"x").to_wire()).reveal() == b"x"


def test_fingerprints_depend_on_value_and_key() -> None:
    one = SecretValue(b"one").fingerprint(KEY)
    assert one == SecretValue(b"one").fingerprint(KEY)
    assert len({one, SecretValue(b"two").fingerprint(KEY), SecretValue(b"one").fingerprint(bytes(32))}) == 3
    assert isinstance(one, Fingerprint)
    assert len(str(one)) == 32
    assert SecretValue(b"one").slow_digest(b"salt" * 4) != SecretValue(b"one").slow_digest(b"tlas" * 4)


def test_digests_keep_their_parts_apart() -> None:
    assert not same_digest(keyed_digest(KEY, b"ab", b"c"), keyed_digest(KEY, b"a", b"bc"))
    assert same_digest(keyed_digest(KEY, b"ab", memoryview(b"c")), keyed_digest(KEY, b"ab", b"c"))


@given(st.binary(max_size=15) | st.text(max_size=15).map(str.encode))
def test_nothing_of_a_short_value_is_shown(value: bytes) -> None:
    if len(value.decode("utf-8", "replace")) < 16:
        assert SecretValue(value).preview() == REDACTED


@given(st.binary(min_size=16, max_size=60) | st.binary(max_size=60).map(lambda rest: b"-----BEGIN" + rest))
def test_a_preview_shows_six_characters_at_most(value: bytes) -> None:
    shown = SecretValue(value).preview()
    assert shown.isprintable()
    if "PRIVATE KEY" not in shown:
        assert shown == REDACTED or len(shown.replace("…", "")) <= 6


@pytest.mark.parametrize(
    "tail", [b"hunter2", b" hunter2", b" PRIVATE KEY-hunter2hunter2", b"\nhunter2hunter2hunter2"]
)
def test_a_password_that_begins_like_a_key_is_no_key(tail: bytes) -> None:
    assert "hunter" not in SecretValue(b"-----BEGIN" + tail).preview()


def test_a_private_key_shows_its_header() -> None:
    for kind in ("", "RSA ", "OPENSSH ", "ENCRYPTED "):
        header = f"-----BEGIN {kind}PRIVATE KEY-----"
        assert SecretValue(f"{header}\nMIIcanary".encode()).preview() == header + "…"
        assert SecretValue(f"{header}MIIcanary".encode()).preview() == header + "…"
