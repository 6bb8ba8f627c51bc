from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from secopskit.errors import ConfigError, RefusedError, SecopsError
from secopskit.github.access import GitHubSurroundings, api_of, connect, find_address
from secopskit.github.errors import GitHubError
from secopskit.secret import SecretValue
from support.loopback import Clock, document, replying
from support.values import alnum

GHES = "https://github.example.com/api/v3"


def surroundings(directories: tuple[str, ...] = (), /, **variables: str) -> GitHubSurroundings:
    held = {name: SecretValue(text.encode()) for name, text in variables.items()}
    environ = {"PATH": os.defpath, **variables}
    return GitHubSurroundings(variable=held.get, tell=Clock(), directories=directories, environ=environ)


# --- where the API is -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("github.com", "https://api.github.com"),
        ("GitHub.com", "https://api.github.com"),
        ("ssh.github.com", "https://api.github.com"),
        ("acme.ghe.com", "https://api.acme.ghe.com"),
        ("github.example.com", GHES),
        ("github.example.com.", GHES),
        ("notgithub.com", "https://notgithub.com/api/v3"),
        ("github.com.evil.example", "https://github.com.evil.example/api/v3"),
    ],
)
def test_the_api_of_a_host(host: str, url: str) -> None:
    assert api_of(host) == url


@pytest.mark.parametrize("host", ["gitlab.com", "bitbucket.org", "codeberg.org"])
def test_hosts_that_are_not_github(host: str) -> None:
    with pytest.raises(ConfigError, match="not GitHub"):
        api_of(host)


@pytest.mark.parametrize(
    ("variables", "given", "base_url", "host"),
    [
        ({}, {}, "https://api.github.com", "github.com"),
        ({}, {"remote": "github.example.com"}, GHES, "github.example.com"),
        ({}, {"remote": "acme.ghe.com"}, "https://api.acme.ghe.com", "acme.ghe.com"),
        ({"GITHUB_API_URL": GHES}, {}, GHES, "github.example.com"),
        ({"GITHUB_API_URL": GHES}, {"remote": "github.com"}, GHES, "github.example.com"),
        ({}, {"remote": "github.example.com", "declared": GHES}, GHES, "github.example.com"),
        (
            {},
            {"remote": "github.example.com", "declared": GHES.upper().replace("/API/V3", "/api/v3")},
            GHES,
            "",
        ),
        ({"GITHUB_API_URL": GHES}, {"declared": GHES + "/"}, GHES, "github.example.com"),
        ({"SECOPS_SYNC_API_URL": GHES}, {"declared": "https://evil.example"}, GHES, "github.example.com"),
        ({}, {"declared": "https://evil.example", "chosen": GHES}, GHES, "github.example.com"),
        ({}, {"declared": "https://api.github.com"}, "https://api.github.com", "github.com"),
    ],
)
def test_where_the_api_is(variables: dict[str, str], given: dict[str, str], base_url: str, host: str) -> None:
    found = find_address(surroundings(**variables), **given)
    assert found.base_url.lower() == base_url
    assert found.host == (host or "github.example.com")


@pytest.mark.parametrize(
    ("variables", "remote", "declared"),
    [
        ({}, "github.com", "https://evil.example"),
        ({}, "", "https://evil.example/api/v3"),
        ({}, "github.com", "https://api.github.com.evil.example"),
        ({}, "github.com", "https://evil.ghe.com"),
        ({}, "github.example.com", "https://github.example.com:8443/api/v3"),
        ({}, "github.example.com", "https://github.example.com/elsewhere"),
        ({"GITHUB_API_URL": "https://api.github.com"}, "github.com", GHES),
    ],
)
def test_an_address_from_a_file_is_not_believed(
    variables: dict[str, str], remote: str, declared: str
) -> None:
    with pytest.raises(RefusedError, match="a file of the repository") as caught:
        find_address(surroundings(**variables), remote=remote, declared=declared)
    assert "SECOPS_SYNC_API_URL=https://" in caught.value.advice


@pytest.mark.parametrize("url", ["http://evil.example", "ftp://x", "nonsense"])
def test_addresses_without_tls_are_refused(url: str) -> None:
    for given in ({"chosen": url}, {"declared": url}):
        with pytest.raises(ConfigError):
            find_address(surroundings(), **given)


# --- which token goes there -------------------------------------------------------------------


def token_for(given: GitHubSurroundings, **where: str) -> str | None:
    """The token of a client, None where there is none."""
    try:
        client = connect(given, **where)  # type: ignore[arg-type]  # these are all texts
    except GitHubError:
        return None
    return client.token("/").reveal().decode()


