"""The anchors of rules, derived from their expressions: only while rules are compiled."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import Final

from secopskit.detect.anchors import PERCENT, Anchors
from secopskit.rules.loosened import loosened, width
from secopskit.rules.model import Rule, RuleKind
from secopskit.rules.required import literals, sharp_literals

# Spellings whose encoded form is worth decoding although no single rule begins with them.
_ALWAYS_DECODED: Final = (b"password", b"PASSWORD", b"Password", b"PRIVATE KEY-----", b'"kty"')
_PERCENT_LITERALS: Final = (b"%3a", b"%3d", b"%20", b"%22", b"%26", b"%27", b"%2b", b"%2f", b"%40")


def anchors_for(rules: Sequence[Rule], hints: tuple[str, ...]) -> Anchors:
    """The anchors of `rules`. `hints` are Hyperscan patterns for structured settings, of a kind each.

    Raises `re.error` if a rule's expression cannot be parsed.
    """
    patterns, caseless = [], dict[bytes, list[int]]()
    sharp: set[bytes] = set(_ALWAYS_DECODED)
    for number, rule in enumerate(rules):
        if rule.kind is RuleKind.STRUCTURE:
            continue
        expression = rule.expression
        if rule.keywords:
            words = [word.lower().encode() for word in rule.keywords]
            patterns.append((number, f"(?i:{'|'.join(map(_quoted, words))})"))
            for word in words:
                caseless.setdefault(word, []).append(number)
            continue
        patterns += [(number, loosened(part.expression)) for part in rule.parts]
        sharp |= sharp_literals(expression)
        for literal in literals(expression):
            caseless.setdefault(literal, []).append(number)
    count = len(rules)
    encoded = sorted({form for literal in sharp for form in encoded_forms(literal)})
    patterns += [(count, _quoted(form)) for form in encoded]
    patterns.append((count + 1, PERCENT))
    patterns += enumerate(hints, count + 2)
    for literal in _PERCENT_LITERALS:
        caseless.setdefault(literal, []).append(count + 1)
    return Anchors(
        rules=count,
        hints=hints,
        patterns=tuple(patterns),
        widest=max(width(pattern) for _, pattern in patterns),
        caseless=tuple((literal, tuple(numbers)) for literal, numbers in sorted(caseless.items())),
        exact=tuple((form, (count,)) for form in encoded),
    )


def encoded_forms(literal: bytes) -> Iterator[bytes]:
    """What any base64 or hexadecimal text that encodes `literal` contains.

    Base64 has three forms, one for each position of the literal modulo three bytes; the
    characters that also depend on its neighbours are left out.
    """
    yield literal.hex().encode()
    yield literal.hex().upper().encode()
    for offset in range(3):
        text = base64.b64encode(bytes(offset) + literal)
        known = text[-(-offset * 8 // 6) : (offset + len(literal)) * 8 // 6]
        yield known
        yield known.translate(bytes.maketrans(b"+/", b"-_"))


def _quoted(literal: bytes) -> str:
    return "".join(chr(c) if chr(c).isalnum() else f"\\x{c:02x}" for c in literal)
