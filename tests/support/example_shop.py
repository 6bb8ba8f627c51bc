"""The shop of `examples/shop`, brought to life: a clone with a leak in it, and everybody it deals with.

A GitHub, two projects of Supabase whose database passwords are those of roles in a real PostgreSQL,
DigitalOcean, Odoo. What the example leaves to the vendors' own addresses is told to the copy of
`.secops.yaml`, and nothing else is.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import yaml
from psycopg import sql

from secopskit.migrate.shadow.server import ShadowServer
from secopskit.origin.dotenv import DotenvOrigin
from secopskit.secret import SecretValue
from support.cli import COMMAND, ROOT, Outcome, environment, run
from support.github.server import ContractServer
from support.github.world import Environment
from support.odoo import FakeOdoo, OdooUser, odoo
from support.origins import origin_surroundings
from support.postgres import Database, create_database, drop_database
from support.repos import Repo
from support.terminal import on_terminal
from support.values import alnum
from support.vendors.digitalocean import DigitalOcean
from support.vendors.server import serving
from support.vendors.supabase import Supabase

EXAMPLE = ROOT / "examples" / "shop"
REPOSITORY = "acme/shop"
ENVIRONMENTS = ("staging", "production")
DATABASES = {"staging": "STAGING_DATABASE_URL", "production": "PROD_DATABASE_URL"}
# Everything that a command logs is seen, and every program that it starts, with what it is given.
_WATCH = """\
import json, logging, os, sys
logging.basicConfig(level=logging.DEBUG)
_log = os.open(os.environ["EXAMPLE_CHILDREN"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
def _look(event, given):
    if event in ("subprocess.Popen", "os.exec", "os.posix_spawn"):
        os.write(_log, (json.dumps([repr(given[:2]), repr(given[2:])]) + "\\n").encode())
sys.addaudithook(_look)
"""


class ExampleShop:
    """The shop at `path`; `old` are the values that leaked, by environment and name."""

    def __init__(
        self,
        place: Path,
        github: ContractServer,
        database: Database,
        foreign: Database,
        supabase: Mapping[str, Supabase],
        digitalocean: DigitalOcean,
        odoo: FakeOdoo,
    ) -> None:
        self.place, self.github, self.database, self._foreign = place, github, database, foreign
        self.supabase, self.digitalocean, self.odoo = supabase, digitalocean, odoo
        self.path = place / "shop"
        self.children, self.temporary = place / "children", place / "tmp"
        self.token = github.token()
        self.old = {name: self._values(name) for name in ENVIRONMENTS}
        self._settle()
        self.repo = Repo.create(self.path)
        self._furnish()

    def _values(self, environment: str) -> dict[str, str]:
        project = self.supabase[environment]
        values = {
            DATABASES[environment]: self.url(environment, project.password),
            "NEXT_PUBLIC_SUPABASE_URL": project.url,
            "SUPABASE_SERVICE_ROLE_KEY": project.old.value,
            "INTERNAL_ADMIN_TOKEN": base64.b64encode(alnum(32).encode()).decode(),
            "DO_ACCESS_TOKEN": self._do_token(),
        }
        if environment == "production":
            values |= {"ODOO_ADMIN_PASSWORD": alnum(20), "ODOO_MASTER_PASSWORD": alnum(24)}
        return values

    def _do_token(self) -> str:
        token = DigitalOcean().token
        self.digitalocean.tokens.add(token)
        return token

    def role(self, environment: str) -> str:
        """The role that an environment logs in as."""
        return f"{self.database.name}_{environment}"

    def url(self, environment: str, password: str) -> str:
        """The URL of its database."""
        server = self.database.server
        return f"postgresql://{self.role(environment)}:{password}@{server.host}:{server.port}/{self.database.name}"

    def _settle(self) -> None:
        """Give the vendors what leaked: it works until somebody ends it."""
        for name, project in self.supabase.items():
            self.database.run(f"CREATE ROLE \"{self.role(name)}\" LOGIN PASSWORD '{project.password}'")
            project.on_password = self._setter(self.role(name))
        self.odoo.users["admin"] = OdooUser(2, self.old["production"]["ODOO_ADMIN_PASSWORD"])
        for name in ENVIRONMENTS:
            self.github.world.environment(REPOSITORY, name, wait_timer=5)

    def _setter(self, role: str) -> Callable[[str], None]:
        def set_password(password: str) -> None:
            with self.database.connect() as connection:
                statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
                connection.execute(statement.format(sql.Identifier(role), sql.Literal(password)))

        return set_password

    def _furnish(self) -> None:
        shutil.copytree(EXAMPLE, self.path, dirs_exist_ok=True)
        declared = yaml.safe_load((self.path / ".secops.yaml").read_text(encoding="utf-8"))
        for name, credentials in declared["rotate"]["environments"].items():
            for settings in credentials.values():
                settings.update(self._addresses(name, settings))
        text = yaml.safe_dump(declared, sort_keys=False)
        (self.path / ".secops.yaml").write_text(text, encoding="utf-8")
        for name, values in self.old.items():
            origin = DotenvOrigin((f".env.{name}",), origin_surroundings(self.path))
            origin.write({name: SecretValue(value.encode()) for name, value in values.items()})
        master = self.old["production"]["ODOO_MASTER_PASSWORD"]
        self.repo.write("odoo.conf", f"[options]\n; the shop's\nadmin_passwd = {master}\ndb_name = shop\n")
        self.repo.git("remote", "add", "origin", f"https://github.com/{REPOSITORY}.git")
        self.repo.git("add", ".")
        self.repo.git("add", "-f", ".env.staging", ".env.production", "odoo.conf")  # the leak
        self.repo.commit({}, "Everything")
        self.temporary.mkdir(mode=0o700)
        (self.place / "watch").mkdir()
        (self.place / "watch" / "sitecustomize.py").write_text(_WATCH)

    def _addresses(self, environment: str, settings: Mapping[str, Any]) -> dict[str, str]:
        """Where the vendors of a credential are, on this machine."""
        match settings["provider"], settings.get("what"):
            case "supabase", "database-password":
                login = self.url(environment, "-").replace(":-@", "@")
                return {"api_url": self.supabase[environment].url, "direct_url": login}
            case "supabase", _:
                url = self.supabase[environment].url
                return {"api_url": url, "project_url": url}
            case "digitalocean", _:
                return {"api_url": self.digitalocean.url}
            case "odoo", "user-password":
                return {"url": self.odoo.url}
        return {}

    # --- what its user does

    @property
    def env(self) -> dict[str, str]:
        """The variables of a user who has all tokens at hand."""
        return {
            "GITHUB_API_URL": self.github.url,
            "GITHUB_TOKEN": self.token,
            "SUPABASE_ACCESS_TOKEN": self.supabase["staging"].token,
            "NO_PROXY": "127.0.0.1",
            "TMPDIR": str(self.temporary),
            "EXAMPLE_CHILDREN": str(self.children),
            "PYTHONPATH": f"{self.place / 'watch'}:{environment()['PYTHONPATH']}",
        }

    def secops(self, *arguments: str) -> Outcome:
        """Run a command with nobody there to be asked."""
        return run(*COMMAND, *arguments, cwd=self.path, env=self.env, timeout=180)

    def json(self, *arguments: str) -> dict[str, Any]:
        """What a command prints as JSON."""
        document: dict[str, Any] = json.loads(self.secops(*arguments, "--format", "json").out)
        return document

    def ask(self, *arguments: str, answers: Mapping[str, str | Callable[[], str]]) -> Outcome:
        """Run a command on a terminal, and answer what it asks."""
        return on_terminal([*COMMAND, *arguments], cwd=self.path, env=self.env, answers=answers, timeout=180)

    # --- what there is

    def values(self, environment: str) -> dict[str, str]:
        """What the dotenv file of an environment has now."""
        origin = DotenvOrigin((f".env.{environment}",), origin_surroundings(self.path))
        found = origin.read(list(self.old[environment]))
        return {name: one.value.reveal().decode() for name, one in found.items()}

    def at_github(self, environment: str) -> Environment:
        """An environment at GitHub."""
        return self.github.world.repository(REPOSITORY).environments[environment]

    def odoos_own_sessions(self) -> int:
        """How often anybody has come to the database that is Odoo's own."""
        query = "SELECT sessions FROM pg_stat_database WHERE datname = %s"
        ((sessions,),) = self.database.query(query, self._foreign.name)
        return int(sessions)

    def admits(self, url: str) -> bool:
        """Whether the database lets a login in."""
        try:
            psycopg.connect(url, sslmode="disable", connect_timeout=10).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def example_shop(place: Path, server: ShadowServer) -> Iterator[ExampleShop]:
    """The shop, as long as the block lasts; whoever broke a contract fails the test."""
    database, foreign = create_database(server), create_database(server)
    foreign.run("CREATE TABLE ir_module_module (name text); CREATE TABLE res_users (password text)")
    access = Supabase().token
    with ExitStack() as stack:
        stack.callback(drop_database, database)
        stack.callback(drop_database, foreign)
        github = stack.enter_context(ContractServer())
        projects = {
            name: Supabase(ref=ref, token=access)
            for name, ref in (("staging", "stagingprojectrefxyz"), ("production", "productionprojectref"))
        }
        digitalocean = DigitalOcean()
        for vendor in (*projects.values(), digitalocean):
            stack.enter_context(serving(vendor))
        shop = ExampleShop(
            place, github, database, foreign, projects, digitalocean, stack.enter_context(odoo())
        )
        try:
            yield shop
        finally:
            for name in ENVIRONMENTS:
                database.run(f'DROP ROLE "{shop.role(name)}"')
        assert github.violations == []
        assert [one for vendor in (*projects.values(), digitalocean) for one in vendor.violations] == []
