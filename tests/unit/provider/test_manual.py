"""The provider `manual`: a person is told what to do, both values are tried where a vendor answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from secopskit.errors import ConfigError, RefusedError, SecopsError, UsageError
from secopskit.provider import build_provider, parse_settings
from secopskit.provider.interface import Credential, NewValue, Provider, RotationDraft, VerificationError
from secopskit.secret import SecretValue
from secopskit.settings.options import Text
from support.origins import Listener, Somebody, provider_surroundings
from support.values import alnum, github_token


class Vendor:
    """A vendor on the loopback: it knows some tokens, and answers with `status` and `body` if set."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.asked: list[tuple[str, str, Mapping[str, str]]] = []
        self.status: int | None = None
        self.body: object = None
        self.revoke_after: int | None = None
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                vendor.answer(self)

            def do_POST(self) -> None:
                vendor.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.append((handler.command, handler.path, dict(handler.headers.items())))
        if self.revoke_after is not None and len(self.asked) > self.revoke_after:
            self.known.clear()
        names = ("Authorization", "x-api-key", "PRIVATE-TOKEN", "Circle-Token")
        sent = next((value for name in names if (value := handler.headers.get(name))), "")
        status = self.status or (200 if sent.split(" ")[-1] in self.known else 401)
        body = json.dumps(self.body if self.body is not None else {"said": sent}).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    made = Vendor()
    yield made
    made.server.shutdown()
    made.server.server_close()


class Scene(NamedTuple):
    """A rotation with the person and the listener that it has."""

    rotation: Provider
    person: Somebody
    listener: Listener

    def create(self) -> NewValue:
        return self.rotation.create(self.rotation.prepare())


Make = Callable[..., Scene]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def build(
        *typed: str,
        old: str | None = None,
        found_by: str = "github-pat",
        agreeing: bool = True,
        present: bool = True,
        **given: Text,
    ) -> Scene:
        person = Somebody(secrets=list(typed), agreeing=agreeing, present=present)
        listener = Listener()
        credential = Credential(
            name="TOKEN",
            environment="production",
            provider="manual",
            settings=parse_settings("manual", given, source="`x."),
            old=None if old is None else SecretValue(old.encode()),
            rule_id=found_by,
        )
        around = provider_surroundings(tmp_path, person=person, listener=listener)
        return Scene(build_provider(credential, around), person, listener)

    return build


# --- what the person is told ----------------------------------------------------------------------


def test_the_steps_are_those_of_the_rule_with_its_page(make: Make) -> None:
    outline = make().rotation.outline()
    assert "Revoke it at github.com/settings/tokens" in outline.create
    assert "https://docs.github.com/" in outline.create
    assert "api.github.com" in outline.verify
    assert outline.needs == ("a person at the terminal",)
    assert outline.unknown == ()


def test_declared_steps_come_first(make: Make) -> None:
    scene = make(steps=["Open the console.", "Click, then copy."], url="https://console.example.org/keys")
    assert scene.rotation.outline().create.startswith(
        "Open the console. Click, then copy. See https://console.example.org/keys ."
    )


def test_what_nobody_knows_is_manual_too(make: Make) -> None:
    outline = make(found_by="").rotation.outline()
    assert "where the old one came from" in outline.create
    assert "not looked at" in outline.unknown[0]
    assert len(make(found_by="dotenv-secret").rotation.outline().unknown) == 1


def test_a_rule_may_be_declared(make: Make) -> None:
    outline = make(found_by="dotenv-secret", rule="digitalocean-pat").rotation.outline()
    assert "digitalocean.com" in outline.create
    assert "api.digitalocean.com" in outline.verify


def test_an_unknown_rule_is_a_configuration_error(tmp_path: Path) -> None:
    settings = parse_settings("manual", {"rule": "no-such-rule"}, source="`x.")
    with pytest.raises(ConfigError, match="no rule called"):
        build_provider(
            Credential(name="A", provider="manual", settings=settings), provider_surroundings(tmp_path)
        )


@pytest.mark.parametrize("given", [{"check_url": "http://example.org"}, {"check": "maybe"}, {"step": "x"}])
def test_wrong_settings_are_configuration_errors(given: Mapping[str, Text]) -> None:
    with pytest.raises(ConfigError):
        parse_settings("manual", given, source="`x.")


# --- the new value --------------------------------------------------------------------------------


def test_the_new_value_is_asked_for_without_being_shown(make: Make) -> None:
    new = github_token()
    scene = make(new, old=github_token())
    assert scene.create().value == SecretValue(new.encode())
    assert scene.person.asked == ["New value of production/TOKEN (empty: give up)"]
    assert "github.com/settings/tokens" in scene.listener.told[0]


