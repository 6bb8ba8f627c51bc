"""Texts put into files: nothing that was there is lost or moved, and all of it comes out again."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from secopskit.harden.journal import WrittenChange, WrittenKind, WrittenText
from secopskit.harden.model import Addition, FileEdit
from secopskit.harden.recovery import _without
from secopskit.harden.steps.hook import entry_for
from secopskit.harden.text import encoded, hash_marks, into_block

_MARKS = hash_marks("secrets")
_LINE = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=12)


@st.composite
def _files(draw: st.DrawFn) -> bytes:
    end = draw(st.sampled_from(["\n", "\r\n"]))
    lines = draw(st.lists(_LINE, max_size=8))
    return (end.join(lines) + draw(st.sampled_from(["", end]))).encode()


@given(
    before=_files(), more=st.lists(st.sampled_from(["*.pem", ".env", "!.env.sample"]), min_size=1, max_size=3)
)
def test_every_line_survives_in_its_order_and_undo_restores_the_bytes(before: bytes, more: list[str]) -> None:
    first = FileEdit(path="x", before=before, additions=(into_block(before, _MARKS, more),))
    second = FileEdit(path="x", before=first.after, additions=(into_block(first.after, _MARKS, ["late"]),))
    after = second.after
    assert _lines(after)[: len(_lines(before))] == _lines(before)
    assert after.startswith(before)
    assert after.count(b">>> secops init") == before.count(b">>> secops init") + 1
    assert _without(_written(second), after) == first.after
    assert _without(_written(first), first.after) == before


def _lines(data: bytes) -> list[bytes]:
    return data.splitlines()


def _written(edit: FileEdit) -> WrittenChange:
    return WrittenChange(
        step="ignore",
        kind=WrittenKind.FILE,
        path=edit.path,
        texts=tuple(
            WrittenText(new=each.new.decode(), old=each.old.decode(), glue=each.glue.decode())
            for each in edit.additions
        ),
    )


def test_what_a_person_wrote_after_ours_keeps_its_own_line() -> None:
    edit = FileEdit(path="x", before=b"last", additions=(into_block(b"last", _MARKS, ["*.pem"]),))
    assert _without(_written(edit), edit.after + b"mine\n") == b"last\nmine\n"


def test_an_addition_that_would_take_a_line_is_a_bug() -> None:
    edit = FileEdit(path="x", before=b"mine\n", additions=(Addition(at=0, new=b"ours\n", old=b"other"),))
    with pytest.raises(ValueError, match="does not fit"):
        _ = edit.after


def test_line_ends_are_those_of_the_file() -> None:
    assert encoded(["a"], b"one\r\ntwo\r\n") == b"a\r\n"
    assert encoded(["a"], b"one\ntwo\n") == b"a\n"


_CONFIGURATIONS = {
    "indented": b"# top\nci: {}\nrepos:\n  # about it\n  - repo: local\n    hooks: []\n",
    "flush": b"repos:\n- repo: https://example.org/a\n  rev: v1\n  hooks:\n  - id: x\nci: {}\n",
    "crlf": b"repos:\r\n  - repo: meta\r\n    hooks:\r\n      - id: identity\r\n",
    "anchors": b"x: &x [a]\nrepos:\n  - repo: meta\n    hooks:\n      - id: b\n        args: *x\n",
}


@pytest.mark.parametrize("before", _CONFIGURATIONS.values(), ids=_CONFIGURATIONS)
def test_our_hook_is_put_before_the_others(before: bytes) -> None:
    addition = entry_for(before)
    assert addition is not None
    after = FileEdit(path="x", before=before, additions=(addition,)).after
    assert b"secopskit hook run --" in after
    assert after.replace(addition.new, b"") == before


@pytest.mark.parametrize(
    "before",
    [b"repos: []\n", b"repos: [{repo: meta, hooks: []}]\n", b"repos:\n", b"- a\n", b"repos:\n  - : [\n", b""],
)
def test_what_cannot_be_added_to_is_left(before: bytes) -> None:
    assert entry_for(before) is None


_PIECE = st.sampled_from(
    [
        "repos:",
        "- repo: meta",
        "  - repo: local",
        "  hooks: []",
        "    hooks: [{id: a}]",
        "# note",
        "ci: {}",
        "",
        "x: |",
    ]
)


@given(st.lists(_PIECE, max_size=8).map("\n".join))
def test_a_configuration_is_added_to_only_where_all_else_is_read_as_before(text: str) -> None:
    before = text.encode()
    if (addition := entry_for(before)) is not None:
        after = before[: addition.at] + addition.new + before[addition.at :]
        old, new = yaml.safe_load(before), yaml.safe_load(after)
        assert new["repos"][0]["hooks"][0]["id"] == "secops-scan"
        assert new | {"repos": new["repos"][1:]} == old
