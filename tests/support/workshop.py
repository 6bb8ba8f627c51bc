"""A repository with credentials to be rotated: declared, kept in a dotenv file, published on a shelf."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cache
from pathlib import Path

from secopskit.conduct.consent import NOBODY, SecretRespondent
from secopskit.conduct.tell import SILENCE
from secopskit.errors import SecopsError
from secopskit.github.client import GitHubClient
from secopskit.origin.interface import OriginSurroundings
from secopskit.progress import Progress
from secopskit.provider.interface import Surroundings
from secopskit.rotate.request import RotationContext
from secopskit.scan.session import ScanSession
from secopskit.settings.rotate import load_rotate
from secopskit.settings.sync import load_sync
from secopskit.sink.interface import SinkSurroundings
from support import forked
from support.cli import Outcome, environment, run
from support.repos import Repo
from support.rotating import Vendor
from support.values import alnum

DRIVER = (sys.executable, str(Path(__file__).with_name("rotating.py")))
KILLED = -9
CONFIG = """
rotate:
  drain_timeout: "0"
  environments:
    production:
      API_TOKEN: {provider: fake-dual, account: api}
      DB_PASSWORD: {provider: fake-single, account: db}
sync:
  environments:
    production:
      source: {dotenv: .env.production}
      sinks: [shelf]
      secrets: [API_TOKEN, DB_PASSWORD, DATABASE_URL]
"""
OPENED = ("--yes", "--accept-outage", "all")


class Workshop:
    """The repository at `path`, its vendor, and the values that were there in the beginning."""

    def __init__(self, path: Path, config: str = CONFIG) -> None:
        self.repo = Repo.create(path)
        self.path = path
        self.variables: dict[str, str] = {}
        self.token, self.password = alnum(32), alnum(24)
        self.vendor = Vendor(str(path / "vendor.json"))
        self.vendor.only("api", self.token)
        self.vendor.only("db", self.password)
        self.repo.write(".secops.yaml", config)
        self.repo.write(".gitignore", ".env*\n*.json*\n")
        self.dotenv = self.repo.write(
            ".env.production",
            "# the shop's own\n"
            f"API_TOKEN={self.token}\n"
            f"DB_PASSWORD='{self.password}'  # of the role shop\n"
            f'DATABASE_URL="postgres://shop:{self.password}@db.example.org/shop"\n'
            "COLOUR=green\n",
        )

    def secops(self, *arguments: str, at: int = 0, stdin: bytes = b"") -> Outcome:
        """Run secops with the fakes; it dies at the change `at` of the file system."""
        return run(*DRIVER, str(at), *arguments, cwd=self.path, stdin=stdin)

    def rotate(self, *arguments: str, at: int = 0) -> Outcome:
        """Run `secops rotate`."""
        return self.secops("rotate", *arguments, at=at)

    @property
    def values(self) -> dict[str, str]:
        """What the dotenv file has."""
        rows = (line.partition("=") for line in self.dotenv.read_text().splitlines() if "=" in line)
        return {name: text.partition("  #")[0].strip("'\"") for name, _, text in rows}

    @property
    def shelf(self) -> dict[str, str]:
        """What was published."""
        try:
            rows = json.loads((self.path / "shelf-production.json").read_bytes())
        except FileNotFoundError:
            return {}
        return {name: value for name, (value, _) in rows.items()}

    @property
    def notebook(self) -> list[str]:
        """The files in the notebook."""
        directory = self.path / ".git" / "secops" / "rotate"
        return sorted(path.name for path in directory.iterdir()) if directory.is_dir() else []

    @property
    def kept(self) -> list[str]:
        """The values that lie in the notebook."""
        directory = self.path / ".git" / "secops" / "rotate"
        files = (
            [path for path in directory.iterdir() if path.name.startswith("value-")]
            if directory.is_dir()
            else []
        )
        return [path.read_text() for path in files]

    def rotations(self) -> dict[str, str]:
        """What is on record as rotated."""
        try:
            record = json.loads((self.path / ".git" / "secops" / "rotations.json").read_bytes())
        except FileNotFoundError:
            return {}
        return dict(record["rotated"])


@cache
def _warm(measured: str) -> None:
    """Have imported what a rotation imports, before the first one that is killed, measured or not."""
    with tempfile.TemporaryDirectory() as place:
        shop = Workshop(Path(place) / "shop")
        prepare = ("support.rotating.install", "0")
        env = {"COVERAGE_PROCESS_CONFIG": measured}
        done = forked.secops("rotate", "apply", "API_TOKEN", *OPENED, cwd=shop.path, env=env, prepare=prepare)
        assert done.code == 0, done.text


class ForkedWorkshop(Workshop):
    """A workshop whose commands run in forks: as good as processes, and fast. See `support.forked`.

    `fault` is a function that they call first.
    """

    fault = "support.rotating.install"

    def start(self, *arguments: str, at: int = 0, log: str = "") -> forked.Fork:
        """A fork that runs secops; `log` keeps what it says apart from another's."""
        _warm(environment(**self.variables).get("COVERAGE_PROCESS_CONFIG", ""))
        return forked.start(
            *arguments,
            cwd=self.path,
            files=(os.devnull, str(self._log("out", log)), str(self._log("err", log))),
            imported="" if at else str(self._log("imported", log)),  # which would be a change, too
            env=self.variables,
            prepare=(self.fault, str(at)),
            session=True,
        )

    def secops(self, *arguments: str, at: int = 0, stdin: bytes = b"") -> Outcome:
        """See `Workshop.secops`."""
        assert not stdin
        return self.ended(self.start(*arguments, at=at))

    def killed(self, *arguments: str, seconds: float) -> Outcome:
        """Run secops, and kill it after so many seconds."""
        fork = self.start(*arguments)
        time.sleep(seconds)
        fork.kill()
        return self.ended(fork)

    def ended(self, fork: forked.Fork, log: str = "") -> Outcome:
        """How a fork ended."""
        code = fork.wait()
        return replace(self.ended_so_far(log), code=code)

    def rotate(self, *arguments: str, at: int = 0, log: str = "") -> Outcome:
        """See `Workshop.rotate`."""
        return self.ended(self.start("rotate", *arguments, at=at, log=log), log)

    def ended_so_far(self, log: str = "") -> Outcome:
        """What a fork has said until now."""
        files = (self._log(name, log) for name in ("out", "err"))
        return Outcome(0, *(file.read_text() if file.exists() else "" for file in files))

    def _log(self, name: str, log: str = "") -> Path:
        return self.path.with_name(f"{self.path.name}.{name}{log}")


