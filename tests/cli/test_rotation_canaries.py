"""No value and no token of a rotation or a sync is seen: not when the host quotes it, not with all logs on.

Each run has Python's development mode, all logs at DEBUG, the wire log of `http.client`, and programs in
`PATH` that write down what they were started with. Then everything that it has said and left is looked
through.
"""

from __future__ import annotations

import base64
import os
import shutil
import signal
import subprocess
import time
import urllib.parse
from pathlib import Path
from typing import Any

import pytest

from support.cli import COMMAND, UNMEASURED, Outcome, environment, run
from support.echoing import EchoingHost, echoing
from support.repos import Repo
from support.values import alnum

pytestmark = pytest.mark.skipif(os.name == "nt", reason="programs are shell scripts")
_REF = "a" * 20
_TALKATIVE = """
import http.client, logging, time, warnings
time.sleep = lambda seconds: None
http.client.HTTPConnection.debuglevel = 1
logging.basicConfig(level=logging.DEBUG)
logging.debug("talking")
warnings.simplefilter("always")
"""
_RECORDER = """#!/bin/sh
{{ printf '%s\\n' "$0" "$@"; env; }} >> '{record}'
exec '{program}' "$@"
"""
_VAULT = """#!/bin/sh
{{ printf '%s\\n' "$0" "$@"; env; }} >> '{record}'
cat '{value}'
"""
STATUSES = (302, 401, 403, 404, 409, 422, 429, 500)
TOKENS = ("GITHUB_TOKEN", "SUPABASE_ACCESS_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN")
OPENED = ("--yes", "--accept-outage", "all")


