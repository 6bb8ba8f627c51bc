"""`inquiries:` of a rule file: what is taken, and what is refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from secopskit.errors import ConfigError
from secopskit.rules.inquiries import read_inquiries
from secopskit.rules.inquiry import AnswerSign
from secopskit.rules.load import load

GOOD: dict[str, Any] = {
    "source": "https://own.example/docs",
    "request": "GET https://{dc}.api.own.example/me",
    "headers": {"Authorization": "Bearer {value}"},
    "parts": {"dc": "-([a-z]{2})"},
    "active": [200, {"status": 200, "json": "ok", "is": True}],
    "inactive": [401, {"status": 403, "text": "gone"}],
}


def read(**changes: Any) -> Any:
    entry = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    return read_inquiries({"me": entry}, "own.yml")["me"]


def test_a_good_one_is_a_value() -> None:
    inquiry = read()
    assert inquiry.host == "{dc}.api.own.example"
    assert inquiry.active == (AnswerSign(200), AnswerSign(200, path="ok", values=("true",)))
    assert inquiry.inactive == (AnswerSign(401), AnswerSign(403, text="gone"))
    assert inquiry.stands_alone
    assert not read(near={"sid": "AC[0-9]{4}"}).stands_alone


@pytest.mark.parametrize(
    "changes",
    [
        {"request": "DELETE https://api.own.example/me"}, {"request": "PUT https://api.own.example/me"},
        {"request": "GET http://api.own.example/me"}, {"request": "GET https://{dc}.{value}.example/me"},
        {"request": "GET https://{dc}/me"}, {"request": "GET https://{dc}.example/me"},
        {"request": "GET https://x.{dc}.own.example/"},
        {"request": "GET https://user@own.example/me"}, {"request": "GET https://127.0.0.1/me"},
        {"request": "GET https://own.example:8443/me"}, {"request": "GET https://localhost/me"},
        {"request": 7},
        {"request": None}, {"source": None}, {"source": "http://own.example"}, {"active": None},
        {"active": 200},
        {"active": [{"code": 200}]},
        {"headers": {"Authorization": "Bearer x"}, "request": "GET https://own.example/me", "parts": None},
        {"headers": {"A": "{other}"}}, {"headers": ["A"]}, {"form": {"a": "{value}"}}, {"basic": ["one"]},
        {"parts": {"dc": "("}}, {"parts": {"dc": "(a)(b)"}}, {"parts": {"DC": "a"}}, {"protocol": "ftp"},
        {"sandbox": "yes"}, {"elsewhere": ""}, {"account": [1]}, {"body": "text"}, {"method": "GET"},
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_one_is_named(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"^own\.yml: inquiry 'me'"):
        read(**changes)


@pytest.mark.parametrize("entries", [[], {"Me!": GOOD}, {"me": "x"}])
def test_what_is_no_mapping_is_refused(entries: Any) -> None:
    with pytest.raises(ConfigError):
        read_inquiries(entries, "own.yml")


def test_a_rule_names_an_inquiry_of_its_file(tmp_path: Path) -> None:
    rule = {"id": "own-key", "title": "T", "severity": "high", "confidence": "high", "remediation": "R."}
    file = tmp_path / "own.yml"
    file.write_text(yaml.safe_dump({"inquiries": {"me": GOOD}, "rules": [{**rule, "verify": "me"}]}))
    (read_rule,) = load([file])
    assert read_rule.verify is not None
    assert read_rule.verify.summary == "GET https://{dc}.api.own.example/me (https://own.example/docs)"
    for wrong in ("you", ["me"], 7):
        file.write_text(yaml.safe_dump({"inquiries": {"me": GOOD}, "rules": [{**rule, "verify": wrong}]}))
        with pytest.raises(ConfigError, match="there is no inquiry"):
            load([file])