def test_the_old_value_is_not_taken_for_the_new_one(make: Make) -> None:
    old, new = github_token(), github_token()
    scene = make(old, new, old=old)
    assert scene.create().value == SecretValue(new.encode())
    assert any("That is the old value" in text for text in scene.listener.told)
    with pytest.raises(RefusedError, match="no new value"):
        make(old, old, old, old=old).create()


def test_a_value_of_another_form_is_asked_about(make: Make) -> None:
    old, new, typo = github_token(), github_token(), github_token()[:-3]
    scene = make(typo, new, old=old, agreeing=False)
    assert scene.create().value == SecretValue(new.encode())
    assert any("does not look like: GitHub" in text for text in scene.person.asked)
    assert make(typo, old=old).create().value == SecretValue(typo.encode())


def test_a_rule_about_what_stands_around_judges_no_form(make: Make) -> None:
    scene = make("anything at all", old="x y z 1", found_by="generic-secret", agreeing=False)
    assert scene.create().value == SecretValue(b"anything at all")


def test_an_empty_line_gives_up_and_nobody_is_not_asked(make: Make) -> None:
    with pytest.raises(RefusedError, match="no new value"):
        make("", old=github_token()).create()
    scene = make(present=False)
    assert scene.rotation.outline().create
    with pytest.raises(UsageError, match="nobody"):
        scene.rotation.prepare()


def test_a_value_over_several_lines_comes_from_a_file(make: Make, tmp_path: Path) -> None:
    class Names(Somebody):
        def types(self, prompt: str) -> str:
            self.asked.append(prompt)
            return ["none.pem", "new.pem"][min(len(self.asked), 2) - 1]

    text = f"-----BEGIN {'OPENSSH'} PRIVATE KEY-----\n{alnum(40)}\n-----END-----\n"
    (tmp_path / "new.pem").write_text(text)
    old = SecretValue(text.replace("-----END", "=\n-----END").encode())
    settings = parse_settings("manual", {}, source="x")
    credential = Credential(
        name="KEY", provider="manual", settings=settings, old=old, rule_id="private-key-pem"
    )
    person, listener = Names(agreeing=True), Listener()
    rotation = build_provider(credential, provider_surroundings(tmp_path, person=person, listener=listener))
    assert rotation.create(RotationDraft()).value == SecretValue(text.encode())
    assert any("none.pem" in told for told in listener.told)


# --- both values are tried ------------------------------------------------------------------------


def test_a_new_value_that_works_and_one_that_does_not(make: Make, vendor: Vendor) -> None:
    new = github_token()
    scene = make(new, old=github_token(), check_url=vendor.url)
    made = scene.create()  # used anyway
    assert "127.0.0.1" in scene.person.asked[0]
    assert "It does not work yet (GET /user at 127.0.0.1" in scene.person.asked[-1]
    with pytest.raises(VerificationError, match="HTTP 401"):
        scene.rotation.verify(made)
    vendor.known.add(new)
    assert scene.rotation.verify(made).startswith("It works (GET /user at 127.0.0.1")
    assert vendor.asked[0][:2] == ("GET", "/user")


def test_a_new_value_that_does_not_work_is_asked_for_again(make: Make, vendor: Vendor) -> None:
    typo, new = github_token(), github_token()
    vendor.known.add(new)
    scene = make(typo, new, check_url=vendor.url)
    scene.rotation.prepare()
    scene.person.agreeing = False
    assert scene.rotation.create(RotationDraft()).value == SecretValue(new.encode())
    assert any("It does not work yet" in text for text in scene.listener.told)


def test_values_go_nowhere_that_a_declaration_alone_names(make: Make, vendor: Vendor) -> None:
    scene = make(github_token(), check_url=vendor.url, agreeing=False)
    with pytest.raises(RefusedError, match="check_url"):
        scene.rotation.prepare()
    assert vendor.asked == []


def test_what_a_vendor_does_not_say_is_not_known(make: Make, vendor: Vendor) -> None:
    scene = make(github_token(), old=github_token(), check_url=vendor.url)
    made = scene.create()
    vendor.status = 418
    assert scene.rotation.verify(made).startswith("It is not known to work or not (")
    assert "could not be seen" in scene.rotation.revoke(made)
    vendor.server.shutdown()
    vendor.server.server_close()
    with pytest.raises(SecopsError, match="cannot be seen") as caught:
        scene.rotation.verify(made)
    assert not isinstance(caught.value, VerificationError)


