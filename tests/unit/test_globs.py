"""Path patterns: what they match, and that no pattern makes matching slow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.globs import compile_patterns
from secopskit.state.smallfiles import MAX_PATTERN
from support.effort import costs_little

YES = [
    ("*.lock", "a/b/poetry.lock"),
    ("tests", "tests/unit/a.py"),
    ("tests/", "src/tests/a.py"),
    ("/vendor", "vendor/x/y"),
    ("./docs/x", "docs/x"),
    ("docs/*.md", "docs/a.md"),
    ("docs/**/x.md", "docs/x.md"),
    ("docs/**/x.md", "docs/a/b/x.md"),
    ("docs/**", "docs/a/b"),
    ("**/node_modules", "a/node_modules/b/c.js"),
    ("**", "a"),
    ("a?c", "abc"),
    ("[a-c]1", "b1"),
    ("[!a-c]1", "d1"),
    ("[]x]", "]"),
    ("[", "["),
    (r"\*", "*"),
    (r"[\]]", "]"),
    ("a*b*c", "axxbyyc"),
    ("a/**/b/**/c", "a/1/b/2/3/c"),
    ("new\nline", "d/new\nline"),
    ("a+b(c)", "a+b(c)"),
]
NO = [
    ("*.lock", "a/lock"),
    ("tests/", "tests"),
    ("/vendor", "a/vendor"),
    ("docs/*.md", "docs/a/b.md"),
    ("docs/**", "docs"),
    ("a?c", "a/c"),
    ("a[!b]c", "a/c"),
    ("[z-a]", "z"),
    (r"\*", "x"),
    ("a*b*c", "axxcyyb"),
    ("test", "tests"),
    ("/", "a"),
    ("a", ""),
]


@pytest.mark.parametrize(("pattern", "path"), YES)
def test_matches(pattern: str, path: str) -> None:
    assert compile_patterns([pattern]).matches(path)


@pytest.mark.parametrize(("pattern", "path"), NO)
def test_does_not_match(pattern: str, path: str) -> None:
    assert not compile_patterns([pattern]).matches(path)


def test_the_last_pattern_that_matches_decides() -> None:
    matcher = compile_patterns(["docs/", "!docs/keep.env", "docs/keep.env.old"])
    assert matcher.matches("docs/a")
    assert not matcher.matches("docs/keep.env")
    assert matcher.matches("docs/keep.env.old")


def test_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        compile_patterns(["a" * (MAX_PATTERN + 1)])


@pytest.mark.parametrize("pattern", ["*a" * 200 + "b", "**/a/" * 100 + "b", "a*" * 100 + "/" + "*a" * 100])
@pytest.mark.parametrize("path", ["a" * 4000, "a/" * 2000, "/".join(["a" * 50] * 80)])
def test_no_pattern_is_slow(pattern: str, path: str) -> None:
    costs_little(lambda: compile_patterns([pattern]).matches(path), 1)


@given(st.text("a*?[]!-\\/.^&|~", max_size=30), st.text("ab/*]-.", max_size=20))
def test_any_pattern_compiles_and_answers(pattern: str, path: str) -> None:
    assert compile_patterns([pattern]).matches(path) in (True, False)


def _reference(pattern: str, text: str) -> bool:
    """Star matching by its definition."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(_reference(pattern[1:], text[cut:]) for cut in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and _reference(pattern[1:], text[1:])


@given(
    st.text("ab*?", min_size=1, max_size=8).filter(lambda text: "**" not in text),
    st.text("ab", min_size=1, max_size=10),
)
def test_atomic_stars_match_as_the_definition_says(pattern: str, name: str) -> None:
    assert compile_patterns(["/" + pattern]).matches(name) == _reference(pattern, name)
