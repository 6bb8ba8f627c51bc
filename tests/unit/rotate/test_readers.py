"""Who reads a credential: found in every kind of file, with its line and its key."""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secopskit.git.repository import Repository
from secopskit.rotate.look.forms import concerns
from secopskit.rotate.look.readers import FoundReaders, SoughtCredential, find_readers
from secopskit.rotate.model import Reader, ReaderKind, ReaderLink
from secopskit.secret import SecretValue
from support.repos import Repo
from support.values import alnum

LIMIT = 1024 * 1024


def look(repo: Repo, *values: str, name: str = "") -> FoundReaders:
    opened = Repository.open(str(repo.path))
    assert opened
    wanted = SoughtCredential("it", tuple(SecretValue(value.encode()) for value in values), name)
    return find_readers(opened, [wanted], limit=LIMIT)


def readers(repo: Repo, *values: str, name: str = "") -> tuple[Reader, ...]:
    return look(repo, *values, name=name).readers["it"]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.create(tmp_path / "repo")


def test_what_a_format_escapes_is_found(repo: Repo) -> None:
    value = f"{alnum(6)}${alnum(6)}%{alnum(6)}`{alnum(6)}"
    shell = value.replace("$", r"\$").replace("`", r"\`")
    repo.commit(
        {
            "compose.yml": f"services:\n  a:\n    environment:\n      K: {value.replace('$', '$$')}\n",
            "Makefile": f"K = {value.replace('$', '$$')}\n",
            "run.sh": f'#!/bin/sh\nexport K="{shell}"\n',
            "Dockerfile": f'FROM a\nENV K="{shell}"\n',
            "a.service": f"[Service]\nEnvironment=K={value.replace('%', '%%')}\n",
            "alembic.ini": f"[alembic]\nurl = postgres://u:{quote(value, safe='').replace('%', '%%')}@h/d\n",
            "clean.txt": f"{value[:8]}\n",
        }
    )
    assert {(one.path, one.line) for one in readers(repo, value)} == {
        ("compose.yml", 4), ("Makefile", 1), ("run.sh", 2), ("Dockerfile", 2), ("a.service", 2),
        ("alembic.ini", 2),
    }  # fmt: skip


def test_every_kind_of_file(repo: Repo) -> None:
    value = alnum(20) + "@/"
    url = f"postgres://shop:{quote(value, safe='')}@db.example.org/shop"
    repo.commit(
        {
            "a.env": f"COLOUR=green\nPASSWORD='{value}'\nexport URL={url}\n",
            "compose.yml": f"services:\n  db:\n    image: db\n    environment:\n      PG: '{value}'\n",
            ".github/workflows/ci.yml": f"jobs:\n  a:\n    env:\n      P: {url}\n",
            "app.ini": f"[db]\npassword = {value}\n",
            "notes.txt": f"first\nthe password is {value}.\n",
            "k8s.yaml": f"kind: Secret\ndata:\n  p: {base64.b64encode(value.encode()).decode()}\n",
            "clean.txt": "nothing\n",
        }
    )
    found = {(one.path, one.line): (one.key, one.kind, one.link) for one in readers(repo, value)}
    equals, contains = ReaderLink.EQUALS, ReaderLink.CONTAINS
    assert found == {
        ("a.env", 2): ("PASSWORD", ReaderKind.DOTENV, equals),
        ("a.env", 3): ("URL", ReaderKind.DOTENV, contains),
        ("compose.yml", 5): ("PG", ReaderKind.COMPOSE, equals),
        (".github/workflows/ci.yml", 4): ("P", ReaderKind.WORKFLOW, contains),
        ("app.ini", 2): ("password", ReaderKind.CONFIG, equals),
        ("notes.txt", 2): ("", ReaderKind.TEXT, contains),
        ("k8s.yaml", 3): ("p", ReaderKind.CONFIG, contains),
    }


