"""No output holds a secret: not a report, not a log, not an error, not a file that is written."""

from __future__ import annotations

import ast
import base64
import os
import pty
import re
import subprocess
from pathlib import Path

import pytest

from secopskit.report import FORMATS
from support import forked
from support.cli import COMMAND, SOURCE, UNMEASURED, environment, secops
from support.repos import Repo
from support.values import alnum, github_token

# Who may hold a value in the open: the reports that show it when told to on a terminal, the
# baseline of another tool that is made of hashes of it, and the pipe between our processes.
REVEALING = {
    (path, "reveal")
    for path in (
        "collect/assemble/stacks.py",  # image names and ports that Compose takes from `.env`
        "collect/value.py",  # whether it is weak, a slot, a reference
        "collect/assemble/resolve.py",  # references are put in, to tell host and port of a URL
        "fleet/worker/askpass.py",  # git is given the token, in its own environment
        "formats/exact/dotenv_edit.py",  # written where it belongs, in quotes
        "origin/file.py",
        "origin/keyring.py",  # written where it belongs
        "provider/exchange.py",  # the old value within others
        "provider/guidance.py",  # compared with the form of a rule
        "provider/taking.py",  # whether it has several lines
        "provider/recognise.py",  # a URL tells its database
        "postgres/connect.py",  # libpq is given the connection string
        "migrate/server/auth.py",  # hashed at once
        "migrate/shadow/given.py",  # the URL, and the password of the role that is made there
        "migrate/shadow/elevation.py",  # the word of the superuser's function, as a parameter
        "migrate/shadow/server.py",  # the password that a server of our own is made with
        "purge/values/spelling.py",
        "purge/values/forms.py",  # what is searched for
        "purge/values/targets.py",  # whether a value is too short or too common
        "report/terminal/console.py",  # --show-secrets
        "scan/display.py",  # whether a machine drew it, where a document shows it
        "scan/spellings.py",  # compared, to tell one secret in two spellings
        "redaction.py",  # taken out of names
        "rotate/look/forms.py",  # what readers are looked for by
        "rotate/keep/values.py",  # the private files of a rotation under way
        "scan/judging/moved.py",  # what git looks for in a commit, by a pipe
        "sync/compare/values.py",  # line ends, where the declaration says so
        "known/yelp_baseline.py",  # hashed at once
        "verify/near.py",  # its parts, and how far another one is from it
        "verify/request.py",  # the request that the issuer is sent
        "verify/answer.py",  # what an issuer quotes is masked
        "verify/sts.py",  # a request is signed with it
        "verify/service_url.py",  # the URL that it stands in
        "verify/redis.py",  # the login
        "postgres/login.py",  # libpq is given the password
        "scan/verification.py",  # where in a file it stands
        "web/vendor.py",  # the header that a vendor is shown
        "github/access.py",  # variables that hold addresses and ids
        "github/authorization.py",  # the App's key, which signs
        "github/stores/sealing.py",  # sealed at once
        "github/stores/variable_store.py",  # sent as they are, for all to read
        "sink/github.py",  # whether GitHub would take it
        "provider/vendor/talk.py",  # what a vendor quotes is masked
        "provider/vendor/logins.py",  # the password in a URL is exchanged
        "provider/digitalocean/s3.py",  # a request is signed with it
        "provider/vendor/pair.py",  # ids, which are no secrets
        "provider/aws/iam.py",  # whoever asks AWS, and what AWS quotes is masked
        "provider/github/keypair.py",  # its public half is computed
        "provider/digitalocean/__init__.py",  # what it begins with
        "provider/supabase/project.py",  # whether it is a legacy key, and how it begins
        "provider/supabase/secret_key.py",  # whether it is a public key
        "provider/supabase/database.py",  # the request that sets the password, and the URL to try it
        "provider/odoo/pbkdf2.py",  # hashed at once
        "provider/odoo/master_password.py",  # whether it is a hash itself
        "provider/postgres/two_roles.py",  # the user's name, which is no secret
        "provider/odoo/user_password.py",  # Odoo is given both passwords
        "provider/postgres/dsn.py",  # taken apart and put together again
        "provider/postgres/doors.py",  # libpq is given the connection string
        "provider/postgres/verifier.py",  # hashed at once
        "provider/postgres/statements.py",  # libpq hashes what is not ASCII
    )
}
CROSSING = {
    (path, call)
    for path in (
        "scan/content/examine.py",
        "scan/content/occurrence.py",
        "purge/values/wire.py",
        "purge/find/content/inspector.py",
        "purge/values/crew.py",
    )
    for call in ("to_wire", "from_wire")
}


