"""The values that a user gives: in a file, one a line, or on standard input.

A line is a value as it stands, `base64:` and its base64 form (for values with line breaks or bytes
that are no text), or the beginning of a PEM block, which goes on to its end line.
"""

from __future__ import annotations

import binascii
import os
import stat
from collections.abc import Iterator
from typing import BinaryIO, Final

from secopskit.errors import RefusedError, UsageError
from secopskit.git.repository import Repository
from secopskit.git.worktrees import main_path
from secopskit.secret import SecretValue
from secopskit.state.smallfiles import is_inside

MAX_FILE: Final = 4 * 1024 * 1024
MAX_VALUES: Final = 10_000
_ENCODED: Final = b"base64:"
_PEM_BEGIN, _PEM_END = b"-----BEGIN ", b"-----END "
_OURS_ALONE: Final = "Make it readable by you alone: chmod 600 "


def read_values(path: str, repository: Repository, standard_input: BinaryIO | None) -> list[SecretValue]:
    """The values in the file `path`, or in what comes from standard input where it is `-`.

    Raises UsageError if it holds none or cannot be read, RefusedError where others could read it
    or where it lies in the repository.
    """
    if path == "-":
        if standard_input is None:
            raise UsageError("there is no standard input to read values from", advice="Name a file.")
        return parse_values(standard_input.read(MAX_FILE + 1), name="standard input")
    return parse_values(_read(path, repository), name=path)


def _read(path: str, repository: Repository) -> bytes:
    try:
        with open(path, "rb") as file:
            found = os.fstat(file.fileno())
            if stat.S_ISREG(found.st_mode):
                _check(path, found, repository)
            return file.read(MAX_FILE + 1)
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be read: {error.strerror}", advice="Check its name and mode."
        ) from None


def _check(path: str, found: os.stat_result, repository: Repository) -> None:
    """Refuse a file that gives its values away. A pipe (`<(pass show key)`) gives nothing away."""
    if os.name != "nt" and found.st_mode & 0o077:
        raise RefusedError(f"{path}: others may read this file of secrets", advice=_OURS_ALONE + path)
    for directory in (repository.work_tree, main_path(repository), repository.common_dir):
        if directory and is_inside(path, directory):
            raise RefusedError(
                f"{path}: lies in the repository that is to be rid of what it holds",
                advice="Move it out of the repository, or give the values on standard input "
                "(--secret-file -).",
            )


def parse_values(data: bytes, *, name: str) -> list[SecretValue]:
    """The values that `data` lists, each once. Raises UsageError, naming `name` and the line only."""
    if len(data) > MAX_FILE:
        raise UsageError(
            f"{name}: is larger than {MAX_FILE} bytes", advice="One value a line, and nothing else."
        )
    lines = _plain(data, name).replace(b"\r\n", b"\n").split(b"\n")
    values = list(dict.fromkeys(SecretValue(value) for value in _values(lines, name)))
    if not values:
        raise UsageError(f"{name}: holds no value", advice="Write one value a line.")
    if len(values) > MAX_VALUES:
        raise UsageError(f"{name}: holds more than {MAX_VALUES} values", advice="Purge them in several goes.")
    return values


def _plain(data: bytes, name: str) -> bytes:
    """Without the mark that some editors put before a text; what PowerShell redirects is UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16").encode()
        except UnicodeError:
            raise UsageError(f"{name}: is not valid UTF-16", advice="Save it as UTF-8.") from None
    return data.removeprefix(b"\xef\xbb\xbf")


def _values(lines: list[bytes], name: str) -> Iterator[bytes]:
    numbered = iter(enumerate(lines, 1))
    for number, line in numbered:
        if line.startswith(_PEM_BEGIN):
            yield _block(line, numbered, f"{name}, line {number}")
        elif line.startswith(_ENCODED):
            yield _decoded(line.removeprefix(_ENCODED), f"{name}, line {number}")
        elif line.strip():
            if line != line.strip():
                raise UsageError(
                    f"{name}, line {number}: begins or ends with blanks",
                    advice="Remove them, or write base64: and the base64 form if they belong to the value.",
                )
            yield line


def _block(first: bytes, numbered: Iterator[tuple[int, bytes]], where: str) -> bytes:
    block = [first]
    for _, line in numbered:
        block.append(line)
        if line.startswith(_PEM_END):
            return b"\n".join(block)
    raise UsageError(f"{where}: this PEM block has no end line", advice="Add its line -----END …-----.")


def _decoded(text: bytes, where: str) -> bytes:
    try:
        value = binascii.a2b_base64(text.strip(), strict_mode=True)
    except binascii.Error:
        value = b""
    if not value:
        raise UsageError(f"{where}: is not base64", advice="Make it with: base64 -w0 < file-with-the-value")
    return value