def test_who_refers_to_its_name(repo: Repo) -> None:
    repo.commit(
        {
            ".github/workflows/ci.yml": "jobs:\n  a:\n    env:\n      P: ${{ secrets.API_TOKEN }}\n"
            "      Q: ${{ secrets.API_TOKEN_2 }}\n",
            "compose.yaml": "services:\n  web:\n    image: web\n    environment:\n      T: ${API_TOKEN:?}\n",
            "app.py": "import os\n\ntoken = os.environ['API_TOKEN']\n",
            ".env.example": "API_TOKEN=\n",
        }
    )
    found = {(one.path, one.line): one.kind for one in readers(repo, name="API_TOKEN")}
    assert found == {
        (".github/workflows/ci.yml", 4): ReaderKind.WORKFLOW,
        ("compose.yaml", 5): ReaderKind.COMPOSE,
        ("app.py", 3): ReaderKind.TEXT,
        (".env.example", 1): ReaderKind.DOTENV,
    }
    assert {one.link for one in readers(repo, name="API_TOKEN")} == {ReaderLink.NAMES}


def test_ignored_files_that_configure_something_are_read_and_no_packages(repo: Repo) -> None:
    value = alnum(20)
    repo.commit({".gitignore": ".env*\nnode_modules/\ndist/\n"})
    repo.write(".env.production", f"TOKEN={value}\n")
    repo.write("deploy/.env", f"TOKEN={value}\n")
    repo.write("node_modules/left-pad/.env", f"TOKEN={value}\n")
    repo.write("dist/app.js", f"const t = '{value}'\n")
    assert {one.path for one in readers(repo, value)} == {".env.production", "deploy/.env"}


@pytest.mark.parametrize("path", ["app.log", "app.env"])
def test_all_places_are_counted(repo: Repo, path: str) -> None:
    value = alnum(20)
    repo.commit({path: f"line={value}\n" * 500})
    assert [one.line for one in readers(repo, value)] == list(range(1, 501))
    assert len(readers(repo, name="line")) == 500


def test_what_was_not_looked_into_is_named_pictures_last(repo: Repo) -> None:
    value = alnum(20)
    repo.commit(
        {
            ".gitignore": ".env\n",
            "a.png": b"\x89PNG\r\n\x1a\n" + bytes(100),
            "dist.zip": _zip(f"TOKEN={value}\n"),
            "large.log": "x" * LIMIT + value,
            "notes.txt": "nothing\n",
        }
    )
    repo.write(".env", f"TOKEN={value}\n" + "x" * LIMIT)
    (repo.path / "link").symlink_to("notes.txt")
    found = look(repo, value)
    assert found.readers == {"it": ()}
    assert [one.words for one in found.unread] == [
        "dist.zip (binary content)",
        "large.log (larger than the size limit)",
        ".env (larger than the size limit)",
        "a.png (a picture, sound or font)",
    ]


def test_without_a_work_tree_nothing_was_looked_into(tmp_path: Path) -> None:
    found = look(Repo.create(tmp_path / "bare.git", "--bare"), alnum(20))
    assert [one.words for one in found.unread] == ["all files (a bare repository has no work tree)"]


def _zip(text: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(".env", text)
    return made.getvalue()


def test_a_short_value_is_looked_for_as_a_whole_value_only(repo: Repo) -> None:
    repo.commit({".env": "PIN=1234\nPHONE=0123456\n", "notes.txt": "1234\n"})
    assert [(one.path, one.line) for one in readers(repo, "1234")] == [(".env", 1)]


def test_our_own_declaration_is_no_reader(repo: Repo) -> None:
    repo.commit({".secops.yaml": "sync: {environments: {a: {secrets: [API_TOKEN]}}}\n"})
    assert readers(repo, name="API_TOKEN") == ()


_PASSWORD = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=8, max_size=30)


@settings(max_examples=60)
@given(password=_PASSWORD, user=st.text("abc", min_size=1, max_size=5))
def test_a_url_concerns_the_password_in_it(password: str, user: str) -> None:
    url = f"postgres://{user}:{quote(password, safe='')}@db.example.org/shop"
    assert concerns(SecretValue(url.encode()), SecretValue(password.encode()))
    assert not concerns(SecretValue(b"postgres://db.example.org/shop"), SecretValue(password.encode()))
    assert not concerns(None, SecretValue(password.encode()))


def test_every_reader_of_a_format_is_where_it_is_looked_for() -> None:
    from secopskit.detect.structure import DETECTORS
    from secopskit.rotate.look.readers import _read_as

    for detector in DETECTORS:
        if detector.is_format:
            assert list(_read_as(detector.module, b"")) == [], detector.name
