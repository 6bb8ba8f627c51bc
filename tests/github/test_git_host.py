"""The host of repositories of the tests: git clones from it with a token alone, and the API stands beside."""

from __future__ import annotations

import base64
import gzip
import os
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.cli import Outcome, environment, run
from support.githost import USER, GitHost
from support.github.guest import Guest
from support.github.server import ContractServer
from support.repos import Repo
from support.tls import certificate
from support.values import alnum

SHOP = "/acme/shop.git"


@pytest.fixture
def source(tmp_path: Path) -> Repo:
    repo = Repo.create(tmp_path / "source")
    repo.commit({"a.txt": "one\n"})
    repo.git("tag", "v1")
    return repo


@pytest.fixture
def host(tmp_path: Path, source: Repo) -> Iterator[GitHost]:
    with GitHost(tmp_path / "root") as host:
        host.add("acme/shop", source.path)
        yield host


def _basic(token: str, user: str = USER) -> str:
    return f"Basic {base64.b64encode(f'{user}:{token}'.encode()).decode()}"


def _variables(token: str, user: str = USER, **more: str) -> dict[str, str]:
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: {_basic(token, user)}",
        **more,
    }


def _clone(host: GitHost, to: Path, token: str, *options: str, user: str = USER, **more: str) -> Outcome:
    address = f"{host.url}{SHOP}"
    return run(
        "git", "clone", "-q", *options, address, str(to), cwd=to.parent, env=_variables(token, user, **more)
    )


def _wait_for_a_fetch(host: GitHost) -> None:
    end = time.monotonic() + 20
    while not any(each.method == "POST" for each in host.requests):
        assert time.monotonic() < end, "nobody came"
        time.sleep(0.01)


class TestTokens:
    def test_who_has_one_clones_all_there_is(self, host: GitHost, source: Repo, tmp_path: Path) -> None:
        token = alnum(20)
        host.tokens.add(token)
        done = _clone(host, tmp_path / "clone", token, GIT_TRACE_PACKET="1")
        assert done.code == 0, done.err
        assert "version 2" in done.err
        clone = Repo(tmp_path / "clone")
        assert (clone.head, clone.git("tag")) == (source.head, "v1\n")
        assert host.requests == [
            ("GET", f"{SHOP}/info/refs", True),
            ("POST", f"{SHOP}/git-upload-pack", True),
            ("POST", f"{SHOP}/git-upload-pack", True),
        ]

    @pytest.mark.parametrize("right", [False, True], ids=["another token", "another user"])
    def test_who_has_none_is_told_nothing(self, host: GitHost, tmp_path: Path, right: bool) -> None:
        token = alnum(20)
        host.tokens.add(token)
        user = "ada" if right else USER
        done = _clone(host, tmp_path / "clone", token if right else alnum(20), user=user)
        assert done.code == 128
        assert "Authentication failed" in done.err or "could not read Username" in done.err
        assert set(host.requests) == {("GET", f"{SHOP}/info/refs", False)}
        assert not (tmp_path / "clone").exists()

    @pytest.mark.parametrize("header", ["", "Bearer x", "Basic", "Basic %%%", "Basic /w=="])
    def test_how_it_is_refused(self, host: GitHost, header: str) -> None:
        headers = {"Authorization": header} if header else {}
        for path in (f"{SHOP}/info/refs", f"{SHOP}/HEAD", "/acme/none.git/info/refs"):
            refused = httpx.get(host.url + path, headers=headers, trust_env=False)
            assert refused.status_code == 401
            assert refused.headers["WWW-Authenticate"] == 'Basic realm="GitHub"'
        posted = httpx.post(f"{host.url}{SHOP}/git-upload-pack", content=b"0000", trust_env=False)
        assert posted.status_code == 401

    def test_what_is_not_there_is_not_found(self, host: GitHost) -> None:
        host.tokens.add("t")
        for path in ("/acme/none.git/info/refs?service=git-upload-pack", "/acme/shop", "/orgs/acme/repos"):
            answer = httpx.get(host.url + path, headers={"Authorization": _basic("t")}, trust_env=False)
            assert answer.status_code == 404
        above = f"{host.url}/acme/..%2f..%2fsource.git/HEAD"
        assert httpx.get(above, headers={"Authorization": _basic("t")}, trust_env=False).status_code >= 400


