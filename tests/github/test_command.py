"""`secops sync-secrets` as its users run it, before a GitHub that fails: what arrives, and what is seen."""

from __future__ import annotations

import base64
import logging
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from secopskit.origin.dotenv import DotenvOrigin
from secopskit.secret import SecretValue
from support.cli import COMMAND, Outcome, environment, run
from support.github import faults, plans
from support.github.server import ContractServer
from support.github.values import awkward_values
from support.origins import origin_surroundings
from support.repos import Repo
from support.values import alnum

# What a dotenv file can hold: text.
TEXTS = dict(list(awkward_values(10).items()))
LINUX = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="reads /proc, which is Linux's")


class Shop:
    """A clone with a dotenv file, and the GitHub that it came from."""

    def __init__(self, github: ContractServer, place: Path) -> None:
        self.github = github
        self.place = place
        self.repository = github.world.repository("acme/shop")
        self.token = github.token({"secrets": "write", "metadata": "read"}, repositories=["acme/shop"])
        self.repo = Repo.create(place / "shop")
        self.repo.git("remote", "add", "origin", "https://github.com/acme/shop.git")
        self.values: dict[str, bytes] = {}
        self.temporary, self.home = place / "tmp", place / "home"
        for each in (self.temporary, self.home):
            each.mkdir(mode=0o700)

    def fill(self, values: dict[str, bytes]) -> None:
        """Write the dotenv file."""
        self.values = values
        origin = DotenvOrigin((".env",), origin_surroundings(self.repo.path))
        origin.write({name: SecretValue(value) for name, value in values.items()})

    @property
    def variables(self) -> dict[str, str]:
        return {
            "GITHUB_API_URL": self.github.url,
            "GITHUB_TOKEN": self.token,
            "NO_PROXY": "127.0.0.1",
            "TMPDIR": str(self.temporary),
            "HOME": str(self.home),
        }

    @property
    def command(self) -> tuple[str, ...]:
        return (*COMMAND, "sync-secrets", "--from", ".env", "--repo", "acme/shop")

    def sync(self, *arguments: str, **variables: str) -> Outcome:
        return run(*self.command, *arguments, cwd=self.repo.path, env=self.variables | variables)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start it, and do not wait for its end."""
        return subprocess.Popen(
            [*self.command, *arguments],
            cwd=self.repo.path,
            env=environment(**self.variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def stored(self) -> dict[str, bytes]:
        return self.repository.secrets["actions"].values

    def seen_in(self, *texts: bytes) -> list[str]:
        """The names of values that stand in `texts`, in the open or encoded."""
        found = []
        for name, value in self.values.items():
            forms = [value, base64.b64encode(value)[:-4], value.hex().encode(), value[: len(value) // 2]]
            found += [name for text in texts for form in forms if len(form) >= 8 and form in text]
        return found

    def files_with_values(self) -> list[str]:
        """Files that hold a value, of all that the command may have written, but the dotenv file itself."""
        paths = [path for path in self.place.rglob("*") if path.is_file() and path != self.repo.path / ".env"]
        assert any("secops" in str(path) for path in paths)
        return [str(path) for path in paths if self.seen_in(path.read_bytes())]


@pytest.fixture
def shop(github: ContractServer, tmp_path: Path) -> Shop:
    return Shop(github, tmp_path)


def tokens(number: int) -> dict[str, bytes]:
    return {f"NAME_{at:02}": alnum(32).encode() for at in range(number)}


def test_every_byte_arrives_once(shop: Shop) -> None:
    shop.fill(TEXTS)
    done = shop.sync("--yes")
    assert done.code == 0, done.text
    assert shop.stored == TEXTS
    # A list before, the key, the values, a list after.
    assert len(shop.github.log) == len(TEXTS) + 3
    assert shop.sync("--check").code == 0
    assert shop.sync("--yes").code == 0
    assert len(shop.github.requests("PUT")) == len(TEXTS)
    assert shop.files_with_values() == []
    assert shop.seen_in(done.text.encode()) == []


def test_without_a_yes_nothing_is_written(shop: Shop) -> None:
    shop.fill(tokens(3))
    assert shop.sync("--check").code == 1
    assert shop.sync().code in (2, 5)
    assert {each.method for each in shop.github.log} == {"GET"}


@pytest.mark.parametrize("plan", [plans.PASSING[0], plans.PASSING[10]], ids=str)
def test_nothing_is_lost_while_something_goes_wrong(shop: Shop, plan: plans.FaultPlan) -> None:
    shop.fill(tokens(8))
    plan.inject(shop.github)
    done = shop.sync("--yes")
    assert done.code == 0, done.text
    assert shop.stored == shop.values


STAYING = {
    "401": (faults.unauthorised(), "gh auth login"),
    "403": (faults.forbidden(), "secrets=write"),
    "422": (faults.stale_key(), "does not accept"),
    "primary limit": (faults.primary_limit(3000), "limit"),
    "redirect": (faults.redirected("http://localhost:9/"), "moved"),
}


@pytest.mark.parametrize("name", STAYING)
def test_what_stays_wrong_is_told_and_shows_no_value(shop: Shop, name: str, tmp_path: Path) -> None:
    """With all logs on standard error, and all words that the command has."""
    shop.fill(tokens(8))
    talkative = tmp_path / "talkative"
    talkative.mkdir()
    (talkative / "sitecustomize.py").write_text(
        f"import logging\nlogging.basicConfig(level={logging.DEBUG})\nlogging.debug('talking')\n"
    )
    fault, said = STAYING[name]
    shop.github.faults.add(fault, method="PUT", nth=range(5, 1000))
    path = os.pathsep.join((str(talkative), environment()["PYTHONPATH"]))
    done = shop.sync("--yes", "-vv", PYTHONPATH=path)
    assert "talking" in done.err
    assert done.code not in (0, 70), done.text
    assert said in done.text
    assert shop.stored == dict(list(shop.values.items())[:4])
    assert shop.seen_in(done.text.encode()) == []
    assert shop.token not in done.text
    assert shop.files_with_values() == []
    shop.github.faults.clear()
    shop.github.clock.advance(3600)
    again = shop.sync("--resume", "--yes")
    assert again.code == 0, again.text
    assert shop.stored == shop.values


@pytest.mark.parametrize(("nth", "done"), [(1, False), (5, False), (5, True), (8, True)])
def test_killed_at_any_write_it_is_resumed(shop: Shop, nth: int, done: bool) -> None:
    shop.fill(tokens(8))
    hold = faults.Fault(name="held", delay=2.0, done=done, drop=True)
    shop.github.faults.add(hold, method="PUT", nth=(nth,))
    process = shop.start("--yes")
    shop.github.wait_for(lambda: shop.github.faults.fired == ["held"], 30)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert len(shop.stored) == nth - 1
    assert shop.files_with_values() == []
    resumed = shop.sync("--resume", "--yes")
    assert resumed.code == 0, resumed.text
    assert shop.stored == shop.values
    assert shop.sync("--check").code == 0
    # What was not put down yet is written again, which is the same; never more than that.
    shop.github.wait_for(lambda: len(shop.github.requests("PUT")) >= 8 + 1)
    assert len(shop.github.requests("PUT")) <= 8 + nth


def test_who_interrupts_it_is_told_how_to_go_on(shop: Shop) -> None:
    shop.fill(tokens(8))
    shop.github.faults.add(faults.Fault(name="held", delay=1.0, done=True), method="PUT", nth=(4,))
    process = subprocess.Popen(
        [*shop.command, "--yes"],
        cwd=shop.repo.path,
        env=environment(**shop.variables),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    shop.github.wait_for(lambda: shop.github.faults.fired == ["held"], 30)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "secops sync-secrets --resume" in told
    assert shop.sync("--resume", "--yes").code == 0
    assert shop.stored == shop.values


@LINUX
def test_a_value_is_in_no_argument_variable_or_file_while_it_runs(shop: Shop) -> None:
    shop.fill(tokens(6))
    shop.github.faults.add(faults.slow(0.3), nth=None)
    process = shop.start("--yes")
    looks = 0
    while process.poll() is None:
        for pid in _group(process.pid):
            texts = [_read(f"/proc/{pid}/cmdline"), _read(f"/proc/{pid}/environ")]
            looks += bool(texts[0])
            assert shop.seen_in(*texts) == []
            assert shop.token.encode() not in texts[0]
        looked_into = (shop.temporary, shop.home, shop.repo.path / ".git")
        for path in (path for directory in looked_into for path in directory.rglob("*") if path.is_file()):
            assert shop.seen_in(_read(str(path))) == []
        time.sleep(0.02)
    assert process.returncode == 0
    assert looks > 5
    assert shop.stored == shop.values


def _group(leader: int) -> list[int]:
    """The processes of a group."""
    found = []
    for name in os.listdir("/proc"):
        fields = _read(f"/proc/{name}/stat").rpartition(b")")[2].split() if name.isdecimal() else []
        if len(fields) > 2 and int(fields[2]) == leader:
            found.append(int(name))
    return found


def _read(path: str) -> bytes:
    """A file that may be gone by now."""
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""