class Bugged:
    """A repository whose user runs secops with everything switched on that could tell a value."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.repo = Repo.create(place / "shop")
        self.path = self.repo.path
        self.repo.git("remote", "add", "origin", "https://github.com/acme/shop.git")
        self.old, self.new, self.kept, self.token = alnum(40), alnum(40), alnum(40), alnum(40)
        self.dotenv = self.repo.write(".env", f"A_TOKEN={self.old}\nB_URL='https://a:{self.old}@b.c/'\n")
        self.record = place / "started"
        self.programs = place / "programs"
        for name in ("home", "tmp", "python", "programs", "kept", "xdg"):
            (place / name).mkdir(mode=0o700)
        (place / "kept/value").write_text(self.kept)
        (place / "python/sitecustomize.py").write_text(_TALKATIVE)
        git = shutil.which("git")
        for name, text in (
            ("git", _RECORDER.format(record=self.record, program=git)),
            ("vault", _VAULT.format(record=self.record, value=place / "kept/value")),
        ):
            (self.programs / name).write_text(text)
            (self.programs / name).chmod(0o700)

    def declare(self, *, rotate: str = "", sync: str = "") -> None:
        """Write the declaration."""
        rotation = f"rotate: {{environments: {{live: {{A_TOKEN: {{{rotate}}}}}}}}}\n" if rotate else ""
        self.repo.write(
            ".secops.yaml",
            f"{rotation}sync: {{environments: {{live: {{source: {{dotenv: .env}}, {sync}}}}}}}\n",
        )

    def variables(self, host: EchoingHost) -> dict[str, str]:
        """The variables of a run. The tokens stand in them, and nowhere else."""
        return {
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join([str(self.place / "python"), environment()["PYTHONPATH"]]),
            "PYTHONDEVMODE": "1",
            "HOME": str(self.place / "home"),
            "TMPDIR": str(self.place / "tmp"),
            "XDG_STATE_HOME": str(self.place / "xdg"),
            "XDG_CONFIG_HOME": str(self.place / "xdg"),
            "SECOPS_CACHE_DIR": str(self.place / "xdg/cache"),
            "GITHUB_API_URL": host.url,
            "NO_PROXY": "127.0.0.1",
            **dict.fromkeys(TOKENS, self.token),
            **UNMEASURED,  # the steps are measured elsewhere
        }

    def run(self, host: EchoingHost, *arguments: str) -> Outcome:
        """Run secops."""
        outcome = run(*COMMAND, *arguments, cwd=self.path, env=self.variables(host))
        assert "talking" in outcome.err
        return outcome

    def seen_in(self, text: str) -> list[str]:
        """The values that stand in `text`, in whatever spelling."""
        found = []
        for name in ("old", "new", "kept", "token"):
            value = getattr(self, name)
            encoded = base64.b64encode(value.encode()).decode().rstrip("=")
            forms = (value[4:], value[:-4], value[::-1], encoded, value.encode().hex())
            if any(form in text for form in (*forms, urllib.parse.quote(f"{value}/"))):
                found.append(name)
        return found

    def check(self, *outcomes: Outcome) -> None:
        """Look through all that was said, started and left."""
        assert [self.seen_in(each.text) for each in outcomes] == [[] for _ in outcomes]
        for path in (path for path in self.place.rglob("*") if path.is_file()):
            if path in (self.dotenv, self.place / "kept/value"):
                continue
            text = path.read_bytes().decode("latin-1")
            if path == self.record:  # what the user exports, git gets, too: it may need it for a remote
                for name in TOKENS:
                    text = text.replace(f"{name}={self.token}", "")
            seen = self.seen_in(text)
            private = path.parent.name == "rotate" and path.name.startswith("value-")
            assert not seen or private, (path, seen)
            if private:
                assert path.stat().st_mode & 0o777 == 0o600
                assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.fixture
def bugged(tmp_path: Path) -> Bugged:
    return Bugged(tmp_path)


_KEY = {"id": "b0d0", "name": "old_key", "type": "secret"}


@pytest.mark.parametrize(("number", "status"), list(enumerate(STATUSES)))
def test_a_vendor_that_quotes_at_any_step(bugged: Bugged, number: int, status: int) -> None:
    old = {**_KEY, "api_key": bugged.old, "prefix": bugged.old[:15]}
    new = {**_KEY, "id": "b0d1", "name": "x", "api_key": bugged.new, "prefix": bugged.new[:15]}
    # Each status at one of the steps: when the keys are listed, when one is made, when it is tried, or later.
    steps: tuple[tuple[Any, ...], ...] = ((), ([old],), ([old], new), ([old], new, {}))
    with echoing(status, *steps[number % len(steps)]) as host:
        bugged.declare(
            rotate=f"provider: supabase, project: {_REF}, api_url: '{host.url}', "
            f"project_url: '{host.url}', patience: 0s",
            sync="secrets: [A_TOKEN, B_URL]",
        )
        applied = bugged.run(host, "rotate", "apply", "A_TOKEN", "-vv", *OPENED)
        assert applied.code not in (0, 70), applied.text
        bugged.check(applied)
        back = bugged.run(host, "rotate", "rollback", "-vv", "--yes", "--report", "r.json")
        assert any(bugged.token in each for each in host.asked)
    bugged.check(back)


@pytest.mark.parametrize("status", STATUSES)
def test_a_github_that_quotes(bugged: Bugged, status: int) -> None:
    entry = {"name": "B_URL", "value": bugged.old, "updated_at": "2026-01-01T00:00:00Z"}
    shown = {"total_count": 1, "variables": [{**entry, "created_at": entry["updated_at"]}]}
    bugged.declare(
        sync="sinks: [repository], secrets: {C: {source: {command: [vault, '{key}']}}}, "
        "variables: [A_TOKEN, B_URL]"
    )
    with echoing(status, {"total_count": 0, "secrets": []}, shown) as host:
        refused = bugged.run(host, "sync-secrets", "--yes")
        digest = refused.err.partition("--allow-source ")[2][:32]
        form = ("text", "json", "github")[status % 3]
        allowed = ("-vv", "--allow-source", digest)
        outcomes = [bugged.run(host, "sync-secrets", "--check", "--format", form, *allowed)]
        host.first = [{"total_count": 0, "secrets": []}, shown]
        outcomes.append(bugged.run(host, "sync-secrets", "--yes", "--report", "r.json", *allowed))
        assert any(bugged.token in each for each in host.asked)
    assert outcomes[-1].code not in (0, 70), outcomes[-1].text
    bugged.check(*outcomes, refused)
    assert f"{bugged.programs}/vault\nC\n" in bugged.record.read_text()


def test_a_bug_below_us(bugged: Bugged) -> None:
    """An exception of a library, whose text and whose frames have all values."""
    (bugged.place / "python/sitecustomize.py").write_text(
        f"{_TALKATIVE}\nimport secopskit.web.wire as wire\n"
        "def broken(self, method, url, headers, body):\n"
        "    held = (headers, body)\n    raise RuntimeError(f'{headers} {body}') from ValueError(str(held))\n"
        "wire.Wire.exchange = broken\n"
    )
    bugged.declare(sync="sinks: [repository], variables: [A_TOKEN]")
    with echoing(500) as host:
        outcome = bugged.run(host, "sync-secrets", "-vv", "--yes")
    assert outcome.code == 70, outcome.text
    assert "RuntimeError" in outcome.err
    bugged.check(outcome)


@pytest.mark.parametrize("command", ["sync-secrets", "rotate"])
def test_ctrl_c_in_the_middle(bugged: Bugged, command: str) -> None:
    arguments: tuple[str, ...] = ("sync-secrets", "-vv", "--yes")
    with echoing(500, slow=3) as host:
        bugged.declare(sync="sinks: [repository], variables: [A_TOKEN]")
        if command == "rotate":
            bugged.declare(
                rotate=f"provider: supabase, project: {_REF}, api_url: '{host.url}'",
                sync="secrets: [A_TOKEN]",
            )
            arguments = ("rotate", "apply", "A_TOKEN", "-vv", *OPENED)
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=bugged.path,
            env=environment(**bugged.variables(host)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        while not host.asked and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    outcome = Outcome(process.returncode, out.decode(), err.decode())
    assert outcome.code in (130, -signal.SIGINT), outcome.text
    assert "Traceback" not in outcome.err
    bugged.check(outcome)


def test_the_search_would_find_them(bugged: Bugged) -> None:
    assert bugged.seen_in(f"x{bugged.old}x") == ["old"]
    assert bugged.seen_in(base64.b64encode(bugged.token.encode()).decode()) == ["token"]
    (bugged.place / "tmp/left").write_text(bugged.new)
    with pytest.raises(AssertionError):
        bugged.check()
