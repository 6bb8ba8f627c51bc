"""The adapter for detect-secrets: right values, right places, no side effects."""

from __future__ import annotations

import base64
import hashlib
import logging
import socket
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secopskit.detect.yelp.detector import MAX_LINE, MAX_MATCHES, YelpDetector
from secopskit.detect.yelp.plugins import ENTROPY, PLUGINS, choose_plugins
from secopskit.findings import Blob, Match
from secopskit.rules.examples import expand
from secopskit.rules.load import load
from secopskit.rules.location import builtin_directory
from secopskit.secret import SecretValue
from support.effort import costs_little

if TYPE_CHECKING:
    from secopskit.rules.model import Rule

RULES = load([Path(builtin_directory()) / "yelp.yml"])
ALL = tuple(PLUGINS)


def run(data: bytes, *, path: str = "example.txt", plugins: tuple[str, ...] = ALL) -> list[Match]:
    return list(YelpDetector(plugins).detect(Blob(path=path, data=data)))


def generated(template: str) -> bytes:
    return expand(template, seed="yelp").encode()


def only(data: bytes, plugin: str, *, path: str = "example.txt") -> Match:
    (match,) = run(data, path=path, plugins=(plugin,))
    return match


# --- table and rules ----------------------------------------------------------------------------


def test_every_plugin_has_a_rule_and_every_rule_a_plugin() -> None:
    assert {rule.id for rule in RULES} == {plugin.rule_id for plugin in PLUGINS.values()}


def test_the_table_names_what_the_library_has() -> None:
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

    kinds: dict[str, type] = get_mapping_from_secret_type_to_class()
    names = {kind.__name__ for kind in kinds.values()}
    assert names - {"IPPublicDetector"} == set(PLUGINS)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_examples(rule: Rule) -> None:
    for example in rule.examples:
        data = expand(example, seed=rule.id).encode()
        matches = [match for match in run(data, path=rule.example_path) if match.rule_id == rule.id]
        assert matches, rule.id
        for match in matches:
            value = SecretValue(data[match.span.start : match.span.end])
            assert match.secret in (None, value)
    for example in rule.negative_examples:
        data = expand(example, seed=rule.id).encode()
        assert not [match for match in run(data, path=rule.example_path) if match.rule_id == rule.id], rule.id


def test_entropy_plugins_run_only_on_request() -> None:
    assert not set(choose_plugins()) & set(ENTROPY)
    assert not set(choose_plugins(ALL)) & set(ENTROPY)
    assert set(choose_plugins((), entropy=True)) == set(ENTROPY)
    assert set(choose_plugins(["KeywordDetector"], entropy=True)) == {"KeywordDetector", *ENTROPY}


def test_hashes_in_a_list_of_known_findings_are_none() -> None:
    digest = hashlib.sha1(b"anything", usedforsecurity=False).hexdigest()
    assert run(f'"secret": "{digest}"'.encode())
    assert not run(f'"hashed_secret": "{digest}"'.encode())


def test_unknown_names_are_left_out() -> None:
    assert choose_plugins(["os.system", "file://evil.py", "IPPublicDetector"]) == ()
    assert run(b'password = "x"', plugins=("os.system",)) == []


# --- values -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plugin", "token"),
    [
        ("GitHubTokenDetector", "ghp_{{alnum:36}}"),
        ("GitLabTokenDetector", "glpat-{{alnum:20}}"),
        ("GitLabTokenDetector", "glsoat-{{alnum:20}}"),
        ("GitLabTokenDetector", "glcbt-{{alnum:20}}"),
        ("GitLabTokenDetector", "glcbt-4f_{{alnum:20}}"),
        ("JwtTokenDetector", "{{jwt:sub=a}}"),
        ("StripeDetector", "sk_live_{{alnum:99}}"),
        ("SlackDetector", "xoxb-{{digits:12}}-{{digits:12}}-{{alnum:24}}"),
        ("ArtifactoryDetector", "AKC{{alnum:40}}"),
        ("AWSKeyDetector", "AKIA{{upperalnum:16}}"),
    ],
)
def test_the_whole_token_is_the_value(plugin: str, token: str) -> None:
    value = generated(token)
    data = b"# caf\xc3\xa9\nauth = '\xc3\xa9' + \"" + value + b'" # end\n'
    match = only(data, plugin)
    assert match.secret == SecretValue(value)
    assert data[match.span.start : match.span.end] == value


def test_a_value_after_its_context_is_the_value_alone() -> None:
    key = generated("{{base64:86}}==")
    assert only(b"AccountName=a;AccountKey=" + key, "AzureStorageKeyDetector").secret == SecretValue(key)
    password = generated("{{alnum:12}}")
    assert only(b"db://user:" + password + b"@host/", "BasicAuthDetector").secret == SecretValue(password)
    token = generated("npm_{{alnum:36}}")
    assert only(b"//registry.acme.dev/:_authToken=" + token, "NpmDetector").secret == SecretValue(token)


def test_two_tokens_of_one_kind_are_two_values() -> None:
    data = generated("a=ghp_{{alnum:36}} b=ghp_{{alnum:36}}")
    assert len({match.secret for match in run(data, plugins=("GitHubTokenDetector",))}) == 2


def test_a_marker_is_no_value() -> None:
    match = only(b"x\n-----BEGIN RSA PRIVATE KEY-----\n", "PrivateKeyDetector")
    assert match.secret is None
    assert match.span.start > 2


def test_a_short_value_is_reported_without_it() -> None:
    assert only(b'password = "kR7!"\n', "KeywordDetector", path="a.py").secret is None


def test_the_value_is_not_the_name() -> None:
    data = b'password = "password9x"\r\n'
    assert only(data, "KeywordDetector", path="a.py").span.start == data.index(b'"') + 1