class Planted:
    """A repository with values of many kinds, and what must never be seen of them."""

    def __init__(self, path: Path) -> None:
        self.token, self.encoded, self.message = github_token(), github_token(), github_token()
        self.weak, self.password, self.staged = "swordfish" + "7x", alnum(18), github_token()
        self.repo = Repo.create(path)
        self.repo.commit(
            {
                "a.py": f"token = '{self.token}'  # secops: allow[no-such-rule] {self.token}\n",
                "allowed.py": f"token = '{self.encoded}'  # secops: allow because of {self.encoded}\n",
                "b.txt": "x: " + base64.b64encode(f"key = {self.encoded}".encode()).decode() + "\n",
                ".env": f"DB_PASSWORD={self.weak}\nSECRET_KEY='{self.password}'\n",
                "docker-compose.yml": f"services: {{a: {{environment: {{PG_PASSWORD: {self.password}}}}}}}\n",
                "url.py": f"u = 'postgres://admin:{self.password}@db.internal/app'\n",
                "broken.yml": f"password: {self.password}\n  : [\n",
                "binary": b"\0" + self.token.encode(),
            },
            f"oops {self.message}",
        )
        self.repo.stage({"s.py": f"token = '{self.staged}'\n"})

    @property
    def values(self) -> tuple[str, ...]:
        return (self.token, self.encoded, self.message, self.weak, self.password, self.staged)

    def seen_in(self, text: str) -> list[str]:
        """The values of which more than a preview stands in `text`, spelt out or encoded."""
        found = []
        for value in self.values:
            encoded = base64.b64encode(value.encode()).decode()[4:-4]
            parts = (value[6:], value[:-6], value[::-1], encoded, value.encode().hex())
            if value in text or any(part in text for part in parts if len(part) >= 8):
                found.append(value[:4])
        return found


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    return Planted(tmp_path_factory.mktemp("planted") / "repo")


_MODES = {"tree": (), "staged": ("--staged",), "history": ("--history", "--no-cache"), "re": ("--engine=re",)}


@pytest.mark.parametrize("form", sorted(FORMATS))
@pytest.mark.parametrize("mode", ["tree", "history"])
def test_no_report_holds_a_value(planted: Planted, tmp_path: Path, form: str, mode: str) -> None:
    file = tmp_path / "report"
    scan = (*_MODES[mode], "-f", form)
    printed = forked.secops("scan", *scan, "-vv", "--show-suppressed", cwd=planted.repo.path)
    written = forked.secops("scan", *scan, "-o", file, cwd=planted.repo.path)
    assert (printed.code, written.code) == (1, 1), printed.err
    assert not planted.seen_in(printed.text + written.text + file.read_text())
    assert len(file.read_text()) > 100
    assert file.stat().st_mode & 0o077 == 0 or os.name == "nt"


@pytest.mark.parametrize("mode", _MODES)
@pytest.mark.parametrize("loudness", ["-q", "-v", "-vv"])
def test_saying_more_says_no_value(planted: Planted, mode: str, loudness: str) -> None:
    outcome = forked.secops("scan", loudness, *_MODES[mode], cwd=planted.repo.path)
    assert outcome.code == 1
    assert not planted.seen_in(outcome.text)


_ERRORS = (
    ("scan", "--history", "--staged"),
    ("scan", "--since", "no-such-revision"),
    ("scan", "no/such/file"),
    ("scan", "--engine=none"),
    ("scan", "--show-secrets"),
    ("scan", "--show-secrets", "--format=json"),
    ("scan", "-o", "no/such/directory/report"),
    ("scan", "--baseline", "none.json"),
    ("scan", "--config", "a.py"),
    ("scan", "--config", ".env"),
    ("scan", "--baseline", "docker-compose.yml"),
    ("scan", "--baseline", "a.py"),
)


