"""Regular expressions of Go (RE2 syntax, https://github.com/google/re2/wiki/Syntax) as Python has them.

Repetitions without an upper bound get one: RE2 is linear whatever they are, Python is not.
"""

from __future__ import annotations

import re
from typing import Final

_POSIX: Final = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": r"\w",
    "xdigit": "0-9A-Fa-f",
}
_FLAGS: Final = re.compile(r"\(\?([imsU]*)(?:-([imsU]+))?([:)])")
_COUNTED: Final = re.compile(r"\{(\d{1,4})(,?)(\d{0,4})\}")
_NAME: Final = re.compile(r"\(\?P?<([A-Za-z_]\w*)>")
_CLASS_NAME: Final = re.compile(r"\[:(\^?)(\w+):\]")
_WIDE: Final = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")
_SPECIAL_IN_CLASS: Final = "[&|~"
_GROUP: Final = "secret"


class UntranslatableError(ValueError):
    """Python has nothing for a part of the expression; the words say for which."""


def translated(expression: str, *, group: int = 0, most: int = 1000) -> str:
    """The expression as Python spells it, where the secret is in the group `group` (0: as in Go).

    A repetition repeats at most `most` times. Raises UntranslatableError.
    """
    return _Translation(expression, group, most).text()


class _Translation:
    """One expression, read from its beginning to its end."""

    def __init__(self, expression: str, group: int, most: int) -> None:
        self._source = expression
        self._at = 0
        self._group = group
        self._most = most
        self._groups = 0
        self._out: list[str] = []
        # For each group that is open: how many flag groups of ours end with it, and whether `m` holds in it.
        self._open: list[tuple[int, bool]] = [(0, False)]
        # The depths at which flags were set behind something else, and what the text was when a group began.
        self._midway: set[int] = set()
        self._begun = 0

    def text(self) -> str:
        while self._at < len(self._source):
            self._step()
        if len(self._open) != 1:
            raise UntranslatableError("a parenthesis is not closed")
        self._out.append(")" * self._open[0][0])
        if self._group > self._groups:
            raise UntranslatableError(f"there is no group {self._group}")
        return "".join(self._out)

    def _step(self) -> None:
        sign = self._source[self._at]
        if sign == "\\":
            self._escape()
        elif sign == "[":
            self._class()
        elif sign == "(":
            self._begin()
        elif sign == ")":
            self._end()
        elif sign in "*+?{":
            self._repeat(sign)
        elif sign == "$" and not self._open[-1][1]:
            self._put(r"\Z", 1)
        elif sign == "|" and self._open[-1][0] and len(self._open) in self._midway:
            raise UntranslatableError("flags in the middle of an alternation")
        else:
            self._put(sign, 1)

    def _put(self, text: str, size: int) -> None:
        self._out.append(text)
        self._at += size

    def _escape(self) -> None:
        following = self._source[self._at + 1 : self._at + 2]
        if not following:
            raise UntranslatableError("it ends with a backslash")
        if following in "pPC":
            raise UntranslatableError(rf"\{following}")
        if following == "Q":
            end = self._source.find(r"\E", self._at)
            end = len(self._source) if end < 0 else end
            self._put(re.escape(self._source[self._at + 2 : end]), end + 2 - self._at)
        elif wide := _WIDE.match(self._source, self._at):
            self._put(_byte(wide[1]), len(wide[0]))
        else:
            self._put({"z": r"\Z"}.get(following, "\\" + following), 2)

    def _class(self) -> None:
        out, at = ["["], self._at + 1
        if self._source.startswith("^", at):
            out.append("^")
            at += 1
        first = True
        while at < len(self._source) and (first or self._source[at] != "]"):
            first = False
            if named := _CLASS_NAME.match(self._source, at):
                if named[1] or named[2] not in _POSIX:
                    raise UntranslatableError(named[0])
                out.append(_POSIX[named[2]])
                at += len(named[0])
            elif wide := _WIDE.match(self._source, at):
                out.append(_byte(wide[1]))
                at += len(wide[0])
            elif self._source[at] == "\\":
                if self._source[at + 1 : at + 2] in ("p", "P", "C", "Q"):
                    raise UntranslatableError(self._source[at : at + 2])
                out.append(self._source[at : at + 2])
                at += 2
            else:
                sign = self._source[at]
                if not sign.isascii():
                    raise UntranslatableError("a letter beyond ASCII in a class")
                out.append("\\" + sign if sign in _SPECIAL_IN_CLASS else sign)
                at += 1
        if at >= len(self._source):
            raise UntranslatableError("a class is not closed")
        self._put("".join([*out, "]"]), at + 1 - self._at)

    def _begin(self) -> None:
        multi = self._open[-1][1]
        if not self._source.startswith("(?", self._at):
            self._groups += 1
            self._put(f"(?P<{_GROUP}>" if self._groups == self._group else "(", 1)
            self._open.append((0, multi))
            self._begun = len(self._out)
        elif named := _NAME.match(self._source, self._at):
            self._groups += 1
            wanted = self._group == self._groups
            if named[1] == _GROUP and self._group and not wanted:
                raise UntranslatableError("another group is named `secret`")
            self._put(f"(?P<{_GROUP if wanted else named[1]}>", len(named[0]))
            self._open.append((0, multi))
            self._begun = len(self._out)
        elif flags := _FLAGS.match(self._source, self._at):
            self._flags(flags, multi=multi)
        else:
            raise UntranslatableError(self._source[self._at : self._at + 4])

    def _flags(self, flags: re.Match[str], *, multi: bool) -> None:
        on, off = flags[1], flags[2] or ""
        if "U" in on + off:
            raise UntranslatableError("the flag U")
        multi = (multi or "m" in on) and "m" not in off
        self._put(f"(?{on}{'-' + off if off else ''}:", len(flags[0]))
        if flags[3] == ":":
            self._open.append((0, multi))
        else:  # they hold up to the end of the group around them
            count, _ = self._open[-1]
            self._open[-1] = (count + 1, multi)
            if self._begun != len(self._out) - 1:
                self._midway.add(len(self._open))
            self._begun = len(self._out)
            return
        self._begun = len(self._out)

    def _end(self) -> None:
        if len(self._open) == 1:
            raise UntranslatableError("a parenthesis too many")
        self._midway.discard(len(self._open))
        count, _ = self._open.pop()
        self._put(")" * (count + 1), 1)

    def _repeat(self, sign: str) -> None:
        if sign == "{":
            counted = _COUNTED.match(self._source, self._at)
            if counted is None:
                self._put(r"\{", 1)
                return
            low = int(counted[1])
            high = int(counted[3]) if counted[3] else (max(low, self._most) if counted[2] else low)
            text, size = f"{{{low},{high}}}", len(counted[0])
        else:
            text, size = {"*": f"{{0,{self._most}}}", "+": f"{{1,{self._most}}}", "?": "?"}[sign], 1
        if self._source.startswith("?", self._at + size):
            text, size = text + "?", size + 1
        self._put(text, size)


def _byte(digits: str) -> str:
    number = int(digits, 16)
    if number > 0x7F:
        raise UntranslatableError(f"\\x{{{digits}}}")
    return f"\\x{number:02x}"
