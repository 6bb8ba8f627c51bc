"""The client of GitHub, against the contract server: lists, refusals, redirects, apps, runs, keys."""

from __future__ import annotations

import logging
import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from secopskit.errors import ConfigError, SecopsError
from secopskit.github.access import GitHubSurroundings, connect
from secopskit.github.client import GitHubClient
from secopskit.github.environments import environment_exists
from secopskit.github.errors import GitHubError, GitHubNotFoundError
from secopskit.github.keys import add_deploy_key, deploy_keys, remove_deploy_key
from secopskit.github.repositories import hosted_repository
from secopskit.github.runs import ACTIVE, active_runs
from secopskit.secret import SecretValue
from secopskit.sink.interface import EntryKind
from support.github import faults
from support.github.answers import Answer
from support.github.server import ContractServer
from support.github_talk import Notes, sink, talk, variables
from support.loopback import Asked, Reply, answering, document
from support.tls import certificate
from support.values import alnum

REPOSITORY = "acme/shop"
SECRETS = f"/repos/{REPOSITORY}/actions/secrets"


@pytest.fixture
def github(github: ContractServer) -> ContractServer:
    github.world.repository(REPOSITORY)
    return github


def plain(url: str) -> GitHubClient:
    """A client of a server that is not the contract's."""
    named = variables(GITHUB_TOKEN="t", GITHUB_API_URL=url)
    return connect(GitHubSurroundings(variable=named, tell=Notes()))


# --- refusals ---------------------------------------------------------------------------------


def test_a_token_that_is_not_taken(github: ContractServer) -> None:
    with pytest.raises(GitHubError, match="HTTP 401") as caught:
        talk(github, "ghp_" + alnum(36)).get(SECRETS)
    assert caught.value.status == 401
    assert "expired" in caught.value.advice
    assert len(github.log) == 1


def test_a_missing_permission_is_named_and_not_tried_again(github: ContractServer) -> None:
    client = talk(github, github.token({"metadata": "read", "secrets": "read"}))
    with pytest.raises(GitHubError, match="HTTP 403") as caught:
        client.send("PUT", f"{SECRETS}/A", {"encrypted_value": "AAAA", "key_id": "1"})
    assert caught.value.status == 403
    assert caught.value.advice == "The token needs the permission secrets=write."
    assert len(github.log) == 1


def test_the_token_of_a_workflow_is_told_what_it_lacks(github: ContractServer) -> None:
    github.faults.add(faults.answered(403, "Resource not accessible by integration"))
    with pytest.raises(GitHubError) as caught:
        talk(github).get(SECRETS)
    assert "GitHub App or a fine-grained token" in caught.value.advice


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (
            "required; url=https://github.com/orgs/acme/sso?authorization_request=AB12",
            "acme/sso?authorization",
        ),
        ("required; url=https://github.com/\x1b[31m", "single sign-on"),
    ],
)
def test_single_sign_on_is_asked_for(github: ContractServer, header: str, words: str) -> None:
    github.faults.add(faults.answered(403, "Resource protected", {"X-GitHub-SSO": header}))
    with pytest.raises(GitHubError) as caught:
        talk(github).get(SECRETS)
    assert words in caught.value.advice
    assert "\x1b" not in caught.value.advice


def test_scopes_of_a_classic_token_are_named(github: ContractServer) -> None:
    scopes = {"X-Accepted-OAuth-Scopes": "admin:org, repo"}
    github.faults.add(faults.answered(403, "Must have admin rights", scopes))
    with pytest.raises(GitHubError) as caught:
        talk(github).get(SECRETS)
    assert caught.value.advice.startswith("The token needs one of the scopes: admin:org, repo. Or its owner")


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("Repository was archived so is read-only.", "archived"),
        ("the `acme` organization has an IP allow list enabled", "listed addresses only"),
        ("forbids fine-grained personal access tokens if the token's lifetime is", "earlier end"),
        ("forbids access via a personal access token (classic)", "refuses classic tokens"),
        ("forbids access via a fine-grained personal access token.", "refuses fine-grained tokens"),
    ],
)
def test_what_no_permission_makes_up_for_is_told_as_it_is(
    github: ContractServer, message: str, words: str
) -> None:
    needs = {"X-Accepted-GitHub-Permissions": "secrets=write"}
    github.faults.add(faults.answered(403, message, needs))
    with pytest.raises(GitHubError) as caught:
        talk(github).get(SECRETS)
    assert words in caught.value.advice
    assert "secrets=write" not in caught.value.advice


