"""Lookups in Python."""

from __future__ import annotations

import pytest

from secopskit.collect.code.python.lookups import COLLECTOR
from support.collecting import lines, lookups

ENV = "env = environ.Env()\n"
FORMS = [
    ('os.environ["ONE"]', "ONE!"),
    ("os.environ['ONE'] == 'x'", "ONE!"),
    ('os.environ.get("ONE")', "ONE"),
    ('os.environ.get("ONE", None)', "ONE"),
    ('os.environ.get("ONE", "two")', "ONE=two"),
    ('os.environ.get(\n    "ONE",\n    3,\n)', "ONE=3"),
    ('os.environ.get("ONE") or "two"', "ONE=two"),
    ('os.environ.get("ONE", f())', "ONE="),
    ('os.environ.get("ONE", "a" + b)', "ONE="),
    ('os.environ.setdefault("ONE", "two")', "ONE=two"),
    ('os.getenv("ONE", default="two")', "ONE=two"),
    ('from os import environ\nenviron["ONE"]', "ONE!"),
    ('from os import getenv\ngetenv("ONE")', "ONE"),
    ('env = os.environ\nenv.get("ONE")', "ONE"),
    ('if "ONE" in os.environ: pass', "ONE"),
    ("f\"{os.environ['ONE']}\"", "ONE!"),
    ("os.environ[key]", "*"),
    ('os.environ[f"PLUGIN_{name}"]', "*PLUGIN_"),
    ('os.getenv("PLUGIN_" + name)', "*PLUGIN_"),
    ("for key in os.environ.items(): pass", "*"),
    ('KEY = "A_ONE"\nos.getenv(KEY)', "A_ONE"),
    ('def get(name, default=None):\n    return os.environ.get(name, default)\nget("ONE", "two")', "ONE=two"),
    ('def flag(s: str) -> bool:\n    return os.getenv(s) == "1"\nx = flag("ONE")', "ONE"),
    (ENV + 'env("ONE")', "ONE!"),
    (ENV + 'env("ONE", default="two")', "ONE=two"),
    (ENV + 'env.bool("ONE", default=False)', "ONE=False"),
    (ENV + 'env.str("ONE", None)', "ONE"),
    (ENV + 'env.int("ONE", cast=int, default=3)', "ONE=3"),
    (ENV + "env.db()\nenv.cache()", "CACHE_URL! DATABASE_URL!"),
    (ENV + 'env.db("ONE", default="postgres:///x")', "ONE=postgres:///x"),
    ("env = environ.Env(ONE=(bool, False), TWO=str)", "ONE=False TWO"),
    ('from .base import *\nfrom .base import env\nenv("ONE")', "ONE!"),
    ('from environs import Env\nenv = Env()\nenv.list("ONE")', "ONE!"),
    ('from decouple import config\nconfig("ONE", cast=bool, default=True)', "ONE=True"),
    ('from starlette.config import Config\nconfig = Config(".env")\nconfig("ONE")', "ONE!"),
    ('Dynaconf(envvar_prefix="MY")', "*MY_"),
    ('@click.option("--one", envvar="ONE")', "ONE"),
    ('@click.option("--one", envvar=["ONE", "TWO"])', "ONE TWO"),
    ('helpers.get_env_variable("A_ONE", "two")', "A_ONE=two"),
]
LOOK_ALIKES = [
    '# os.environ["ONE"]',
    '"""\nos.environ["ONE"]\n"""',
    "\"os.environ['ONE']\"",
    'os.environ["ONE"] = "x"',
    'del os.environ["ONE"]',
    'os.environ.pop("ONE", None)',
    'def app(environ, start):\n    return environ["REQUEST_METHOD"]',
    'self.env["res.partner"]',
    'env("ONE")',
    'env.get("ONE")',
    'config("ONE")',
    'settings.get("ONE")',
    "subprocess.run(x, env=os.environ)",
    'env = {**os.environ, "ONE": "x"}',
    'request.environ["ONE"]',
    'jinja2.Environment("ONE")',
    "class A(BaseModel):\n    one: str",
]
SETTINGS = """
from pydantic_settings import BaseSettings, SettingsConfigDict

class Base(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", env_prefix="APP_")

    url: str
    port: int = 8000
    key: SecretStr = Field(..., alias="SECRET_KEY")
    other: str = Field(default="x", validation_alias=AliasChoices("ONE", "TWO"))
    nested: Nested = Nested()
    may: str | None = None
    many: Annotated[list[str] | str, BeforeValidator(parse)] = []
    shared: ClassVar[str] = "1"

    @property
    def all(self) -> str:
        inner: str = "no"
        return inner

    late: str = "late"

class Sub(Base):
    more: bool = True

class Plain(BaseModel):
    no: str
"""


@pytest.mark.parametrize(("text", "expected"), FORMS, ids=[text for text, _ in FORMS])
def test_what_is_a_lookup(text: str, expected: str) -> None:
    assert lookups(COLLECTOR, text, "app/a.py") == sorted(expected.split(" "))


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_what_only_looks_like_one(text: str) -> None:
    assert lookups(COLLECTOR, text, "app/a.py") == []


def test_settings_of_pydantic() -> None:
    assert lookups(COLLECTOR, SETTINGS, "config.py") == [
        "APP_LATE=late",
        "APP_MANY=",
        "APP_MAY",
        "APP_MORE=True",
        "APP_PORT=8000",
        "APP_URL!",
        "ONE=x",
        "SECRET_KEY!",
        "TWO=x",
    ]


def test_lines() -> None:
    text = '"""\nos.environ["NO"]\n"""\nos.environ["ONE"]\nf(\n    os.getenv("TWO"))\n'
    assert sorted(lines(COLLECTOR, text, "a.py")) == [(4, "ONE"), (6, "TWO")]
