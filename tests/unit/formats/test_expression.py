"""Expressions of GitHub Actions: where they stand, their tokens, what they look up, what they can become."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.findings import Span
from secopskit.formats.workflows.expression import (
    MAX_CHOICES,
    TokenKind,
    context_references,
    expressions,
    possible_texts,
    tokens,
)

CONTEXTS = frozenset({"secrets", "vars"})


def insides(text: str) -> list[str]:
    return [text[span.start : span.end].strip() for span in expressions(text)]


def found(text: str) -> list[tuple[str, str, str]]:
    """Context, name, and the tokens that compute it, of each look-up in one expression."""
    return [
        (one.context, one.name, " ".join(token.text for token in one.computed))
        for one in context_references(tokens(text), CONTEXTS)
    ]


def is_tested(text: str) -> list[bool]:
    return [one.tested for one in context_references(tokens(text), CONTEXTS)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no expression", []),
        ("${{ a }}", ["a"]),
        ("x${{a}}y${{ b }}z", ["a", "b"]),
        ("${{ '}}' }}", ["'}}'"]),
        ("${{ 'it''s }}' }}${{ b }}", ["'it''s }}'", "b"]),
        ("${{ never ends", []),
        ("${{ 'never ends }}", []),
        ("$${{ a }}", ["a"]),
        ("${{ a }} ${{ open", ["a"]),
        ("${{\n  a\n}}", ["a"]),
    ],
)
def test_where_expressions_stand(text: str, expected: list[str]) -> None:
    assert insides(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("secrets.TOKEN", [("secrets", "TOKEN", "")]),
        ("SECRETS.token", [("secrets", "token", "")]),
        ("secrets . TOKEN", [("secrets", "TOKEN", "")]),
        ("secrets['TOKEN']", [("secrets", "TOKEN", "")]),
        ("secrets[ 'a''b' ]", [("secrets", "a'b", "")]),
        ("vars.A && vars['B']", [("vars", "A", ""), ("vars", "B", "")]),
        ("secrets[matrix.name]", [("secrets", "", "matrix . name")]),
        ("secrets[vars.NAME]", [("secrets", "", "vars . NAME"), ("vars", "NAME", "")]),
        ("secrets[format('{0}_KEY', 'a')]", [("secrets", "", "format ( {0}_KEY , a )")]),
        ("secrets[secrets['X']]", [("secrets", "", "secrets [ X ]"), ("secrets", "X", "")]),
        ("toJSON(secrets)", [("secrets", "", "")]),
        ("secrets", [("secrets", "", "")]),
        ("secrets.*", [("secrets", "", "")]),
        ("secrets[*]", [("secrets", "", "")]),
        ("needs.secrets.TOKEN", []),
        ("'secrets.TOKEN'", []),
        ("my-secrets.TOKEN", []),
        ("secrets_of.TOKEN", []),
        ("vars(1)", []),
        ("github.token", []),
        ("secrets['unclosed", [("secrets", "", "' unclosed")]),
        ("secrets.", [("secrets", "", "")]),
        ("secrets[", [("secrets", "", "")]),
    ],
)
def test_what_is_looked_up(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vars.A", [False]),
        ("vars.A || 'b'", [True]),
        ("vars['A'] == 'b'", [True]),
        ("'b' != vars.A", [True]),
        ("!vars.A", [True]),
        ("vars.A && vars.B", [True, False]),
        ("secrets.A || secrets.B", [True, False]),
        ("format('{0}', vars.A)", [False]),
        ("(vars.A)", [False]),
    ],
)
def test_whether_an_expression_reckons_with_absence(text: str, expected: list[bool]) -> None:
    assert is_tested(text) == expected


VALUES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("matrix", "env"): ("staging", "production"),
    ("inputs", "env"): ("a",),
    ("github", "event.inputs.env"): ("b", ""),
    ("matrix", "many"): tuple(map(str, range(MAX_CHOICES))),
}


def texts(text: str) -> tuple[str, ...] | None:
    return possible_texts(text, lambda context, name: VALUES.get((context, name)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("production", ("production",)),
        ("", ("",)),
        ("${{ 'production' }}", ("production",)),
        ("${{ matrix.env }}", ("staging", "production")),
        ("${{ MATRIX['ENV'] }}", ("staging", "production")),
        ("eu-${{ matrix.env }}-1", ("eu-staging-1", "eu-production-1")),
        ("${{ inputs.env }}${{ matrix.env }}", ("astaging", "aproduction")),
        ("${{ github.ref == 'refs/heads/main' && 'production' || 'staging' }}", ("production", "staging")),
        ("${{ (github.ref == 'x' && 'a') || 'b' }}", ("a", "b")),
        ("${{ github.ref == 'x' && 'a' }}", ("a", "")),
        ("${{ github.event.inputs.env || 'c' }}", ("b", "c")),
        ("${{ format('{0}-{1}', inputs.env, matrix.env) }}", ("a-staging", "a-production")),
        ("${{ format('{{{0}}}', 'x') }}", ("{x}",)),
        ("${{ format('{0}-{7}', 'x') }}", None),
        ("${{ github.ref_name }}", None),
        ("${{ inputs.other }}", None),
        ("${{ matrix.env.name }}", None),
        ("${{ matrix[vars.X] }}", None),
        ("${{ }}", None),
        ("${{ github.ref == 'x' && github.sha || 'b' }}", None),
        ("${{ matrix.many }}${{ matrix.env }}", None),
        ("${{ " + "(" * 200 + "'a'" + ")" * 200 + " }}", None),
    ],
)
def test_what_a_text_can_become(text: str, expected: tuple[str, ...] | None) -> None:
    assert texts(text) == expected


# --- properties -------------------------------------------------------------------------------

anything = st.text(alphabet="secrtvas.[]'{}$ &|=!()*,\n_X0-", max_size=80) | st.text(max_size=80)


@given(anything)
def test_tokens_stand_where_they_say_and_leave_out_blanks_only(text: str) -> None:
    at = 0
    for token in tokens(text):
        assert text[at : token.span.start].strip() == ""
        written = text[token.span.start : token.span.end]
        if token.kind is TokenKind.STRING:
            assert written == "'" + token.text.replace("'", "''") + "'"
        else:
            assert written == token.text
        at = token.span.end
    assert text[at:].strip() == ""


@given(anything)
def test_expressions_are_apart_and_within(text: str) -> None:
    at = 0
    for start, end in expressions(text):
        assert at <= start - 3 <= end
        assert text[start - 3 : start] == "${{"
        assert text[end : end + 2] == "}}"
        at = end + 2


@given(anything)
def test_no_text_makes_anything_raise(text: str) -> None:
    for span in (*expressions(text), Span(0, len(text))):
        for reference in context_references(tokens(text, span), CONTEXTS):
            assert text[reference.start :].lower().startswith(reference.context)
    values = texts(text)
    assert values is None or len(values) <= MAX_CHOICES


@given(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True), st.sampled_from(sorted(CONTEXTS)))
def test_a_name_is_found_however_it_is_written(name: str, context: str) -> None:
    for text in (f"{context}.{name}", f"{context.upper()} ['{name}']", f"f(1, {context}.{name})"):
        assert found(text) == [(context, name, "")]


@given(st.text(max_size=30))
def test_a_string_keeps_its_text(text: str) -> None:
    (token,) = tokens("'" + text.replace("'", "''") + "'")
    assert (token.kind, token.text) == (TokenKind.STRING, text)


@given(st.text(alphabet="ab'}$ {", max_size=30))
def test_a_string_ends_no_expression(text: str) -> None:
    string = "'" + text.replace("'", "''") + "'"
    assert insides("${{ " + string + " }}") == [string]
