"""What versions of a JSON file share is parsed once; what is told of each is as if it were parsed anew."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.findings import Span
from secopskit.formats.trees import json_versions
from secopskit.formats.trees.json_tree import documents, piece
from secopskit.formats.trees.json_versions import JsonVersions
from secopskit.formats.trees.nodes import Mapping, Node, Sequence

LINES = [
    b'"a": {',
    b'"b": [',
    b'"c": "x",',
    b'"d": "*/x/**/*.js",',
    b'"e": {"f": 1},',
    b'"open: {',
    b"}",
    b"},",
    b"]",
    b"],",
    b"} }",
    b"{",
    b"[",
    b"'g': {",
    b"'\"' /* h",
    b"/* why",
    b"*/",
    b"// }",
    b'"i": { // j',
    b'"k": "l" /* m */,',
    b"'n', 'o'",
    b"p: {",
    b'"q": 1, "r": {',
    b'"s":',
    b"true",
    b"",
]


def plain(node: Node) -> Any:
    if isinstance(node, Mapping):
        return "map", [(tuple(key), plain(value)) for key, value in node.pairs]
    if isinstance(node, Sequence):
        return "list", list(map(plain, node.items))
    return None if node is None else tuple(node)


def texts_of(node: Node) -> Any:
    """A tree without its places."""
    if isinstance(node, Mapping):
        return "map", [(key.value, texts_of(value)) for key, value in node.pairs]
    if isinstance(node, Sequence):
        return "list", list(map(texts_of, node.items))
    return None if node is None else (node.value, node.raw, node.style)


lines = st.tuples(st.sampled_from([0, 2, 2, 2, 4, 4, 6, 1]), st.sampled_from(LINES)).map(
    lambda pair: b" " * pair[0] + pair[1]
)
texts = st.tuples(st.lists(lines, max_size=16).map(b"\n".join), st.sampled_from([b"\n", b"\r\n"])).map(
    lambda pair: pair[0].replace(b"\n", pair[1])
)


@given(st.lists(texts, min_size=1, max_size=4))
def test_all_versions_are_read_as_wholes_are(versions: list[bytes]) -> None:
    reader = JsonVersions()
    for data in [b"{}", *versions, *versions]:
        whole = documents(data)
        elsewhere = reader.documents("a.json", data, in_place=False)
        assert list(map(texts_of, elsewhere)) == list(map(texts_of, whole))
        assert reader.displaced or list(map(plain, elsewhere)) == list(map(plain, whole))
        assert list(map(plain, reader.documents("a.json", data))) == list(map(plain, whole))
        assert not reader.displaced


@pytest.mark.parametrize(
    "before",
    [
        b"/* why",
        b'"x": /* why',
        b"'\"': /* why",
        b'"x": "y", /* why',
        b"'\"' /* why",
        b"'*/x' /* why",
        b'"*/x/**", // why',
        b'"x": "\\"/*",',
        b"'x/*',",
    ],
)
def test_what_stands_in_a_comment_is_no_piece(before: bytes) -> None:
    data = b'{\n  %b\n  "a": {\n    "b": "c"\n  },\n  */ "d": {\n  }\n}\n' % before
    reader = JsonVersions()
    for _ in range(3):
        assert list(map(plain, reader.documents("a.json", data))) == list(map(plain, documents(data)))


def test_a_file_that_changes_a_little(monkeypatch: pytest.MonkeyPatch) -> None:
    rng, parsed = random.Random(7), list[int]()
    parts = {f"part{number}": {f"key{n}": f"src/**/{n}.js" for n in range(30)} for number in range(30)}

    def counted(data: bytes, span: Span) -> Node:
        parsed.append(span.end - span.start)
        return piece(data, span)

    monkeypatch.setattr(json_versions, "piece", counted)
    reader = JsonVersions()
    for _ in range(40):
        parts[f"part{rng.randrange(30)}"][f"key{rng.randrange(30)}"] = str(rng.randrange(10**6))
        data = json.dumps(
            {"name": "a", **parts, "list": ["a", "b"]}, indent=rng.choice((2, 2, 2, 4))
        ).encode()
        parsed.clear()
        assert list(map(plain, reader.documents("a.json", data))) == list(map(plain, documents(data)))
    assert sum(parsed) < len(data) / 4


def test_a_piece_that_has_moved_is_one_and_the_same_node() -> None:
    reader, seen = JsonVersions(), list[object]()
    for before in (1, 1, 12, 1):
        data = b'{\n  "a": %d,\n  "b": {\n    "c": "d"\n  }\n}\n' % before
        (root,) = reader.documents("a.json", data, in_place=False)
        assert isinstance(root, Mapping)
        seen.append(root.get("b"))
    assert seen[1] is seen[2] is seen[3]


@pytest.mark.parametrize(
    ("data", "is_one"),
    [
        (b"{}", True),
        (b'["a", {"b": "c"}]', True),
        (b"{} {}", False),
        (b"{}, }", False),
        (b"{", False),
        (b'"a": {}', False),
        (b"}", False),
        (b"[" * 56 + b"]" * 56, True),
        (b"[" * 57 + b"]" * 57, False),  # it may stand so deep that it ends elsewhere
    ],
)
def test_what_a_piece_is(data: bytes, is_one: bool) -> None:
    assert (piece(data, Span(0, len(data))) is not None) is is_one


@pytest.mark.parametrize(
    "text",
    [
        b"{\n" + b' "a": {\n' * 20_000,  # no end
        b"{\n" + b' "a": {\n' * 20_000 + b" }\n}\n",  # one for all
        b"{\n" + b' "a": [\n }\n' * 10_000,
    ],
    ids=["none", "one", "others"],
)
def test_what_has_no_pieces_is_not_looked_through_for_each(
    text: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed, reader = list[int](), JsonVersions()

    def counted(data: bytes, span: Span) -> Node:
        parsed.append(span.end - span.start)
        return piece(data, span)

    monkeypatch.setattr(json_versions, "piece", counted)
    for _ in range(2):
        assert list(map(plain, reader.documents("a.json", text))) == list(map(plain, documents(text)))
    assert sum(parsed) <= 3 * len(text)


def test_deep_in_a_document_there_are_no_pieces() -> None:
    inner: dict[str, Any] = {"x": {"y": [1, 2]}}
    for _ in range(70):
        inner = {"deeper": inner}
    reader = JsonVersions()
    for indent in (1, 1, 2):
        data = json.dumps(inner, indent=indent).encode()
        assert list(map(plain, reader.documents("a.json", data))) == list(map(plain, documents(data)))
