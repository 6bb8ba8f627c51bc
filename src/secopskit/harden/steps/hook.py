"""The step `hook`: what is committed is looked at first, by the framework that is there or a git hook."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from secopskit import __version__
from secopskit.errors import RefusedError
from secopskit.formats.trees.yaml_tree import Mapping, Node, Scalar, Sequence, documents
from secopskit.harden.model import Addition, FileEdit, HookWriting
from secopskit.harden.project import HardenProject, HookChoice
from secopskit.harden.steps.interface import HardenStep, StepProposal
from secopskit.harden.text import encoded
from secopskit.hooks.directory import HookManager
from secopskit.hooks.plan import plan_install
from secopskit.hooks.status import HookState, hooks_status

FILES: Final = (".pre-commit-config.yaml", ".pre-commit-config.yml")
_HOOK: Final = "pre-commit"
_LEFTHOOK: Final = ("lefthook.yml", "lefthook.yaml", ".lefthook.yml", ".lefthook.yaml")
_ID: Final = b"secops-scan"
_CALL: Final = re.compile(rb"\bsecops(?:kit)?\s+(?:hook\s+run(?!\s+--push)|scan)\b")
_CALLED: Final = re.compile(rb"(?m)^[^#\r\n]*" + _CALL.pattern)
_REPOS: Final = re.compile(rb"(?m)^repos:[ \t]*(?:#[^\r\n]*)?\r?$\n")
_ITEM: Final = re.compile(rb"(?m)^([ ]*)-[ ]")
_LINES: Final = (
    "# Stops a commit that would add a secret (secops).",
    "- repo: local",
    "  hooks:",
    "    - id: secops-scan",
    "      name: secops (secrets in what is committed)",
    "      entry: secopskit hook run --",
    "      language: python",
    f'      additional_dependencies: ["secopskit=={__version__}"]',
    "      stages: [pre-commit, manual]",
    "      types: []",
    "      require_serial: true",
)
_INSTALL: Final = "pre-commit install"


def propose(project: HardenProject) -> StepProposal:
    """An entry in the framework's file, or a hook of git's where nothing manages them."""
    choice = project.request.hook
    file = next((name for name in FILES if project.files.exists(name)), None)
    if choice is not HookChoice.GIT and (file or choice is HookChoice.FRAMEWORK):
        return _framework(project, file or FILES[0])
    if project.files.exists(".husky"):
        return _managed(project, ".husky/pre-commit", HookManager.HUSKY)
    for name in _LEFTHOOK:
        if project.files.exists(name):
            return _managed(project, name, HookManager.LEFTHOOK)
    return _of_git(project)


def _framework(project: HardenProject, file: str) -> StepProposal:
    before = project.files.read(file)
    if before is None:
        text = encoded(["repos:", *(f"  {line}" for line in _LINES)], b"")
        edit = FileEdit(path=file, before=None, additions=(Addition(at=0, new=text),))
        return StepProposal((edit,), ("Every clone needs it once:",), (_INSTALL,))
    if _has_ours(before):
        return StepProposal()
    addition = entry_for(before)
    if addition is None:
        raise RefusedError(
            f"{file} is written in a way that cannot be added to safely", advice=HookManager.FRAMEWORK.advice
        )
    edit = FileEdit(path=file, before=before, additions=(addition,))
    return StepProposal((edit,), ("Every clone that has not done so needs:",), (_INSTALL,))


def _has_ours(data: bytes) -> bool:
    """Whether a hook of the framework's file looks at what is committed: by our id, or by what it runs."""
    return any(
        _text(hook, "id") == _ID or _CALL.search(_text(hook, "entry"))
        for document in documents(data, expand=True) or ()
        for repository in _items(document, "repos")
        for hook in _items(repository, "hooks")
    )


def _items(node: Node, key: str) -> Iterable[Node]:
    found = node.get(key) if isinstance(node, Mapping) else None
    return found.items if isinstance(found, Sequence) else ()


def _text(node: Node, key: str) -> bytes:
    found = node.get(key) if isinstance(node, Mapping) else None
    return found.value if isinstance(found, Scalar) else b""


def entry_for(data: bytes) -> Addition | None:
    """Our entry as the first one of `repos`, None where the file would not be read as before with it."""
    key = _REPOS.search(data)
    if key is None:
        return None
    item = _ITEM.search(data, key.end())
    if item is None or not _only_comments(data[key.end() : item.start()]):
        return None
    indent = item[1].decode()
    addition = Addition(at=key.end(), new=encoded([indent + line for line in _LINES], data))
    with_it = data[: addition.at] + addition.new + data[addition.at :]
    return addition if _same_but_first(data, with_it) else None


def _only_comments(data: bytes) -> bool:
    return all(not line.strip() or line.lstrip().startswith(b"#") for line in data.splitlines())


def _same_but_first(before: bytes, after: bytes) -> bool:
    """Whether the second file says what the first one does, and one repository more."""
    one, two = documents(before, expand=True), documents(after, expand=True)
    if not one or not two or len(one) != 1 or len(two) != 1:
        return False
    old, new = _plain(one[0]), _plain(two[0])
    if not isinstance(old, dict) or not isinstance(new, dict) or not isinstance(new.get("repos"), list):
        return False
    return bool(new["repos"]) and new | {"repos": new["repos"][1:]} == old


def _plain(node: Node, depth: int = 0) -> object:
    match node:
        case Mapping(pairs=pairs) if depth < 20:
            return {key.value.decode("utf-8", "replace"): _plain(value, depth + 1) for key, value in pairs}
        case Sequence(items=items) if depth < 20:
            return [_plain(item, depth + 1) for item in items]
        case Scalar(value=value):
            return value
        case _:
            return None


def _managed(project: HardenProject, file: str, manager: HookManager) -> StepProposal:
    if _CALLED.search(project.files.peek(file)):
        return StepProposal()
    return StepProposal(notes=(f"{manager.value} manages the hooks here. {manager.advice}",))


def _of_git(project: HardenProject) -> StepProposal:
    where = Path(project.root)
    try:
        if any(each.hook == _HOOK and each.state is HookState.CURRENT for each in hooks_status(where)):
            return StepProposal()
        plan = plan_install(where, (_HOOK,), project.surroundings.interpreter(), shared=False)
    except RefusedError as refusal:
        return StepProposal(notes=(f"{refusal}. For `secops hook install`: {refusal.advice}",))
    if not plan.steps:
        return StepProposal()
    words = tuple(word.replace(project.repository.common_dir, ".git") for word in plan.words)
    note = "It holds for this clone alone: others run `secops init --only hook`, or `secops hook install`."
    return StepProposal((HookWriting(plan=plan, words=words),), (note,))


STEP: Final = HardenStep(
    "hook",
    "Look at what is committed before it is",
    "A secret that never enters a commit needs no rotation.",
    propose,
)
