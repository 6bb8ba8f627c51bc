"""What versions of a YAML file share is parsed once; what is told of each is as if it were parsed anew."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.formats.trees import held_pieces, yaml_versions
from secopskit.formats.trees.nodes import Mapping, Node, Scalar, Sequence
from secopskit.formats.trees.yaml_blocks import Block, split
from secopskit.formats.trees.yaml_tree import documents
from secopskit.formats.trees.yaml_versions import YamlVersions

LINES = [
    b"a: 1",
    b"b:",
    b"c: |",
    b"d: >-",
    b"e: 'it",
    b"is'",
    b'f: "two',
    b'lines"',
    b"- x",
    b"- k: v",
    b"-",
    b"g: [1,",
    b"2]",
    b"h: {i: j}",
    b"? odd",
    b": value",
    b"# comment",
    b"",
    b"<<: *anchor",
    b"m: &anchor",
    b"n: !tag text",
    b"o:p: q",
    b"'quoted': r",
    b"plain text",
    b"---",
    b"...",
    b"%YAML 1.1",
    b"s:\tt",
    b"u:  # why",
    b"v: w\r",
    b"x: y\rz: 1",
]
LARGE = b"    filler: " + b"x" * 1100


def plain(node: Node) -> Any:
    if isinstance(node, Mapping):
        return "map", node.tag, [(tuple(key), plain(value)) for key, value in node.pairs]
    if isinstance(node, Sequence):
        return "list", node.tag, [plain(item) for item in node.items]
    return None if node is None else tuple(node)


def all_of(roots: list[Node] | None) -> Any:
    return None if roots is None else list(map(plain, roots))


lines = st.tuples(st.sampled_from([0, 0, 0, 2, 2, 4, 1, 3]), st.sampled_from([*LINES, LARGE])).map(
    lambda pair: b" " * pair[0] + pair[1]
)
texts = st.lists(lines, max_size=14).map(b"\n".join)


@given(st.lists(texts, min_size=1, max_size=4), st.booleans())
def test_all_versions_are_read_as_wholes_are(versions: list[bytes], end: bool) -> None:
    reader = YamlVersions()
    for text in [b"a: 1\n", *versions, *versions]:
        data = text + b"\n" if end else text
        assert all_of(reader.documents("a.yml", data)) == all_of(documents(data))


def texts_of(node: Node) -> Any:
    """A tree without its places."""
    if isinstance(node, Mapping):
        return "map", node.tag, [(key.value, texts_of(value)) for key, value in node.pairs]
    if isinstance(node, Sequence):
        return "list", node.tag, [texts_of(item) for item in node.items]
    return None if node is None else (node.value, node.raw, node.style, node.tag)


@given(st.lists(texts, min_size=1, max_size=4))
def test_what_need_not_be_in_place_is_the_same_elsewhere(versions: list[bytes]) -> None:
    reader = YamlVersions()
    for data in [b"a: 1\n", *versions, *versions]:
        told, whole = reader.documents("a.yml", data, in_place=False), documents(data)
        assert told is None or list(map(texts_of, told)) == list(map(texts_of, whole or []))
        assert reader.displaced or all_of(told) == all_of(whole)
        assert all_of(reader.documents("a.yml", data)) == all_of(whole)
        assert not reader.displaced


def test_a_piece_that_has_moved_is_one_and_the_same_node() -> None:
    reader = YamlVersions()
    seen = list[object]()
    for before in (b"a: 1\n", b"a: 1\n", b"a: 12\n", b"a: 1\n"):
        roots = reader.documents("a.yml", before + b"b:\n  c: 2\n", in_place=False)
        assert roots
        assert isinstance(roots[0], Mapping)
        seen.append(roots[0].pairs[1][1])
    assert seen[1] is seen[2] is seen[3]


def service(number: int, rng: random.Random) -> bytes:
    settings = (b"      KEY_%d: %d\n" % (one, rng.randrange(10**6)) for one in range(rng.randrange(1, 40)))
    return b"  service%d:\n    image: 'a:%d'\n    environment:\n%b" % (
        number,
        rng.randrange(9),
        b"".join(settings),
    )


def test_a_file_that_changes_a_little(monkeypatch: pytest.MonkeyPatch) -> None:
    rng, parsed = random.Random(7), list[int]()
    services = [service(number, rng) for number in range(30)]

    def counted(data: bytes, **options: Any) -> list[Node] | None:
        parsed.append(len(data))
        return documents(data, **options)

    monkeypatch.setattr(yaml_versions, "documents", counted)
    reader = YamlVersions()
    for _ in range(40):
        services[rng.randrange(30)] = service(rng.randrange(30), rng)
        text = b"# of many\n---\nversion: '3'\nservices:\n" + b"".join(services) + b"list:\n- a\n- b: c\n"
        parsed.clear()
        assert all_of(reader.documents("a.yml", text)) == all_of(documents(text))
    assert sum(parsed) < len(text) / 4


def test_large_entries_are_parted_and_small_ones_are_not() -> None:
    text = b"small:\n  a: 1\nlarge:  # of two\n  b: 1\n" + LARGE[2:] + b"\n  c:\n  - d\n"
    block = split(text)
    assert block
    (small, large) = block.parts
    assert not isinstance(small, Block)
    assert isinstance(large, Block)
    assert text[slice(*large.key)] == b"large"
    assert len(large.parts) == 3


@pytest.mark.parametrize(
    "data", [b"", b"# nothing\n", b"text\n", b"a: 1\n--- \nb: 2\n", b"[1]\n", b"a:\tb\n", b"a: 1\r\r\n"]
)
def test_what_has_no_pieces(data: bytes) -> None:
    assert split(data) is None


def test_what_is_held_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_pieces, "_MOST_HELD", 3000)
    reader = YamlVersions()
    for number in range(60):
        data = b"a: %d\nb: %d\n" % (number, number)
        assert all_of(reader.documents("a.yml", data)) == all_of(documents(data))
        assert sum(512 + len(text) for _, text in reader._pieces._held) == reader._pieces._size <= 3000
    assert len(reader._pieces._held) == 5


def test_so_many_paths_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_pieces, "_MOST_PATHS", 2)
    reader = YamlVersions()
    for number in range(9):
        reader.documents(f"{number}.yml", b"a: 1\n")
        assert len(reader._pieces._paths) <= 2


def test_a_scalar_under_a_key_that_opens_a_large_entry() -> None:
    data = b"a:\n  " + b"x" * 2000 + b"\nb: 1\n"
    reader = YamlVersions()
    expected = all_of(documents(data))
    assert expected
    assert [all_of(reader.documents("a.yml", data)) for _ in range(3)] == [expected] * 3


def test_an_empty_block_at_the_end_of_a_file() -> None:
    roots = documents(b"b:\n  c: |") or []
    expected = Mapping([(Scalar(b"c", 5, 6, b"c"), Scalar(b"", 9, 9, b"", "|"))])
    assert all_of(roots) == [plain(Mapping([(Scalar(b"b", 0, 1, b"b"), expected)]))]
