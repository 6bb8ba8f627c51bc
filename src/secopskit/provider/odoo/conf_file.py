"""The line `admin_passwd` in Odoo's configuration file, changed in its place.

Odoo reads the file as `configparser.RawConfigParser` does. Comments, order, line ends, encoding, mode
and owner of the file stay; before the file is replaced, the new text is read as Odoo will read it.
"""

from __future__ import annotations

import configparser
import io
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from secopskit.errors import ConfigError, RefusedError, SecopsError
from secopskit.state.private import create, set_mode, sweep_scratch, sync_directory

KEY: Final = "admin_passwd"
DEFAULT: Final = "admin"  # what Odoo takes where the line is missing
_SECTION: Final = "options"
_WIRE: Final = ("utf-8", "surrogateescape")
_LARGEST: Final = 1024 * 1024
_HEADER: Final = re.compile(r"\[(.+)\]")
_KEY: Final = re.compile(rf"{KEY}\s*[=:]", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class OdooConfig:
    """The file as read. `lines` keep their ends; `password_lines` are those of the entry, none if missing."""

    path: str
    lines: tuple[str, ...]
    stored: str
    password_lines: range
    section_line: int

    @classmethod
    def read(cls, path: str) -> OdooConfig:
        """Read the file. Raises ConfigError for what Odoo would not read, SecopsError."""
        real = os.path.realpath(path)
        text = _content(real, path).decode(*_WIRE)
        values = _parsed(text, path)
        lines = tuple(io.StringIO(text, newline=""))
        section, entry = _places(lines)
        stored = values[_SECTION].get(KEY, DEFAULT)
        if bool(entry) != (KEY in values[_SECTION]) or section < 0:
            raise ConfigError(f"{path}: `{KEY}` stands in an unusual way", advice="Change it by hand.")
        return cls(path=real, lines=lines, stored=stored, password_lines=entry, section_line=section)

    @property
    def place(self) -> str:
        """Where the entry is, or would be: file and line."""
        return f"{self.path}:{(self.password_lines.start if self.password_lines else self.section_line) + 1}"

    @property
    def entry(self) -> str:
        """The lines of the entry as they stand; empty where it is missing."""
        return "".join(self.lines[line] for line in self.password_lines)

    def with_password(self, stored: str) -> str:
        """The text of the file with `stored` for the entry. Raises ConfigError."""
        lines = list(self.lines)
        if self.password_lines:
            first = lines[self.password_lines.start]
            head = re.match(rf"\s*{KEY}\s*[=:][ \t]*", first, re.IGNORECASE)
            changed = f"{head[0] if head else ''}{stored}{_end(first)}"
            lines[self.password_lines.start : self.password_lines.stop] = [changed]
        else:
            section = lines[self.section_line]
            end = _end(section) or "\n"
            lines[self.section_line] = section.rstrip("\r\n") + end
            lines.insert(self.section_line + 1, f"{KEY} = {stored}{end}")
        return self._checked("".join(lines), stored)

    def with_entry(self, entry: str) -> str:
        """The text of the file with these lines for the entry; empty takes it away. Raises ConfigError."""
        lines = list(self.lines)
        lines[self.password_lines.start : self.password_lines.stop] = [entry]
        return self._checked("".join(lines), None)

    def _checked(self, text: str, stored: str | None) -> str:
        before, after = _parsed("".join(self.lines), self.path), _parsed(text, self.path)
        wanted = after[_SECTION].pop(KEY, DEFAULT)
        before[_SECTION].pop(KEY, None)
        if before != after or (stored is not None and wanted != stored):
            raise ConfigError(
                f"{self.path}: `{KEY}` cannot be changed without changing more", advice="Change it by hand."
            )
        return text


def replace_config(path: str, text: str, *, scratch_in: str) -> None:
    """Write the file whole or not at all, with the mode and the owner that it has. Raises SecopsError.

    Until then the new one lies in the directory `scratch_in`, of the same file system.
    """
    sweep_scratch(scratch_in)
    scratch = os.path.join(scratch_in, f".secops-{os.urandom(8).hex()}.tmp")
    try:
        found = os.stat(path)
        try:
            _write_as(scratch, text, found)
            os.replace(scratch, path)
        finally:
            if os.path.lexists(scratch):
                os.unlink(scratch)
        sync_directory(os.path.dirname(path))
    except OSError as error:
        raise SecopsError(
            f"{path}: cannot be written: {error.strerror}", advice="Check the mode of file and directory."
        ) from None


def _write_as(scratch: str, text: str, found: os.stat_result) -> None:
    with os.fdopen(create(scratch), "wb") as file:
        made = os.fstat(file.fileno())
        if (made.st_uid, made.st_gid) != (found.st_uid, found.st_gid):
            _give_away(file.fileno(), found)
        set_mode(file.fileno(), scratch, stat.S_IMODE(found.st_mode))
        file.write(text.encode(*_WIRE))
        file.flush()
        os.fsync(file.fileno())


def _give_away(descriptor: int, found: os.stat_result) -> None:
    try:
        os.chown(descriptor, found.st_uid, found.st_gid)
    except OSError:
        raise RefusedError(
            "the configuration file belongs to another user: replaced by us, Odoo could not read it any more",
            advice="Run as its owner, or as root.",
        ) from None


def _content(real: str, path: str) -> bytes:
    try:
        with open(real, "rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise SecopsError(f"{path}: {error.strerror}", advice="Check `config`.") from None
    if len(data) > _LARGEST:
        raise ConfigError(f"{path}: too large for a configuration file")
    return data


def _parsed(text: str, path: str) -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser()
    try:
        parser.read_file(io.StringIO(text, newline=None))
        found = {name: dict(parser.items(name)) for name in parser.sections()}
    except configparser.Error:  # its text quotes lines
        raise ConfigError(f"{path}: Odoo could not read this file", advice="Is it odoo.conf?") from None
    if _SECTION not in found:
        raise ConfigError(f"{path}: there is no section [{_SECTION}]", advice="Is it odoo.conf?")
    return found


def _places(lines: tuple[str, ...]) -> tuple[int, range]:
    """The line of the section's head (-1 for none), and the lines of the entry."""
    section, entry = -1, range(0)
    for number, name, line in _in_sections(lines):
        if name == _SECTION and _HEADER.match(line):
            section = number
        elif name == _SECTION and _KEY.match(line):
            entry = range(number, _entry_end(lines, number))
    return section, entry


def _in_sections(lines: tuple[str, ...]) -> Iterator[tuple[int, str, str]]:
    name = ""
    for number, line in enumerate(lines):
        if line[:1] not in "#;":
            if head := _HEADER.match(line):
                name = head[1]
            yield number, name, line


def _entry_end(lines: tuple[str, ...], first: int) -> int:
    """Where the entry ends: lines that are set in, and hold something, belong to it."""
    end = first + 1
    while end < len(lines) and lines[end][:1] in " \t" and lines[end].strip():
        end += 1
    return end


def _end(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]
