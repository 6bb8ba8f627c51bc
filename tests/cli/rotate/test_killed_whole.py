"""`kill -9` at random moments of whole rotations: commands, a GitHub, a Supabase and a real PostgreSQL.

What `tests/unit/rotate/test_kill.py` does at changes of files, with fakes, is done here to all of it.
"""

from __future__ import annotations

import base64
import json
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from secopskit.migrate.shadow.server import ShadowServer
from secopskit.origin.dotenv import DotenvOrigin
from secopskit.secret import SecretValue
from support import forked, postgres
from support.cli import UNMEASURED, Outcome
from support.github.server import ContractServer
from support.origins import origin_surroundings
from support.repos import Repo
from support.shops import Shop, shop
from support.values import alnum
from support.vendors.server import serving
from support.vendors.supabase import Supabase

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="no SIGKILL"),
]
KILLS = 5  # a scene
# SECOPS_TEST_KILLS=50 for ten scenes.
SCENES = int(os.environ.get("SECOPS_TEST_KILLS", "20")) // KILLS
MOST_REQUESTS = 34  # of one rotation of all three, a little more than there are
DATABASE, KEY, TOKEN = "PROD_DATABASE_URL", "SUPABASE_SERVICE_ROLE_KEY", "INTERNAL_ADMIN_TOKEN"
NAMES = (DATABASE, KEY, TOKEN)
REPOSITORY = "acme/shop"
CONFIG = """\
sync:
  repositories: [acme/shop]
  environments:
    production:
      source: {{dotenv: .env.production}}
      sinks: [environment]
      secrets: [PROD_DATABASE_URL, SUPABASE_SERVICE_ROLE_KEY, INTERNAL_ADMIN_TOKEN]
rotate:
  environments:
    production:
      PROD_DATABASE_URL: {{provider: postgres, roles: ["{one}", "{two}"], admin_url_env: ADMIN_URL}}
      SUPABASE_SERVICE_ROLE_KEY:
        {{provider: supabase, project: {ref}, api_url: "{url}", project_url: "{url}"}}
      INTERNAL_ADMIN_TOKEN: {{provider: random, kind: base64, bytes: 32}}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[ShadowServer]:
    servers = postgres.Servers()
    yield servers.of(postgres.need_version(max(postgres.versions(), default=None)))
    servers.stop()


@pytest.fixture
def scene(tmp_path: Path, server: ShadowServer) -> Iterator[Scene]:
    with ExitStack() as stack:
        github = stack.enter_context(ContractServer())
        supabase = Supabase()
        stack.enter_context(serving(supabase))
        yield Scene(tmp_path, github, supabase, stack.enter_context(shop(server)))
        assert (github.violations, supabase.violations) == ([], [])


class Scene:
    """A clone whose three credentials are rotated. `used` are all values that were ever read."""

    def __init__(self, place: Path, github: ContractServer, supabase: Supabase, database: Shop) -> None:
        self.place, self.github, self.supabase, self.database = place, github, supabase, database
        self.path, self.temporary = place / "shop", place / "tmp"
        self.temporary.mkdir(mode=0o700)
        self.variables = {
            "GITHUB_API_URL": github.url,
            "GITHUB_TOKEN": github.token(),
            "SUPABASE_ACCESS_TOKEN": supabase.token,
            "ADMIN_URL": database.url(database.admin, database.admin_word),
            "NO_PROXY": "127.0.0.1",
            "TMPDIR": str(self.temporary),
            **UNMEASURED,  # what they start
        }
        github.world.environment(REPOSITORY, "production")
        repo = Repo.create(self.path)
        repo.git("remote", "add", "origin", f"https://github.com/{REPOSITORY}.git")
        config = CONFIG.format(one=database.one, two=database.two, ref=supabase.ref, url=supabase.url)
        repo.write(".secops.yaml", config)
        repo.write(".gitignore", ".env*\n")
        values = {DATABASE: database.value, KEY: supabase.old.value, TOKEN: alnum(40)}
        self._origin.write({name: SecretValue(value.encode()) for name, value in values.items()})
        self.used: dict[str, set[str]] = {name: {value} for name, value in values.items()}
        self.secops("sync-secrets", "--yes")

    @property
    def _origin(self) -> DotenvOrigin:
        return DotenvOrigin((".env.production",), origin_surroundings(self.path))

    def secops(self, *arguments: str) -> Outcome:
        """Run a command to its end."""
        outcome = forked.secops(*arguments, cwd=self.path, env=self.variables)
        assert outcome.code == 0, outcome.text
        return outcome

    @property
    def unfinished(self) -> bool:
        """Whether there is something to go on with."""
        journal = self.path / ".git" / "secops" / "rotate" / "journal.json"
        return journal.exists() and json.loads(journal.read_bytes())["step"] == "running"

    def command(self) -> tuple[str, ...]:
        """What somebody types who finds it as it is."""
        what = ("--resume",) if self.unfinished else NAMES
        return ("rotate", "apply", *what, "--yes", "--accept-outage", "all")

    def killed(self, requests: int, seconds: float) -> bool:
        """Begin, or go on, and kill it a moment after so many requests; False where it ended before."""
        seen = self._requests()
        fork = forked.start(*self.command(), cwd=self.path, env=self.variables, session=True)
        while self._requests() - seen < requests and fork.runs():
            time.sleep(0.002)
        time.sleep(seconds)
        over = not fork.runs()
        if not over:
            with suppress(ProcessLookupError):  # it has just ended
                os.killpg(fork.pid, signal.SIGKILL)
        code = fork.wait()
        assert code in (0, -signal.SIGKILL), code
        self.note()
        return not over

    def _requests(self) -> int:
        return len(self.github.log) + len(self.supabase.asked)

    def values(self) -> dict[str, str]:
        """What the dotenv file has."""
        found = self._origin.read(NAMES)
        return {name: one.value.reveal().decode() for name, one in found.items()}

    def published(self) -> dict[str, str]:
        """What GitHub has."""
        secrets = self.github.world.repository(REPOSITORY).environments["production"].secrets
        return {name: value.decode() for name, value in secrets.values.items()}

    def note(self) -> None:
        """Keep in mind what can be read now."""
        for values in (self.values(), self.published()):
            for name, value in values.items():
                self.used[name].add(value)

    def works(self, name: str, value: str) -> bool:
        """Whether a value opens what it is for; a made-up one opens nothing."""
        match name:
            case "PROD_DATABASE_URL":
                return self.database.admits(value)
            case "SUPABASE_SERVICE_ROLE_KEY":
                return value in self.supabase.living()
        return True

    def check_alive(self) -> None:
        """Whoever reads a value, here or in a workflow, gets in with it, at this very moment."""
        for place in (self.values(), self.published()):
            assert set(place) == set(NAMES)
            for name, value in place.items():
                assert self.works(name, value), f"{name} is dead where it is read"

    def check_finished(self) -> None:
        """The end that it always comes to: one value, the same everywhere, and no other that works."""
        values = self.values()
        assert self.published() == values
        self.check_alive()
        for name in (DATABASE, KEY):
            dead = self.used[name] - {values[name]}
            assert dead
            assert [value for value in dead if self.works(name, value)] == []
        assert {key.value for key in self.supabase.keys} == {values[KEY]}, "a key that nobody has"
        assert len(base64.b64decode(values[TOKEN], validate=True)) == 32
        state = self.path / ".git" / "secops"
        assert sorted(path.name for path in (state / "rotate").iterdir()) == ["last.json", "lock"]
        assert not (state / "sync" / "journal.json").exists()
        files = [*state.rglob("*"), *self.temporary.rglob("*"), *self.path.iterdir()]
        self.note()
        secret = [value.encode() for used in self.used.values() for value in used]
        for path in files:
            if path.is_file() and path.name != ".env.production":
                content = path.read_bytes()
                assert not any(value in content for value in secret), path


@pytest.mark.parametrize("seed", range(SCENES))
def test_killed_at_random_moments(scene: Scene, seed: int) -> None:
    chance = random.Random(seed)
    kills = 0
    while kills < KILLS:
        kills += scene.killed(chance.randrange(MOST_REQUESTS), chance.uniform(0, 0.2))
        scene.check_alive()
    scene.secops(*scene.command())
    scene.check_finished()
    scene.secops("sync-secrets", "--check")
