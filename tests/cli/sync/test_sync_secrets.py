"""`secops sync-secrets` from end to end: a repository, its dotenv files, and a GitHub on loopback."""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path

import pytest

from support.cli import run
from support.forked import secops
from support.github import faults
from support.syncs import PRODUCTION, STAGING, SyncedShop

ALL = {
    "staging/STAGING_DATABASE_URL",
    "staging/INTERNAL_ADMIN_TOKEN",
    "production/PROD_DATABASE_URL",
    "production/SUPABASE_SERVICE_ROLE_KEY",
    "production/INTERNAL_ADMIN_TOKEN",
    "production/SIGNING_KEY",
    "production/NEXT_PUBLIC_SUPABASE_URL",
}


def test_a_declaration_is_brought_to_github_byte_for_byte(shop: SyncedShop) -> None:
    assert shop.states(code=1) == dict.fromkeys(ALL, "create")
    outcome = shop.run("--yes")
    assert outcome.code == 0, outcome.text
    assert shop.secrets(STAGING).values == shop.values[STAGING]
    public = {"NEXT_PUBLIC_SUPABASE_URL": shop.values[PRODUCTION]["NEXT_PUBLIC_SUPABASE_URL"]}
    assert shop.variables(PRODUCTION).values == public
    assert shop.secrets(PRODUCTION).values | public == shop.values[PRODUCTION]
    for words in ("staging: ", "(will be made)", "7 create.", "seen there  7 of 7", "Done."):
        assert words in outcome.out
    shop.github.log.clear()
    assert shop.states(code=0) == dict.fromkeys(ALL, "unchanged")
    assert shop.run("--yes").code == 0
    assert {exchange.method for exchange in shop.github.log} == {"GET"}


def test_a_write_costs_one_request_and_a_place_one_key(shop: SyncedShop) -> None:
    shop.github.world.environment("acme/shop", STAGING)
    assert shop.run("--env", "staging", "--yes").code == 0
    assert len(shop.github.requests("PUT")) == 2
    assert len(shop.github.requests("GET", "public-key$")) == 1
    assert len(shop.github.requests("GET", "/secrets$")) == 2, "before, and after"


def test_what_changed_on_either_side_is_told(shop: SyncedShop) -> None:
    assert shop.run("--yes").code == 0
    shop.github.clock.advance(60)
    shop.secrets(PRODUCTION).put("SIGNING_KEY", b"theirs")
    shop.variables(PRODUCTION).put("NEXT_PUBLIC_SUPABASE_URL", b"https://other.example")
    shop.secrets(STAGING).put("EXTRA", b"theirs")
    shop.values[STAGING]["STAGING_DATABASE_URL"] = b"postgresql://elsewhere/db"
    shop.write_source(STAGING)
    found = shop.states(code=1)
    assert {name: state for name, state in found.items() if state != "unchanged"} == {
        "production/SIGNING_KEY": "drifted",
        "production/NEXT_PUBLIC_SUPABASE_URL": "drifted",
        "staging/STAGING_DATABASE_URL": "update",
        "staging/EXTRA": "unmanaged",
    }
    text = shop.run("--check")
    assert (text.code, "since we wrote it" in text.out) == (1, True)
    markdown = shop.run("--check", "--format", "md").out
    assert "- **drifted**: SIGNING\\_KEY" in markdown
    summary = shop.path / ".git" / "summary.md"
    annotated = secops(
        "sync-secrets",
        *("--check", "--format", "github"),
        cwd=shop.path,
        env=shop.env | {"GITHUB_STEP_SUMMARY": str(summary)},
    )
    assert summary.read_text(encoding="utf-8").strip() == markdown.strip()
    lines = annotated.out.splitlines()
    assert [line.partition("::")[2].partition(" ")[0] for line in lines[:3]] == ["warning", "error", "error"]
    assert lines[-1].endswith("1 update, 4 unchanged, 2 drifted, 1 unmanaged")


def test_unknown_alone_is_told_and_fails_where_it_is_asked_to(shop: SyncedShop) -> None:
    shop.github.world.environment("acme/shop", STAGING)
    for name, value in shop.values[STAGING].items():
        shop.secrets(STAGING).put(name, value)
    for form in ("text", "md", "github", "json"):
        outcome = shop.run("--env", "staging", "--check", "--format", form)
        assert outcome.code == 0
        assert "not on record here" in outcome.out
    assert shop.run("--env", "staging", "--check", "--strict").code == 1