class TestFetching:
    def test_a_repository_can_be_served_anew(self, host: GitHost, source: Repo, tmp_path: Path) -> None:
        host.tokens.add("t")
        assert _clone(host, tmp_path / "clone", "t").code == 0
        source.commit({"b.txt": "two\n"})
        source.git("tag", "-d", "v1")
        assert host.add("acme/shop", source.path) == host.path("acme/shop")
        clone = Repo(tmp_path / "clone")
        clone.git("pull", "-q", env=_variables("t"))
        assert clone.head == source.head
        assert Repo(host.path("acme/shop")).git("tag") == ""

    def test_a_client_may_leave_out_blobs(self, host: GitHost, tmp_path: Path) -> None:
        host.tokens.add("t")
        done = _clone(host, tmp_path / "clone", "t", "--bare", "--filter=blob:none")
        assert (done.code, done.err) == (0, "")
        missing = Repo(tmp_path / "clone").git("rev-list", "--objects", "--all", "--missing=print")
        assert missing.count("?") == 1

    @pytest.mark.parametrize("how", ["compressed", "chunked"])
    def test_bodies_may_be_compressed_or_come_in_chunks(self, host: GitHost, source: Repo, how: str) -> None:
        host.tokens.add("t")
        asked = b"0014command=ls-refs\n00010000"
        headers = {
            "Authorization": _basic("t"),
            "Git-Protocol": "version=2",
            "Content-Type": "application/x-git-upload-pack-request",
        }
        address = f"{host.url}{SHOP}/git-upload-pack"
        with httpx.Client(trust_env=False, headers=headers) as client:
            for _ in range(2):  # over one connection
                if how == "compressed":
                    more = {"Content-Encoding": "gzip"}
                    answer = client.post(address, content=gzip.compress(asked), headers=more)
                else:
                    parts = (asked[at : at + 9] for at in range(0, len(asked), 9))
                    answer = client.post(address, content=parts)
                assert answer.status_code == 200
                assert f"{source.head} refs/heads/main".encode() in answer.content

    def test_git_compresses_what_it_asks_for_if_that_is_much(
        self, host: GitHost, source: Repo, tmp_path: Path
    ) -> None:
        host.tokens.add("t")
        for number in range(40):
            source.commit({"a.txt": f"{number}\n"})
            source.git("tag", f"t{number}")
        host.add("acme/shop", source.path)
        done = _clone(
            host, tmp_path / "clone", "t", "--mirror", GIT_TRACE_CURL="1", GIT_TRACE_CURL_NO_DATA="1"
        )
        assert done.code == 0, done.err
        assert "Content-Encoding: gzip" in done.err
        assert len(Repo(tmp_path / "clone").git("tag").split()) == 41

    def test_refs_and_pack_are_delayed(self, host: GitHost, tmp_path: Path) -> None:
        host.tokens.add("t")
        host.delay = 0.3
        started = time.monotonic()
        assert _clone(host, tmp_path / "clone", "t").code == 0
        assert time.monotonic() - started >= 0.6

    def test_a_clone_is_killed_while_it_waits(self, host: GitHost, tmp_path: Path) -> None:
        host.tokens.add("t")
        host.delay = 600.0
        process = subprocess.Popen(
            ("git", "clone", "-q", f"{host.url}{SHOP}", str(tmp_path / "clone")),
            env=environment(**_variables("t")),
            stderr=subprocess.DEVNULL,
        )
        _wait_for_a_fetch(host)
        assert process.poll() is None
        process.kill()
        process.wait()
        host.delay = 0.0
        assert _clone(host, tmp_path / "again", "t").code == 0

    def test_a_delay_is_over_when_the_host_is_closed(self, tmp_path: Path, source: Repo) -> None:
        before = set(threading.enumerate())
        with GitHost(tmp_path / "root") as host:
            host.add("acme/shop", source.path)
            host.tokens.add("t")
            host.delay = 600.0
            with subprocess.Popen(
                ("git", "clone", "-q", f"{host.url}{SHOP}", str(tmp_path / "clone")),
                env=environment(**_variables("t")),
                stderr=subprocess.DEVNULL,
            ) as process:
                _wait_for_a_fetch(host)
                host.__exit__(None, None, None)
                assert process.wait(20) == 128
        for each in set(threading.enumerate()) - before:
            each.join(20)
            assert not each.is_alive()

    def test_the_connection_may_be_encrypted(self, tmp_path: Path, source: Repo) -> None:
        ours, theirs = certificate(tmp_path, "127.0.0.1")
        side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        side.load_cert_chain(theirs)
        with GitHost(tmp_path / "root", tls=side) as host:
            host.add("acme/shop", source.path)
            host.tokens.add("t")
            assert host.url.startswith("https://127.0.0.1:")
            done = _clone(host, tmp_path / "clone", "t", GIT_SSL_CAINFO=os.fspath(ours))
            assert done.code == 0, done.err


class TestBesideTheAPI:
    @pytest.mark.parametrize("ghes", [False, True], ids=["github.com", "enterprise server"])
    def test_one_origin_is_both(self, tmp_path: Path, source: Repo, ghes: bool) -> None:
        with ContractServer(ghes=ghes) as api, GitHost(tmp_path / "root", api=api) as host:
            api.world.repository("acme/shop")
            api.world.repository("acme/site")
            host.add("acme/shop", source.path)
            token = api.token({})
            host.tokens.add(token)
            assert api.url == host.url + ("/api/v3" if ghes else "")
            with Guest(api, token) as guest:
                first = guest.call("GET", "/orgs/acme/repos?sort=full_name&per_page=1")
                assert first.links["next"]["url"].startswith(f"{api.url}/organizations/")
                assert guest.call("PUT", "/user/repos").status_code == 404
            (shop,) = first.json()
            assert shop["clone_url"] == f"{host.url}{SHOP}"
            assert _clone(host, tmp_path / "clone", token).code == 0
            assert [each.path for each in api.log] == ["/orgs/acme/repos", "/user/repos"]
            assert api.connections == 0
            assert len(host.requests) == 3
            own = f"http://127.0.0.1:{api.port}"
        assert api.url == own + ("/api/v3" if ghes else "")