def test_a_token_that_is_refused_is_named(github: ContractServer) -> None:
    named = variables(GH_TOKEN="ghp_" + alnum(36), GITHUB_API_URL=github.url)
    client = connect(GitHubSurroundings(variable=named, tell=Notes()))
    with pytest.raises(GitHubError, match="HTTP 401") as caught:
        client.get(SECRETS)
    assert caught.value.advice.startswith("The token of GH_TOKEN is wrong")


def test_an_empty_page_does_not_end_a_list() -> None:
    """What a token may not see is left out of a page, which may be all of it."""
    pages: list[list[dict[str, str]]] = [[], [{"name": "A"}]]

    def answer(asked: Asked) -> Reply:
        number = 1 if "page=2" in asked.path else 0
        link = "" if number else '<https://elsewhere.example/x?page=2>; rel="next"'
        return document({"total_count": 1, "secrets": pages[number]}, Link=link)

    with answering(answer) as server:
        assert list(plain(server.url).listed(SECRETS, "secrets")) == [{"name": "A"}]


def test_what_is_not_there_is_an_error_of_its_own(github: ContractServer) -> None:
    with pytest.raises(GitHubNotFoundError) as caught:
        talk(github).get("/repos/acme/nothing")
    assert caught.value.status == 404
    assert "may not see it" in caught.value.advice


@pytest.mark.parametrize("status", [400, 409, 410, 422, 451])
def test_other_refusals_have_their_status_and_quote_nothing(github: ContractServer, status: int) -> None:
    canary = alnum(30)
    github.faults.add(faults.answered(status, f"value {canary} is wrong", {"X-Canary": canary}))
    with pytest.raises(GitHubError) as caught:
        talk(github).get(SECRETS)
    assert caught.value.status == status
    assert canary not in str(caught.value) + caught.value.advice


def test_a_page_of_a_proxy_is_no_answer(github: ContractServer) -> None:
    github.faults.add(faults.garbled())
    with pytest.raises(GitHubError, match="no JSON"):
        list(talk(github).listed(SECRETS, "secrets"))


def test_a_limit_that_takes_too_long_is_told_at_once(github: ContractServer) -> None:
    github.faults.add(faults.primary_limit(3000))
    with pytest.raises(GitHubError, match=r"rate limit; it would have to wait 3,00\d s") as caught:
        talk(github).get(SECRETS)
    assert caught.value.status == 429


def test_a_wait_is_noted(github: ContractServer) -> None:
    notes = Notes()
    github.faults.add(faults.secondary_limit(30, status=429))
    talk(github, notes=notes).get(SECRETS)
    (note,) = notes.notes
    assert note == f"GET {SECRETS} at {github.url.partition('//')[2]}: its rate limit; trying again in 30 s"


# --- redirects --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_takes_the_token_to_another_host(github: ContractServer, status: int) -> None:
    with answering(lambda _: document({})) as other:
        github.faults.add(faults.redirected(f"{other.url}{SECRETS}", status), nth=None)
        client = talk(github)
        for act in (
            lambda: client.get(SECRETS),
            lambda: client.send("PUT", f"{SECRETS}/A", {"encrypted_value": "AAAA", "key_id": "1"}),
        ):
            with pytest.raises(GitHubError, match="it has moved") as caught:
                act()
            assert caught.value.status == status
    assert not other.asked