def test_without_a_check_nobody_looks_and_it_is_said(make: Make, vendor: Vendor) -> None:
    for scene in (
        make("new" + alnum(12), old="old" + alnum(12), found_by="adyen-api-key"),
        make(github_token(), old=github_token(), check="no", check_url=vendor.url),
    ):
        made = scene.create()
        assert "not looked at" in scene.rotation.verify(made)
        assert (
            scene.rotation.revoke(made) == "You said that the old value is revoked; that was not looked at."
        )
    assert vendor.asked == []


# --- the end of the old value ---------------------------------------------------------------------


def test_a_dead_value_needs_no_question(make: Make, vendor: Vendor) -> None:
    scene = make(old=github_token(), check_url=vendor.url, present=False)
    for _ in range(2):
        assert scene.rotation.revoke(NewValue(value=SecretValue(b"n"))).startswith("The old value is dead (")
    assert scene.person.asked == []


def test_the_person_revokes_and_the_vendor_confirms(make: Make, vendor: Vendor) -> None:
    old = github_token()
    vendor.known.add(old)
    vendor.revoke_after = 2  # it takes a moment
    scene = make(old=old, check_url=vendor.url)
    assert scene.rotation.revoke(NewValue(value=SecretValue(b"n"))).startswith("The old value is dead (")
    assert len(vendor.asked) == 3
    assert "revoked at the vendor?" in scene.person.asked[-1]


def test_an_old_value_that_still_works_is_an_error(make: Make, vendor: Vendor) -> None:
    old = github_token()
    vendor.known.add(old)
    scene = make(old=old, check_url=vendor.url)
    with pytest.raises(VerificationError, match="still works") as caught:
        scene.rotation.revoke(NewValue(value=SecretValue(b"n")))
    assert "--resume" in caught.value.advice
    with pytest.raises(RefusedError, match="not revoked"):
        make(old=old, check_url=vendor.url, agreeing=False).rotation.revoke(NewValue(value=SecretValue(b"n")))
    with pytest.raises(UsageError, match="nobody"):
        make(old=old, check_url=vendor.url, present=False).rotation.revoke(NewValue(value=SecretValue(b"n")))


def test_rollback_leaves_the_old_value(make: Make) -> None:
    scene = make(old=github_token())
    assert scene.rotation.rollback(RotationDraft(), None) == "Nothing was made."
    assert "revoke it at the vendor" in scene.rotation.rollback(
        RotationDraft(), NewValue(value=SecretValue(b"n"))
    )
    assert len(scene.rotation.dies()) == 1
    assert make().rotation.dies() == ()


def test_no_sentence_error_or_log_holds_a_value(
    make: Make, vendor: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    old, new, typo = github_token(), github_token(), github_token()[:-2]
    vendor.known |= {old, new}  # its answers repeat what was sent
    scene = make(typo, old, new, old=old, check_url=vendor.url)
    scene.person.agreeing = True
    scene.rotation.prepare()
    scene.person.agreeing = False
    made = scene.rotation.create(RotationDraft())
    said = [repr(scene.rotation), repr(made), repr(scene.rotation.outline()), scene.rotation.verify(made)]
    scene.person.agreeing = True
    vendor.known.remove(new)
    for action in (scene.rotation.verify, scene.rotation.revoke):
        with pytest.raises(VerificationError) as caught:
            action(made)
        said += [str(caught.value), caught.value.advice, repr(caught.getrepr(style="long", showlocals=False))]
    vendor.status = 500
    said.append(repr(scene.rotation.revoke(made)))
    text = "\n".join([*said, *scene.listener.told, *scene.person.asked, caplog.text])
    assert [value[:6] for value in (old, new, typo) if value in text] == []


def test_a_value_that_needs_another_one_is_not_looked_at(make: Make) -> None:
    assert "not looked at" in make(found_by="twilio-auth-token").rotation.outline().unknown[0]


def test_an_own_server_may_be_named_with_the_path_of_its_api(make: Make, vendor: Vendor) -> None:
    old = "glpat-" + alnum(20)
    for base in (vendor.url, f"{vendor.url}/api/v4"):
        scene = make(old=old, found_by="gitlab-pat", check_url=base, present=False)
        assert "dead" in scene.rotation.revoke(NewValue(value=SecretValue(b"n")))
    assert {path for _, path, _ in vendor.asked} == {"/api/v4/personal_access_tokens/self"}


def test_it_says_for_whom_a_new_value_works(make: Make, vendor: Vendor) -> None:
    new = github_token()
    vendor.known.add(new)
    vendor.body = {"login": "acme-bot"}
    scene = make(new, check_url=vendor.url)
    assert scene.rotation.verify(scene.create()).startswith("It works as acme-bot (GET /user at 127.0.0.1")
