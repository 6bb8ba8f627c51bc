"""Names of our own code and files in prose: in docstrings, comments and documents.

Nothing is imported: what a module defines is read from its text.
"""

from __future__ import annotations

import ast
import builtins
import importlib.util
import io
import re
import sys
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import CodeType
from typing import NamedTuple

from support.cli import ROOT, SOURCE

PACKAGE = "secopskit"
# `a.b` may be a file or a host, too.
_ENDINGS = frozenset(
    re.findall(
        r"\w+",
        "com conf css csv env example git html ini js json jsonl key lock log md out pem py pyi pyx sarif sh "
        "sql tmp toml txt xml yaml yml",
    )
)
_QUALIFIED = re.compile(rf"(?<![\w./-])({PACKAGE}(?:\.[A-Za-z_]\w*)+)(?![\w*-]|\.\*|/)")
_QUOTED = re.compile(r"`([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?:\(\))?`")
_FOLDERS = r"src|tests|docs|scripts|rules|benchmarks|\.ci|\.github"
# What a comment has if it names anything: most files have none, and taking them apart is slow.
_NAMING = re.compile(rf"#.*(?:`|{PACKAGE}\.|(?:{_FOLDERS})/)")
_PATH = re.compile(rf"(?<![\w./~$}}*<>-])((?:{_FOLDERS})/[\w./*<>-]*[\w/>*])(?![\w/])")


class Text(NamedTuple):
    """A piece of prose."""

    path: Path
    line: int
    text: str


class Reference(NamedTuple):
    """A name in a piece of prose."""

    path: Path
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}: {self.name}"


@cache
def prose() -> tuple[Text, ...]:
    """The documents, and the comments and docstrings of all code."""
    return (*documents(), *(text for path in _sources() for text in _of_code(path)))


def documents() -> Iterator[Text]:
    """Markdown, scripts and configuration, line by line."""
    folders = ("docs", "docs/adr", "benchmarks", "scripts", ".ci", ".github", ".github/ISSUE_TEMPLATE", ".")
    for folder in folders:
        for path in sorted((ROOT / folder).glob("*")):
            if path.is_file() and path.suffix in {"", ".md", ".sh", ".toml", ".yml", ".yaml", ".sql"}:
                if path.name in {".git", "CHANGELOG.md", "LICENSE"} or path.name.startswith(".venv"):
                    continue  # a history says what was
                lines = path.read_text(encoding="utf-8").splitlines()
                yield from (Text(path, number, line) for number, line in enumerate(lines, 1))


def _sources() -> Iterator[Path]:
    for folder in ("src", "tests", "benchmarks", "scripts"):
        yield from (
            path
            for path in sorted((ROOT / folder).rglob("*.py"))
            # What a benchmark has installed below `.work` is nobody's prose but its authors'.
            if ".work" not in path.relative_to(ROOT).parts
        )


def _of_code(path: Path) -> Iterator[Text]:
    text = path.read_text(encoding="utf-8")
    for token in tokenize.generate_tokens(io.StringIO(text).readline) if _NAMING.search(text) else ():
        if token.type == tokenize.COMMENT:
            yield Text(path, token.start[0], token.string)
    for node in _blocks(_tree(path)):
        match node:
            case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                match node.body:
                    case [ast.Expr(value=ast.Constant(value=str(docstring))) as first, *_]:
                        lines = enumerate(docstring.splitlines(), first.lineno)
                        yield from (Text(path, number, line) for number, line in lines)


def _blocks(node: ast.AST) -> Iterator[ast.AST]:
    """`node` and the statements in it that have statements of their own, without a look at expressions."""
    yield node
    for field in ("body", "orelse", "handlers", "finalbody", "cases"):
        for inner in getattr(node, field, ()):
            if hasattr(inner, "body"):
                yield from _blocks(inner)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


@cache
def _modules() -> dict[str, Path]:
    """Our modules and packages by their dotted names."""
    paths = {path: path.relative_to(SOURCE).with_suffix("") for path in (SOURCE / PACKAGE).rglob("*.py")}
    return {name.as_posix().replace("/", ".").removesuffix(".__init__"): path for path, name in paths.items()}


@cache
def _members(path: Path, of_class: str = "") -> frozenset[str]:
    """What a module, or a class in it, defines."""
    body: list[ast.stmt] = _tree(path).body
    if of_class:
        classes = [each for each in body if isinstance(each, ast.ClassDef) and each.name == of_class]
        body = [statement for each in classes for statement in each.body]
    return frozenset(name for statement in body for name in _defined(statement))