def test_a_renamed_repository_is_followed_with_the_query(github: ContractServer) -> None:
    variables_there = github.world.repository(REPOSITORY).variables
    for number in range(50):
        variables_there.put(f"A{number}", b"x")
    path = f"/repos/{REPOSITORY}/actions/variables"
    for page in (1, 2):
        target = f"{github.url}{path}?per_page=30&page={page}"
        github.faults.add(faults.redirected(target, 301), path="/acme/former/", nth=(page,))
    query = {"per_page": "30"}
    found = list(talk(github).listed("/repos/acme/former/actions/variables", "variables", query))
    assert len({one["name"] for one in found}) == 50
    assert [one.status for one in github.log] == [301, 200, 301, 200]


def test_a_redirect_in_a_circle_ends(github: ContractServer) -> None:
    github.faults.add(faults.redirected(f"{github.url}{SECRETS}", 301), nth=None)
    with pytest.raises(GitHubError, match="it has moved"):
        talk(github).get(SECRETS)
    assert len(github.log) <= 4


# --- lists ------------------------------------------------------------------------------------


def test_the_next_page_is_never_on_another_host() -> None:
    def answer(asked: Asked) -> Reply:
        page = 2 if "page=2" in asked.path.replace("per_page", "") else 1
        link = f'<http://127.0.0.1:1/steal?per_page=100&page=2>; rel="next", <{asked.path}>; rel="last"'
        return document([page], Link=link if page == 1 else "")

    with answering(answer) as server:
        client = plain(server.url)
        assert list(client.listed("/repos/acme/shop/keys")) == [1, 2]
    assert [one.path for one in server.asked] == [
        "/repos/acme/shop/keys?per_page=100",
        "/repos/acme/shop/keys?page=2&per_page=100",
    ]


@pytest.mark.parametrize("content", [{"secrets": {}}, {"other": []}, 7, "x", None])
def test_what_is_no_list_is_told(content: object) -> None:
    with answering(lambda _: document(content)) as server:
        client = plain(server.url)
        with pytest.raises(GitHubError, match="no list"):
            list(client.listed(SECRETS, "secrets"))


# --- an Enterprise Server ---------------------------------------------------------------------


def test_an_enterprise_server_with_an_authority_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, chain = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with ContractServer(ghes=True, tls=context) as server:
        server.world.repository(REPOSITORY)
        client = talk(server)
        sink(client, "repository", repository=REPOSITORY).put("A", SecretValue(b"x"))
        assert server.world.repository(REPOSITORY).secrets["actions"].values == {"A": b"x"}
        with pytest.raises(GitHubNotFoundError):  # it has no Codespaces
            sink(client, "codespaces", repository=REPOSITORY).put("A", SecretValue(b"x"))
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(GitHubError, match="not trusted"):
            talk(server).get(SECRETS)
    assert server.url.startswith("https://")
    assert not server.violations


# --- nothing leaks ----------------------------------------------------------------------------


def test_no_value_and_no_token_is_in_logs_errors_or_notes(
    github: ContractServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("github", "github.Requester", "urllib3", "urllib3.connectionpool", "requests"):
        logging.getLogger(name).setLevel(logging.DEBUG)
        logging.getLogger(name).addHandler(caplog.handler)
    token, secret, variable = github.token(), alnum(40), alnum(40)
    notes = Notes()
    client = talk(github, token, notes=notes)
    github.faults.add(faults.secondary_limit(5), method="PUT", nth=(1,))
    github.faults.add(faults.lost_answer(), method="POST", nth=(1,))
    github.faults.add(faults.failing(500), method="PATCH", nth=None)
    sink(client, "repository", repository=REPOSITORY).put("A", SecretValue(secret.encode()))
    place = sink(client, "repository", repository=REPOSITORY, kind=EntryKind.VARIABLE)
    place.entries()
    seen = []
    with pytest.raises(GitHubError) as caught:
        place.put("B", SecretValue(variable.encode()))
    seen += [str(caught.value), caught.value.advice, repr(place), repr(client)]
    text = caplog.text + "".join(seen + notes.notes)
    assert len(notes.notes) > 1
    assert not [one for one in (token, secret, variable) if one in text]


# --- a GitHub App -----------------------------------------------------------------------------


def test_an_app_uses_a_token_for_each_owner(github: ContractServer, tmp_path: Path) -> None:
    github.world.repository("other/site")
    app, _ = github.app("acme", {"secrets": "write", "metadata": "read"})
    (tmp_path / "key.pem").write_text(app.pem)
    more = {"SECOPS_GITHUB_APP_ID": str(app.id), "SECOPS_GITHUB_APP_KEY_FILE": str(tmp_path / "key.pem")}
    client = talk(github, more=more)
    place = sink(client, "repository", repository=REPOSITORY)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: place.put(f"A{number}", SecretValue(b"x")), range(8)))
    assert len(github.requests("POST", "access_tokens$")) == 1
    assert len(github.requests("GET", "/installation$")) == 1
    with pytest.raises(GitHubNotFoundError):
        client.get("/repos/other/site")


