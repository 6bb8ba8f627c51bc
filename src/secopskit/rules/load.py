"""Reads rule files. The only place that knows their YAML shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from secopskit.errors import ConfigError
from secopskit.findings import Confidence, Severity
from secopskit.rules.inquiries import read_inquiries
from secopskit.rules.inquiry import Inquiry
from secopskit.rules.location import builtin_directory
from secopskit.rules.model import Rule, RuleKind
from secopskit.state.repeated_keys import repeated_key

if TYPE_CHECKING:
    import yaml

_TEXT: Final = ("id", "title", "remediation", "pattern", "validator", "path", "example_path")
_LISTS: Final = ("context", "filters", "references", "examples", "negative_examples")
_FLAGS: Final = ("boundary", "multiline", "named")
_ENUMS: Final[dict[str, type[Severity] | type[Confidence]]] = {
    "severity": Severity,
    "confidence": Confidence,
}
REQUIRED_FIELDS: Final = ("id", "title", "severity", "confidence", "remediation")
MAX_LINES: Final = 5
"""Over how many lines a match may go without being `multiline`."""
_MOST_BITS: Final = 8  # of entropy in one byte
FIELDS: Final = frozenset({*_TEXT, *_LISTS, *_FLAGS, *_ENUMS, "entropy", "kind", "lines", "verify"})


def builtin_files() -> list[Path]:
    """The rule files that come with secops, ordered by name."""
    return sorted(Path(builtin_directory()).glob("*.yml"))


@cache
def load_builtin() -> tuple[Rule, ...]:
    """Every built-in rule, ordered by id; read once."""
    return load(builtin_files())


def load_all(extra: Iterable[Path]) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    """The built-in rules and those of `extra` files, ordered by id, and what is to be told of the latter.

    A file whose name ends with `.toml` is one of gitleaks or betterleaks. Raises ConfigError.
    """
    extra = tuple(extra)
    rules = list(load_builtin())
    if own := load_sound(file for file in extra if file.suffix != ".toml"):
        taken = {rule.id for rule in rules}
        for rule in own:
            if rule.id in taken:
                raise ConfigError(
                    f"{rule.source}: rule id {rule.id!r} is used twice", advice="Give each rule its own id."
                )
        rules += own
    notes = list[str]()
    for file in extra:
        if file.suffix == ".toml":
            from secopskit.rules.gitleaks.read import read_gitleaks

            found = read_gitleaks(file, taken={rule.id for rule in rules})
            rules += found.rules
            notes.append(found.note)
    return tuple(sorted(rules, key=lambda rule: rule.id)), tuple(notes)


def load_sound(files: Iterable[Path]) -> tuple[Rule, ...]:
    """The rules of `files`, none of which a scan would not get to the end with. Raises ConfigError."""
    rules = load(files)
    for rule in rules:
        if rule.source:  # what comes with secops has been looked at
            from secopskit.rules.sound import unsound

            if problem := unsound(rule):
                raise ConfigError(
                    f"{rule.source}: rule {rule.id!r}: {problem}",
                    advice="`secops rules check FILE` says more.",
                )
    return rules


def load(files: Iterable[Path]) -> tuple[Rule, ...]:
    """The rules of `files`, ordered by id. Raises ConfigError, naming file and rule."""
    rules: dict[str, Rule] = {}
    for file in files:
        for rule in _read(file):
            if rule.id in rules:
                raise ConfigError(
                    f"{file}: rule id {rule.id!r} is used twice", advice="Give each rule its own id."
                )
            rules[rule.id] = rule
    return tuple(rules[name] for name in sorted(rules))


def _read(file: Path) -> list[Rule]:
    import yaml  # slow to import, and not needed while the compiled rules are at hand

    try:
        document = _document(file)
    except OSError as error:
        raise ConfigError(
            f"{file}: {error.strerror}", advice="Check the path in your configuration."
        ) from None
    except RecursionError:
        raise ConfigError(f"{file}: nested too deeply", advice="See docs/rules-format.md.") from None
    except yaml.YAMLError as error:
        raise ConfigError(
            f"{file}: not valid YAML: {_where(error)}", advice="See docs/rules-format.md."
        ) from None
    if not isinstance(document, dict) or not isinstance(document.get("rules"), list):
        raise ConfigError(f"{file}: needs a list `rules:`", advice="See docs/rules-format.md.")
    vendor = document.get("vendor", file.stem)
    if not isinstance(vendor, str | int) or vendor == "":
        raise ConfigError(f"{file}: `vendor` must be a text", advice="See docs/rules-format.md.")
    inquiries = read_inquiries(document.get("inquiries", {}), str(file))
    source = "" if str(file.parent) == builtin_directory() else file.name
    return [_rule(entry, str(vendor), file, inquiries)._replace(source=source) for entry in document["rules"]]


def _document(file: Path) -> Any:
    """What a file has. Raises ConfigError for a key that stands there twice."""
    loader = _loader(file)(file.read_bytes())
    node = loader.get_single_node()
    if node is not None and (twice := repeated_key(node)):
        raise ConfigError(
            f"{file}: the key {twice.name!r} stands there twice (lines {twice.first} and {twice.line})",
            advice="Only the last one would count: take one of them out.",
        )
    return None if node is None else loader.construct_document(node)


def _loader(file: Path) -> Any:
    """libyaml's, where it is there, for the rules that come with secops: there are hundreds of files.

    It is no match for nesting without end, which another file may have.
    """
    import yaml

    ours = file.parent == Path(builtin_directory())
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader) if ours else yaml.SafeLoader


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "cannot be read"
    return f"{problem} (line {mark.line + 1})" if mark else str(problem)


def _rule(entry: object, vendor: str, file: Path, inquiries: Mapping[str, Inquiry]) -> Rule:
    if not isinstance(entry, Mapping):
        raise ConfigError(f"{file}: every rule is a mapping", advice="See docs/rules-format.md.")
    name = f"{file}: rule {entry.get('id', '?')!r}"
    if unknown := sorted(str(key) for key in set(entry) - FIELDS):
        raise ConfigError(
            f"{name}: unknown field {unknown[0]!r}", advice=f"Known fields: {', '.join(sorted(FIELDS))}."
        )
    if missing := [key for key in REQUIRED_FIELDS if key not in entry]:
        raise ConfigError(f"{name}: lacks {', '.join(missing)}", advice="See docs/rules-format.md.")
    asked = entry.get("verify", "")
    if not isinstance(asked, str) or (asked and asked not in inquiries):
        raise ConfigError(
            f"{name}: there is no inquiry {asked!r}", advice="`verify` names one of `inquiries:` of its file."
        )
    return Rule(vendor=vendor, **_fields(entry, name), verify=inquiries.get(asked))


def _fields(entry: Mapping[str, Any], name: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for key, value in entry.items():
        if key == "verify":
            continue
        if key in _ENUMS:
            fields[key] = _enum(key, value, name)
        elif key == "kind":
            kinds = {kind.value: kind for kind in RuleKind}
            known = isinstance(value, str) and value in kinds
            fields[key] = kinds[value] if known else _wrong(name, key, "pattern or structure")
        elif key == "lines":
            sane = isinstance(value, int) and 1 <= value <= MAX_LINES
            fields[key] = value if sane else _wrong(name, key, f"a whole number from 1 to {MAX_LINES}")
        elif key in _TEXT:
            fields[key] = value if isinstance(value, str) else _wrong(name, key, "a text")
        elif key in _FLAGS:
            fields[key] = value if isinstance(value, bool) else _wrong(name, key, "true or false")
        elif key in _LISTS:
            good = isinstance(value, list) and all(isinstance(item, str) for item in value)
            fields[key] = tuple(value) if good else _wrong(name, key, "a list of texts")
        else:
            sane = isinstance(value, int | float) and 0 <= value <= _MOST_BITS
            fields[key] = float(value) if sane else _wrong(name, key, f"a number from 0 to {_MOST_BITS}")
    return fields


def _enum(key: str, value: object, name: str) -> Severity | Confidence:
    labels: dict[str, Severity | Confidence] = {member.label: member for member in _ENUMS[key]}
    if isinstance(value, str) and value in labels:
        return labels[value]
    return cast(Severity, _wrong(name, key, "one of " + ", ".join(labels)))


def _wrong(name: str, key: str, expected: str) -> Any:
    raise ConfigError(f"{name}: {key!r} must be {expected}", advice="See docs/rules-format.md.")
