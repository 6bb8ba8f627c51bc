"""Sources of values: every byte is kept, what is not there is left out, and no message holds a value."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from secopskit.errors import ConfigError, RefusedError, SecopsError, UsageError
from secopskit.origin import ORIGINS, build_origin
from secopskit.origin.interface import Origin, OriginSurroundings
from secopskit.secret import SecretValue
from secopskit.settings.declaration import OriginChoice, parse_origin
from secopskit.settings.environment import exact_variable
from support.origins import Listener, Somebody, TrustAll, origin_surroundings
from support.values import alnum

ODD = b"\r\n$HOME '\"\\ \xc3\xbc\xff\x01 end\n"


def made(surroundings: OriginSurroundings, kind: str, *arguments: str) -> Origin:
    return build_origin(OriginChoice(kind, arguments), surroundings)


def read(origin: Origin, *keys: str) -> Mapping[str, bytes]:
    return {key: found.value.reveal() for key, found in origin.read(keys).items()}


def write(origin: Origin, **values: bytes) -> None:
    origin.write({key: SecretValue(value) for key, value in values.items()})


# --- the registry -------------------------------------------------------------------------------


def test_every_kind_is_there_and_can_be_declared(tmp_path: Path) -> None:
    arguments = {
        "dotenv": (".env",), "file": ("key.pem",), "ini": ("a.conf", "options"), "keyring": ("shop",),
        "command": ("pass", "show"), "command-exact": ("pass",),
    }  # fmt: skip
    for kind in ORIGINS:
        words = list(arguments.get(kind, ()))
        choice = parse_origin({kind: words} if words else kind)
        origin = build_origin(choice, origin_surroundings(tmp_path))
        assert origin.label
        assert origin.writable == (kind in {"dotenv", "file", "keyring"})
        assert origin.apart == (kind in {"environment", "file", "keyring", "prompt", "stdin"})
        if not origin.writable:
            with pytest.raises(RefusedError) as caught:
                write(origin, A=b"canary")
            assert caught.value.advice
            assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("dotenv", ()), ("dotenv", ("a", "b")), ("file", ()), ("file", ("",)), ("ini", ("a",)),
        ("ini", ("a", "b", "c", "d")), ("keyring", ()), ("keyring", ("a", "b", "c")), ("keyring", ("",)),
        ("command", ()), ("command", ("", "x")), ("stdin", ("json",)), ("prompt", ("x",)),
        ("environment", ("A*B",)), ("environment", ("A", "B")), ("environment", ("A=B",)), ("vault", ()),
    ],
)  # fmt: skip
def test_wrong_arguments_are_configuration_errors(
    tmp_path: Path, kind: str, arguments: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigError) as caught:
        made(origin_surroundings(tmp_path), kind, *arguments)
    assert caught.value.advice


ONE_VALUE = [
    ("file", ("a",)), ("stdin", ()), ("environment", ("A",)), ("ini", ("a", "s", "o")),
    ("keyring", ("s", "u")), ("command", ("true",)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "arguments"), ONE_VALUE)
def test_one_value_is_not_the_value_of_two_keys(
    tmp_path: Path, kind: str, arguments: tuple[str, ...]
) -> None:
    origin = made(origin_surroundings(tmp_path, trust=TrustAll()), kind, *arguments)
    with pytest.raises(ConfigError, match="2 keys"):
        origin.read(["A", "B"])


# --- dotenv -------------------------------------------------------------------------------------


def test_a_dotenv_file_is_read_with_its_lines(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"# x\nA='$b\n'\nB=\nC=d\n")
    found = made(origin_surroundings(tmp_path), "dotenv", ".env").read({"A", "B", "Z"})
    assert {key: (value.value.reveal(), value.place) for key, value in found.items()} == {
        "A": (b"$b\n", ".env:2"),
        "B": (b"", ".env:4"),
    }


def test_a_dotenv_file_is_edited_in_place(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"# keep\nA='b'  # why\nB=c\n")
    path.chmod(0o644)
    origin = made(origin_surroundings(tmp_path), "dotenv", ".env")
    for _ in range(2):
        write(origin, A=b"$x", C=b"new")
        assert path.read_bytes() == b"# keep\nA='$x'  # why\nB=c\nC=new\n"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == [".env"]
    path.chmod(0o400)
    write(origin, A=b"y")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (
        b"# keep\nA='y'  # why\nB=c\nC=new\n",
        0o400,
    )


def test_a_dotenv_file_that_is_missing_is_made_and_not_read(tmp_path: Path) -> None:
    origin = made(origin_surroundings(tmp_path), "dotenv", "new.env")
    with pytest.raises(SecopsError, match="is not there") as error:
        origin.read(["A"])
    assert not isinstance(error.value, ConfigError), "a source that is not here is no mistake"
    write(origin, A=b"b c")
    assert (tmp_path / "new.env").read_bytes() == b"A='b c'\n"
    assert stat.S_IMODE((tmp_path / "new.env").stat().st_mode) == 0o600


def test_a_damaged_dotenv_file_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"A='b\n")
    with pytest.raises(ConfigError, match=r"\.env:1: "):
        write(made(origin_surroundings(tmp_path), "dotenv", ".env"), A=b"c")
    assert path.read_bytes() == b"A='b\n"


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
def test_a_link_is_followed_in_the_tree_and_stays(tmp_path: Path) -> None:
    base = tmp_path / "tree"
    base.mkdir()
    (base / "real.env").write_bytes(b"A=b\n")
    (base / ".env").symlink_to("real.env")
    (tmp_path / "outside.env").write_bytes(b"A=secret\n")
    (base / "out.env").symlink_to("../outside.env")
    origin = made(origin_surroundings(base), "dotenv", ".env")
    assert read(origin, "A") == {"A": b"b"}
    write(origin, A=b"c")
    assert (base / ".env").is_symlink()
    assert (base / "real.env").read_bytes() == b"A=c\n"
    (base / ".git").mkdir()
    for name in (
        "out.env",
        "../outside.env",
        str(tmp_path / "outside.env"),
        ".git/config",
        "x/../.GIT/hooks/a",
    ):
        for action in (lambda origin: origin.read(["A"]), lambda origin: write(origin, A=b"x")):
            with pytest.raises(RefusedError, match="outside of the work tree"):
                action(made(origin_surroundings(base), "dotenv", name))
    assert (tmp_path / "outside.env").read_bytes() == b"A=secret\n"
    trust = TrustAll()
    assert read(made(origin_surroundings(base, trust=trust), "dotenv", "../outside.env"), "A") == {
        "A": b"secret"
    }
    assert trust.reached[0][:2] == ("dotenv", ("../outside.env",))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root gives files away")
def test_the_owner_of_a_file_stays(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"A=b\n")
    os.chown(path, 1234, 1235)
    write(made(origin_surroundings(tmp_path), "dotenv", ".env"), A=b"c")
    found = path.stat()
    assert (found.st_uid, found.st_gid, path.read_bytes()) == (1234, 1235, b"A=c\n")


@pytest.mark.skipif(os.name == "nt", reason="no FIFO")
def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".env")
    for kind in ("dotenv", "file"):
        with pytest.raises(ConfigError, match="not a regular file"):
            made(origin_surroundings(tmp_path), kind, ".env").read(["A"])


# --- environment, standard input, prompt ----------------------------------------------------------


def test_variables_keep_every_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    surroundings = origin_surroundings(tmp_path, variables={"A": ODD, "PROD_A": b"p", "EMPTY": b""})
    assert read(made(surroundings, "environment"), "A", "EMPTY", "NONE") == {"A": ODD}
    assert read(made(surroundings, "environment", "PROD_*"), "A", "B") == {"A": b"p"}
    assert read(made(surroundings, "environment", "A"), "OTHER") == {"OTHER": ODD}
    assert made(surroundings, "environment", "PROD_*").read(["A"])["A"].place == "variable PROD_A"
    if os.name == "posix":
        monkeypatch.setitem(os.environb, b"SHOP_ODD", b" \xff\xc3\xbc\n")
        monkeypatch.setenv("SHOP_EMPTY", "")
        value = exact_variable("SHOP_ODD")
        assert value is not None
        assert value.reveal() == b" \xff\xc3\xbc\n"
        assert exact_variable("SHOP_EMPTY") is exact_variable("SHOP_NONE") is None


def test_standard_input_is_one_value_with_every_byte(tmp_path: Path) -> None:
    listener = Listener()
    surroundings = origin_surroundings(tmp_path, standard_input=ODD, listener=listener)
    assert read(made(surroundings, "stdin"), "A") == {"A": ODD}
    assert listener.told == []
    assert read(made(origin_surroundings(tmp_path), "stdin"), "A") == {}
    line = origin_surroundings(tmp_path, standard_input=b"canary\n", listener=listener)
    assert read(made(line, "stdin"), "A") == {"A": b"canary\n"}
    assert "line end" in listener.told[0]
    assert "canary" not in listener.told[0]


def test_standard_input_may_be_a_dotenv_file(tmp_path: Path) -> None:
    surroundings = origin_surroundings(tmp_path, standard_input=b"A=b\n\nC='d\n'\n")
    origin = made(surroundings, "stdin", "dotenv")
    assert read(origin, "A", "C", "E") == {"A": b"b", "C": b"d\n"}
    assert origin.read(["C"])["C"].place == "standard input, line 3"
    with pytest.raises(ConfigError, match="standard input:1: "):
        made(origin_surroundings(tmp_path, standard_input=b"A='"), "stdin", "dotenv").read(["A"])


def test_a_person_is_asked_once_for_each_key(tmp_path: Path) -> None:
    person = Somebody(secrets=["p\u00fc \udcff", ""])
    origin = made(origin_surroundings(tmp_path, person=person), "prompt")
    for _ in range(2):
        assert read(origin, "A", "B") == {"A": b"p\xc3\xbc \xff"}
    assert len(person.asked) == 2
    assert ("A" in person.asked[0], "B" in person.asked[1]) == (True, True)


def test_nobody_is_not_asked(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nobody"):
        made(origin_surroundings(tmp_path), "prompt").read(["A"])


# --- file, ini ------------------------------------------------------------------------------------


def test_a_file_is_a_value_with_every_byte(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(ODD)
    origin = made(origin_surroundings(tmp_path), "file", "key")
    assert read(origin, "A") == {"A": ODD}
    write(origin, A=b"new\0\n")
    assert (tmp_path / "key").read_bytes() == b"new\0\n"
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    (tmp_path / "empty").write_bytes(b"")
    assert read(made(origin_surroundings(tmp_path), "file", "empty"), "A") == {}
    missing = made(origin_surroundings(tmp_path), "file", "none")
    assert read(missing, "A") == {}
    write(missing, A=b"x")
    assert read(missing, "A") == {"A": b"x"}


def test_an_option_of_an_ini_file(tmp_path: Path) -> None:
    (tmp_path / "odoo.conf").write_bytes(
        b"\xef\xbb\xbf[options]\nadmin_passwd = $%(x)s # \xc3\xbc\nempty =\n; db_password = no\nDB_Host: h\n"
    )
    surroundings = origin_surroundings(tmp_path)
    one = made(surroundings, "ini", "odoo.conf", "options", "admin_passwd")
    assert read(one, "MASTER") == {"MASTER": b"$%(x)s # \xc3\xbc"}
    section = made(surroundings, "ini", "odoo.conf", "options")
    assert read(section, "ADMIN_PASSWD", "db_host", "db_password", "empty") == {
        "ADMIN_PASSWD": b"$%(x)s # \xc3\xbc",
        "db_host": b"h",
    }
    assert read(made(surroundings, "ini", "odoo.conf", "other"), "a") == {}


def test_an_ini_file_that_is_missing_is_told(tmp_path: Path) -> None:
    origin = made(origin_surroundings(tmp_path), "ini", "shop.conf", "options")
    with pytest.raises(SecopsError, match=r"shop\.conf: is not there") as caught:
        read(origin, "admin_passwd")
    assert not isinstance(caught.value, ConfigError), "a look does without it"


def test_a_dotenv_file_that_is_piped_in_tells_what_it_lacks(tmp_path: Path) -> None:
    """Without any input nothing can be told."""
    for data, apart in ((b"A=1\n", False), (b"", True)):
        assert made(origin_surroundings(tmp_path, standard_input=data), "stdin", "dotenv").apart is apart


@pytest.mark.parametrize(
    "text", ["[o]\na = {0}\na = {0}\n", "[o]\n[o]\n", "a = {0}\n", "[o\n{0}\n", "[o]\na = {0}\n\udcff"]
)
def test_a_damaged_ini_file_is_told_without_its_lines(tmp_path: Path, text: str) -> None:
    canary = alnum(20)
    (tmp_path / "a.ini").write_bytes(text.format(canary).encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError) as caught:
        made(origin_surroundings(tmp_path), "ini", "a.ini", "o").read(["a"])
    assert canary not in str(caught.value) + repr(caught.value.__context__)
    assert caught.value.__cause__ is None


# --- keyring --------------------------------------------------------------------------------------


@pytest.fixture
def backend() -> Iterator[dict[tuple[str, str], str]]:
    import keyring
    from keyring.backend import KeyringBackend
    from keyring.errors import KeyringLocked

    kept: dict[tuple[str, str], str] = {}

    class Memory(KeyringBackend):
        priority = 1

        def get_password(self, service: str, username: str) -> str | None:
            if username == "locked":
                raise KeyringLocked("canary of the backend")
            return kept.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            kept[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del kept[service, username]

    before = keyring.get_keyring()
    keyring.set_keyring(Memory())  # type: ignore[no-untyped-call]  # keyring's own class has no types
    yield kept
    keyring.set_keyring(before)


def test_a_keyring_is_read_and_written(tmp_path: Path, backend: dict[tuple[str, str], str]) -> None:
    surroundings = origin_surroundings(tmp_path, trust=TrustAll())
    backend["shop", "A"], backend["shop", "EMPTY"] = "p\u00fc\n", ""
    origin = made(surroundings, "keyring", "shop")
    assert read(origin, "A", "B", "EMPTY") == {"A": b"p\xc3\xbc\n"}
    write(origin, B=b"x y\n")
    write(made(surroundings, "keyring", "shop", "admin"), WHATEVER=b"z")
    assert backend["shop", "B"] == "x y\n"
    assert backend["shop", "admin"] == "z"
    with pytest.raises(ConfigError, match="UTF-8") as refused:
        write(origin, B=b"canary\xff")
    assert "canary" not in str(refused.value) + repr(refused.value.__context__)
    with pytest.raises(SecopsError, match="KeyringLocked") as locked:
        origin.read(["locked"])
    assert "canary" not in str(locked.value) + locked.value.advice


def test_a_keyring_that_is_not_there_is_told(tmp_path: Path, backend: dict[tuple[str, str], str]) -> None:
    import keyring
    from keyring.backends.fail import Keyring

    keyring.set_keyring(Keyring())  # type: ignore[no-untyped-call]  # as above
    with pytest.raises(SecopsError, match="NoKeyringError") as caught:
        made(origin_surroundings(tmp_path, trust=TrustAll()), "keyring", "shop").read(["A"])
    assert "declare another source" in caught.value.advice


def test_a_keyring_needs_the_users_word(tmp_path: Path, backend: dict[tuple[str, str], str]) -> None:
    backend["shop", "token"] = "canary"
    with pytest.raises(RefusedError, match="entries of your keyring: shop") as caught:
        made(origin_surroundings(tmp_path), "keyring", "shop").read(["token"])
    assert "canary" not in str(caught.value)