def test_an_app_writes_for_an_organisation(github: ContractServer) -> None:
    app, _ = github.app("acme", {"organization_secrets": "write", "secrets": "write"})
    client = talk(github, more={"SECOPS_GITHUB_APP_ID": str(app.id), "SECOPS_GITHUB_APP_KEY": app.pem})
    sink(client, "organization", name="acme").put("A", SecretValue(b"x"))
    assert github.world.organisation("acme").secrets["actions"].values == {"A": b"x"}
    assert len(github.requests("GET", "^/orgs/acme/installation$")) == 1


@pytest.mark.parametrize(
    ("path", "content", "words"),
    [
        ("/installation$", {}, "names no installation"),
        ("/installation$", ["x"], "names no installation"),
        ("access_tokens$", {"expires_at": "2026-01-01T00:00:00Z"}, "holds no token"),
        ("access_tokens$", {"token": "a b"}, "no token has"),
    ],
)
def test_an_installation_that_is_not_described(
    github: ContractServer, path: str, content: Any, words: str
) -> None:
    app, _ = github.app("acme", {"secrets": "write"})
    github.faults.add(faults.Fault(name="form", answer=lambda _: Answer(200, content)), path=path)
    client = talk(github, more={"SECOPS_GITHUB_APP_ID": str(app.id), "SECOPS_GITHUB_APP_KEY": app.pem})
    with pytest.raises(SecopsError, match=words):
        client.get(SECRETS)


def test_a_token_without_an_end_is_used_for_a_while(github: ContractServer) -> None:
    app, _ = github.app("acme", {"secrets": "write"})
    content = {"token": github.token()}
    github.faults.add(
        faults.Fault(name="form", answer=lambda _: Answer(201, content)), path="access_tokens$", nth=None
    )
    client = talk(github, more={"SECOPS_GITHUB_APP_ID": str(app.id), "SECOPS_GITHUB_APP_KEY": app.pem})
    for _ in range(3):
        client.get(SECRETS)
    assert len(github.requests("POST", "access_tokens$")) == 1


