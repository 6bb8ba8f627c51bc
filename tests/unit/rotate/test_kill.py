"""Killed at any moment, a rotation goes on: the same end, no value lost, never both of them dead."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from support.workshop import KILLED, OPENED, ForkedWorkshop

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="no fork"),
    pytest.mark.usefixtures("unmeasured"),  # who is killed tells no coverage
]


def check_alive(shop: ForkedWorkshop) -> None:
    """Whoever has the dotenv file and the notebook gets in, at this very moment."""
    kept = " ".join([*shop.kept, *shop.values.values()])
    for account in ("api", "db"):
        live = shop.vendor.live(account)
        assert live, f"{account}: no value works any more"
        assert any(value in kept for value in live), f"{account}: nobody has what works"


BOTH = ("API_TOKEN", "DB_PASSWORD")


def check_finished(shop: ForkedWorkshop, names: tuple[str, ...] = BOTH) -> None:
    """The end that every rotation of these names comes to."""
    values = shop.values
    (token,), (password,) = shop.vendor.live("api"), shop.vendor.live("db")
    assert (token, password) == (values["API_TOKEN"], values["DB_PASSWORD"])
    assert [token != shop.token, password != shop.password] == [name in names for name in BOTH]
    assert values["DATABASE_URL"] == f"postgres://shop:{password}@db.example.org/shop"
    assert values["COLOUR"] == "green"
    published = {*names, *(["DATABASE_URL"] if "DB_PASSWORD" in names else [])}
    assert shop.shelf == {name: values[name] for name in published}
    assert shop.notebook == ["last.json", "lock"]
    assert len(shop.rotations()) == len(names)
    known = {".env.production", "shelf-production.json", "vendor.json"}
    secret = [value.encode() for value in (token, password, shop.token, shop.password)]
    for path in shop.path.rglob("*"):
        if path.is_file() and path.name not in known:
            assert not any(value in path.read_bytes() for value in secret), path


def go_on(shop: ForkedWorkshop, names: tuple[str, ...] = BOTH) -> None:
    """What somebody does who finds a rotation stopped: resume it, or begin where nothing had begun."""
    resumed = shop.rotate("apply", "--resume", *OPENED)
    assert resumed.code == 0, resumed.text
    if "nothing to go on with" in resumed.out and len(shop.rotations()) < len(names):
        again = shop.rotate("apply", *names, *OPENED)
        assert again.code == 0, again.text


@pytest.mark.slow
@pytest.mark.parametrize(("name", "stride"), [("API_TOKEN", 2), ("DB_PASSWORD", 3)])
def test_at_changes_of_the_file_system_all_the_way(tmp_path: Path, name: str, stride: int) -> None:
    at = 0
    while True:
        at += stride
        shop = ForkedWorkshop(tmp_path / str(at))
        outcome = shop.rotate("apply", name, *OPENED, at=at)
        if outcome.code == 0:
            break
        assert outcome.code == KILLED, outcome.text
        check_alive(shop)
        go_on(shop, (name,))
        check_finished(shop, (name,))
        shutil.rmtree(shop.path)
    check_finished(shop, (name,))
    assert at > 50


def test_killed_while_it_goes_on(tmp_path: Path) -> None:
    """Every start of it is killed a little later than the one before; it ends nevertheless."""
    shop = ForkedWorkshop(tmp_path / "shop")
    first = shop.rotate("apply", "API_TOKEN", "DB_PASSWORD", *OPENED, at=30)
    assert first.code == KILLED
    for at in range(1, 400, 3):
        outcome = shop.rotate("apply", "--resume", *OPENED, at=at)
        check_alive(shop)
        if outcome.code == 0:
            break
        assert outcome.code == KILLED, outcome.text
    check_finished(shop)


@pytest.mark.slow
def test_a_rollback_killed_at_every_other_change(tmp_path: Path) -> None:
    at = 0
    while True:
        at += 2
        shop = ForkedWorkshop(tmp_path / str(at))
        assert shop.rotate("apply", "API_TOKEN", "--yes", at=40).code == KILLED
        outcome = shop.rotate("rollback", "--yes", at=at)
        check_alive(shop)
        again = shop.rotate("rollback", "--yes")
        assert again.code == 0, again.text
        assert shop.vendor.live("api") == [shop.token]
        assert shop.values["API_TOKEN"] == shop.token
        assert set(shop.shelf.values()) <= {shop.token}
        assert shop.notebook == ["last.json", "lock"]
        if outcome.code != KILLED:
            break
    assert outcome.code == 0, outcome.text
    assert at > 5


@pytest.mark.parametrize("seed", range(2))
def test_at_random_moments(tmp_path: Path, seed: int) -> None:
    """`kill -9` from outside, ten times a seed."""
    chance = random.Random(seed)
    whole = 0.0
    for number in range(10):
        shop = ForkedWorkshop(tmp_path / str(number))
        whole = whole or duration(ForkedWorkshop(tmp_path / "whole"))
        shop.killed("rotate", "apply", "API_TOKEN", "DB_PASSWORD", *OPENED, seconds=chance.uniform(0, whole))
        check_alive(shop)
        go_on(shop)
        check_finished(shop)


def duration(shop: ForkedWorkshop) -> float:
    """Seconds that a rotation takes here when nobody stops it."""
    begin = os.times().elapsed
    assert shop.rotate("apply", "API_TOKEN", "DB_PASSWORD", *OPENED).code == 0
    return os.times().elapsed - begin