def test_a_rotated_value_is_stale_until_it_is_brought_there(shop: SyncedShop) -> None:
    assert shop.run("--env", "staging", "--yes").code == 0
    record = json.loads((shop.path / ".git/secops/published.json").read_text())
    (address,) = record["published"]
    fingerprint = record["published"][address]["INTERNAL_ADMIN_TOKEN"]["fingerprint"]
    rotations = {"version": 1, "rotated": {fingerprint: "2999-01-01T00:00:00+00:00"}}
    (shop.path / ".git/secops/rotations.json").write_text(json.dumps(rotations))
    (shop.path / ".env.staging").rename(shop.path / ".env.away")
    states = shop.states("--env", "staging", code=1)
    assert states["staging/INTERNAL_ADMIN_TOKEN"] == "stale", "seen though the source is not here"
    assert shop.run("--env", "staging", "--yes").code == 3, "to write, the source is needed"
    shop.values[STAGING]["INTERNAL_ADMIN_TOKEN"] = b"the new one, which is long"
    shop.write_source(STAGING)
    assert shop.run("--env", "staging", "--yes").code == 0
    assert shop.states("--env", "staging", code=0)["staging/INTERNAL_ADMIN_TOKEN"] == "unchanged"


@pytest.mark.skipif(os.name == "nt", reason="no pseudo-terminal")
def test_a_person_is_asked(shop: SyncedShop) -> None:
    declined = shop.ask("--env", "staging", answers={"[y/N]": "n"})
    assert (declined.code, "declined" in declined.out) == (5, True)
    assert "staging" not in shop.github.world.repository("acme/shop").environments
    agreed = shop.ask("--env", "staging", answers={"[y/N]": "y"})
    assert agreed.code == 0, agreed.out
    assert shop.secrets(STAGING).values == shop.values[STAGING]


def test_without_anybody_to_ask_nothing_is_changed(shop: SyncedShop) -> None:
    outcome = shop.run()
    assert (outcome.code, "run again with --yes" in outcome.err) == (2, True)
    assert shop.github.requests("PUT") == []


@pytest.mark.skipif(os.name == "nt", reason="no pseudo-terminal")
def test_only_what_is_ours_is_pruned_and_only_by_its_name(shop: SyncedShop) -> None:
    assert shop.run("--yes").code == 0
    shop.secrets(STAGING).put("THEIRS", b"x")
    declared = (shop.path / ".secops.yaml").read_text()
    shop.declare(declared.replace("[STAGING_DATABASE_URL, INTERNAL_ADMIN_TOKEN]", "[STAGING_DATABASE_URL]"))
    assert shop.run("--check").code == 0
    mistyped = shop.ask("--prune", answers={"to remove it": "acme/sho"})
    assert (mistyped.code, "INTERNAL_ADMIN_TOKEN" in shop.secrets(STAGING).values) == (5, True)
    pruned = shop.ask("--prune", answers={"to remove it": "acme/shop"})
    assert pruned.code == 0, pruned.out
    assert set(shop.secrets(STAGING).values) == {"STAGING_DATABASE_URL", "THEIRS"}


def test_flags_do_without_a_declaration(shop: SyncedShop) -> None:
    (shop.path / ".secops.yaml").unlink()
    shop.github.world.repository("acme/shop")
    document = b"A=one\nPUBLIC=two\nC='three'\n"
    outcome = shop.run("--from", "-", "--var", "PUBLIC", "--yes", stdin=document)
    assert outcome.code == 0, outcome.text
    repository = shop.github.world.repository("acme/shop")
    assert repository.secrets["actions"].values == {"A": b"one", "C": b"three"}
    assert repository.variables.values == {"PUBLIC": b"two"}
    outcome = shop.run(
        "--from", ".env.staging", "--env", "staging", "--only", "INTERNAL_ADMIN_TOKEN", "--yes"
    )
    assert outcome.code == 0, outcome.text
    assert set(shop.secrets(STAGING).values) == {"INTERNAL_ADMIN_TOKEN"}
    outcome = shop.run("--from", ".env.staging", "--org", "acme", "--to", "dependabot", "--yes")
    assert outcome.code == 0, outcome.text
    assert shop.github.world.organisation("acme").secrets["actions"].values == shop.values[STAGING]
    assert repository.secrets["dependabot"].values == shop.values[STAGING]
    (shop.path / "sub").mkdir()
    inner = shop.run("--from", "../.env.staging", "--to", "dotenv:.env.copy", "--yes", cwd=shop.path / "sub")
    assert inner.code == 0, inner.text
    assert (shop.path / ".env.copy").exists()


