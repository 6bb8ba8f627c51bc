"""No provider of a vendor tells a value: not in a plan, a sentence, an error, a note, a repr or a log."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from secopskit.errors import SecopsError
from secopskit.provider.interface import Provider
from support.vendors.aws import Aws
from support.vendors.digitalocean import DigitalOcean, SpacesKeyEntry
from support.vendors.rotation import Bench
from support.vendors.server import Fault, Reply, Vendor, serving
from support.vendors.supabase import Supabase

Built = tuple[Bench, Callable[[], Provider], Callable[[], set[str]]]


@contextmanager
def _supabase(what: str) -> Iterator[tuple[Vendor, Built]]:
    vendor = Supabase()
    with serving(vendor):
        at = Bench(variables={"SUPABASE_ACCESS_TOKEN": vendor.token})
        old = vendor.old.value if what == "secret-key" else vendor.password
        settings = {"what": what, "project": vendor.ref, "api_url": vendor.url, "project_url": vendor.url}
        settings |= {"patience": "4s", "direct_url": "postgresql://u@127.0.0.1:1/db"}
        yield (
            vendor,
            (
                at,
                lambda: at.provider("supabase", settings, old=old),
                lambda: {vendor.token, old, *(key.value for key in vendor.keys), vendor.password},
            ),
        )


@contextmanager
def _digitalocean(what: str) -> Iterator[tuple[Vendor, Built]]:
    vendor = DigitalOcean(keys=[SpacesKeyEntry("shop", [{"bucket": "", "permission": "fullaccess"}])])
    with serving(vendor):
        at = Bench(
            variables={"DIGITALOCEAN_ACCESS_TOKEN": vendor.token},
            names={"SPACES_ACCESS_KEY_ID": vendor.keys[0].id},
        )
        old = vendor.keys[0].secret if what == "spaces-key" else vendor.password
        settings = {"what": what, "api_url": vendor.url, "spaces_url": vendor.url, "patience": "4s"}
        settings |= {"cluster": vendor.cluster, "user": vendor.user}
        yield (
            vendor,
            (
                at,
                lambda: at.provider("digitalocean", settings, old=old),
                lambda: {vendor.token, old, vendor.password, *(key.secret for key in vendor.keys)},
            ),
        )


@contextmanager
def _aws(_: str) -> Iterator[tuple[Vendor, Built]]:
    vendor = Aws()
    key = vendor.add("shop")
    with serving(vendor):
        at = Bench(names={"AWS_ACCESS_KEY_ID": key.id})
        settings = {"api_url": vendor.url, "patience": "4s"}
        yield (
            vendor,
            (
                at,
                lambda: at.provider("aws", settings, old=key.secret),
                lambda: {key.secret, *(each.secret for each in vendor.keys)},
            ),
        )


_KINDS = {
    "supabase key": (_supabase, "secret-key"),
    "supabase password": (_supabase, "database-password"),
    "digitalocean key": (_digitalocean, "spaces-key"),
    "digitalocean user": (_digitalocean, "database-user"),
    "aws": (_aws, ""),
}


@pytest.mark.parametrize("kind", _KINDS)
def test_nothing_that_is_told_holds_a_value(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    place, what = _KINDS[kind]
    told, values = list[str](), set[str]()
    with place(what) as (vendor, (at, build, living)):

        def attempt(step: Callable[[], object]) -> None:
            try:
                told.append(repr(step()))
            except SecopsError as error:
                told.extend([*traceback.format_exception(error), error.advice])
            values.update(living())

        provider = build()
        told.extend([repr(provider), repr(provider.outline())])
        draft = provider.prepare()
        known = [*at.variables.values(), *(part.reveal().decode() for part in provider.dies())]
        quoting = " ".join(known)
        for method in ("POST", "PATCH", "GET"):
            body = f"<Error><Code>X</Code><Message>{quoting}</Message></Error>".encode()
            vendor.faults = [Fault(method, ".", Reply(409, body if kind == "aws" else {"message": quoting}))]
            attempt(lambda: provider.create(draft))
        vendor.faults = []
        new = provider.create(draft)
        values.update(living())
        told.extend([repr(new), repr(draft)])
        for step in (
            lambda: provider.verify(new),
            lambda: provider.in_use(new),
            lambda: provider.rollback(draft, new),
            lambda: provider.verify(new),
            lambda: provider.revoke(new),
            lambda: provider.rollback(draft, new),
        ):
            attempt(step)
    told += [*at.tell.notes, caplog.text]
    assert len(values) >= 3 or kind == "aws"
    text = "\n".join(told)
    assert not [each for each in values if each in text]
