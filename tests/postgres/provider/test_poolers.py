"""A pooler between: the new login passes it, at its own pace, after it works directly."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from secopskit.provider.interface import VerificationError
from support import postgres
from support.shops import Shop


@pytest.fixture
def asking(any_shop: Shop) -> Iterator[postgres.Pooler]:
    """A pgbouncer that asks the server for verifiers, as hosted poolers do."""
    server = any_shop.database.server
    more = {
        "auth_user": server.user,
        "auth_query": "SELECT rolname, rolpassword FROM pg_authid WHERE rolname = $1",
    }
    yield from postgres.pooler(server, more=more)


def test_a_value_that_leads_through_a_pooler(any_shop: Shop, asking: postgres.Pooler) -> None:
    value = any_shop.url(any_shop.one, any_shop.word, port=asking.port)
    assert any_shop.admits(value)
    rotation = any_shop.provider(value, url=any_shop.url("x", "").replace("x:@", ""), pooler_url=value)
    new = rotation.create(rotation.prepare())
    seen = rotation.verify(new)
    assert seen.index("directly") < seen.index("through a pooler")
    assert any_shop.admits(new.value.reveal().decode())
    assert f":{asking.port}/" in new.value.reveal().decode()
    assert "refused" in rotation.revoke(new)


def test_a_pooler_that_does_not_know_the_new_login(any_shop: Shop) -> None:
    for fixed in postgres.pooler(any_shop.database.server):  # knows the superuser alone
        rotation = any_shop.provider(pooler_url=any_shop.url("x", "", port=fixed.port))
        new = rotation.create(rotation.prepare())
        with pytest.raises(VerificationError, match="does not get in"):
            rotation.verify(new)
        assert len(any_shop.waits) >= 3
        assert min(any_shop.waits) >= 2
