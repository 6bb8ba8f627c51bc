"""Deploy keys: chosen here, so never lost; added once; the old one stays until the new one is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
)

from secopskit.errors import ConfigError, RefusedError
from secopskit.github.access import GitHubSurroundings, connect
from secopskit.github.client import GitHubClient
from secopskit.github.errors import GitHubError
from secopskit.provider.interface import Provider, RotationPhase, VerificationError
from secopskit.web.pace import Pace
from secopskit.web.retry import RetryPolicy
from support.vendors.deploy_keys import DeployKeys
from support.vendors.rotation import Bench, begin, no_secret_in, value
from support.vendors.server import Fault, Reply, serving


def pair(kind: str = "ed25519") -> tuple[str, str]:
    """A private key and its public half."""
    key = ed25519.Ed25519PrivateKey.generate() if kind == "ed25519" else rsa.generate_private_key(65537, 2048)
    form = PrivateFormat.OpenSSH if kind == "ed25519" else PrivateFormat.TraditionalOpenSSL
    private = key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()
    return private, key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


OLD, OLD_HALF = pair()


@pytest.fixture
def vendor() -> Iterator[DeployKeys]:
    github = DeployKeys()
    for number in range(3):
        github.add(f"k{number}", pair()[1], read_only=True)
    github.add("shop", f"{OLD_HALF} shop@ci", read_only=False)
    with serving(github):
        yield github
    assert not github.violations


def build(vendor: DeployKeys, old: str | None = OLD, **settings: str) -> Provider:
    at = Bench()

    def client() -> GitHubClient:
        around = GitHubSurroundings(
            variable=lambda name: value(vendor.token) if name == "GITHUB_TOKEN" else None, tell=at.tell
        )
        return connect(around, chosen=vendor.url, policy=RetryPolicy(first=0.001), pace=Pace(per_second=None))

    at.github = client
    return at.provider("github", {"repository": vendor.repository} | settings, old=old, name="DEPLOY_KEY")


def test_a_key_pair_is_added_and_then_the_old_one_goes(vendor: DeployKeys) -> None:
    provider = build(vendor)
    draft, new = begin(provider)
    added = vendor.keys[-1]
    assert provider.phase is RotationPhase.DUAL
    loaded = load_ssh_private_key(new.value.reveal(), None).public_key()
    assert added["key"] == loaded.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    assert new.value.reveal().endswith(b"-----END OPENSSH PRIVATE KEY-----\n")
    assert added["read_only"] is False
    assert added["title"] == draft.memo["title"]
    assert "no login over SSH" in provider.verify(new)
    assert provider.rewrite(value(OLD), new) == new.value
    assert provider.rewrite(value(OLD.replace("\n", "\r\n").strip()), new) == new.value
    assert provider.rewrite(value("another"), new) is None
    assert len(vendor.keys) == 5
    assert "deleted" in provider.revoke(new)
    assert [key["title"] for key in vendor.keys] == ["k0", "k1", "k2", draft.memo["title"]]
    assert no_secret_in({**draft.memo, **new.memo}, new.value.reveal().decode().split("\n")[1])
    assert any("token" in cost for cost in provider.outline().costs)


def test_every_step_may_be_done_twice(vendor: DeployKeys) -> None:
    provider, again = build(vendor), build(vendor)
    draft = provider.prepare()
    assert provider.create(draft) == again.create(draft)
    new = again.create(draft)
    assert len(vendor.keys) == 5
    for each in (provider, again):
        each.verify(new)
    for each in (provider, again):
        each.revoke(new)
    assert len(vendor.keys) == 4


_FAULTS = {
    "added, and cut": Fault("POST", "keys", where="after"),
    "500": Fault("POST", "keys", Reply(500, {"message": "x"})),
    "429": Fault("POST", "keys", Reply(429, {"message": "x"}, {"Retry-After": "0"})),
    "list 502": Fault("GET", "page=2", Reply(502), times=2),
    "deleted, and cut": Fault("DELETE", "keys", where="after"),
    "delete 503": Fault("DELETE", "keys", Reply(503)),
}


@pytest.mark.parametrize("fault", _FAULTS)
def test_faults_lose_no_key(vendor: DeployKeys, fault: str) -> None:
    vendor.faults = [replace(_FAULTS[fault])]
    provider = build(vendor)
    draft = provider.prepare()
    try:
        new = provider.create(draft)
    except GitHubError:
        new = provider.create(draft)  # what a resumed run does
    provider.verify(new)
    provider.revoke(new)
    assert new.value == draft.value
    assert [key["title"] for key in vendor.keys] == ["k0", "k1", "k2", draft.memo["title"]]
    assert not vendor.faults[0].times


@pytest.mark.parametrize("status", [401, 403, 404, 409, 422])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_refusal_leaves_the_old_key(vendor: DeployKeys, method: str, status: int) -> None:
    vendor.faults = [Fault(method, "keys", Reply(status, {"message": "no"}))]
    provider = build(vendor)

    def whole() -> None:
        _, new = begin(provider)
        provider.verify(new)
        provider.revoke(new)

    expected = VerificationError if (method, status) == ("DELETE", 404) else GitHubError
    with pytest.raises(expected):
        whole()
    assert any(key["title"] == "shop" for key in vendor.keys)


def test_the_old_key_stays_while_the_new_one_may_not_be_used(vendor: DeployKeys) -> None:
    provider, vendor.enabled = build(vendor), False
    _, new = begin(provider)
    for step in (provider.verify, provider.revoke):
        with pytest.raises(VerificationError, match="may not be used"):
            step(new)
    vendor.keys.pop()
    with pytest.raises(VerificationError, match="does not list"):
        provider.revoke(new)
    assert any(key["title"] == "shop" for key in vendor.keys)


def test_it_tells_when_the_old_key_is_still_used(vendor: DeployKeys) -> None:
    provider = build(vendor)
    _, new = begin(provider)
    assert not provider.in_use(new)
    vendor.keys[3]["last_used"] = "2026-11-27T09:00:00Z"
    assert not provider.in_use(new)
    vendor.keys[3]["last_used"] = "2026-11-27T11:30:00Z"
    assert "11:30" in provider.in_use(new)


def test_rolling_back_deletes_the_new_key_only(vendor: DeployKeys) -> None:
    provider, before = build(vendor), list(vendor.keys)
    draft, new = begin(provider)
    assert "deleted" in provider.rollback(draft, new)
    assert "no new" in provider.rollback(draft, None)
    assert vendor.keys == before
    _, new = begin(provider)
    provider.revoke(new)
    with pytest.raises(RefusedError):
        provider.rollback(draft, new)


def test_old_keys_of_other_kinds_are_known_too(vendor: DeployKeys) -> None:
    private, half = pair("rsa")
    vendor.add("rsa", half, read_only=True)
    provider = build(vendor, private)
    assert provider.prepare().memo["old"] == str(vendor.keys[-1]["id"])


def test_a_key_that_is_not_known_needs_a_title(vendor: DeployKeys) -> None:
    locked = ed25519.Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word")
    )
    for old in (None, locked.decode(), "no key"):
        with pytest.raises(ConfigError, match="title"):
            build(vendor, old).prepare()
        assert build(vendor, old, title="shop").prepare().memo["old"] == str(vendor.keys[3]["id"])
    with pytest.raises(RefusedError, match="no deploy key"):
        build(vendor, pair()[0]).prepare()
    with pytest.raises(ConfigError, match="repository"):
        build(vendor, repository="").outline()
