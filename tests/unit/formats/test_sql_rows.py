"""Rows of tables: whether there may be any is asked of every script."""

from __future__ import annotations

import pytest

from secopskit.formats.tables import sql_rows
from support.values import alnum

ROWS = (
    "INSERT INTO t (login, password) VALUES ('a', '{}')",
    "insert ignore into `shop`.`t` (login,\n password) values\n('a', '{}')",
    "REPLACE t (login, password) VALUE ('a', '{}')",
    "INSERT INTO t (id, password) OVERRIDING SYSTEM VALUE VALUES (1, '{}')",
    "INSERT INTO t SET password = '{}'",
    "UPDATE public.\"t\" SET id = 1, password = '{}'",
    "COPY t (login, password) FROM stdin;\na\t{}\n\\.\n",
)


@pytest.mark.parametrize("text", ROWS)
def test_where_rows_are_read_there_may_be_some(text: str) -> None:
    data = ("echo all is well\n" * 9 + text.replace("{}", alnum(12))).encode()
    assert [one.path[-1:] for one in sql_rows.settings(data)] != []
    assert sql_rows.may_stand(data)


@pytest.mark.parametrize(
    "text",
    [
        "# To replace it, edit the file.\n# odd values (e.g. 0) end it\n",
        "update the index\nset -e\n",
        "git update-index --refresh && mode=insert\nvalues (none)\n",
        "cp a b # a copy\ncat from a file\n",
        "# Copyright (c) 2005 Ada\n# a patch is read from stdin\n",
        "copy (one) # what comes from stdin\n",
    ],
)
def test_words_alone_are_no_rows(text: str) -> None:
    assert not sql_rows.may_stand(text.encode())
