"""The examples of rule files are no findings; whatever else stands in such a file is one."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from secopskit.detect.pattern import PatternDetector
from secopskit.detect.rule_examples import RuleExamples
from secopskit.detect.ruleset import Ruleset, ruleset_of
from secopskit.findings import Blob
from secopskit.rules.load import load_builtin
from support.cli import secops
from support.values import alnum, github_token

KNOWN = (
    "docker-config-auth",
    "github-pat",
    "generic-secret",
    "http-bearer-token",
    "private-key-pem",
    "url-weak-password",
)
LOGIN = "YWxpY2U6aHVudGVyMjAyNGxvbmc="  # alice:…, as in the example of the rule
MADE_UP = "acme_Ab3kQ9zLm2Xw7RtY" + "{{alnum:20}}"
FILE = """\
vendor: Acme
rules:
  - id: {id}
    title: {title}
    severity: high
    confidence: high
    pattern: 'not-run'
    examples:
      - '{example}'
    negative_examples:
      - '{negative}'
    remediation: {remediation}
"""


@cache
def ruleset() -> Ruleset:
    rules = {rule.id: rule for rule in load_builtin()}
    return ruleset_of([rules[name] for name in KNOWN], engine="re")


def verdicts(text: str) -> dict[str, str | None]:
    """The rules that find something in a file of that text, with the reason why it is no finding."""
    blob = Blob(path="rules/acme.yml", data=text.encode())
    examples = RuleExamples(blob.data, ruleset())
    return {match.rule_id: examples.reason(match) for match in PatternDetector(ruleset()).detect(blob)}


def rule_file(**fields: str) -> str:
    usual = {
        "id": "docker-config-auth",
        "title": "A login",
        "example": "nothing",
        "negative": "nothing",
        "remediation": "Change it.",
    }
    return FILE.format(**(usual | fields))


def example_of(rule: str) -> str:
    return f"example of the rule {rule} in a rule file"


def test_what_the_rule_itself_finds_in_its_example() -> None:
    text = rule_file(example=f'"auth": "{LOGIN}"')
    assert verdicts(text) == {"docker-config-auth": example_of("docker-config-auth")}


def test_what_goes_on_in_generated_characters_is_no_value() -> None:
    assert verdicts(rule_file(id="github-pat", example="API_SECRET=" + MADE_UP)) == {}


def test_a_key_that_breaks_off_where_characters_are_generated() -> None:
    begin, end = (f"-----{word} RSA PRIVATE KEY-----" for word in ("BEGIN", "END"))
    body = "MIIEpAIBAAKCAQEA" + alnum(48)
    whole = "\n        ".join([begin, body, *(alnum(64) for _ in range(8)), end])
    broken = f"{begin}\n        {body[:56]}{{{{base64:8}}}}\n        {end}"
    template = rule_file(id="private-key-pem").replace("      - 'nothing'\n", "      - |\n        %s\n", 1)
    assert verdicts(template % broken) == {"private-key-pem": example_of("private-key-pem")}
    assert verdicts(template % whole) == {"private-key-pem": None}


def test_a_weak_sign_in_a_negative_example() -> None:
    text = rule_file(negative="postgres://{0}:{0}@db:5432/app".format("postgres"))
    assert verdicts(text) == {"url-weak-password": example_of("docker-config-auth")}


@pytest.mark.parametrize("place", ["example", "negative", "title", "remediation"])
@pytest.mark.parametrize("rule", ["github-pat", "docker-config-auth"])
def test_an_issued_token_is_found_wherever_it_stands(rule: str, place: str) -> None:
    assert verdicts(rule_file(id=rule, **{place: github_token()}))["github-pat"] is None
    assert verdicts(rule_file(id=rule, **{place: github_token() + "{{alnum:4}}"}))["github-pat"] is None


@pytest.mark.parametrize(
    "text",
    [
        rule_file(title=f'\'"auth": "{LOGIN}"\''),
        rule_file(remediation=f'\'"auth": "{LOGIN}"\''),
        rule_file(negative=f'"auth": "{LOGIN}"'),
        rule_file(id="acme-unknown", example=f'"auth": "{LOGIN}"'),
        rule_file(id="github-pat", example=f'"auth": "{LOGIN}"'),
        rule_file(example=f'"auth": "{LOGIN}"').replace("    severity: high\n", ""),
        rule_file(example=f'"auth": "{LOGIN}"').replace(
            "    severity: high\n", "    severity: high\n    owner: me\n"
        ),
        rule_file(example=f'"auth": "{LOGIN}"').replace("rules:", "other: rules:", 1),
        rule_file(example=f'"auth": "{LOGIN}"').replace("rules:\n", "config:\n", 1) + "rules: []\n",
        rule_file(example=f'"auth": "{LOGIN}"') + f'more:\n  - \'"auth": "{LOGIN[4:]}"\'\n]\n',
        "# rules: examples: remediation:\n" + f'"auth": "{LOGIN}"\n',
    ],
    ids=[
        "title",
        "remediation",
        "negative example",
        "unknown rule",
        "another rule's example",
        "a field is missing",
        "a field too many",
        "not YAML",
        "examples elsewhere",
        "broken behind",
        "only words",
    ],
)
def test_a_file_is_no_hole(text: str) -> None:
    found = verdicts(text)
    assert found["docker-config-auth"] is None


def test_our_own_rules_have_no_findings_and_the_count_is_shown(tmp_path: Path) -> None:
    from support.cli import ROOT

    outcome = secops("scan", str(ROOT / "rules"), "--format", "json", "--no-baseline", cwd=tmp_path)
    report = json.loads(outcome.out)
    assert [(f["rule_id"], f["locations"][0]["path"]) for f in report["findings"]] == []
    reasons = [one["reason"] for one in report["suppressed"]]
    assert len(reasons) > 10
    assert all(reason.startswith("example of the rule ") for reason in reasons)


def test_the_rules_of_an_organisation(tmp_path: Path) -> None:
    example = f"ACME_LOGIN=bot:{alnum(8)}-{alnum(12)}"
    text = rule_file(id="acme-login", example=example, negative="ACME_LOGIN=none").replace(
        "confidence: high\n    pattern: 'not-run'",
        "confidence: medium\n    pattern: 'ACME_LOGIN=(?P<secret>bot:[A-Za-z0-9-]{10,30})'",
    )
    (tmp_path / "acme.yml").write_text(text)
    (tmp_path / "app.txt").write_text(example + "\n")
    (tmp_path / ".secops.yaml").write_text("scan:\n  extra_rules: [acme.yml]\n")
    outcome = secops("scan", ".", "--format", "json", "--engine", "re", cwd=tmp_path)
    report = json.loads(outcome.out)
    assert [(f["rule_id"], [p["path"] for p in f["locations"]]) for f in report["findings"]] == [
        ("acme-login", ["app.txt"])
    ]
    assert [one["reason"] for one in report["suppressed"]] == [example_of("acme-login")]