@pytest.mark.parametrize("tail", [b" # comment", b" // comment", b"  ", b""])
def test_an_unquoted_value_ends_before_a_comment(tail: bytes) -> None:
    value = generated("{{alnum:14}}")
    assert only(b"password: " + value + tail, "KeywordDetector", path="a.yml").secret == SecretValue(value)


def test_an_unquoted_sentence_is_reported_without_value() -> None:
    data = b"password: " + generated("{{alnum:8}} {{alnum:9}} {{alnum:8}}")
    assert only(data, "KeywordDetector", path="a.yml").secret is None


def test_latin_1_and_carriage_returns() -> None:
    value = generated("{{alnum:16}}")
    data = b'\xe9\xff\r# \xe9\r\npassword = "' + value + b'\xe9"\r\n'
    match = only(data, "KeywordDetector", path="a.py")
    assert data[match.span.start : match.span.end] == value + b"\xe9"


@pytest.mark.parametrize(
    "line",
    [
        b'password = "${PASSWORD}"',
        b'password = "<password>"',
        b'password = "{password}"',
        b"password: get_password()",
        b'password = "123456789012"',
        b'secret = "abcdefghijkl"',
        b'secret_id = "4fe1d9c0-1111-4222-8333-444455556666"',
        b'password = "changeme"',
    ],
)
def test_what_is_no_secret_is_not_reported(line: bytes) -> None:
    assert run(line, path="a.yml", plugins=("KeywordDetector",)) == []


@pytest.mark.parametrize("path", ["poetry.lock", "a/package-lock.json", "docs/swagger-ui.js", "logo.png"])
def test_unwanted_files(path: str) -> None:
    assert not YelpDetector(ALL).wants(path)


def test_wanted_files() -> None:
    assert YelpDetector(ALL).wants("src/app.py")
    assert not YelpDetector(()).wants("src/app.py")


# --- manners ------------------------------------------------------------------------------------


def test_nothing_goes_to_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr("requests.get", refuse)
    monkeypatch.setattr("requests.post", refuse)
    assert run(
        generated('slack = "xoxb-{{digits:12}}-{{digits:12}}-{{alnum:24}}"'), plugins=("SlackDetector",)
    )
    assert run(generated("AKIA{{upperalnum:16}} aws_key='{{alnum:40}}'"), plugins=("AWSKeyDetector",))


def test_no_global_state_is_left_behind() -> None:
    from detect_secrets.settings import get_settings

    before = get_settings().json()
    showwarning = warnings.showwarning
    detector = YelpDetector(("KeywordDetector",))
    detector.detect(Blob(path="a.py", data=b'password = "x"'))  # not even when nobody reads the matches
    assert get_settings().json() == before
    assert warnings.showwarning is showwarning


def test_the_library_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    value = generated("{{alnum:20}}").decode()
    run(f'password = "{value}"'.encode(), path="a.py")
    logging.getLogger("detect-secrets").error("password %s", value)
    assert capfd.readouterr() == ("", "")


def test_a_match_does_not_show_its_value() -> None:
    value = generated("{{alnum:20}}").decode()
    assert value not in repr(run(f'password = "{value}"'.encode(), path="a.py"))


# --- hostile content ----------------------------------------------------------------------------

HOSTILE = {
    "keywords": b"pwd" * 300,
    "one keyword": b"pwd" + b"x" * 990,
    "eight keywords": b"pwd:" * 8 + b"x" * 900,
    "quotes": b"pwd" + b"` " * 490,
    "slashes": b"/" * 900 + b":_authToken=",
    "openai": b"sk-" * 300 + b"T3BlbkFJ",
    "equals": b"password" + b"=" * 900,
    "spaces": b"password" + b" " * 900,
    "braces": b"password: a(" + b"(" * 900,
    "nested token": b"eyJ" + base64.urlsafe_b64encode(b"[" * 700) + b".eyJ9.",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("path", ["a.yml", "a.py", "a.go"])
def test_hostile_lines_cost_little(name: str, path: str) -> None:
    detector = YelpDetector(ALL)
    detector.detect(Blob(path="warm.py", data=b""))
    costs_little(lambda: list(detector.detect(Blob(path=path, data=HOSTILE[name]))), 0.5)


def test_long_lines_are_left_to_our_own_rules() -> None:
    token = generated("ghp_{{alnum:36}}")
    assert run(b"x" * MAX_LINE + b" " + token) == []
    assert run(b"x" * 5000 + b"\n" + token, plugins=("GitHubTokenDetector",))


def test_work_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secopskit.detect.yelp.detector.MAX_WORK", 10 * MAX_LINE**2)
    token = generated("AKIA{{upperalnum:16}}")
    assert len(run((b" " * (MAX_LINE - len(token)) + token + b"\n") * 30, plugins=("AWSKeyDetector",))) == 10


def test_matches_are_bounded() -> None:
    line = generated("AKIA{{upperalnum:16}}\n")
    assert len(run(line * (MAX_MATCHES + 10), plugins=("AWSKeyDetector",))) == MAX_MATCHES


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from([*(b"password = secret: '\"`\n\r\xe9\xff() gh".split(b" ")), b"x" * 20, b" ", b"="])
    )
)
def test_spans_always_hold_the_value(parts: list[bytes]) -> None:
    data = b"".join(parts)
    for match in run(data, path="a.yml", plugins=("KeywordDetector", "BasicAuthDetector", *ENTROPY)):
        value = SecretValue(data[match.span.start : match.span.end])
        assert match.secret in (None, value)
        assert 0 <= match.span.start <= match.span.end <= len(data)
