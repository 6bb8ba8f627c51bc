"""Odoo's master password: its hash in the file, and nothing else in it."""

from __future__ import annotations

import configparser
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.conduct.consent import NOBODY
from secopskit.errors import ConfigError, RefusedError, SecopsError
from secopskit.provider import build_provider, parse_settings
from secopskit.provider.interface import (
    Credential,
    NewValue,
    Provider,
    RotationDraft,
    RotationPhase,
    Surroundings,
    VerificationError,
)
from secopskit.provider.odoo.conf_file import OdooConfig
from secopskit.provider.odoo.pbkdf2 import opens, pbkdf2_hash
from secopskit.secret import SecretValue
from support.repos import Repo
from support.rotating import die_at
from support.values import alnum
from support.vendors.rotation import Notes

SALT = bytes(range(16))
FILE = (
    "; Odoo\n[options]\n# admin_passwd = never\naddons_path = /mnt/a,\n    /mnt/b\n"
    "Admin_Passwd : {}\ndb_password = 50%%off;#x\nlist_db = False\n\n[queue_job]\nchannels = root:2\n"
)


@pytest.fixture(autouse=True)
def fewer_rounds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """All tests but one go without the time that a good hash takes."""

    def quick(password: SecretValue, salt: str) -> str:
        return pbkdf2_hash(password, salt=bytes.fromhex(salt), rounds=1000)

    if request.function is not test_a_rotation_from_beginning_to_end:
        monkeypatch.setattr("secopskit.provider.odoo.master_password._hash", quick)


@pytest.fixture
def old() -> str:
    return alnum(12) + "%$#;é"


def conf(tmp_path: Path, text: str, name: str = "odoo.conf") -> Path:
    file = tmp_path / name
    file.write_bytes(text.encode())
    file.chmod(0o640)
    return file


def rotation_of(file: Path, old: str, notes: Notes | None = None) -> Provider:
    credential = Credential(
        name="ODOO_MASTER_PASSWORD",
        provider="odoo",
        settings=parse_settings("odoo", {"what": "master-password", "config": file.name}, source="`test."),
        old=SecretValue(old.encode()),
    )
    around = Surroundings(
        base=str(file.parent), variable=lambda _: None, respondent=NOBODY, tell=notes or Notes()
    )
    return build_provider(credential, around)


def stored(file: Path) -> str:
    parser = configparser.RawConfigParser()
    parser.read(file, encoding="utf-8")
    return parser.get("options", "admin_passwd")


# passlib 1.7.4 makes the same of these: `pbkdf2_sha512.using(rounds=…, salt=…).hash(…)`.
@pytest.mark.parametrize(
    ("word", "rounds", "checksum"),
    [
        (
            "admin",
            25000,
            "hzjCVDG9FELw2b5EEyih3Omxf8FRIQmndWjgpGGArUfNcobEKrNA0TCDqviQOUQRez/u2tkBEug55SdLU1CGvQ",
        ),
        (
            "correct horse battery staple",
            600000,
            "HPMKUYh49Erst1wODQ1poCrF.RgaU7UpIJLhCjwMu0FQip6EKIUUkNiJ4BvDKV0UdO8BuHufX3D.ExFyclsWAw",
        ),
    ],
)
def test_hashes_are_those_that_odoo_reads(word: str, rounds: int, checksum: str) -> None:
    made = pbkdf2_hash(SecretValue(word.encode()), salt=SALT, rounds=rounds)
    assert made == f"$pbkdf2-sha512${rounds}$AAECAwQFBgcICQoLDA0ODw${checksum}"
    assert opens(made, SecretValue(word.encode()))
    assert not opens(made, SecretValue(b"other"))


def test_what_is_stored_in_the_open() -> None:
    assert opens("a word", SecretValue(b"a word"))
    assert not opens("a word", SecretValue(b"a"))
    assert not opens("$pbkdf2-sha512$x$y$z", SecretValue(b"x"))
    with pytest.raises(ConfigError, match="rounds"):
        opens(f"$pbkdf2-sha512$999999999$AAAA${'a' * 86}", SecretValue(b"x"))


def test_a_rotation_from_beginning_to_end(tmp_path: Path, old: str) -> None:
    file = conf(tmp_path, FILE.format(old))
    before = file.read_text()
    rotation = rotation_of(file, old)
    assert rotation.phase is RotationPhase.SINGLE
    assert "restart" in rotation.outline().costs[0]
    draft = rotation.prepare()
    assert file.read_text() == before
    new = rotation.create(draft)
    again = rotation_of(file, old).create(draft)
    assert again == new
    assert draft.value is not None
    hashed = stored(file)
    assert hashed.startswith("$pbkdf2-sha512$600000$")
    assert file.read_text() == before.replace(old, hashed)
    assert file.stat().st_mode & 0o777 == 0o640
    assert draft.value.reveal().decode() not in file.read_text()
    kept = tmp_path / ".odoo.conf.secops-old" / "line"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "restart" in rotation.verify(new)
    assert rotation.rewrite(SecretValue(old.encode()), new) == new.value
    assert rotation.rewrite(SecretValue(b"x"), new) is None
    first = rotation.revoke(new)
    assert rotation.revoke(new) == first
    assert [each.name for each in tmp_path.iterdir()] == ["odoo.conf"]
    after = rotation_of(file, draft.value.reveal().decode())
    after.prepare()  # the hash is verified as Odoo would


