"""Trust in declared sources: asked once, kept for that declaration only, and not brought along by a copy."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from secopskit.errors import RefusedError
from secopskit.origin.interface import SourceReach
from secopskit.origin.trust import RECORD, TrustRecord, source_digest
from support.origins import Somebody

REACH = SourceReach("command", ("pass", "show", "shop"), "run a program: pass show shop")
OTHER = SourceReach("command", ("pass", "show shop"), "run a program: pass 'show shop'")


def record(tmp_path: Path, person: Somebody, name: str = "state", **more: object) -> TrustRecord:
    return TrustRecord(person, directory=str(tmp_path / name), keys=str(tmp_path / "cache"), **more)  # type: ignore[arg-type]  # as given


def test_one_yes_is_kept_for_that_declaration(tmp_path: Path) -> None:
    person = Somebody(agreeing=True)
    trust = record(tmp_path, person)
    trust.require(REACH)
    trust.require(REACH)
    assert len(person.asked) == 1
    assert REACH.danger in person.asked[0]
    nobody = Somebody(present=False)
    record(tmp_path, nobody).require(REACH)
    for reach in (OTHER, REACH._replace(kind="command-exact"), REACH._replace(words=("pass", "show"))):
        with pytest.raises(RefusedError):
            record(tmp_path, nobody).require(reach)
    assert (tmp_path / "state").stat().st_mode & 0o077 == 0


def test_a_no_is_a_refusal_and_is_not_kept(tmp_path: Path) -> None:
    person = Somebody(agreeing=False)
    for asked in (1, 2):
        with pytest.raises(RefusedError, match="declined"):
            record(tmp_path, person).require(REACH)
        assert len(person.asked) == asked


def test_unattended_it_is_named_by_the_digest_that_the_refusal_prints(tmp_path: Path) -> None:
    nobody = Somebody(present=False)
    with pytest.raises(RefusedError) as caught:
        record(tmp_path, nobody).require(REACH)
    found = re.search(r"--allow-source ([0-9a-f]{32})", caught.value.advice)
    assert found is not None
    assert found[1] == source_digest(REACH)
    record(tmp_path, nobody, allowed=[found[1]]).require(REACH)
    with pytest.raises(RefusedError):
        record(tmp_path, nobody, allowed=[found[1]]).require(OTHER)
    with pytest.raises(RefusedError):  # what was allowed for one run is not kept
        record(tmp_path, nobody).require(REACH)


def test_what_the_user_wrote_needs_no_question(tmp_path: Path) -> None:
    named = [("dotenv", ("../prod.env",))]
    trust = TrustRecord(Somebody(present=False), named=named)
    trust.require(SourceReach("dotenv", ("../prod.env",), "use a file"))
    with pytest.raises(RefusedError):
        trust.require(SourceReach("dotenv", ("../other.env",), "use a file"))


def test_a_copied_repository_brings_no_trust(tmp_path: Path) -> None:
    record(tmp_path, Somebody(agreeing=True)).require(REACH)
    assert (tmp_path / "state" / RECORD).exists()
    shutil.copytree(tmp_path / "state", tmp_path / "copy" / "state")
    elsewhere = tmp_path / "copy"
    nobody = Somebody(present=False)
    with pytest.raises(RefusedError):
        record(elsewhere, nobody).require(REACH)


def test_a_damaged_or_forged_record_is_no_trust(tmp_path: Path) -> None:
    record(tmp_path, Somebody(agreeing=True)).require(REACH)
    file = tmp_path / "state" / RECORD
    file.write_bytes(bytes(32) + file.read_bytes()[32:])
    with pytest.raises(RefusedError):
        record(tmp_path, Somebody(present=False)).require(REACH)


def test_without_a_place_to_keep_it_each_run_asks() -> None:
    person = Somebody(agreeing=True)
    for _ in range(2):
        TrustRecord(person).require(REACH)
    assert len(person.asked) == 2
