"""Operators and functions that somebody left in `public` are never called by what a rotation sends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support.meddler import meddle, overshadow
from support.postgres import Database
from support.shops import Shop

pytestmark = pytest.mark.parametrize("spoil", [meddle, overshadow])


def _spoil(shop: Shop, spoil: Callable[[Database], None]) -> None:
    """Spoil the database; both roles have rights of their own, so that there is an address of an object."""
    for role in (shop.one, shop.two):
        shop.run("GRANT SELECT ON things TO {}", role)
    spoil(shop.database)


def test_two_roles(shop: Shop, spoil: Callable[[Database], None]) -> None:
    _spoil(shop, spoil)
    shop.run("GRANT pg_signal_backend TO {}", shop.admin)
    rotation = shop.provider(end_sessions="true")
    draft = rotation.prepare()
    new = rotation.create(draft)
    rotation.verify(new)
    rotation.in_use(new)
    rotation.rollback(draft, new)
    assert "refused" in rotation.revoke(rotation.create(draft))


def test_one_role(shop: Shop, spoil: Callable[[Database], None]) -> None:
    _spoil(shop, spoil)
    rotation = shop.alone(end_sessions="true")
    new = rotation.create(rotation.prepare())
    rotation.verify(new)
    rotation.in_use(new)
    assert "refused" in rotation.revoke(new)