def test_several_repositories_at_once(shop: SyncedShop) -> None:
    names = [f"acme/r{number}" for number in range(6)]
    for name in names:
        shop.github.world.repository(name)
    options = [word for name in names for word in ("--repo", name)]
    outcome = shop.run("--env", "staging", *options, "--yes")
    assert outcome.code == 0, outcome.text
    assert all(shop.secrets(STAGING, name).values == shop.values[STAGING] for name in names)
    assert shop.run("--env", "staging", *options, "--check").code == 0


def test_what_a_host_refuses_is_told_and_finished_later(shop: SyncedShop) -> None:
    shop.github.world.environment("acme/shop", STAGING)
    shop.github.faults.add(faults.answered(422, "no such thing"), path="STAGING_DATABASE_URL", nth=None)
    outcome = shop.run("--env", "staging", "--yes")
    assert outcome.code == 4, outcome.text
    assert "Finish it with --resume" in outcome.out
    assert "A run did not end" in shop.run("--env", "staging", "--check").out
    shop.github.faults.clear()
    finished = shop.run("--env", "staging", "--resume")
    assert finished.code == 0, finished.text
    assert shop.secrets(STAGING).values == shop.values[STAGING]
    assert shop.run("--resume").code == 2


def test_a_run_that_is_given_up_is_forgotten(shop: SyncedShop) -> None:
    shop.github.world.environment("acme/shop", STAGING)
    shop.github.faults.add(faults.answered(422, "no such thing"), path="STAGING_DATABASE_URL", nth=None)
    assert shop.run("--env", "staging", "--yes").code == 4
    aborted = shop.run("--abort")
    assert (aborted.code, "1 name may or may not have been written" in aborted.err) == (0, True)
    assert shop.run("--abort").code == 2


def test_a_token_that_is_not_good_changes_nothing(shop: SyncedShop) -> None:
    shop.token = "x"
    outcome = shop.run("--env", "staging", "--yes")
    assert outcome.code == 3
    assert outcome.err.startswith("· read .env.staging\nerror: ")


def test_a_committed_record_lets_a_fresh_clone_compare(shop: SyncedShop, tmp_path: Path) -> None:
    declared = (
        (shop.path / ".secops.yaml").read_text().replace("sync:\n", "sync:\n  record: secrets.lock.json\n")
    )
    shop.declare(declared)
    assert shop.run("--yes").code == 0
    shop.repo.git("add", "-A")
    shop.repo.git("commit", "-qm", "The record")
    text = (shop.path / "secrets.lock.json").read_text()
    assert not [
        value for values in shop.values.values() for value in values.values() if value.decode() in text
    ]
    clone = tmp_path / "clone"
    run("git", "clone", "-q", str(shop.path), str(clone), cwd=tmp_path)
    checked = shop.run("--check", cwd=clone)
    assert checked.code == 0, checked.text
    assert "compared by names and times only: .env.staging: is not there" in checked.out
    shop.github.clock.advance(60)
    shop.secrets(STAGING).put("INTERNAL_ADMIN_TOKEN", b"theirs")
    assert shop.run("--check", cwd=clone).code == 1
    for name in shop.values:
        (clone / f".env.{name}").write_bytes((shop.path / f".env.{name}").read_bytes())
    assert "1 drifted" in shop.run("--check", cwd=clone).out
    pruning = declared.replace("[STAGING_DATABASE_URL, INTERNAL_ADMIN_TOKEN]", "[STAGING_DATABASE_URL]")
    (clone / ".secops.yaml").write_text(pruning)
    assert shop.run("--prune", "--yes", cwd=clone).code == 0
    assert "INTERNAL_ADMIN_TOKEN" in shop.secrets(STAGING).values, "not removed on a file's word"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--check", "--resume"), "--check and --resume exclude each other"),
        (("--strict",), "--strict says nothing without --check"),
        (("--format", "github"), "needs --check"),
        (("--format", "github", "--check", "--report", "x.md"), "--report does not go with"),
        (("--repo", "shop"), "owner/name"),
        (("--env", "nope"), "no environment 'nope' is declared"),
        (("--only", "NOPE", "--check"), "NOPE is neither declared"),
        (("--from", ".env.staging"), "would be the source of 2 environments"),
        (("--from", ".env.nope", "--env", "staging", "--yes"), "is not there"),
        (("--var", "A"), "--var is for a run without a declaration"),
        (("--to", "Nothing Such"), "is no sink"),
        (("--to", "nothing-such"), "no kind of sink called"),
        (("--to", "dotenv:../outside"), "is not a file of the work tree"),
        (("--report", "report.doc", "--check"), "a report ends in"),
    ],
)
def test_what_contradicts_itself_is_told(shop: SyncedShop, arguments: tuple[str, ...], message: str) -> None:
    outcome = shop.run(*arguments)
    assert outcome.code in {2, 3, 5}, outcome.text
    assert message in outcome.err
    assert shop.github.requests("PUT") == []