def _defined(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from ((each.asname or each.name).partition(".")[0] for each in names)
        case _:
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    yield node.id


def qualified() -> Iterator[Reference]:
    """Names that begin with our package's, and that nothing has."""
    for text in prose():
        for name in _QUALIFIED.findall(text.text):
            if not _exists(name):
                yield Reference(text.path, text.line, name)


def _exists(name: str) -> bool:
    module = name
    rest: list[str] = []
    while module and module not in _modules():
        module, _, last = module.rpartition(".")
        rest.insert(0, last)
    if not module:
        return False
    return not rest or _has(_modules()[module], rest)


def _has(path: Path, names: list[str]) -> bool:
    """Whether a module defines `names[0]`, and that, if it is a class, `names[1]`."""
    if names[0] not in _members(path):
        return (path.parent / names[0]).with_suffix(".sql").exists()
    inner = _members(path, names[0])
    return len(names) == 1 or not inner or names[1] in inner


@cache
def _by_last_name() -> dict[str, list[tuple[Path, str]]]:
    """The modules (with no class) and classes that go by a plain name."""
    found: dict[str, list[tuple[Path, str]]] = defaultdict(list)
    for name, path in _modules().items():
        found[name.rpartition(".")[2]].append((path, ""))
        for node in _tree(path).body:
            if isinstance(node, ast.ClassDef):
                found[node.name].append((path, node.name))
    return found


def dotted() -> Iterator[Reference]:
    """Names such as `` `module.function` `` or `` `Class.method` `` of ours that nothing has."""
    for text in prose():
        for name in _QUOTED.findall(text.text):
            words = name.split(".")
            if len(words) > 1 and words[-1] not in _ENDINGS and not _is_known(words):
                yield Reference(text.path, text.line, name)


def _is_known(words: list[str]) -> bool:
    owners = _by_last_name().get(words[0], ())
    if not owners or words[0] in vars(builtins):
        return True  # not ours: a library's, or an example
    if _is_of_a_library(words):
        return True
    return any(_owns(path, owner, words[1:]) for path, owner in owners)


def _owns(path: Path, owner: str, words: list[str]) -> bool:
    if owner:
        bases = {
            base.id
            for node in _tree(path).body
            if isinstance(node, ast.ClassDef) and node.name == owner
            for base in node.bases
            if isinstance(base, ast.Name)
        }
        return (
            words[0] in _members(path, owner) or _is_inherited(bases, words) or words[0] in _set_on_self(path)
        )
    folder = path.parent / words[0]
    if path.name == "__init__.py" and (folder.with_suffix(".py").exists() or folder.is_dir()):
        inner = folder.with_suffix(".py") if folder.with_suffix(".py").exists() else folder / "__init__.py"
        return len(words) == 1 or _owns(inner, "", words[1:])
    return _has(path, words) or any(
        words[0] in _members(path, node.name)  # `repository.run`: a variable, called as its class and module
        for node in _tree(path).body
        if isinstance(node, ast.ClassDef) and node.name.lower() == path.stem
    )


def _is_inherited(bases: set[str], words: list[str]) -> bool:
    return any(
        words[0] in _members(path, owner) for base in bases for path, owner in _by_last_name().get(base, ())
    )


@cache
def _set_on_self(path: Path) -> frozenset[str]:
    return frozenset(
        node.attr
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    )


def _is_of_a_library(words: list[str]) -> bool:
    if words[0] not in sys.stdlib_module_names and words[0] not in {"git", "yaml", "rich", "click"}:
        return False
    spec = importlib.util.find_spec(words[0])
    return spec is not None and hasattr(importlib.import_module(words[0]), words[1])


def plain() -> Iterator[Reference]:
    """Words in backquotes in the package's prose that stand nowhere in its code."""
    for text in prose():
        if SOURCE in text.path.parents:
            for name in _QUOTED.findall(text.text):
                if "." not in name and name not in _words_of_code():
                    yield Reference(text.path, text.line, name)


@cache
def _words_of_code() -> frozenset[str]:
    """Every name in the package's code, and every word in its strings but for docstrings."""
    words: set[str] = set(dir(builtins))
    for path in (SOURCE / PACKAGE).rglob("*"):
        if path.suffix == ".py":
            # Without docstrings and comments; reading names off the tree takes ten times as long.
            words.update(_words(compile(_tree(path), str(path), "exec", optimize=2)))
            words.add(path.stem)
        elif path.suffix in {".sql", ".yml", ".js", ".css"}:
            words.update(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    return frozenset(words)


def _words(constant: object) -> Iterator[str]:
    """The words in a constant; code is one, too: its names, and its own constants."""
    match constant:
        case CodeType():
            for names in (constant.co_names, constant.co_varnames, constant.co_cellvars):
                yield from _words(names)
            yield constant.co_name
            yield from _words(constant.co_consts)
        case str():
            yield from re.findall(r"\w+", constant)
        case bytes():
            yield from re.findall(r"\w+", constant.decode("latin-1"))
        case tuple() | frozenset():
            for one in constant:
                yield from _words(one)


def paths() -> Iterator[Reference]:
    """Paths of this repository that lead nowhere; `<word>` and `*` stand for anything."""
    for text in prose():
        for name in _PATH.findall(text.text):
            pattern = re.sub(r"<[^>]*>|\*+", "*", name.rstrip("/."))
            if not any(ROOT.glob(pattern)):
                yield Reference(text.path, text.line, name)