def test_an_apps_token_is_renewed_before_it_ends(
    github: ContractServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, _ = github.app("acme", {"secrets": "write", "metadata": "read"})
    client = talk(github, more={"SECOPS_GITHUB_APP_ID": app.client_id, "SECOPS_GITHUB_APP_KEY": app.pem})
    times = {"now": 0.0}
    monkeypatch.setattr(client._authorization, "_now", lambda: times["now"])  # type: ignore[attr-defined]
    client.get(SECRETS)
    times["now"] = 3000.0
    client.get(SECRETS)
    assert len(github.requests("POST", "access_tokens$")) == 1
    times["now"] = 3500.0
    client.get(SECRETS)
    assert len(github.requests("POST", "access_tokens$")) == 2


def test_an_app_that_is_not_installed_says_so(github: ContractServer) -> None:
    app, _ = github.app("other", {"secrets": "write"})
    client = talk(github, more={"SECOPS_GITHUB_APP_ID": str(app.id), "SECOPS_GITHUB_APP_KEY": app.pem})
    with pytest.raises(GitHubNotFoundError, match=r"GET /repos/acme/shop/installation"):
        client.get(SECRETS)
    with pytest.raises(GitHubError, match="cannot use"):
        client.get("/user/codespaces/secrets")


@pytest.mark.parametrize("key", ["", "canary", "-----BEGIN " + "RSA PRIVATE KEY-----\ncanary\n-----END"])
def test_a_key_that_is_none_is_not_quoted(github: ContractServer, key: str) -> None:
    more = {"SECOPS_GITHUB_APP_ID": "1", **({"SECOPS_GITHUB_APP_KEY": key} if key else {})}
    with pytest.raises(ConfigError) as caught:
        talk(github, more=more).get(SECRETS)
    assert "canary" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert not github.log


# --- runs, keys, repositories -----------------------------------------------------------------


def test_runs_that_have_not_ended(github: ContractServer) -> None:
    made = [github.world.run(REPOSITORY, status, name=status) for status in (*ACTIVE, "completed")]
    found = active_runs(talk(github), REPOSITORY)
    assert [(run.id, run.status) for run in found] == [(run["id"], run["status"]) for run in made[:-1]]
    assert {run.branch for run in found} == {"main"}
    assert all(run.url and run.created_at for run in found)
    assert len(github.log) == 5


def _public_key() -> str:
    key = Ed25519PrivateKey.generate().public_key()
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def test_deploy_keys_come_and_go(github: ContractServer) -> None:
    client = talk(github)
    key = _public_key() + " deploy@example.com"
    github.faults.add(faults.lost_answer(), method="POST", nth=(1,))
    made = add_deploy_key(client, REPOSITORY, title="deploy", key=key, read_only=True)
    assert (made.title, made.read_only, made.enabled) == ("deploy", True, True)
    assert add_deploy_key(client, REPOSITORY, title="deploy", key=key, read_only=True) == made
    assert deploy_keys(client, REPOSITORY) == (made,)
    for _ in range(2):
        remove_deploy_key(client, REPOSITORY, made.id)
    assert deploy_keys(client, REPOSITORY) == ()


def test_a_key_of_another_repository_is_refused(github: ContractServer) -> None:
    github.world.repository("acme/other")
    client, key = talk(github), _public_key()
    add_deploy_key(client, "acme/other", title="a", key=key, read_only=True)
    with pytest.raises(GitHubError, match=r"HTTP 422 \(key\)"):
        add_deploy_key(client, REPOSITORY, title="a", key=key, read_only=True)


def test_a_repository_tells_its_id(github: ContractServer) -> None:
    github.world.repository("acme/open", private=False)
    found = hosted_repository(talk(github), "acme/open")
    assert (found.name, found.visibility, found.owner_kind) == ("acme/open", "public", "Organization")
    assert found.id == github.world.repository("acme/open").id


@pytest.mark.parametrize("name", ["shop", "a/b/c", "/b", "a/", "a/..", "a/."])
def test_what_is_no_repository_is_not_asked_for(github: ContractServer, name: str) -> None:
    with pytest.raises(GitHubError):
        environment_exists(talk(github), name, "prod")
    assert not github.log


def test_documents_of_another_form_are_no_traceback(github: ContractServer) -> None:
    contents: tuple[Any, ...] = ({}, [], {"id": "x"}, None)
    for content in contents:
        fault = faults.Fault(name="form", answer=lambda _, content=content: Answer(200, content))  # type: ignore[misc]  # a default keeps this one
        github.faults.clear()
        github.faults.add(fault, nth=None)
        client = talk(github)
        with pytest.raises(GitHubError):
            hosted_repository(client, REPOSITORY)
        with pytest.raises(GitHubError):
            sink(client, "repository", repository=REPOSITORY).put("A", SecretValue(b"x"))
