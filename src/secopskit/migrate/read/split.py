"""Where one SQL statement ends and the next begins, by the lexical rules of psql.

Strings (`'…'`, `E'…'`, `$tag$…$tag$`), quoted identifiers, nested comments, parentheses (a rule's
`DO (…; …)`), `BEGIN ATOMIC` bodies and the data of `COPY … FROM stdin` hold semicolons that end
nothing. The text is not parsed further: what PostgreSQL makes of it is PostgreSQL's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NoReturn

from secopskit.migrate.model import Statement
from secopskit.migrate.read.lexis import (
    IN_NAME,
    LETTER,
    SPACE,
    WORD,
    SqlFileError,
    block_comment_end,
    is_letter,
    leading_words,
    skip_blank,
)

# The tag of a dollar quote: a name without dollars.
_IN_TAG: Final = r"[^\x00-/:-@\[-^`{-\x7f]"
_TOKEN: Final = re.compile(r"['\"();\\$]|--|/\*")
# Also the words that open and close the body of a routine.
_ROUTINE_TOKEN: Final = re.compile(rf"['\"();\\$]|--|/\*|(?<!{IN_NAME})(?i:begin|case|end)(?!{IN_NAME})")
_LINE_COMMENT: Final = re.compile(r"--[^\n\r]*+")
_NEEDS_CARE: Final = re.compile(r"create|copy|set", re.IGNORECASE)
_ESCAPE_STRING: Final = re.compile(r"'(?:[^'\\]++|\\.|'')*+'", re.DOTALL)
# What may stand between the two halves of a string that goes on in another line.
_CONTINUED: Final = re.compile(
    r"(?:[ \t\f\v]++|--[^\n\r]*+)*+[\n\r](?>(?:[ \t\n\r\f\v]++|--[^\n\r]*+[\n\r])*)(?=')"
)
_QUOTED_NAME: Final = re.compile(r'"[^"]*+"')
_DOLLAR_TAG: Final = re.compile(rf"\$(?:{LETTER}{_IN_TAG}*+)?\$")
_COPY_END: Final = re.compile(r"^\\\.$", re.MULTILINE)
_REST_OF_LINE: Final = re.compile(r"[ \t\r\f\v]*+(?:--[^\n]*+)?(?:\n|\Z)")
_RESTRICT: Final = re.compile(r"\\(?:un)?restrict[ \t]+[0-9A-Za-z]{1,200}[ \t]*(?:\n|\Z)")
_CONFORMING: Final = re.compile(
    r"set\s+(?:(?:local|session)\s+)?standard_conforming_strings\s*(?:=|\bto\b)\s*'?(\w+)'?", re.IGNORECASE
)
_OFF: Final = frozenset({"off", "of", "false", "fals", "fal", "fa", "f", "no", "n", "0"})


def split(text: str) -> tuple[Statement, ...]:
    """The statements of `text` (LF line ends), without their semicolons. Raises SqlFileError."""
    return tuple(_Splitter(text).statements())


class _Splitter:
    """Goes through a text once. `position` is behind what is understood already."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self._line, self._counted = 1, 0
        self._escapes = False  # whether `\` means something in '…' (standard_conforming_strings off)

    def statements(self) -> Iterator[Statement]:
        """The statements from here on."""
        while self._to_next_statement():
            yield self._statement()

    def _to_next_statement(self) -> bool:
        while True:
            self.position = skip_blank(self.text, self.position)
            if self.position == len(self.text):
                return False
            if self.text[self.position] == ";":
                self.position += 1
            elif self.text[self.position] == "\\":
                self._skip_restrict_line()
            else:
                return True

    def _skip_restrict_line(self) -> None:
        r"""pg_dump fences its output with `\restrict` lines, which mean something to psql alone."""
        fence = _RESTRICT.match(self.text, self.position)
        line_start = self.text.rfind("\n", 0, self.position) + 1
        if not fence or self.text[line_start : self.position].strip(SPACE):
            self._refuse_backslash(self.position)
        self.position = fence.end()

    def _statement(self) -> Statement:
        text, start = self.text, self.position
        words = leading_words(text, start, 2) if _NEEDS_CARE.match(text, start) else ()
        end = self._statement_end(start, _ROUTINE_TOKEN if self._is_routine(words) else _TOKEN)
        line = self._line_of(start)
        statement = text[start:end]
        data = None
        if words[:1] == ("copy",) and _reads_stdin(statement):
            data = self._copy_data(line)
        elif words[:1] == ("set",):
            self._note_setting(statement)
        return Statement(text=statement, line=line, start=start, end=end, copy_data=data)

    def _is_routine(self, words: tuple[str, ...]) -> bool:
        if words[:1] != ("create",):
            return False
        if words[1:] == ("or",):
            words = leading_words(self.text, self.position, 4)[2:]
        return words[-1] in ("function", "procedure")

    def _statement_end(self, start: int, token: re.Pattern[str]) -> int:
        """The end of the statement at `start`; leaves `position` behind its semicolon."""
        text, position = self.text, start
        open_at: list[int] = []  # parentheses
        blocks: list[int] = []  # BEGIN ATOMIC, and CASE within it
        comment = comment_end = -1  # the run of comments that the statement may end with
        while found := token.search(text, position):
            at, what = found.start(), found[0]
            if what == "'" or what == '"' or what == "$" or what == "\\":  # noqa: PLR1714 - the hot loop
                position = self._quoted(what, at, position)
            elif what == "(":
                open_at.append(at)
                position = at + 1
            elif what == ")":
                del open_at[-1:]
                position = at + 1
            elif what == ";":
                position = at + 1
                if not open_at and not blocks:
                    self.position = position
                    return _without(text, comment, comment_end, at)
            elif what == "--" or what == "/*":  # noqa: PLR1714 - the hot loop
                if comment < 0 or text[comment_end:at].strip(SPACE):
                    comment = at
                position = comment_end = self._comment(what, at)
                continue
            else:
                position = found.end()
                if not open_at:
                    self._block(what.lower(), at, position, blocks)
            comment = -1
        self._refuse_open(open_at, "parenthesis")
        self._refuse_open(blocks, "BEGIN ATOMIC or CASE")
        self.position = len(text)
        return _without(text, comment, comment_end, len(text))

    def _comment(self, opening: str, at: int) -> int:
        if opening == "--":
            comment = _LINE_COMMENT.match(self.text, at)
            return comment.end() if comment else at
        end = block_comment_end(self.text, at)
        if end < 0:
            self._refuse(at, "a comment that is never closed", "Close it with `*/`; comments nest.")
        return end

    def _block(self, word: str, at: int, end: int, blocks: list[int]) -> None:
        """A body opens with BEGIN ATOMIC; within it, CASE ends with END as the body does."""
        if blocks and word == "end":
            blocks.pop()
        elif (blocks and word == "case") or (
            word == "begin" and leading_words(self.text, end, 1) == ("atomic",)
        ):
            blocks.append(at)

    def _quoted(self, quote: str, at: int, token_start: int) -> int:
        """Behind the string or quoted name that opens at `at`; `token_start`: behind the last token."""
        if quote == "'":
            return self._string(at, token_start)
        if quote == "$":
            return self._dollar(at, token_start)
        if quote == "\\":
            self._refuse_backslash(at)
        name = _QUOTED_NAME.match(self.text, at)
        if not name:
            self._refuse(at, "a quoted name that is never closed", 'Close it with `"`.')
        return name.end()

    def _string(self, at: int, token_start: int) -> int:
        text = self.text
        prefix = text[max(at - 2, token_start) : at]
        if not self._escapes and (prefix[-1:] not in ("e", "E") or is_letter(prefix[:-1])):
            end = text.find("'", at + 1) + 1  # a quote doubled within reads as two strings, which is as good
        else:
            string = _ESCAPE_STRING.match(text, at)
            while string and (gap := _CONTINUED.match(text, string.end())):
                string = _ESCAPE_STRING.match(text, gap.end())
            end = string.end() if string else 0
        if not end:
            self._refuse(at, "a string that is never closed", "Close it with `'`; a quote in it is `''`.")
        return end

    def _dollar(self, at: int, token_start: int) -> int:
        """A `$` opens a quotation, unless it belongs to a name (`a$b$`) or a parameter (`$1`)."""
        text, start = self.text, at
        while start > token_start and is_letter(text[start - 1]):
            start -= 1
        while start < at and text[start].isdigit():  # a number; what follows it is a token of its own
            start += 1
        if start < at and (name := WORD.match(text, start)):
            return name.end()
        tag = _DOLLAR_TAG.match(text, at)
        if not tag:
            return at + 1
        closing = text.find(tag[0], tag.end())
        if closing < 0:
            self._refuse(at, f"a string that {tag[0]} opens and nothing closes", f"Close it with {tag[0]}.")
        return closing + len(tag[0])

    def _copy_data(self, line: int) -> str:
        r"""The data below a COPY from stdin, up to its `\.`; leaves `position` behind that."""
        rest = _REST_OF_LINE.match(self.text, self.position)
        if not rest or self.text[self.position - 1] != ";":
            raise SqlFileError(
                "COPY … FROM stdin must end with `;` and its line",
                line=line,
                advice="Its data begin in the next line.",
            )
        end = _COPY_END.search(self.text, rest.end())
        if not end:
            raise SqlFileError(
                "the data of COPY … FROM stdin never end",
                line=line,
                advice="End them with a line that holds `\\.` alone.",
            )
        self.position = end.end()
        return self.text[rest.end() : end.start()]

    def _note_setting(self, statement: str) -> None:
        if setting := _CONFORMING.match(statement):
            self._escapes = setting[1].lower() in _OFF

    def _line_of(self, offset: int) -> int:
        """The line of `offset`, which is never before an earlier one."""
        self._line += self.text.count("\n", self._counted, offset)
        self._counted = offset
        return self._line

    def _refuse_open(self, opened: list[int], what: str) -> None:
        if opened:
            self._refuse(opened[-1], f"a {what} that is never closed", "The file ends before it does.")

    def _refuse_backslash(self, at: int) -> NoReturn:
        self._refuse(
            at,
            "a psql command (a backslash outside of quotes)",
            "Only psql knows these; write SQL, or leave the line out.",
        )

    def _refuse(self, at: int, message: str, advice: str) -> NoReturn:
        raise SqlFileError(message, line=self.text.count("\n", 0, at) + 1, advice=advice)


def _without(text: str, comment: int, comment_end: int, end: int) -> int:
    """Where the statement that goes up to `end` really ends: before space and a closing comment."""
    if comment >= 0 and not text[comment_end:end].strip(SPACE):
        end = comment
    while end > 0 and text[end - 1] in SPACE:
        end -= 1
    return end


def _reads_stdin(statement: str) -> bool:
    """Whether a COPY statement says FROM STDIN, outside of parentheses and quotes."""
    bare = re.sub(r"""'[^']*'|"[^"]*"|\([^()]*\)|--[^\n]*|/\*.*?\*/""", " ", statement, flags=re.DOTALL)
    return bool(re.search(r"\bfrom\s+stdin\b", bare, re.IGNORECASE))