@pytest.mark.parametrize("line", ["admin_passwd = {}\r\n", "admin_passwd={}\r\n", ""])
def test_rolled_back_the_file_is_as_it_was(tmp_path: Path, line: str) -> None:
    word = alnum(12) if line else "admin"
    file = conf(tmp_path, "[options]\r\n" + line.format(word) + "list_db = True\r\n")
    before = file.read_bytes()
    notes = Notes()
    rotation = rotation_of(file, word, notes)
    draft = rotation.prepare()
    assert bool(notes.notes) is not bool(line), "the default is told"
    new = rotation.create(draft)
    assert b"\n\n" not in file.read_bytes().replace(b"\r\n", b"\n")
    assert file.read_bytes().count(b"\r\n") == file.read_bytes().count(b"\n")
    file.write_bytes(file.read_bytes() + b"more = 1\r\n")
    rotation.rollback(draft, new)
    assert file.read_bytes() == before + b"more = 1\r\n"
    assert rotation.rollback(draft, new)
    assert [each.name for each in tmp_path.iterdir()] == ["odoo.conf"]


@pytest.mark.skipif(os.name == "nt", reason="no fork")
@pytest.mark.parametrize("step", ["create", "revoke", "rollback"])
def test_killed_at_any_change_of_the_file_system(tmp_path: Path, old: str, step: str) -> None:
    code, at = -9, 0
    while code:
        at += 1
        file = conf(tmp_path, FILE.format(old))
        before = file.read_bytes()
        rotation = rotation_of(file, old)
        draft = rotation.prepare()
        assert draft.value is not None
        new = NewValue(value=draft.value, memo=draft.memo)
        if step != "create":
            rotation.create(draft)
        code = killed_at(at, partial(take, step, rotation_of(file, old), draft, new))
        assert opens(stored(file), SecretValue(old.encode())) or opens(stored(file), draft.value)
        take(step, rotation_of(file, old), draft, new)
        if step == "rollback":
            assert file.read_bytes() == before
        else:
            assert opens(stored(file), draft.value)
            rotation_of(file, old).revoke(new)
        assert [each.name for each in tmp_path.iterdir()] == ["odoo.conf"]
    assert at > {"create": 5, "revoke": 1, "rollback": 4}[step]


@pytest.mark.skipif(os.name == "nt", reason="no fork")
def test_git_never_sees_the_line_that_is_kept(tmp_path: Path, old: str) -> None:
    """Killed wherever: `git add .` takes no old password along."""
    repo = Repo.create(tmp_path / "repo")
    file = conf(repo.path, FILE.format(old))
    repo.git("add", "odoo.conf")
    repo.git("commit", "-q", "-m", "its configuration")
    code, at = -9, 0
    while code:
        at += 1
        rotation = rotation_of(file, old)
        draft = rotation.prepare()
        code = killed_at(at, partial(take, "create", rotation_of(file, old), draft, None))
        for name in repo.git("ls-files", "--others", "--exclude-standard").splitlines():
            assert b"password" not in (repo.path / name).read_bytes().lower()
            assert old.encode() not in (repo.path / name).read_bytes()
        rotation.rollback(draft, None)
        assert not (repo.path / ".odoo.conf.secops-old").exists()


def take(step: str, rotation: Provider, draft: RotationDraft, new: NewValue | None) -> None:
    """Take one step of a rotation."""
    match step:
        case "create":
            rotation.create(draft)
        case "revoke":
            assert new
            rotation.revoke(new)
        case _:
            rotation.rollback(draft, new)


def killed_at(at: int, act: Callable[[], object]) -> int:
    """Do it in a fork that ends as `kill -9` would at that change; 0 where it came to its end."""
    pid = os.fork()
    if not pid:
        code = 70
        try:
            die_at(at)
            act()
            code = 0
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in {0, -9}
    return code


def test_rolled_back_without_what_was_kept_the_old_password_works_again(tmp_path: Path, old: str) -> None:
    file = conf(tmp_path, FILE.format(old))
    rotation = rotation_of(file, old)
    draft = rotation.prepare()
    new = rotation.create(draft)
    (tmp_path / ".odoo.conf.secops-old" / "line").unlink()
    rotation.rollback(draft, new)
    assert opens(stored(file), SecretValue(old.encode()))


