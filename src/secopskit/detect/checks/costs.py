"""What rules cost in time, on text as it is."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from secopskit.detect.pattern import PatternDetector
from secopskit.detect.ruleset import ruleset_of
from secopskit.findings import Blob
from secopskit.named_tuple import NamedTuple
from secopskit.rules.examples import expand
from secopskit.rules.model import Rule, RuleKind

_MIB: Final = 1 << 20
_LARGEST_TEXT: Final = 4 * _MIB
_MOST_TEXT: Final = 64 * _MIB


class RuleCost(NamedTuple):
    """What a rule costs on a text: milliseconds for each MiB of it, and how often it is judged in one."""

    rule_id: str
    milliseconds: float
    judged: float


def costs(rules: Sequence[Rule], texts: Iterable[bytes]) -> Iterator[RuleCost]:
    """What each rule costs on `texts`, the dearest first: the prefilter's hits confirmed, rule by rule."""
    rules = tuple(rule for rule in rules if rule.kind is RuleKind.PATTERN)
    ruleset = ruleset_of(rules, engine="auto")
    detector = PatternDetector(ruleset, decode_depth=0)
    seconds, judged, size = [0.0] * len(rules), [0] * len(rules), 0
    for data in texts:
        blob, size = Blob(path="example.txt", data=data), size + len(data)
        by_rule: dict[int, list[tuple[int, int]]] = {}
        for number, end in ruleset.prefilter.scan(data):
            by_rule.setdefault(number, []).append((number, end))
        for number, hits in by_rule.items():
            if number < len(rules):
                started = time.perf_counter()
                for _ in detector.confirm(blob, hits):
                    pass
                seconds[number] += time.perf_counter() - started
                judged[number] += len(hits)
    whole = max(size / _MIB, 1e-6)
    told = (
        RuleCost(rule.id, 1000 * taken / whole, count / whole)
        for rule, taken, count in zip(rules, seconds, judged, strict=True)
    )
    yield from sorted(told, key=lambda one: (-one.milliseconds, one.rule_id))


def made_texts(rules: Iterable[Rule]) -> Iterator[bytes]:
    """Text of about a MiB: all examples among lines of code that mean nothing."""
    lines = [
        line
        for rule in rules
        for example in (*rule.examples, *rule.negative_examples)
        for line in (expand(example, seed=rule.id).encode(), *_ORDINARY)
    ]
    block = b"\n".join(lines) + b"\n"
    for _ in range(max(_MIB // max(len(block), 1), 1)):
        yield block


def texts_below(directory: Path) -> Iterator[bytes]:
    """The texts in a directory, up to a bound in all."""
    left = _MOST_TEXT
    for file in sorted(directory.rglob("*")):
        if ".git" in file.parts or file.is_symlink() or not file.is_file() or left <= 0:
            continue
        with suppress(OSError), file.open("rb") as content:
            data = content.read(min(left, _LARGEST_TEXT))
            if b"\0" not in data:
                left -= len(data)
                yield data


_ORDINARY: Final = (
    b"def password_reset(token: str, *, client_secret: str | None = None) -> Response:",
    b'    return render(request, "accounts/login.html", {"api_key": settings.API_KEY})',
    b"// The access token is read from the environment, see https://example.com/docs/auth#keys",
    b"  - name: Authenticate  # uses: actions/checkout@v4 with a deploy key",
    b"const { apiKey, secretKey } = process.env; export default createClient(apiKey);",
    b'{"version": "1.2.3", "integrity": "sha512-", "resolved": "https://registry.example.org/pkg/-/pkg.tgz"}',
)