def test_a_report_is_written_beside_what_is_printed(shop: SyncedShop) -> None:
    assert shop.run("--yes", "--report", "report.json").code == 0
    document = json.loads((shop.path / "report.json").read_text())
    assert (document["kind"], document["confirmed"], document["code"]) == ("sync-outcome", 7, 0)


def test_several_remotes_need_a_word(shop: SyncedShop) -> None:
    shop.declare(
        "sync: {environments: {staging: {source: {dotenv: .env.staging}, sinks: [repository], "
        "secrets: [INTERNAL_ADMIN_TOKEN]}}}"
    )
    shop.repo.git("remote", "set-url", "origin", "https://github.com/ada/shop.git")
    shop.repo.git("remote", "add", "upstream", "git@github.com:acme/shop.git")
    outcome = shop.run("--check")
    assert (outcome.code, "several remotes" in outcome.err) == (2, True)
    assert shop.run("--check", "--repo", "acme/shop").code == 1
    shop.repo.git("remote", "rename", "upstream", "backup")
    assert "ada/shop" in shop.run("--check").text


def test_a_killed_run_ends_as_if_it_had_not_been(shop: SyncedShop) -> None:
    """kill -9 at six moments: by --resume, or by another run, everything is there in the end."""
    names = {f"KEY_{number}": f"value {number} of the shop".encode() for number in range(9)}
    shop.declare(
        "sync: {repositories: [acme/shop], environments: {staging: {source: {dotenv: .env.staging}, "
        f"sinks: [environment], secrets: [{', '.join(names)}]}}}}}}\n"
    )
    shop.github.world.environment("acme/shop", STAGING)
    for attempt in range(6):
        shop.values[STAGING] = {name: value + b" %d" % attempt for name, value in names.items()}
        shop.write_source(STAGING)
        _kill_while_writing(shop, after=random.SystemRandom().randrange(10))
        options = ("--resume",) if attempt % 2 and _is_waiting(shop) else ("--yes",)
        finished = shop.run(*options)
        assert finished.code == 0, finished.text
        assert shop.secrets(STAGING).values == shop.values[STAGING]
        assert set(shop.states(code=0).values()) == {"unchanged"}
    # Who is killed in the middle of a request breaks the contract.
    shop.github.violations[:] = [text for text in shop.github.violations if "body is missing" not in text]


def _kill_while_writing(shop: SyncedShop, *, after: int) -> None:
    """Start a run, and kill it when it has sent so many writes and a moment has passed."""
    before = len(shop.github.requests("PUT"))
    process = shop.start("--yes")

    def is_the_moment() -> bool:
        return len(shop.github.requests("PUT")) - before >= after or not process.runs()

    shop.github.wait_for(is_the_moment)
    time.sleep(random.SystemRandom().random() * 0.02)
    process.kill()
    process.wait()


def _is_waiting(shop: SyncedShop) -> bool:
    return (shop.path / ".git/secops/sync/journal.json").exists()


