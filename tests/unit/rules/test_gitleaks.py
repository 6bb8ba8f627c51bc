"""Rules of gitleaks and betterleaks: what becomes of them, and what is said of those that are left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from secopskit.detect.pattern import PatternDetector
from secopskit.detect.ruleset import ruleset_of
from secopskit.errors import ConfigError
from secopskit.findings import Blob
from secopskit.rules.gitleaks.read import GitleaksRules, read_gitleaks
from secopskit.rules.gitleaks.translate import UntranslatableError, translated
from secopskit.rules.load import load_all
from support.values import alnum


@pytest.mark.parametrize(
    ("go", "yes", "no"),
    [
        (r"(?i)acme[_-]?key", "ACME_KEY", "acmekez"),
        (r"(?i)a|b", "B", "c"),
        (r"x(?i)key(?-i)Q", "xKEYQ", "XKEYQ"),
        (r"(?i:a)b", "Ab", "AB"),
        (r"[[:alnum:]]{3}\z", "a1Z", "a-Z"),
        (r"[^[:space:]&&]+", "x", "&"),
        (r"\Qa.b\E+", "a.bb", "axb"),
        (r"a{,2}", "a{,2}", "aa"),
        (r"\x{41}[\x{42}]", "AB", "AC"),
        (r"(?P<n>k)(?<m>v)$", "kv", "kvx"),
        (r"(?m)^k$", "a\nk\nb", "kx"),
        (r"(?s)a.b", "a\nb", "ab"),
        (r"[]a]", "]", "b"),
        (r"é+", "é", "e"),
    ],
)
def test_an_expression_of_go_means_the_same_in_python(go: str, yes: str, no: str) -> None:
    made = re.compile(translated(go).encode())
    assert made.search(yes.encode())
    assert not made.search(no.encode())


@pytest.mark.parametrize(
    "go",
    [
        r"\pL",
        r"[\p{Greek}]",
        r"(?U)a+",
        r"a(?i)b|c",
        r"(?=a)",
        "(a",
        "a)",
        "[a",
        "a\\",
        "[é]",
        r"\x{2603}",
        "[[:^digit:]]",
    ],
)
def test_what_python_has_not_is_refused(go: str) -> None:
    with pytest.raises(UntranslatableError):
        translated(go)


def test_repetitions_get_an_upper_bound_and_the_secret_its_group() -> None:
    assert (
        translated(r"(k)=([a-z]{20,})x*?y+", group=2) == r"(k)=(?P<secret>[a-z]{20,1000})x{0,1000}?y{1,1000}"
    )
    with pytest.raises(UntranslatableError, match="no group 3"):
        translated("(a)", group=3)


CONFIG = r"""
[extend]
useDefault = true
path = "more.toml"
disabledRules = ["dropped"]
[allowlist]
paths = ['''vendor/''']
[[rules]]
id = "Acme_Key"
description = "Key of Acme"
regex = '''(?i)acme_key\s*=\s*"([a-z0-9]+)"'''
secretGroup = 1
keywords = ["acme"]
entropy = 2.5
[rules.allowlist]
regexTarget = "line"
regexes = ["nosec"]
stopwords = ["EXAMPLE"]
[[rules]]
id = "github-pat"
regex = '''local_[0-9a-f]{20}'''
[[rules.allowlists]]
condition = "AND"
paths = ['''_test\.py$''']
regexes = ["^local_0"]
[[rules]]
id = "nothing-to-look-for"
regex = '''\b[0-9a-f]{32}\b'''
[[rules]]
id = "by-name"
path = '''\.p12$'''
[[rules]]
id = "changes-theirs"
[[rules]]
id = "slow"
regex = '''key(((a+)+)+)+b'''
[[rules]]
id = "pathed"
regex = '''fixed_[0-9]{8}'''
path = '''\.conf$'''
"""


@pytest.fixture
def read(tmp_path: Path) -> GitleaksRules:
    (tmp_path / "more.toml").write_text(
        '[[rules]]\nid = "dropped"\nregex = "dropme"\n[[rules]]\nid = "kept"\nregex = "keepme[0-9]{4}"\n'
    )
    file = tmp_path / ".gitleaks.toml"
    file.write_text(CONFIG)
    return read_gitleaks(file, taken={"github-pat"})


def found(rules: GitleaksRules, text: str, path: str = "a.py") -> list[str]:
    detector = PatternDetector(ruleset_of(rules.rules, engine="re"))
    return sorted(match.rule_id for match in detector.detect(Blob(path, text.encode())))


def test_what_is_translated_and_what_is_named(read: GitleaksRules) -> None:
    assert [rule.id for rule in read.rules] == ["kept", "acme-key", "custom-github-pat", "pathed"]
    assert {rule.source for rule in read.rules} == {".gitleaks.toml"}
    assert [one.partition(":")[0] for one in read.left_out] == [
        "nothing-to-look-for", "by-name", "changes-theirs", "slow",
    ]  # fmt: skip
    assert read.note.startswith(
        ".gitleaks.toml: 4 rules of it used, its allowlist for these alone; not used: "
    )


def test_a_rule_finds_what_its_tool_would(read: GitleaksRules) -> None:
    key = alnum(24).lower()
    assert found(read, f'ACME_KEY =\n "{key}"') == ["acme-key"]
    assert found(read, f'ACME_KEY = "{key}" # nosec') == []
    assert found(read, f'ACME_KEY = "{key}example{key}"') == []
    assert found(read, f'ACME_KEY = "{key}"', "vendor/a.py") == []
    assert found(read, 'ACME_KEY = "aaaaaaaa"') == []  # its entropy
    assert found(read, "fixed_12345678", "a.conf") == ["pathed"]
    assert found(read, "fixed_12345678") == []


@pytest.mark.parametrize(
    ("path", "value", "rules"),
    [("a_test.py", "0", []), ("a_test.py", "1", ["custom-github-pat"]), ("a.py", "0", ["custom-github-pat"])],
)
def test_an_allowlist_may_ask_for_all_of_its_conditions(
    read: GitleaksRules, path: str, value: str, rules: list[str]
) -> None:
    assert found(read, f"local_{value}" + "3" * 19, path) == rules


def test_its_rules_stand_among_the_others(read: GitleaksRules, tmp_path: Path) -> None:
    rules, notes = load_all([Path(read.file)])
    assert {"acme-key", "github-pat", "custom-github-pat"} <= {rule.id for rule in rules}
    assert notes == (read.note,)
    assert tmp_path.is_dir()


def test_what_is_no_toml_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(b"[[rules\n\xff")
    with pytest.raises(ConfigError, match="not valid TOML"):
        read_gitleaks(file)
    file.write_text('rules = "no list"\nallowlist = 3\n[extend]\npath = "../outside.toml"\n')
    assert read_gitleaks(file).left_out == (
        "the file: `rules` is not a list of tables",
        "the file: `allowlist` is not a table",
        "../outside.toml: stands elsewhere, or too deep",
    )


def test_rules_that_are_too_many_are_told(tmp_path: Path) -> None:
    file = tmp_path / ".gitleaks.toml"
    usual = '[[rules]]\nid = "acme"\nregex = "acme_[0-9]{9}"\n'
    file.write_text(usual * 1007)  # one rule, as all are of one name
    read = read_gitleaks(file)
    assert read.left_out == ("7 rules behind the first 1,000",)
    assert read.note == ".gitleaks.toml: 1 rule of it used; not used: 7 rules behind the first 1,000"
    file.write_text(usual * 1000)
    assert read_gitleaks(file).left_out == ()


OWN = '[[rules]]\nid = "a"\nregex = "acme_[0-9]{9}"\n'
SHARED = "an allowlist of all rules: "


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("extendz = 1", "the file: there is no field `extendz`"),
        ('rules = "all"', "the file: `rules` is not a list of tables"),
        ("[extend]\nuse_default = true", "extend: there is no field `use_default`"),
        ('[extend]\nurl = "https://a.example/x.toml"', "extend: `url`: files alone are read"),
        ('[extend]\ndisabledRules = "a"', "extend: `disabledRules` is not a list of texts"),
        (OWN + 'entropy = "high"', "a: `entropy` is not a number"),
        (OWN + "secretGroup = true", "a: `secretGroup` is not a whole number"),
        (OWN + 'keywords = "acme"', "a: `keywords` is not a list of texts"),
        (OWN + "keywords = [1]", "a: `keywords` is not a list of texts"),
        (OWN + "secretgroup = 1", "a: there is no field `secretgroup`"),
        (OWN + '[[rules.required]]\nid = "b"', "a: `required`: what else"),
        (OWN + "[[rules.allowlists]]\npath = 'b'", "an allowlist of a: there is no field `path`"),
        ("[[allowlists]]\nstopwords = 'x'", SHARED + "`stopwords` is not a list of texts"),
        ("[[allowlists]]\npaths = ['a']\ncondition = 'XOR'", SHARED + "`condition` is none of"),
        ("[allowlist]\npaths = ['a']\nregexTarget = 'file'", SHARED + "`regexTarget` is none of"),
        ("[allowlist]\ncommits = ['ab']", SHARED + "`commits`: commits are not left out"),
        ("[[allowlists]]\ntargetRules = ['a']\npaths = ['a']", SHARED + "it is for some rules only"),
    ],
)
def test_fields_of_another_name_or_kind_are_named(tmp_path: Path, document: str, told: str) -> None:
    file = tmp_path / ".gitleaks.toml"
    file.write_text(document + "\n")
    left_out = read_gitleaks(file).left_out
    assert [one for one in left_out if one.startswith(told)]
    assert len(left_out) == 1
