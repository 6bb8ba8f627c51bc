"""Expressions that are compiled late, and those that a later process need not compile."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secopskit import lazy_regex
from secopskit.detect.name import declaration
from secopskit.lazy_regex import LazyRegex, TailRegex, compiled, compiled_forms, prepared, remember


@pytest.mark.parametrize(
    ("source", "flags"),
    [
        (r"(?i)(?P<name>[a-zß-ü]{2,5})=(?:(?P<value>\w+)|(.))", 0),
        (rb"(?m)^[ \t]*(?P<key>pass(?:w(?:or)?d)?)\b(?!\()", re.DOTALL),
        ("a{3,70000}|[^\x00-\U0001f600]", re.ASCII),
    ],
)
def test_a_remembered_expression_is_the_compiled_one(
    source: Any, flags: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    forms = compiled_forms([(source, flags)])
    monkeypatch.setattr(lazy_regex, "_remembered", {})
    remember(forms)
    usual, found = re.compile(source, flags), compiled(source, flags)
    assert (source, flags) in forms
    assert found == usual
    assert (found.flags, found.groups, found.groupindex) == (usual.flags, usual.groups, usual.groupindex)


def test_a_remembered_expression_is_not_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lazy_regex, "_remembered", {})
    lazy = LazyRegex(r"(\d+)-(?P<rest>\w+)", re.ASCII)
    remember(compiled_forms([]))
    monkeypatch.setattr(re, "compile", lambda *_: pytest.fail("compiled"))
    found = lazy.search("see 12-ab")
    assert found
    assert (found[1], found["rest"]) == ("12", "ab")


def test_a_prepared_expression_is_kept_and_not_compiled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lazy_regex, "_remembered", {})
    source = rb"(?m)^prepared-(\d+)$"
    usual = prepared(source)
    remember(compiled_forms([]))
    monkeypatch.setattr(re, "compile", lambda *_: pytest.fail("compiled"))
    assert prepared(source) == usual
    assert usual.findall(b"prepared-12\nprepared-\n") == [b"12"]


def test_what_is_no_expression_has_no_form() -> None:
    assert ("(", 0) not in compiled_forms([("(", 0)])


TAILS = sorted(
    ((name, one) for name, one in vars(declaration).items() if isinstance(one, TailRegex)),
    key=lambda pair: pair[0],
)


@pytest.mark.parametrize("tail", [one for _, one in TAILS], ids=[name for name, _ in TAILS])
def test_the_end_that_is_looked_at_is_long_enough(tail: TailRegex) -> None:
    parser: Any = import_module("re._parser")
    assert tail.source.endswith((b"$", b"$)"))
    assert parser.parse(tail.source).getwidth()[1] == tail.width


@given(
    parts=st.lists(
        st.sampled_from(
            [
                b"x",
                b"key",
                b" ",
                b"\n",
                b"\\",
                b'"',
                b"(",
                b"=",
                b":",
                b",",
                b"default",
                b"new ",
                b"[0]",
                b"{ get {",
            ]
        ),
        max_size=60,
    )
)
@settings(max_examples=200, deadline=None)
def test_at_its_end_a_text_says_what_all_of_it_says(parts: list[bytes]) -> None:
    text = b"".join(parts)
    for _, tail in TAILS:
        whole = re.compile(tail.source)
        found, expected = tail.search(text), whole.search(text)
        assert (found and (found.span(), found.groups())) == (
            expected and (expected.span(), expected.groups())
        )
        rest = text if expected is None else text[: expected.start()] + text[expected.end() :]
        assert tail.cut(text) == rest