class Answers:
    """A person who answers as `answers` says: by the first sign that stands in the question; else no."""

    present = True

    def __init__(self, **answers: str) -> None:
        self.answers = {sign.replace("_", " "): text for sign, text in answers.items()}
        self.asked: list[str] = []

    def _answer(self, question: str) -> str:
        self.asked.append(question)
        return next((text for sign, text in self.answers.items() if sign in question), "")

    def agrees(self, question: str) -> bool:
        """See `Respondent.agrees`."""
        return self._answer(question) == "yes"

    def types(self, prompt: str) -> str:
        """See `Respondent.types`."""
        return self._answer(prompt)

    def reads_secret(self, prompt: str) -> str:
        """See `SecretRespondent.reads_secret`."""
        return self._answer(prompt)


class Notes:
    """A listener who keeps what was told."""

    def __init__(self) -> None:
        self.phases: list[str] = []
        self.notes: list[str] = []

    def phase(self, name: str) -> None:
        """See `Tell.phase`."""
        self.phases.append(name)

    def note(self, text: str) -> None:
        """See `Tell.note`."""
        self.notes.append(text)

    def progress(self) -> AbstractContextManager[Progress]:
        """See `Tell.progress`."""
        return SILENCE.progress()


def no_github() -> GitHubClient:
    """A client of GitHub that is not there."""
    raise SecopsError("there is no token", advice="Set GITHUB_TOKEN.")


def context_for(
    shop: Workshop,
    respondent: SecretRespondent = NOBODY,
    *,
    github: Callable[[], GitHubClient] = no_github,
    tell: Notes | None = None,
    clock: Clock | None = None,
) -> RotationContext:
    """What a rotation in the workshop may use."""
    tell, clock = tell or Notes(), clock or Clock()
    session = ScanSession(str(shop.path))
    root = session.require_repository("rotating").root
    return RotationContext(
        session=session,
        rotate=load_rotate(root),
        sync=load_sync(root),
        origins=OriginSurroundings(
            base=root,
            variable=lambda _: None,
            standard_input=lambda: b"",
            respondent=respondent,
            tell=tell,
        ),
        sinks=SinkSurroundings(base=root, github=github),
        standard=Surroundings(
            base=root,
            variable=lambda _: None,
            respondent=respondent,
            tell=tell,
            sleep=clock.sleep,
            now=clock.now,
        ),
        key=session.fingerprint_key(),
    )


class Clock:
    """A clock on which time passes when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        assert seconds > 0
        self.seconds += seconds

    def now(self) -> float:
        """The time."""
        return self.seconds