@pytest.mark.parametrize(
    ("variables", "where", "token"),
    [
        ({"GITHUB_TOKEN": "a", "GH_TOKEN": "b"}, {}, "b"),
        ({"GITHUB_TOKEN": "a\n", "GH_TOKEN": " \n"}, {}, "a"),
        ({"GH_TOKEN": "b"}, {"remote": "acme.ghe.com"}, "b"),
        ({"GITHUB_TOKEN": "a"}, {"remote": "github.example.com"}, None),
        ({"GITHUB_TOKEN": "a"}, {"remote": "evil.example"}, None),
        ({"GITHUB_TOKEN": "a"}, {"remote": "github.com.evil.example"}, None),
        ({"GH_ENTERPRISE_TOKEN": "e"}, {}, None),
        ({"GITHUB_TOKEN": "a", "GH_ENTERPRISE_TOKEN": "e"}, {"remote": "github.example.com"}, "e"),
        ({"GITHUB_ENTERPRISE_TOKEN": "f"}, {"remote": "github.example.com"}, "f"),
        # In a workflow on an Enterprise Server GITHUB_TOKEN is that server's.
        ({"GITHUB_TOKEN": "a", "GITHUB_API_URL": GHES}, {}, "a"),
        ({"GITHUB_TOKEN": "a", "GITHUB_API_URL": GHES}, {"remote": "github.com", "declared": GHES}, "a"),
        ({"GITHUB_TOKEN": "a", "GITHUB_API_URL": GHES}, {"declared": "https://api.github.com"}, None),
        ({"GITHUB_TOKEN": "a", "SECOPS_SYNC_API_URL": GHES}, {}, "a"),
        ({"GITHUB_TOKEN": "a"}, {"chosen": GHES}, "a"),
        ({"GH_ENTERPRISE_TOKEN": "e", "GH_HOST": "github.example.com"}, {"remote": "evil.example"}, None),
        ({"GH_ENTERPRISE_TOKEN": "e", "GH_HOST": "github.example.com"}, {}, "e"),
        ({}, {}, None),
    ],
)
def test_a_token_goes_where_it_was_made_for(
    variables: dict[str, str], where: dict[str, str], token: str | None
) -> None:
    assert token_for(surroundings(**variables), **where) == token


def test_who_has_no_token_is_told_how_to_get_one() -> None:
    with pytest.raises(GitHubError) as caught:
        connect(surroundings(), remote="github.example.com")
    assert "GH_ENTERPRISE_TOKEN" in caught.value.advice
    assert "gh auth login --hostname github.example.com" in caught.value.advice


@pytest.mark.parametrize("token", ["a b", "a\nb", "ä"])
def test_what_is_no_token_is_not_quoted(token: str) -> None:
    with pytest.raises(ConfigError) as caught:
        connect(surroundings(GITHUB_TOKEN=token))
    assert token not in str(caught.value)


# --- gh ---------------------------------------------------------------------------------------

needs_posix = pytest.mark.skipif(os.name == "nt", reason="a program with a #! line")


def gh(directory: Path, body: str) -> str:
    """A `gh` that runs `body` in Python; the directory it is in."""
    program = directory / "gh"
    program.write_text(f"#!{sys.executable}\nimport os, sys, time\n{body}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(directory)


@needs_posix
def test_gh_is_asked_for_the_host_and_sees_no_other_token(tmp_path: Path) -> None:
    token = alnum(36)
    place = gh(
        tmp_path,
        "assert sys.argv[1:] == ['auth', 'token', '--hostname', 'github.example.com'], sys.argv\n"
        "assert not [name for name in os.environ if name.endswith('TOKEN')], os.environ\n"
        f"print('{token}')",
    )
    given = surroundings((place,), GITHUB_TOKEN=alnum(36), GH_TOKEN=alnum(36))
    assert token_for(given, remote="github.example.com") == token


@needs_posix
def test_a_variable_comes_before_gh(tmp_path: Path) -> None:
    place = gh(tmp_path, f"open({str(tmp_path / 'called')!r}, 'w'); print('x')")
    assert token_for(surroundings((place,), GITHUB_TOKEN="a")) == "a"
    assert not (tmp_path / "called").exists()


@needs_posix
@pytest.mark.parametrize(
    "body", ["sys.exit(1)", "print()", "print('no oauth token', file=sys.stderr); sys.exit(1)"]
)
def test_gh_without_a_token_is_as_good_as_none(tmp_path: Path, body: str) -> None:
    assert token_for(surroundings((gh(tmp_path, body),))) is None


@needs_posix
def test_gh_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secopskit.github.access._GH_DEADLINE", 0.3)
    assert token_for(surroundings((gh(tmp_path, "time.sleep(60)"),))) is None


def test_gh_is_not_looked_for_in_the_place_we_stand_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gh(tmp_path, "print('x')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert token_for(surroundings()) is None


# --- a GitHub App -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "variables",
    [
        {"SECOPS_GITHUB_APP_ID": "12"},
        {"SECOPS_GITHUB_APP_ID": "12", "SECOPS_GITHUB_APP_KEY_FILE": "/no/such/file"},
        {"SECOPS_GITHUB_APP_ID": "1/2", "SECOPS_GITHUB_APP_KEY": "x"},
    ],
)
def test_an_app_that_is_half_there(variables: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        connect(surroundings(**variables))


def test_connecting_talks_to_nobody() -> None:
    with replying(document({})) as server:
        client = connect(surroundings(GITHUB_API_URL=server.url, GITHUB_TOKEN="t"))
        assert not server.asked
        client.get("/x")
    assert len(server.asked) == 1


def test_all_refusals_are_errors_of_ours() -> None:
    for given in ({"chosen": "http://evil.example"}, {"remote": "gitlab.com"}):
        with pytest.raises(SecopsError):
            connect(surroundings(GITHUB_TOKEN="t"), **given)  # type: ignore[arg-type]  # texts
