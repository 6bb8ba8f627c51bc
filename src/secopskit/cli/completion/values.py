"""What a shell offers for a value: rules, revisions, declared environments. Nobody is asked for them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from secopskit.errors import SecopsError

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

_MOST_REFS = 2000


def rule_ids(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The ids of the built-in rules, with what each finds."""
    from secopskit.rules.load import load_builtin

    return [_item(rule.id, rule.title) for rule in load_builtin() if rule.id.startswith(incomplete)]


def mismatch_rule_ids(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The ids of the rules of `secops audit`, with what each is about."""
    from secopskit.audit.mismatch import rules

    return [_item(rule.id, rule.title) for rule in rules().values() if rule.id.startswith(incomplete)]


def revisions(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Branches and tags of the repository here; in a range, those that may follow the dots."""
    before, dots, last = incomplete.rpartition("..")
    if dots and last.startswith("."):
        dots, last = "...", last[1:]
    names = _refs() if not before.startswith("-") else ()
    return [_item(before + dots + name) for name in names if name.startswith(last)]


def environments(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The environments that .secops.yaml declares in any of its sections."""
    from secopskit.settings.file import read_sections

    names = set[str]()
    with suppress(SecopsError):
        for section in read_sections(_root(), None)[1].values():
            declared = section.get("environments")
            names |= {str(name) for name in declared} if isinstance(declared, dict) else set()
    return [_item(name) for name in sorted(names) if name.startswith(incomplete)]


def _item(value: str, about: str = "") -> CompletionItem:
    from click.shell_completion import CompletionItem  # only a shell asks: no hook pays for it

    return CompletionItem(value, help=about or None)


def _root() -> str:
    from secopskit.git.repository import Repository

    repository = Repository.open(".")
    return repository.root if repository else os.getcwd()


def _refs() -> Iterable[str]:
    from secopskit.git.repository import Repository

    with suppress(SecopsError):
        if repository := Repository.open("."):
            form = ("--format=%(refname:short)", f"--count={_MOST_REFS}")
            output = repository.run("for-each-ref", *form, "refs/heads", "refs/tags", "refs/remotes")
            return ("HEAD", *output.decode("utf-8", "replace").split())
    return ()
