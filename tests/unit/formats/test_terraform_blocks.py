"""Blocks of Terraform: where each ends, and what that costs where none does."""

from __future__ import annotations

from secopskit.formats.stacks.terraform_blocks import blocks, declared
from support.effort import costs_little


def test_a_block_without_an_end_takes_nothing_from_the_next() -> None:
    text = b'variable "a" {\n  default = "x"\nvariable "b" {\n  default = "y"\n}\n'
    assert [text[slice(*block.body)] for block in blocks(text)] == [b"", b'\n  default = "y"\n']
    assert [(one.name, one.default) for one in declared(text)] == [("a", None), ("b", b"y")]


def test_many_blocks_without_an_end_are_read_once() -> None:
    text = b'variable "a" {\n' * 20_000
    assert len(costs_little(lambda: list(declared(text)), 1.5)) == 20_000
