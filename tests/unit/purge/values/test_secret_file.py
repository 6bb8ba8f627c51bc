"""Values that a user names: how a file of them is read, and which file is refused."""

from __future__ import annotations

import base64
import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.errors import RefusedError, UsageError
from secopskit.purge.values.secret_file import parse_values, read_values
from support.history import opened
from support.repos import Repo
from support.values import alnum


def values(data: bytes) -> list[bytes]:
    return [value.reveal() for value in parse_values(data, name="f")]


@given(st.lists(st.binary(min_size=1).filter(bytes.strip), min_size=1, max_size=20, unique=True))
def test_whatever_bytes_a_value_has_base64_says_them(wanted: list[bytes]) -> None:
    assert values(b"\r\n".join(b"base64:" + base64.b64encode(one) for one in wanted)) == wanted


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_lines_are_values_and_blank_ones_are_none(ending: bytes) -> None:
    assert values(ending.join([b"one", b"", b"a==>b", b"#no comment", b"one", b"", b""])) == [
        b"one",
        b"a==>b",
        b"#no comment",
    ]


def test_a_pem_block_is_one_value() -> None:
    block = b"-----BEGIN TEST KEY-----\nabc\ndef\n-----END TEST KEY-----"
    assert values(b"first\n" + block.replace(b"\n", b"\r\n") + b"\nlast\n") == [b"first", block, b"last"]


def test_what_powershell_and_notepad_write_is_understood() -> None:
    assert values("schlüssel\r\n".encode("utf-16")) == ["schlüssel".encode()]
    assert values(b"\xef\xbb\xbfvalue\n") == [b"value"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "holds no value"),
        (b"\n\n", "holds no value"),
        (b"ok\nbase64:%%\n", "line 2"),
        (b"base64:\n", "line 1"),
        (b"trailing \n", "blanks"),
        (b"-----BEGIN TEST KEY-----\nabc\n", "no end line"),
        (b"\xff\xfe\x00", "UTF-16"),
    ],
)
def test_a_bad_line_is_told_by_its_number_and_never_by_its_content(data: bytes, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        values(data)
    assert "%%" not in str(caught.value)
    assert "trailing" not in str(caught.value)


def test_a_file_that_others_may_read_or_that_lies_in_the_repository_is_refused(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo")
    repository = opened(repo)
    value = alnum(20)
    file = tmp_path / "values"
    file.write_text(value + "\n")
    file.chmod(0o644)
    with pytest.raises(RefusedError) as caught:
        read_values(str(file), repository, None)
    assert "chmod 600" in caught.value.advice
    file.chmod(0o600)
    assert [one.reveal() for one in read_values(str(file), repository, None)] == [value.encode()]
    inside = repo.write("values", value)
    inside.chmod(0o600)
    with pytest.raises(RefusedError, match="lies in the repository"):
        read_values(str(inside), repository, None)
    with pytest.raises(UsageError, match="cannot be read"):
        read_values(str(tmp_path / "none"), repository, None)


def test_values_come_from_a_pipe_and_from_standard_input(tmp_path: Path) -> None:
    repository = opened(Repo.create(tmp_path / "repo"))
    reader, writer = os.pipe()
    os.write(writer, b"piped-value\n")
    os.close(writer)
    assert [one.reveal() for one in read_values(f"/dev/fd/{reader}", repository, None)] == [b"piped-value"]
    os.close(reader)
    assert [one.reveal() for one in read_values("-", repository, io.BytesIO(b"typed\n"))] == [b"typed"]
    with pytest.raises(UsageError):
        read_values("-", repository, None)
