"""Which rule a value is told under, where several mean it."""

from __future__ import annotations

import pytest

from secopskit.findings import Blob, Confidence, Severity
from secopskit.scan.content.occurrence import Occurrence
from support.engines import detectors
from support.values import alnum

AWS = "aws-secret-access-key"


def found(path: str, text: str) -> list[Occurrence]:
    return [one for one in detectors("re").examine(Blob(path, text.encode())) if one.secret]


def aws_secret() -> str:
    return alnum(19) + "/" + alnum(19) + "+"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".env", "AWS_SECRET_ACCESS_KEY={}\n"),
        ("compose.yml", "services:\n  a:\n    image: x\n    environment:\n      AWS_SECRET_ACCESS_KEY: {}\n"),
        (
            "compose.yml",
            "services:\n  a:\n    image: x\n    environment:\n      - AWS_SECRET_ACCESS_KEY={}\n",
        ),
        (".github/workflows/ci.yml", "on: push\nenv:\n  AWS_SECRET_ACCESS_KEY: {}\njobs: {{}}\n"),
        ("deploy.sh", "export AWS_SECRET_ACCESS_KEY={}\n"),
        ("Dockerfile", "FROM x\nENV AWS_SECRET_ACCESS_KEY={}\n"),
        ("a.json", '{{"aws_secret_access_key": "{}"}}\n'),
        ("a.toml", '[s3]\naws_secret_access_key = "{}"\n'),
        ("credentials", "[default]\naws_secret_access_key = {}\n"),
        ("prod.tfvars", 'aws_secret_access_key = "{}"\n'),
    ],
    ids=lambda value: value if "\n" not in value else "",
)
def test_a_vendors_rule_wins_over_a_parsers(path: str, text: str) -> None:
    (one,) = found(path, text.format(aws_secret()))
    assert (one.rule_id, one.severity, one.confidence) == (AWS, Severity.CRITICAL, Confidence.HIGH)


def test_a_general_rule_wins_over_nobody() -> None:
    (one,) = found("settings.yml", f'api_token: "{alnum(32)}"\n')
    assert one.rule_id == "yaml-secret"
