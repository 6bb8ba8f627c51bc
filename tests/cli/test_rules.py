"""`secops rules`: list, show and check."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secopskit.cli.boundary import run
from secopskit.rules.load import load_builtin
from support.cli import ROOT

BAD = """
vendor: "Acme"
rules:
  - {id: "bad\\eid", title: Bad, severity: high, confidence: high, remediation: Revoke., pattern: 'ac_[a-z]+'}
"""


def test_list_names_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "list"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == [rule.id for rule in load_builtin()]


def test_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "list", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    by_id = {rule["id"]: rule for rule in document["rules"]}
    assert document["version"] == 1
    assert by_id["github-pat"]["severity"] == "critical"
    assert "{{" not in by_id["github-pat"]["examples"][0]


def test_show(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "show", "github-pat"]) == 0
    out = capsys.readouterr().out
    assert "pattern:\n  ghp_" in out
    assert "remediation:\n  Revoke" in out
    assert "verify:\n  GET https://api.github.com/user (https://docs.github.com/" in out


def test_show_an_unknown_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "show", "github-pta"]) == 2
    assert capsys.readouterr().err.startswith(
        "error: there is no rule 'github-pta'\nhint: Did you mean github-pat"
    )


def test_check_names_the_problems_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad.yml"
    file.write_text(BAD)
    assert run(["rules", "check", str(file)]) == 1
    out, err = capsys.readouterr()
    assert f"{file}: bad\\x1bid: the id must be words" in out
    assert "\x1b" not in out
    assert "has no upper bound" in out
    assert err.startswith("1 rule in 1 file: ")


def test_check_of_a_good_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = ROOT / "rules" / "github.yml"
    assert run(["rules", "check", str(source), "-q"]) == 0
    assert capsys.readouterr() == ("", "")


def test_what_is_not_used_of_a_gitleaks_file_is_a_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "acme.toml"
    file.write_text('[[rules]]\nid = "a"\nregex = "acme_[0-9]{9}"\n')
    assert run(["rules", "check", str(file)]) == 0
    file.write_text(file.read_text() + "entropi = 3\n")
    assert run(["rules", "check", str(file)]) == 1
    shown = capsys.readouterr()
    assert shown.out == f"{file}: a: there is no field `entropi`\n"
    assert "1 rule in 1 file: 1 problem" in shown.err


def test_a_file_that_is_not_there_is_an_error_of_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (tmp_path / "no.yml", tmp_path):
        assert run(["rules", "check", str(path)]) == 2
        assert path.name in capsys.readouterr().err


@pytest.mark.parametrize("more", [(), ("--cost",)])
def test_no_rule_makes_the_checker_hang(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]
) -> None:
    file = tmp_path / "acme.yml"
    example = "acme_{{alnum:32}}"
    file.write_text(f"""
vendor: Acme
rules:
  - id: acme-token
    title: Acme token
    severity: high
    confidence: high
    pattern: 'acme_([A-Za-z0-9]{{1,30}}){{1,30}}!'
    references: ['https://docs.acme.example/tokens']
    examples: ['{example}!', 'it={example}!']
    negative_examples: ['{example}', 'acme_']
    remediation: Revoke it.
""")
    assert run(["rules", "check", *more, str(file)]) == (2 if more else 1)
    told = "".join(capsys.readouterr())
    assert "acme-token" in told
    assert "bytes of hostile text take" in told
