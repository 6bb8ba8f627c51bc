"""Every way to hand a password to a program is seen by the engine's signs, wherever people write commands.

The texts are made from the table's own expressions: a new row is tried without being named here.
"""

from __future__ import annotations

import re

import pytest

from secopskit.findings import Blob
from secopskit.formats.commands.programs import WAYS, Way
from support.engines import detectors
from support.spellings import matching
from support.values import alnum

DRAWN = alnum(9) + alnum(9)
SCRIPT = "#!/bin/sh\nset -e\n{}\n"
README = "# App\n\nRun:\n\n```sh\n{}\n```\n\nDone.\n"
WORKFLOW = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          {}\n"
PIPELINE = "language: python\nscript:\n  - set -e\n  - |\n          {}\n"
PLACES = {
    "deploy.sh": SCRIPT,
    "README.md": README,
    ".github/workflows/ci.yml": WORKFLOW,
    ".travis.yml": PIPELINE,
}


def found(path: str, command: str) -> set[bytes]:
    indented = command.replace("\n", "\n          ") if path.endswith(".yml") else command
    blob = Blob(path=path, data=PLACES[path].format(indented).encode())
    return {one.secret.reveal() for one in detectors("auto").examine(blob) if one.secret}


def is_found(path: str, command: str) -> bool:
    return DRAWN.encode() in found(path, command)


def commands(way: Way) -> list[str]:
    groups = re.compile(way.pattern.source).groups
    filled: dict[int, list[str]] = {number: [DRAWN] for number in range(1, groups + 1)}
    if way.names_key:
        filled[1] = ["DB_PASSWORD", "auth.password"]
    return matching(way.pattern.source, filled)


@pytest.mark.parametrize("way", WAYS, ids=[f"{number}-{way.name}" for number, way in enumerate(WAYS)])
def test_each_spelling_of_a_way_is_found_where_commands_stand(way: Way) -> None:
    written = commands(way)
    assert written
    missed = [(path, text) for text in written for path in PLACES if not is_found(path, text)]
    assert not missed


@pytest.mark.parametrize("name", ["DB_PASSWORD", "API_TOKEN", "AWS_SECRET_ACCESS_KEY", "APP_KEY"])
@pytest.mark.parametrize(
    "form",
    [
        "export {}={}",
        'export {}="{}"',
        "export {}='{}'",
        'export "{}={}"',
        "export A=1 && export {}={}",
        "declare -x {}={}",
        "typeset -x {}={}",
        "set {}={}",
        'set "{}={}"',
        "setenv {} {}",
        "set -x {} {}",
        "set -gx {} {}",
        "set -xg {} {}",
        "set -Ux {} {}",
        "$env:{} = '{}'",
        '$Env:{}="{}"',
        "docker run -e {}={} app",
        "docker run -e '{}={}' app",
        "docker run -d \\\n  -e {}={} app",
        "docker run --env {}={} app",
        "docker build --build-arg {}={} .",
        "{}={} ./run",
        "sudo {}={} ./run",
        "ls && {}={} ./run",
        ': "${{{}:={}}}"',
        "cat > .env <<EOF\n{}={}\nEOF",
        'echo "{}={}" >> .env',
    ],
)
def test_each_form_of_a_variable_is_found_where_commands_stand(form: str, name: str) -> None:
    for path in PLACES:  # of a block of YAML, the rest of the line may be taken for a part of it
        assert any(one.startswith(DRAWN.encode()) for one in found(path, form.format(name, DRAWN))), path


@pytest.mark.parametrize("option", ["-pass", "-passin", "-passout"])
def test_the_password_of_openssl_is_what_follows_its_source(option: str) -> None:
    command = f"openssl rsa -in a.pem {option} "
    assert found("deploy.sh", f"{command}pass:{DRAWN}") == {DRAWN.encode()}
    for elsewhere in ("env:CERT_PASSWORD_2", "file:/run/secrets/cert_password_2", "fd:3", "stdin"):
        assert found("deploy.sh", command + elsewhere) == set()