def test_no_value_is_seen_anywhere_but_where_it_belongs(shop: SyncedShop, tmp_path: Path) -> None:
    outputs = [
        shop.run(*arguments, "-vv").text
        for arguments in (
            ("--check",),
            ("--check", "--format", "json"),
            ("--yes", "--report", "report.md"),
            ("--check", "--format", "github"),
        )
    ]
    shop.values[STAGING]["INTERNAL_ADMIN_TOKEN"] += b" changed"
    shop.write_source(STAGING)
    shop.github.faults.add(faults.answered(422, "no"), method="PUT", nth=None)
    outputs.append(shop.run("--env", "staging", "--only", "INTERNAL_ADMIN_TOKEN", "--yes", "-vv").text)
    (shop.path / ".env.staging").write_text(f"A='{shop.values[STAGING]['INTERNAL_ADMIN_TOKEN'].decode()}\n")
    outputs.append(shop.run("--check", "-vv").text)
    kept = [*(shop.path / ".git/secops").rglob("*"), shop.path / "report.md"]
    assert len(kept) > 5
    outputs += [path.read_bytes().decode("latin-1") for path in kept if path.is_file()]
    values = [
        value.decode()
        for environment in shop.values.values()
        for name, value in environment.items()
        if not name.startswith("NEXT_PUBLIC")
    ]
    text = "\n".join(outputs)
    assert not [value[:4] for value in values if value in text or value[6:] in text or value[:-6] in text]


def test_a_name_that_the_declaration_lacks(shop: SyncedShop) -> None:
    """What holds is said, and the way out of it works."""
    (shop.path / "shared.env").write_text("DEPLOY_TOKEN=one-two-three\nOTHER=x\n", encoding="utf-8")
    asked = ("--from", "shared.env", "--to", "dotenv:.env.made", "--only", "DEPLOY_TOKEN")
    refused = shop.run(*asked, "--env", "staging", "--yes")
    assert refused.code == 2
    assert "DEPLOY_TOKEN is neither declared in .secops.yaml" in refused.err
    words = " ".join(refused.err.split())
    assert "--from, --to and --org take the place of its sources and sinks, and add none" in words
    assert "a file that declares nothing" in words
    (shop.path / "none.yaml").write_text("# nothing\n", encoding="utf-8")
    assert shop.run(*asked, "--config", "none.yaml", "--yes").code == 0
    assert (shop.path / ".env.made").read_text().startswith("DEPLOY_TOKEN=")
    typo = shop.run("--from", "shared.env", "--only", "NOPE", "--config", "none.yaml", "--check")
    assert "only what is in the file of --from is synced, and NOPE is not" in " ".join(typo.err.split())


def test_a_dotenv_sink_that_git_has_is_told(shop: SyncedShop) -> None:
    shop.declare(
        "sync: {environments: {staging: {source: {dotenv: .env.staging}, sinks: ['dotenv:app/run.conf'], "
        "secrets: [INTERNAL_ADMIN_TOKEN]}}}"
    )
    shop.repo.write("app/run.conf", "COLOUR=green\n")
    assert "git tracks" not in shop.run("--check").out
    shop.repo.git("add", "app/run.conf")
    words = " ".join(shop.run("--check", cwd=shop.path / "app").out.split())
    assert "git tracks app/run.conf: a commit would publish what is there." in words
    assert "git rm --cached app/run.conf" in words


def test_a_run_without_a_declaration_is_finished_or_forgotten(shop: SyncedShop) -> None:
    (shop.path / ".secops.yaml").unlink()
    shop.github.world.environment("acme/shop", STAGING)
    options = ("--from", ".env.staging", "--env", "staging")
    shop.github.faults.add(faults.answered(422, "no such thing"), path="STAGING_DATABASE_URL", nth=None)
    assert shop.run(*options, "--yes").code == 4
    bare = shop.run("--resume")
    assert (bare.code, "the options of the run that did not end" in " ".join(bare.err.split())) == (2, True)
    shop.github.faults.clear()
    assert shop.run(*options, "--resume").code == 0
    assert shop.secrets(STAGING).values == shop.values[STAGING]
    shop.values[STAGING] = {name: value + b"2" for name, value in shop.values[STAGING].items()}
    shop.write_source(STAGING)
    shop.github.faults.add(faults.answered(422, "no such thing"), path="STAGING_DATABASE_URL", nth=None)
    assert shop.run(*options, "--yes").code == 4
    assert shop.run("--abort").code == 0
    assert shop.run("--abort").code == 2


