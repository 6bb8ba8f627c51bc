"""The server's log at its most talkative never holds a password."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from secopskit.errors import SecopsError
from secopskit.migrate.shadow import binaries
from secopskit.migrate.shadow.server import start
from secopskit.provider.postgres.dsn import read_dsn
from support.postgres import need_version, versions
from support.shops import shop as make_shop

_TALKATIVE = {
    "log_statement": "all",
    "log_min_duration_statement": "0",
    "log_min_messages": "debug1",
    "log_min_error_statement": "debug5",
    "log_connections": "on",
    "log_error_verbosity": "verbose",
}


@pytest.mark.parametrize("version", versions() or (None,))
def test_no_password_is_in_the_log(version: int | None) -> None:
    server = start(binaries.find(prefer=need_version(version)), tcp=True, settings=_TALKATIVE)
    try:
        with make_shop(server) as shop:
            furnished = len(
                (server.directory / "log").read_bytes()
            )  # the test's own statements say passwords
            both, alone = shop.provider(), shop.alone()
            drafts = [both.prepare(), alone.prepare()]
            alone.rollback(drafts[1], alone.create(drafts[1]))  # what is not ASCII is hashed by libpq
            new = both.create(drafts[0])
            both.verify(new)
            both.revoke(new)
            both = shop.provider(new.value.reveal().decode())
            drafts.append(both.prepare())
            shop.run("ALTER ROLE {} NOCREATEROLE", shop.admin)
            with pytest.raises(SecopsError):
                both.create(drafts[-1])  # an error, and its statement
            with pytest.raises(SecopsError):
                alone.create(drafts[1])
        log = (server.directory / "log").read_bytes()[furnished:].decode("utf-8", "replace")
    finally:
        server.stop()
    words = []
    for draft in drafts:
        assert draft.value is not None
        dsn = read_dsn(draft.value)
        assert dsn is not None
        words.append(dsn.password.reveal().decode())
    assert log.count("SCRAM-SHA-256$") >= 4, "the log does show what was sent"
    assert "permission denied" in log
    for word in (*words, shop.admin_word, shop.word, shop.word.replace("'", "''")):
        assert word not in log
        assert quote(word, safe="") not in log
