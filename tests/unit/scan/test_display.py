"""What a place does to a finding: what is there to be read is information, what may be real is told."""

from __future__ import annotations

import pytest

from secopskit.detect.ruleset import Ruleset
from secopskit.findings import Confidence, Severity
from secopskit.scan.content.occurrence import Occurrence
from secopskit.scan.display import severity_there, to_be_read
from secopskit.secret import SecretValue
from support.engines import detectors
from support.values import alnum

DRAWN = "k7" + alnum(30)
UUID = "3f1c9d20-5b7e-4a86-9c1d-7e2b40a8d6f3"
HUMAN = "lake-house-keeper"
MADE_UP = "Cedar-4711!"
COUNTS = "abc123def456ghi789"
DOCUMENTS = ("docs/deploy.md", "README.md", "api/responses/login.json", "shop.postman_collection.json")
EXAMPLES = ("examples/compose.yml", "demo-setups/relay.yaml", "settings.sample.ini", "demo_data.js")
PIPELINES = (".github/workflows/ci.yml", ".gitlab-ci.yml", "ci/base.env", "chart/ci/tls-values.yaml")


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    return detectors("re").ruleset


def one(path: str, value: str | None, rule: str, ruleset: Ruleset) -> Occurrence:
    return Occurrence(
        rule_id=rule,
        secret=None if value is None else SecretValue(value.encode()),
        severity=ruleset.by_id(rule).severity,
        confidence=Confidence.HIGH,
        note="",
        path=path,
        oid=None,
        line=1,
        end_line=1,
        column=1,
        end_column=2,
        key_digest="",
        allowed=None,
    )


def at(path: str, value: str | None, rule: str, ruleset: Ruleset) -> Severity:
    return severity_there(one(path, value, rule, ruleset), ruleset.by_id(rule))


@pytest.mark.parametrize("path", [*DOCUMENTS, *EXAMPLES])
@pytest.mark.parametrize(("rule", "value"), [("weak-password", "hunter2"), ("yaml-secret", HUMAN)])
def test_words_of_a_person_are_there_to_be_read(path: str, rule: str, value: str, ruleset: Ruleset) -> None:
    assert at(path, value, rule, ruleset) is Severity.INFO
    assert at("deploy/site.yml", value, rule, ruleset) is ruleset.by_id(rule).severity


@pytest.mark.parametrize("rule", ["generic-password", "shell-secret"])
def test_a_password_made_up_to_be_used_is_told_of_documents(rule: str, ruleset: Ruleset) -> None:
    usual = ruleset.by_id(rule).severity
    assert [at(path, MADE_UP, rule, ruleset) for path in DOCUMENTS] == [usual - 1] * len(DOCUMENTS)
    assert [at(path, MADE_UP, rule, ruleset) for path in EXAMPLES] == [Severity.INFO] * len(EXAMPLES)


@pytest.mark.parametrize("path", [*DOCUMENTS, *EXAMPLES])
@pytest.mark.parametrize(
    "rule", ["yaml-secret", "shell-secret", "url-password", "generic-password", "aws-secret-access-key"]
)
def test_what_a_machine_drew_is_told_one_step_down(path: str, rule: str, ruleset: Ruleset) -> None:
    assert at(path, DRAWN, rule, ruleset) is Severity(ruleset.by_id(rule).severity - 1)


@pytest.mark.parametrize("path", [*DOCUMENTS, *EXAMPLES])
def test_a_key_that_counts_up_shows_how_one_looks(path: str, ruleset: Ruleset) -> None:
    value = f"sk_live_{COUNTS}"
    assert at(path, value, "stripe-secret-key", ruleset) is Severity.INFO
    assert at("src/pay.py", value, "stripe-secret-key", ruleset) is Severity.CRITICAL


@pytest.mark.parametrize("path", DOCUMENTS)
@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("generic-secret", DRAWN),
        ("http-bearer-token", DRAWN),
        ("jwt-token", DRAWN),
        ("vendor-named-secret", DRAWN),
        ("shell-secret", UUID),
    ],
    ids=["name", "bearer", "jwt", "vendor", "uuid"],
)
def test_what_documents_are_full_of_is_information(
    path: str, rule: str, value: str, ruleset: Ruleset
) -> None:
    assert at(path, value, rule, ruleset) is Severity.INFO
    assert at("examples/a.sh", value, rule, ruleset) > Severity.INFO


@pytest.mark.parametrize("path", PIPELINES)
def test_passwords_of_a_run_are_information(path: str, ruleset: Ruleset) -> None:
    assert at(path, "postgres", "weak-password", ruleset) is Severity.INFO
    assert at(path, "P@ssw0rd", "weak-password", ruleset) is Severity.INFO
    assert at(path, "e2e-test-secret-of-32-characters", "workflow-secret", ruleset) is Severity.INFO


@pytest.mark.parametrize("path", PIPELINES)
@pytest.mark.parametrize("value", [DRAWN, UUID, MADE_UP], ids=["drawn", "uuid", "made up"])
def test_a_pipeline_may_deploy_with_what_is_no_word(path: str, value: str, ruleset: Ruleset) -> None:
    assert at(path, value, "workflow-secret", ruleset) is Severity.HIGH
    assert at(path, value, "github-pat", ruleset) is Severity.CRITICAL


def test_what_a_package_manager_copied_is_not_told_by_its_name(ruleset: Ruleset) -> None:
    assert at(".yarn/releases/yarn-4.cjs", DRAWN, "generic-secret", ruleset) is Severity.INFO
    assert at("node_modules/a/.npmrc", DRAWN, "npm-access-token", ruleset) is Severity.HIGH


def test_a_keystore_of_an_example_is_information(ruleset: Ruleset) -> None:
    assert at("examples/tls/server.p12", None, "keystore", ruleset) is Severity.INFO
    assert at("deploy/tls/server.p12", None, "keystore", ruleset) is Severity.MEDIUM


@pytest.mark.parametrize(
    ("path", "value", "rule", "words"),
    [
        ("README.md", DRAWN, "generic-secret", "in a document: only the words before it tell of a secret"),
        ("README.md", UUID, "shell-secret", "in a document: a UUID, as documents show them"),
        (
            "README.md",
            f"eyJ{DRAWN}",
            "shell-secret",
            "in a document: a JSON Web Token, as documents show them",
        ),
        ("examples/a.yml", "hunter2", "weak-password", "in an example: a password anyone guesses"),
        ("examples/a.yml", HUMAN, "yaml-secret", "in an example: no machine drew it"),
        ("examples/a.p12", None, "keystore", "in an example: a file that shows how one looks"),
        ("ci/a.env", HUMAN, "dotenv-secret", "in a pipeline: words, as services of a run have them"),
        (
            ".yarn/a.cjs",
            DRAWN,
            "generic-secret",
            "in a copied package: only the words before it tell of a secret",
        ),
    ],
    ids=["name", "uuid", "jwt", "weak", "made up", "keystore", "pipeline", "copied"],
)
def test_the_reason_is_told(path: str, value: str | None, rule: str, words: str, ruleset: Ruleset) -> None:
    assert to_be_read(one(path, value, rule, ruleset), ruleset.by_id(rule)) == f"information {words}"


@pytest.mark.parametrize("path", ["src/app.yml", "tests/app.yml"])
def test_elsewhere_there_is_none(path: str, ruleset: Ruleset) -> None:
    assert to_be_read(one(path, "hunter2", "weak-password", ruleset), ruleset.by_id("weak-password")) == ""