@pytest.mark.parametrize("kept", [True, False])
def test_a_value_that_is_the_hash_itself(tmp_path: Path, old: str, kept: bool) -> None:
    hashed = pbkdf2_hash(SecretValue(old.encode()), salt=SALT, rounds=1000)
    file = conf(tmp_path, FILE.format(hashed))
    before = file.read_bytes()
    rotation = rotation_of(file, hashed)
    draft = rotation.prepare()
    new = rotation.create(draft)
    rotation.verify(new)
    if not kept:
        (tmp_path / ".odoo.conf.secops-old" / "line").unlink()
    rotation.rollback(draft, new)
    assert file.read_bytes() == before


def test_somebody_else_has_changed_it(tmp_path: Path, old: str) -> None:
    file = conf(tmp_path, FILE.format(old))
    rotation = rotation_of(file, old)
    draft = rotation.prepare()
    conf(tmp_path, FILE.format("another"))
    with pytest.raises(RefusedError, match="somebody else"):
        rotation.create(draft)
    with pytest.raises(RefusedError, match="somebody else"):
        rotation.rollback(draft, None)
    with pytest.raises(RefusedError, match="not the master password"):
        rotation.prepare()
    assert stored(file) == "another"


def test_odoo_has_written_its_old_password_back(tmp_path: Path, old: str) -> None:
    file = conf(tmp_path, FILE.format(old))
    rotation = rotation_of(file, old)
    new = rotation.create(rotation.prepare())
    conf(tmp_path, FILE.format(old))
    with pytest.raises(VerificationError, match="not that of the new"):
        rotation.verify(new)
    with pytest.raises(VerificationError, match="is back"):
        rotation.revoke(new)


def test_a_link_stays_a_link(tmp_path: Path, old: str) -> None:
    place = tmp_path / "etc"
    place.mkdir()
    file = conf(place, FILE.format(old))
    link = tmp_path / "odoo.conf"
    link.symlink_to(file)
    rotation = rotation_of(link, old)
    rotation.create(rotation.prepare())
    assert link.is_symlink()
    assert stored(file).startswith("$pbkdf2")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root gives files away")
def test_the_owner_stays(tmp_path: Path, old: str) -> None:
    file = conf(tmp_path, FILE.format(old))
    os.chown(file, 12345, 23456)
    rotation = rotation_of(file, old)
    rotation.create(rotation.prepare())
    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 23456)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "admin_passwd = x\n",
        "[other]\nadmin_passwd = x\n",
        "[options]\nadmin_passwd = x\nadmin_passwd = y\n",
        "[options]\n  admin_passwd = x\n",
        "[DEFAULT]\nadmin_passwd = x\n[options]\na = 1\n",
    ],
)
def test_files_that_are_not_touched(tmp_path: Path, text: str) -> None:
    file = conf(tmp_path, text)
    with pytest.raises(ConfigError) as failed:
        rotation_of(file, "x").prepare()
    assert "admin_passwd = " not in str(failed.value)
    assert file.read_text() == text


def test_no_file_and_no_setting(tmp_path: Path) -> None:
    with pytest.raises(SecopsError, match="No such file"):
        rotation_of(tmp_path / "none.conf", "x").prepare()
    with pytest.raises(ConfigError, match="`config`"):
        build_provider(
            Credential(
                name="X",
                provider="odoo",
                settings=parse_settings("odoo", {"what": "master-password"}, source="`test."),
                old=SecretValue(b"x"),
            ),
            Surroundings(base="/", variable=lambda _: None, respondent=NOBODY, tell=Notes()),
        )


_LINES = st.sampled_from(
    [
        "# c\n",
        "; admin_passwd = c\n",
        "\n",
        "a = 1\n",
        "b : 2\r\n",
        "c = x\n  y\n",
        "d\t=\n",
        "e = \x0c\u2028é\n",
    ]
)


@given(st.lists(_LINES, unique=True), st.lists(_LINES, unique=True), st.sampled_from(["=", " = ", ": "]))
def test_whatever_stands_around_it_stays(before: list[str], after: list[str], sign: str) -> None:
    import tempfile

    after = [line for line in after if line not in before or line[:1] in "#;\n"]
    head, tail = "[options]\n" + "".join(before), "".join(after) + "[other]\nadmin_passwd = 1\n"
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "odoo.conf"
        file.write_bytes(f"{head}admin_passwd{sign}word\n{tail}".encode())
        found = OdooConfig.read(str(file))
        assert found.stored == "word"
        assert found.with_password("$new") == f"{head}admin_passwd{sign}$new\n{tail}"
        assert found.place == f"{file.resolve()}:{head.count(chr(10)) + 1}"
