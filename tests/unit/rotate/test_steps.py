"""The steps of a rotation: what is asked, what stops it, and what is left then."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secopskit.conduct.consent import NOBODY
from secopskit.errors import ExitCode, RefusedError, SecopsError, UsageError
from secopskit.report.page import Rows
from secopskit.rotate import recovery, run
from secopskit.rotate.keep.journal import RotationRecord
from secopskit.rotate.model import RotationStep
from secopskit.rotate.outcome import RotationOutcome
from secopskit.rotate.request import RotationConsents, RotationRequest
from secopskit.rotate.tell.gather import plan_facts
from secopskit.rotate.tell.story import plan_story
from support.workshop import CONFIG, Answers, Clock, Notes, Workshop, context_for

YES = RotationConsents(consented=True, outages=("all",))
ASKED = RotationConsents()


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path / "shop")


def rotate(
    shop: Workshop,
    *names: str,
    person: Answers | None = None,
    consents: RotationConsents | None = None,
    clock: Clock | None = None,
    tell: Notes | None = None,
) -> RotationOutcome:
    context = context_for(shop, person or NOBODY, clock=clock, tell=tell)
    proposal = run.plan(context, RotationRequest(names=names))
    return run.apply(context, proposal, consents or (ASKED if person else YES))


def changed(shop: Workshop, **settings: str) -> None:
    """Give the declared credentials more settings."""
    text = ", ".join(f'{name}: "{value}"' for name, value in settings.items())
    config = shop.path / ".secops.yaml"
    config.write_text(CONFIG.replace("account:", f"{text}, account:"))


def only(outcome: RotationOutcome) -> RotationRecord:
    (record,) = outcome.records
    return record


# --- the good way -----------------------------------------------------------------------------


def test_all_that_is_declared(shop: Workshop) -> None:
    outcome = rotate(shop)
    assert outcome.code is ExitCode.OK
    assert [record.step for record in outcome.records] == [RotationStep.DONE] * 2
    assert shop.vendor.live("api") == [shop.values["API_TOKEN"]]
    assert shop.vendor.live("db") == [shop.values["DB_PASSWORD"]]
    assert shop.notebook == ["last.json", "lock"]


def test_the_dotenv_file_keeps_all_else(shop: Workshop) -> None:
    before = shop.dotenv.read_text()
    rotate(shop)
    new = shop.values
    expected = before.replace(shop.token, new["API_TOKEN"]).replace(shop.password, new["DB_PASSWORD"])
    assert shop.dotenv.read_text() == expected
    assert shop.dotenv.stat().st_mode & 0o077 == 0 or os.name == "nt"


def test_every_step_that_changes_something_is_asked(shop: Workshop) -> None:
    person = Answers(Go_on="yes", write_the="yes", End_it_now="yes")
    assert rotate(shop, "API_TOKEN", person=person).code is ExitCode.OK
    assert len(person.asked) == 3
    assert ["account api" in one for one in person.asked] == [True, False, False]
    assert "API_TOKEN in .env.production, API_TOKEN in shelf?" in person.asked[1]
    assert "ended at the vendor" in person.asked[2]


def test_who_has_the_old_value_still_is_named_before_it_ends(shop: Workshop) -> None:
    shop.repo.write("compose.yml", f"services:\n  web:\n    environment:\n      T: {shop.token}\n")
    person = Answers(Go_on="yes", write_the="yes", End_it_now="yes")
    record = only(rotate(shop, "API_TOKEN", person=person))
    assert "the old value still stands in compose.yml:4" in person.asked[2]
    assert "the old value still stands in compose.yml:4" in record.told
    assert not any(".env.production" in sentence for sentence in record.unseen)


def test_files_that_nobody_has_looked_into_are_named_before_it_ends(shop: Workshop) -> None:
    shop.repo.write("dist.zip", b"PK\x03\x04" + bytes(100))
    plan = run.plan(context_for(shop, NOBODY), RotationRequest(names=("API_TOKEN",))).plan
    facts = plan_facts(plan, saved=False)
    assert facts.rotations[0].unread == ("dist.zip (binary content)",)
    (rows, *_) = (block for block in plan_story(facts) if isinstance(block, Rows))
    assert dict(rows.rows)["Not known"].endswith(
        "whether it is read where nobody has looked: dist.zip (binary content)"
    )
    person = Answers(Go_on="yes", write_the="yes", End_it_now="yes")
    record = only(rotate(shop, "API_TOKEN", person=person))
    assert "the old value was not looked for in dist.zip (binary content)" in person.asked[2]
    assert "the old value was not looked for in dist.zip (binary content)" in record.told


def test_what_was_done_is_told_with_its_times(shop: Workshop) -> None:
    record = only(rotate(shop, "API_TOKEN"))
    assert "the new value opens the account" in record.told
    steps = ["drafted", "created", "verified", "published", "drained", "revoking", "revoked", "done"]
    assert list(record.times) == steps
    assert record.renewed
    assert record.renewed != record.fingerprint


# --- declined ---------------------------------------------------------------------------------


def test_a_no_in_the_beginning_changes_nothing(shop: Workshop) -> None:
    outcome = rotate(shop, "API_TOKEN", person=Answers())
    assert outcome.code is ExitCode.REFUSED
    assert only(outcome).step is RotationStep.LEFT
    assert shop.vendor.live("api") == [shop.token]
    assert shop.kept == []


def test_a_no_to_one_leaves_the_others_be(shop: Workshop) -> None:
    person = Answers(account_api="no", Go_on="yes", Type_DB="DB_PASSWORD", write_the="yes")
    outcome = rotate(shop, person=person)
    assert [record.step for record in outcome.records] == [RotationStep.LEFT, RotationStep.DONE]
    assert outcome.code is ExitCode.REFUSED


@pytest.mark.parametrize("stops_at", ["write the", "End it now"])
def test_a_no_on_the_way_stops_it_there(shop: Workshop, stops_at: str) -> None:
    answers = {"Go_on": "yes", "write_the": "yes", "End_it_now": "yes"}
    answers[stops_at.replace(" ", "_")] = "no"
    outcome = rotate(shop, "API_TOKEN", person=Answers(**answers))
    assert outcome.code is ExitCode.INCOMPLETE
    assert shop.token in shop.vendor.live("api")
    assert len(shop.vendor.live("api")) == 2
    again = run.resume(context_for(shop), YES)
    assert again
    assert again.code is ExitCode.OK
    assert shop.vendor.live("api") == [shop.values["API_TOKEN"]]


def test_nobody_to_ask_and_nothing_agreed_to(shop: Workshop) -> None:
    with pytest.raises(UsageError, match="nobody is here"):
        rotate(shop, consents=ASKED)
    assert shop.kept == []


# --- single -----------------------------------------------------------------------------------


def test_an_outage_is_agreed_to_by_name(shop: Workshop) -> None:
    outcome = rotate(shop, "DB_PASSWORD", consents=RotationConsents(consented=True))
    assert outcome.code is ExitCode.REFUSED
    assert "--accept-outage production/DB_PASSWORD" in only(outcome).advice
    assert shop.vendor.live("db") == [shop.password]
    accepted = RotationConsents(consented=True, outages=("DB_PASSWORD",))
    assert rotate(shop, "DB_PASSWORD", consents=accepted).code is ExitCode.OK


def test_its_cost_is_named_in_the_question(shop: Workshop) -> None:
    person = Answers(Type_DB="DB_PASSWORD", write_the="yes")
    assert rotate(shop, "DB_PASSWORD", person=person).code is ExitCode.OK
    assert "locked out" in person.asked[0]
    assert len(person.asked) == 2  # its old value is dead: nobody is asked whether to end it


# --- verify fails -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["API_TOKEN", "DB_PASSWORD"])
def test_a_new_value_that_does_not_work_is_rolled_back(shop: Workshop, name: str) -> None:
    changed(shop, broken="true")
    before = shop.dotenv.read_text()
    outcome = rotate(shop, name)
    assert only(outcome).step is RotationStep.ROLLED_BACK
    assert outcome.code is ExitCode.FINDINGS
    assert shop.dotenv.read_text() == before
    assert shop.vendor.live("api") == [shop.token]
    assert shop.vendor.live("db") == [shop.password]
    assert shop.notebook == ["last.json", "lock"]
    assert shop.rotations() == {}


def test_a_person_may_look_before_it_is_rolled_back(shop: Workshop) -> None:
    changed(shop, broken="true")
    outcome = rotate(shop, "API_TOKEN", person=Answers(Go_on="yes", Roll_back="no"))
    assert outcome.code is ExitCode.INCOMPLETE
    assert only(outcome).step is RotationStep.CREATED
    changed(shop, broken="false")
    again = run.resume(context_for(shop), YES)
    assert again
    assert again.code is ExitCode.OK


def test_where_there_is_no_way_back_it_stops(tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "shop")
    config = shop.path / ".secops.yaml"
    config.write_text(CONFIG.replace("account: db", "account: one-way, broken: 'true'"))
    shop.vendor.only("one-way", shop.password)
    outcome = rotate(shop, "DB_PASSWORD")
    assert outcome.code is ExitCode.INCOMPLETE
    assert only(outcome).step is RotationStep.ROLLING_BACK
    assert shop.vendor.live("one-way")[0] in shop.kept  # what works lies in the notebook


# --- publish fails ----------------------------------------------------------------------------


def test_a_file_that_somebody_else_has_changed_is_not_written(shop: Workshop) -> None:
    context = context_for(shop)
    proposal = run.plan(context, RotationRequest(names=("API_TOKEN",)))
    person = Answers(Go_on="yes")
    rotate(shop, "API_TOKEN", person=person)  # stops before it is published
    del proposal
    # What is to be written is known from the first attempt on.
    attempt = run.resume(context_for(shop, Answers(write_the="no")), ASKED)
    assert attempt
    shop.dotenv.write_text(shop.dotenv.read_text().replace(shop.token, "somebody-elses"))
    outcome = run.resume(context_for(shop), YES)
    assert outcome
    assert outcome.code is ExitCode.INCOMPLETE
    assert "changed by somebody else" in only(outcome).problem
    assert ".env.production:2" in only(outcome).problem
    assert shop.values["API_TOKEN"] == "somebody-elses"
    assert shop.shelf == {}


def test_what_cannot_be_reached_is_told_before_anything_is_made(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from support.rotating import Shelf

    def entries(_: Shelf) -> None:
        raise SecopsError("the shelf is locked", advice="Find the key.")

    monkeypatch.setattr(Shelf, "entries", entries)
    outcome = rotate(shop, "API_TOKEN")
    assert outcome.code is ExitCode.OPERATION
    assert only(outcome).step is RotationStep.LEFT
    assert shop.vendor.live("api") == [shop.token]


def test_a_sink_that_fails_is_published_to_later(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    from support.rotating import Shelf

    def put(*_: object) -> None:
        raise SecopsError("the shelf is full", advice="Make room.")

    with monkeypatch.context() as broken:
        broken.setattr(Shelf, "put", put)
        outcome = rotate(shop, "API_TOKEN")
    assert outcome.code is ExitCode.INCOMPLETE
    assert only(outcome).step is RotationStep.VERIFIED
    assert shop.token in shop.vendor.live("api")
    again = run.resume(context_for(shop), YES)
    assert again
    assert again.code is ExitCode.OK
    assert shop.shelf["API_TOKEN"] == shop.values["API_TOKEN"]


def test_an_empty_value_is_replaced_and_put_back(shop: Workshop) -> None:
    shop.dotenv.write_text(shop.dotenv.read_text().replace(shop.token, ""))
    outcome = rotate(shop, "API_TOKEN", person=Answers(Go_on="yes", write_the="yes"))
    assert only(outcome).step is RotationStep.DRAINED
    assert shop.shelf["API_TOKEN"] == shop.values["API_TOKEN"] != ""
    assert recovery.rollback(context_for(shop), (), YES)
    assert shop.values["API_TOKEN"] == ""


def test_it_is_told_at_the_start_that_a_file_cannot_be_edited(shop: Workshop) -> None:
    """It was there when the plan was made."""
    file = shop.repo.write("more.env", f"API_TOKEN={shop.token}\n")
    context = context_for(shop)
    proposal = run.plan(context, RotationRequest(names=("API_TOKEN",), edits=("more.env",)))
    file.unlink()
    outcome = run.apply(context, proposal, YES)
    assert only(outcome).step is RotationStep.LEFT
    assert only(outcome).problem == "more.env: is not there"
    assert shop.vendor.live("api") == [shop.token]


# --- drain ------------------------------------------------------------------------------------


def test_it_waits_for_who_uses_the_old_value(shop: Workshop) -> None:
    changed(shop, busy="true")
    clock, tell = Clock(), Notes()
    consents = RotationConsents(consented=True, drain_timeout=95)
    outcome = rotate(shop, "API_TOKEN", consents=consents, clock=clock, tell=tell)
    assert outcome.code is ExitCode.INCOMPLETE
    assert only(outcome).step is RotationStep.PUBLISHED
    assert clock.seconds == 95
    assert "still in use" in only(outcome).problem
    assert any("Waiting" in note and "a session has it" in note for note in tell.notes)
    assert shop.token in shop.vendor.live("api")


def test_a_person_may_end_what_is_in_use(shop: Workshop) -> None:
    changed(shop, busy="true")
    answers = Answers(Go_on_nevertheless="yes", Go_on="yes", write_the="yes", End_it_now="yes")
    outcome = rotate(shop, "API_TOKEN", person=answers)
    assert outcome.code is ExitCode.OK
    assert "a session has it" in only(outcome).told


# --- manual -----------------------------------------------------------------------------------


def test_what_a_person_does_needs_a_person(shop: Workshop) -> None:
    config = shop.path / ".secops.yaml"
    config.write_text(CONFIG.replace("fake-dual", "fake-manual"))
    outcome = rotate(shop, "API_TOKEN")
    assert outcome.code is ExitCode.REFUSED
    assert "secops rotate apply production/API_TOKEN" in only(outcome).advice
    person = Answers(Begin="yes", write_the="yes", End_it_now="yes", the_new_value="a" * 24)
    assert rotate(shop, "API_TOKEN", person=person).code is ExitCode.OK
    assert shop.values["API_TOKEN"] == "a" * 24


def test_a_person_who_gives_no_value_has_changed_nothing(shop: Workshop) -> None:
    config = shop.path / ".secops.yaml"
    config.write_text(CONFIG.replace("fake-dual", "fake-manual"))
    outcome = rotate(shop, "API_TOKEN", person=Answers(Begin="yes"))
    assert outcome.code is ExitCode.REFUSED
    assert only(outcome).step is RotationStep.LEFT
    assert shop.kept == []


# --- several ----------------------------------------------------------------------------------


def test_one_that_fails_does_not_stop_the_others(shop: Workshop) -> None:
    shop.vendor.only("api", "not the declared one")
    outcome = rotate(shop)
    assert [record.step for record in outcome.records] == [RotationStep.LEFT, RotationStep.DONE]
    assert outcome.code is ExitCode.OPERATION


def test_but_those_that_are_read_in_the_same_place(shop: Workshop) -> None:
    changed(shop, broken="true")
    url = f"https://{shop.token}:{shop.password}@api.example.org"
    shop.dotenv.write_text(f"{shop.dotenv.read_text()}BOTH={url}\n")
    person = Answers(Go_on="yes", Roll_back="no", Type_DB="DB_PASSWORD")
    outcome = rotate(shop, person=person)
    assert [record.step for record in outcome.records] == [RotationStep.CREATED, RotationStep.LEFT]
    assert "waits for it" in outcome.records[1].problem
    assert shop.vendor.live("db") == [shop.password]


def test_two_names_of_one_value_are_rotated_once(shop: Workshop) -> None:
    config = CONFIG.replace("secrets: [", "secrets: [SECOND, ").replace(
        "      DB_PASSWORD:", "      SECOND: {provider: fake-dual, account: api}\n      DB_PASSWORD:"
    )
    (shop.path / ".secops.yaml").write_text(config)
    shop.dotenv.write_text(f"{shop.dotenv.read_text()}SECOND={shop.token}\n")
    outcome = rotate(shop, "API_TOKEN", "SECOND")
    assert [record.step for record in outcome.records] == [RotationStep.DONE, RotationStep.COVERED]
    assert shop.values["SECOND"] == shop.values["API_TOKEN"]
    assert shop.vendor.live("api") == [shop.values["API_TOKEN"]]


# --- backwards --------------------------------------------------------------------------------


def halted(shop: Workshop, name: str = "API_TOKEN") -> None:
    """Stop a rotation after it was published."""
    changed(shop, busy="true")
    assert rotate(shop, name).code is ExitCode.INCOMPLETE
    changed(shop, busy="false")


def test_a_rollback_takes_back_what_was_published(shop: Workshop) -> None:
    before = shop.dotenv.read_text()
    halted(shop)
    assert shop.values["API_TOKEN"] != shop.token
    outcome = recovery.rollback(context_for(shop), (), YES)
    assert outcome
    assert only(outcome).step is RotationStep.ROLLED_BACK
    assert shop.dotenv.read_text() == before
    assert shop.shelf == {"API_TOKEN": shop.token}
    assert shop.vendor.live("api") == [shop.token]


def test_a_rollback_is_asked_for(shop: Workshop) -> None:
    halted(shop)
    with pytest.raises(RefusedError):
        recovery.rollback(context_for(shop, Answers(Roll_back="no")), (), ASKED)
    with pytest.raises(UsageError, match="is not under way"):
        recovery.rollback(context_for(shop), ("OTHER",), YES)


def test_what_was_revoked_cannot_be_rolled_back(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    from support.rotating import DualFake

    def revoke(*_: object) -> str:
        raise SecopsError("the vendor does not answer", advice="Try again.")

    with monkeypatch.context() as broken:
        broken.setattr(DualFake, "revoke", revoke)
        assert only(rotate(shop, "API_TOKEN")).step is RotationStep.REVOKING
    with pytest.raises(RefusedError, match="no way back"):
        recovery.rollback(context_for(shop), (), YES)
    outcome = run.resume(context_for(shop), YES)
    assert outcome
    assert outcome.code is ExitCode.OK


def test_a_plan_is_refused_while_a_rotation_is_half_done(shop: Workshop) -> None:
    halted(shop)
    with pytest.raises(SecopsError, match="half-way"):
        run.plan(context_for(shop), RotationRequest())
    with pytest.raises(RefusedError, match="has begun"):
        recovery.abort(context_for(shop))


def test_a_plan_is_forgotten(shop: Workshop) -> None:
    run.plan(context_for(shop), RotationRequest(), keep=True)
    assert recovery.abort(context_for(shop))
    assert not recovery.abort(context_for(shop))


def test_a_plan_of_which_nothing_was_done_is_kept(shop: Workshop) -> None:
    context = context_for(shop)
    proposal = run.plan(context, RotationRequest(names=("DB_PASSWORD",)), keep=True)
    outcome = run.apply(context, proposal, RotationConsents(consented=True))
    assert outcome.code is ExitCode.REFUSED
    assert run.saved_request(context) == proposal.request
    assert run.apply(context, proposal, YES).code is ExitCode.OK
    with pytest.raises(UsageError, match="there is no plan"):
        run.saved_request(context)


def test_a_kept_plan_is_carried_out_as_it_was(shop: Workshop) -> None:
    context = context_for(shop)
    run.plan(context, RotationRequest(names=("API_TOKEN",)), keep=True)
    assert run.saved_request(context).names == ("API_TOKEN",)
    run.require_same(context, run.plan(context, run.saved_request(context)))
    shop.dotenv.write_text(shop.dotenv.read_text().replace(shop.token, "changed-meanwhile"))
    with pytest.raises(RefusedError, match="have changed"):
        run.require_same(context, run.plan(context, run.saved_request(context)))