def test_a_declaration_that_is_broken_does_not_keep_a_run_from_being_forgotten(shop: SyncedShop) -> None:
    shop.github.world.environment("acme/shop", STAGING)
    shop.github.faults.add(faults.answered(422, "no such thing"), path="STAGING_DATABASE_URL", nth=None)
    assert shop.run("--env", "staging", "--yes").code == 4
    shop.declare("sync: [")
    assert shop.run("--abort").code == 0


def test_a_file_prunes_what_it_had_and_nothing_of_another(shop: SyncedShop) -> None:
    (shop.path / ".secops.yaml").unlink()
    for name, text in (("a", "DB_URL=one\nOLD=two\n"), ("b", "MAIL=three\n")):
        (shop.path / f".env.{name}").write_text(text)
    repository = shop.github.world.repository("acme/shop")
    assert shop.run("--from", ".env.a", "--yes").code == 0
    told = shop.run("--from", ".env.b", "--prune", "--yes", "-v")
    assert (told.code, set(repository.secrets["actions"].values)) == (0, {"DB_URL", "OLD", "MAIL"})
    assert "written by command line --from .env.a" in " ".join(told.out.split())
    (shop.path / ".env.a").write_text("DB_URL=one\n")
    (shop.path / "sub").mkdir()
    assert shop.run("--from", "../.env.a", "--prune", "--yes", cwd=shop.path / "sub").code == 0
    assert set(repository.secrets["actions"].values) == {"DB_URL", "MAIL"}
    piped = shop.run("--from", "-", "--prune", "--yes", stdin=b"X=1\n")
    assert (piped.code, "--prune does not know what standard input had" in piped.err) == (2, True)


@pytest.mark.skipif(os.name == "nt", reason="no named pipes")
def test_a_pipe_in_the_place_of_a_file_is_told(shop: SyncedShop) -> None:
    os.mkfifo(shop.path / "pipe")
    for arguments in (("--env", "staging"), ("--env", "staging", "--config", "none.yaml")):
        (shop.path / "none.yaml").write_text("# nothing\n")
        refused = shop.run("--from", "pipe", *arguments, "--yes")
        assert (refused.code, "write --from -" in refused.err) == (2, True), refused.text


@pytest.mark.parametrize("kind", ["dependabot", "codespaces"])
def test_an_organisation_needs_no_word_about_remotes(shop: SyncedShop, kind: str) -> None:
    (shop.path / ".secops.yaml").unlink()
    shop.repo.git("remote", "add", "upstream", "https://github.com/upstream/shop.git")
    done = shop.run("--from", ".env.staging", "--to", f"{kind}-organization:acme", "--yes")
    assert done.code == 0, done.text
    assert shop.github.world.organisation("acme").secrets[kind].values == shop.values[STAGING]


def test_another_repository_of_one_call_is_not_told_to_be_cleared(shop: SyncedShop) -> None:
    shop.github.world.repository("acme/other")
    assert shop.run("--env", "staging", "--yes").code == 0
    one = ("--only", "STAGING_DATABASE_URL")
    told = shop.run(*one, "--repo", "acme/other", "--yes")
    assert (told.code, "emove them there" in told.text) == (0, False)
    checked = shop.run(*one, "--to", "dotenv:.env.made", "--check")
    assert (checked.code, "emove them there" in checked.text) == (1, False)


def test_more_secrets_than_github_takes_are_told_before_any_is_sent(shop: SyncedShop) -> None:
    (shop.path / ".secops.yaml").unlink()
    (shop.path / ".env.many").write_text("".join(f"N{number}=v{number}\n" for number in range(101)))
    refused = shop.run("--from", ".env.many", "--yes")
    assert (refused.code, "would hold 101 names, and takes 100 at most" in refused.err) == (2, True)
    assert shop.github.requests("PUT") == []
    assert shop.run("--from", ".env.many", "--only", "N1", "--yes").code == 0


def test_a_look_afterwards_that_is_refused_is_told(shop: SyncedShop) -> None:
    shop.github.world.environment("acme/shop", STAGING)
    path = f"environments/{STAGING}/secrets$"
    shop.github.faults.add(faults.forbidden(), method="GET", path=path, nth=(2,))
    done = shop.run("--env", "staging", "--yes")
    assert done.code == 0, done.text
    assert "not all of it was seen there" in " ".join(done.out.split())
