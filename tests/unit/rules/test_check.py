"""The rule checker: each defect of a rule is named, and nothing a rule file holds makes it raise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from secopskit.detect.checks.bench import detector_bench
from secopskit.findings import Confidence, Severity
from secopskit.rules.check import check_files, check_rule
from secopskit.rules.load import builtin_files
from secopskit.rules.model import Rule, RuleKind

BENCH = detector_bench()
GOOD = Rule(
    id="acme-token",
    vendor="Acme",
    title="Acme token",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    remediation="Revoke it.",
    pattern="acme_[a-z0-9]{20}",
    references=("https://acme.example/docs",),
    examples=("token: acme_{{loweralnum:20}}", "acme_{{loweralnum:20}}"),
    negative_examples=("acme_short", "acme_xxxxxxxxxxxxxxxxxxxx"),
)
FILE = """
vendor: Acme
rules:
  - id: {id}
    title: Acme token
    severity: high
    confidence: high
    pattern: 'acme_[a-z0-9]{{20}}'
    references: ['https://acme.example/docs']
    examples: ['token: acme_{{{{loweralnum:20}}}}', 'acme_{{{{loweralnum:20}}}}']
    negative_examples: ['acme_short', 'acme_']
    remediation: Revoke it.
"""


def test_a_good_rule_has_no_problem() -> None:
    assert list(check_rule(GOOD, BENCH)) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"id": "Acme_Token"}, "the id must be words"),
        ({"id": "a" * 49}, "the id must be words"),
        ({"title": " "}, "title is empty"),
        ({"remediation": ""}, "remediation is empty"),
        ({"references": ()}, "references is empty"),
        ({"references": ("docs",)}, "not an https address"),
        ({"examples": GOOD.examples[:1]}, "examples needs at least 2"),
        ({"examples": GOOD.examples[:1] * 2}, "examples needs at least 2 different"),
        ({"negative_examples": ()}, "negative_examples needs at least 2"),
        ({"filters": ("nope",)}, "there is no filter 'nope'"),
        ({"validator": "nope"}, "there is no validator 'nope'"),
        ({"path": "("}, "the path does not compile"),
        ({"path": r"(?:[a-z]{1,30}){1,30}!"}, "path: "),
        ({"pattern": "acme_[a-z0-9{20}"}, "the pattern does not compile: unterminated"),
        ({"pattern": "acme_[a-z0-9]{20})|(?:zzz_[0-9]{4}"}, "the pattern does not compile: unbalanced"),
        ({"pattern": "acme_[a-z0-9]{20}", "context": ("a)|(b",)}, "the context does not compile"),
        ({"pattern": r"acme_([A-Za-z0-9]{1,30}){1,30}!"}, "bytes of hostile text take"),
        ({"pattern": ""}, "pattern is missing"),
        ({"pattern": "acme_("}, "does not compile"),
        ({"pattern": r"(acme_)[a-z]{20}\1"}, "does not compile"),
        ({"pattern": "(?i)acme_[a-z0-9]{20}"}, "does not compile"),
        ({"pattern": "(?i)acme_[a-z0-9]{20}", "boundary": False}, "global flags"),
        ({"pattern": "(?:acme_[a-z0-9]{20})?"}, "matches the empty text"),
        ({"pattern": "acme_[a-z0-9]+"}, "has no upper bound"),
        ({"pattern": "acme_[a-z0-9]*?x"}, "has no upper bound"),
        ({"pattern": "acme_(?:[a-z]|-(?!-)){20}+"}, "repeat a possessive group too far"),
        ({"pattern": "acme_(?:([a-z])|-){20}+"}, "captures"),
        ({"pattern": "(?=[a-z_]{0,20000})acme_[a-z0-9]{20}"}, "goes beyond 10000"),
        ({"pattern": "acme_(?:[a-z]{1,200}){1,200}"}, "multiply to 40000"),
        ({"pattern": "[a-z0-9]{20}"}, "no literal of 3 or more"),
        ({"pattern": "ab[a-z0-9]{20}"}, "no literal of 3 or more"),
        ({"pattern": "http[a-z0-9]{20}"}, "too common"),
        ({"examples": (*GOOD.examples, "acme_{{loweralnum:19}}")}, "example 3 is not found"),
        ({"negative_examples": (*GOOD.negative_examples, GOOD.examples[1])}, "negative example 3 is found"),
        ({"path": r"\.never$"}, "example 1 is not found"),
        ({"entropy": 5.0}, "example 1 is not found"),
        ({"kind": RuleKind.STRUCTURE}, "has no pattern"),
    ],
)
def test_each_defect_is_named(change: dict[str, object], problem: str) -> None:
    problems = list(check_rule(GOOD._replace(**change), BENCH))  # type: ignore[arg-type]  # any field
    assert any(problem in each for each in problems), problems


def test_a_literal_value_in_an_example_is_named() -> None:
    literal = "acme_" + "4k7q2m9x5w8z3p6t1r0v"
    problems = list(check_rule(GOOD._replace(examples=(*GOOD.examples, literal)), BENCH))
    assert problems == ["example 3 spells a value out: write it as {{class:length}}"]
    assert literal not in "".join(problems)


def test_a_rule_of_several_lines_may_repeat_more() -> None:
    rule = GOOD._replace(pattern="acme_[a-z0-9]{20}(?:[a-z\\n]{0,15000}end)?", multiline=True)
    assert list(check_rule(rule, BENCH)) == []


def test_an_id_of_a_rule_that_comes_with_secops_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "own.yml"
    file.write_text(FILE.format(id="github-pat"))
    count, problems = check_files([file], BENCH)
    assert [problem.message for problem in problems] == ["the id is that of a rule that comes with secops"]
    assert count == 1


def test_a_file_of_secops_itself_may_be_named_from_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    file = builtin_files()[0]
    monkeypatch.chdir(file.parent)
    _, problems = check_files([Path(file.name)], BENCH)
    assert problems == ()


def test_files_are_checked_together(tmp_path: Path) -> None:
    first, second, broken, missing = (tmp_path / name for name in ("a.yml", "b.yml", "c.yml", "none.yml"))
    first.write_text(FILE.format(id="acme-token"))
    second.write_text(FILE.format(id="acme-token"))
    broken.write_text("rules: {")
    count, problems = check_files([first, second, broken, missing], BENCH)
    assert count == 1
    assert [(Path(p.file).name, p.rule_id) for p in problems] == [
        ("b.yml", "acme-token"),
        ("c.yml", ""),
        ("none.yml", ""),
    ]
    assert str(problems[0]) == f"{second}: acme-token: the id is used in {first} already"
    assert str(problems[1]).startswith(f"{broken}: not valid YAML")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "rules: [1]",
        "rules: [{}]",
        "rules: [{id: [a], title: {}}]",
        "rules: [{1: 2}]",
        "rules:\n  - {id: a, title: b, severity: [], confidence: {}, remediation: c}",
        "rules:\n  - {id: a, title: b, severity: high, confidence: low, remediation: c, kind: [x]}",
        "rules:\n  - {id: a, title: b, severity: high, confidence: low, remediation: c, entropy: "
        + "9" * 400
        + "}",
        "\x00",
        "&a [*a]",
        "[" * 5000,
        "!!python/object/apply:os.system [false]",
    ],
)
def test_no_content_makes_it_raise(tmp_path: Path, content: str) -> None:
    file = tmp_path / "bad.yml"
    file.write_text(content)
    count, problems = check_files([file], BENCH)
    assert count == 0
    assert len(problems) == 1


@pytest.mark.slow
@pytest.mark.parametrize("file", builtin_files(), ids=lambda file: file.stem)
def test_the_built_in_rules_have_no_problem(file: Path) -> None:
    assert [str(problem) for problem in check_files([file], BENCH)[1]] == []


def test_the_built_in_rules_have_ids_of_their_own() -> None:
    files = builtin_files()
    bench = replace(BENCH, refuses=lambda _: "", finds=lambda _rule, _text: True)
    repeated = [str(p) for p in check_files(files, bench)[1] if "is used in" in p.message]
    assert repeated == []