@pytest.mark.parametrize("arguments", _ERRORS, ids=" ".join)
def test_no_error_holds_a_value(planted: Planted, arguments: tuple[str, ...]) -> None:
    outcome = forked.secops(*arguments, "-vv", cwd=planted.repo.path)
    assert outcome.code in (2, 3), outcome.text
    assert not planted.seen_in(outcome.text)


def test_a_bug_tells_no_value(planted: Planted, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import secopskit.scan.content.occurrence as s\n"
        "def broken(blob, *rest):\n    raise RuntimeError(blob.data)\n"
        "s._occurrence = broken\n"
    )
    path = os.pathsep.join([str(tmp_path), str(SOURCE)])
    for mode in _MODES.values():
        outcome = secops("scan", "-vv", *mode, cwd=planted.repo.path, env={"PYTHONPATH": path})
        assert outcome.code == 70, outcome.text
        assert "RuntimeError" in outcome.err
        assert not planted.seen_in(outcome.text)


def test_the_hook_blocks_without_telling(planted: Planted) -> None:
    outcome = secops("hook", "run", "pre-commit", cwd=planted.repo.path)
    assert not planted.seen_in(outcome.text)


def test_files_of_ours_hold_no_value(planted: Planted, tmp_path: Path) -> None:
    # Spares the compiler; and rules are read anew, which is measured where they are tested.
    cache = {"SECOPS_CACHE_DIR": str(tmp_path / "cache"), "SECOPS_SCAN_ENGINE": "re", **UNMEASURED}
    secops("scan", "--history", cwd=planted.repo.path, env=cache)
    secops("baseline", "create", cwd=planted.repo.path, env=cache)
    ours = [*(tmp_path / "cache").rglob("*"), *(planted.repo.path / ".git" / "secops").rglob("*")]
    ours += planted.repo.path.glob(".secops*")
    assert len(ours) > 3
    text = "".join(path.read_bytes().decode("latin-1") for path in ours if path.is_file())
    assert not planted.seen_in(text)
    (planted.repo.path / ".secops.baseline.json").unlink()


@pytest.mark.skipif(os.name == "nt", reason="no pseudo-terminal")
def test_values_are_shown_on_a_terminal_that_asks_for_them(planted: Planted) -> None:
    def on_a_terminal(*arguments: str) -> str:
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [*COMMAND, "scan", *arguments],
            cwd=planted.repo.path,
            env=environment(),
            stdout=theirs,
            stderr=theirs,
        ) as process:
            os.close(theirs)
            output = b""
            while True:
                try:
                    block = os.read(ours, 65536)
                except OSError:
                    break
                if not block:
                    break
                output += block
        os.close(ours)
        assert process.returncode == 1
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\s", "", output.decode("utf-8", "replace"))

    assert not planted.seen_in(on_a_terminal())
    assert planted.token in on_a_terminal("--show-secrets")


def _calls(names: set[str]) -> set[tuple[str, str]]:
    """The modules of the package and the names among `names` that they take of any object."""
    written = [f".{name}".encode() for name in names]
    found = set()
    for path in (SOURCE / "secopskit").rglob("*.py"):
        text = path.read_bytes()
        if not any(name in text for name in written):
            continue  # most, and parsing them all takes seconds
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Attribute) and node.attr in names:
                found.add((path.relative_to(SOURCE / "secopskit").as_posix(), node.attr))
    return found


def test_who_may_reveal_a_value() -> None:
    assert _calls({"reveal"}) == REVEALING


def test_what_may_cross_a_pipe() -> None:
    # `Occurrence` has methods of the same name; its callers hand over tuples without a look at them.
    calls = {call for call in _calls({"to_wire", "from_wire"}) if not call[0].startswith("scan/history/")}
    assert calls == CROSSING


def test_nobody_reaches_for_the_value_itself() -> None:
    assert {path for path, _ in _calls({"_value"})} <= {"secret.py"}
