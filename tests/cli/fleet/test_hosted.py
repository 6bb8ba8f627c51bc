"""`secops fleet scan --org`: listed, cloned, fetched; and the token nowhere but where it must be."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from support.fleets import Fleet, Hosted, hosted, leak
from support.repos import Repo
from support.values import github_token


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Hosted]:
    with hosted(tmp_path) as made:
        yield made


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    (tmp_path / "home").mkdir()
    return Fleet(tmp_path / "home")


def _words(github: Hosted, *others: str) -> tuple[str, ...]:
    return ("scan", "--org", "acme", "--api-url", github.url, *others)


def test_all_of_an_organisation(github: Hosted, fleet: Fleet) -> None:
    github.add("acme/app", leak())
    github.add("acme/clean", {"README": "x\n"})
    done = fleet.run(*_words(github), GITHUB_TOKEN=github.token)
    assert done.code == 1, done.err
    assert fleet.states() == {f"{github.name}/acme/app": "scanned", f"{github.name}/acme/clean": "scanned"}
    again = fleet.run(*_words(github), GITHUB_TOKEN=github.token)
    assert again.code == 1
    assert set(fleet.states().values()) == {"unchanged"}


def test_only_what_is_new_is_fetched_and_scanned(github: Hosted, fleet: Fleet) -> None:
    source = github.add("acme/app", {"README": "x\n"})
    github.add("acme/other", {"README": "y\n"})
    assert fleet.run(*_words(github), GITHUB_TOKEN=github.token).code == 0
    source.commit(leak())
    github.push("acme/app", source)
    assert fleet.run(*_words(github, "--fail-on", "new"), GITHUB_TOKEN=github.token).code == 1
    assert fleet.report()["states"] == {"scanned": 1, "unchanged": 1}


def test_what_is_left_out_is_told(github: Hosted, fleet: Fleet) -> None:
    github.add("acme/app", leak())
    github.add("acme/old", leak(), archived=True)
    github.add("acme/copy", leak(), fork=True)
    fleet.run(*_words(github, "--no-archived", "--no-forks"), GITHUB_TOKEN=github.token)
    told = fleet.report()
    assert [one["name"] for one in told["repositories"]] == [f"{github.name}/acme/app"]
    assert told["notes"] == ["1 repository left out: a fork.", "1 repository left out: archived."]


def test_one_that_cannot_be_cloned_leaves_the_others(github: Hosted, fleet: Fleet) -> None:
    github.add("acme/app", leak())
    github.api.world.repository("acme/ghost", default_branch="main")
    done = fleet.run(*_words(github), GITHUB_TOKEN=github.token)
    assert done.code == 1
    assert fleet.states()[f"{github.name}/acme/ghost"] == "failed"
    assert "acme/ghost: failed" in done.err


def test_a_wrong_token_ends_it_with_what_to_do(github: Hosted, fleet: Fleet) -> None:
    wrong = github_token()
    done = fleet.run(*_words(github), GITHUB_TOKEN=wrong)
    assert done.code == 3
    assert "401" in done.err
    assert wrong not in done.text


def test_what_takes_too_long_is_ended(github: Hosted, fleet: Fleet) -> None:
    github.add("acme/app", leak())
    github.host.delay = 60
    done = fleet.run(*_words(github, "--timeout", "1"), GITHUB_TOKEN=github.token)
    assert done.code == 3
    assert "longer than 1 s" in done.err
    github.host.delay = 0
    assert fleet.run(*_words(github), GITHUB_TOKEN=github.token).code == 1


def test_what_takes_too_much_disk_is_ended(github: Hosted, fleet: Fleet) -> None:
    source = github.add("acme/app", {"README": "x\n"})
    source.commit({"large": os.urandom(3 << 20)})
    github.push("acme/app", source)
    done = fleet.run(*_words(github, "--disk", "1"), GITHUB_TOKEN=github.token)
    assert done.code == 3
    assert "its clone is larger than 1 MiB" in done.err


def test_clones_are_bounded(github: Hosted, fleet: Fleet) -> None:
    for name in ("one", "two", "three"):
        source = github.add(f"acme/{name}", {"README": "x\n"})
        source.commit({"large": os.urandom(800_000)})
        github.push(f"acme/{name}", source)
    assert fleet.run(*_words(github, "-j", "1", "--cache-size", "2"), GITHUB_TOKEN=github.token).code == 0
    assert len(list((fleet.home / "clones").rglob("HEAD"))) == 2


def test_what_has_not_changed_is_not_cloned_again(github: Hosted, fleet: Fleet) -> None:
    for name in ("one", "two"):
        source = github.add(f"acme/{name}", leak())
        source.commit({"large": os.urandom(800_000)})
        github.push(f"acme/{name}", source)
    assert fleet.run(*_words(github, "-j", "1", "--cache-size", "1"), GITHUB_TOKEN=github.token).code == 1
    shutil.rmtree(fleet.home / "clones")
    assert fleet.run(*_words(github), GITHUB_TOKEN=github.token).code == 1
    assert fleet.report()["states"] == {"unchanged": 2}
    assert not list((fleet.home / "clones").rglob("HEAD"))


def test_a_limit_on_files_holds_for_the_run_that_has_it(github: Hosted, fleet: Fleet) -> None:
    source = github.add("acme/app", {"README": "x\n"})
    (file,) = leak().values()
    source.commit({"large.txt": "a line of text\n" * 100_000 + file})
    github.push("acme/app", source)
    for limit, code in (("--max-blob", "1"), 0), ((), 1), (("--max-blob", "1"), 0):
        assert fleet.run(*_words(github, *limit), GITHUB_TOKEN=github.token).code == code
        assert fleet.report()["states"] == {"scanned": 1}


@pytest.mark.parametrize("damage", ["a blob", "all packs", "a ref", "HEAD", "config", "no pack"])
def test_a_mirror_that_is_damaged_is_made_anew(github: Hosted, fleet: Fleet, damage: str) -> None:
    source = github.add("acme/app", leak())
    assert fleet.run(*_words(github), GITHUB_TOKEN=github.token).code == 1
    mirror = next((fleet.home / "clones").rglob("app.git"))
    _spoil(mirror, damage)
    source.commit({"other": "x\n"})
    github.push("acme/app", source)
    for again in ((), ("--again",)):
        done = fleet.run(*_words(github, *again), GITHUB_TOKEN=github.token)
        assert done.code == 1, done.text
        told = fleet.report()
        assert (told["total"], told["gone_perhaps"], told["states"]) == (1, 0, {"scanned": 1})
        assert not told["repositories"][0]["skipped_for"]


def _spoil(mirror: Path, damage: str) -> None:
    packs = list((mirror / "objects" / "pack").iterdir())
    match damage:
        case "a blob":
            Repo(mirror).git("unpack-objects", "-q", stdin=_taken(packs))
            file = next(mirror.glob(f"objects/{_blob(mirror)}"))
            file.chmod(0o600)
            file.write_bytes(file.read_bytes()[:9])
        case "all packs":
            for pack in packs:
                pack.chmod(0o600)
                pack.write_bytes(pack.read_bytes()[:40])
        case "no pack":
            _taken(packs)
        case "a ref":
            (mirror / "refs" / "heads" / "main").write_text("")
        case _:
            (mirror / damage).write_text("")


def _taken(packs: list[Path]) -> bytes:
    (pack,) = (one.read_bytes() for one in packs if one.suffix == ".pack")
    for one in packs:
        one.unlink()
    return pack


def _blob(mirror: Path) -> str:
    oid = Repo(mirror).git("rev-parse", "main:app.py").strip()
    return f"{oid[:2]}/{oid[2:]}"


def test_a_fetch_that_fails_leaves_the_mirror_as_it_is(github: Hosted, fleet: Fleet) -> None:
    source = github.add("acme/app", leak())
    fleet.run(*_words(github), GITHUB_TOKEN=github.token)
    mirror = next((fleet.home / "clones").rglob("app.git"))
    (mirror / "mark").touch()
    source.commit({"other": "x\n"})
    github.push("acme/app", source)
    damaged = next(github.host.path("acme/app").glob("objects/*/*"), None)
    for file in github.host.path("acme/app").glob("objects/??/*"):
        file.unlink()
    assert damaged
    assert fleet.run(*_words(github), GITHUB_TOKEN=github.token).code == 3
    assert (mirror / "mark").exists()


def test_a_list_with_names_of_the_host(github: Hosted, fleet: Fleet) -> None:
    github.add("acme/app", leak())
    (fleet.home / "list").write_text("acme/app\n")
    done = fleet.run("scan", "--repos", "list", "--api-url", github.url, GITHUB_TOKEN=github.token)
    assert done.code == 1, done.err
    assert fleet.states() == {f"{github.name}/acme/app": "scanned"}


def test_an_app_clones_with_its_installations_token(github: Hosted, fleet: Fleet) -> None:
    github.add("acme/app", leak())
    app, _ = github.api.app("acme", {"contents": "read", "metadata": "read"})
    (fleet.home / "app.pem").write_text(app.pem)
    tokens = github.api.doors.tokens
    # An installation's token opens git as well; it is made while the scan runs.
    github.host.tokens = _Known(tokens)  # type: ignore[assignment]  # a view of those that there are
    done = fleet.run(
        *_words(github),
        SECOPS_GITHUB_APP_ID=str(app.id),
        SECOPS_GITHUB_APP_KEY_FILE=str(fleet.home / "app.pem"),
    )
    assert done.code == 1, done.err


class _Known:
    """The tokens that a server has given out so far."""

    def __init__(self, tokens: Mapping[str, object]) -> None:
        self._tokens = tokens

    def __contains__(self, token: str) -> bool:
        return token in self._tokens


def test_neither_token_nor_value_is_anywhere(github: Hosted, fleet: Fleet) -> None:
    secret = github_token()
    github.add("acme/app", leak(secret) | {f"{secret}.txt": "x\n"})
    done = fleet.run(*_words(github, "-vv"), GITHUB_TOKEN=github.token)
    assert done.code == 1
    told = [fleet.run("report", "-f", form).text for form in ("text", "json", "csv", "html")]
    fleet.run("report", "-f", "sarif", "-o", "sarif")
    for value in (github.token, secret):
        assert value not in done.text
        assert not any(value in text for text in told)
    clone = fleet.home / "clones"
    kept = [path for path in fleet.home.rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        content = path.read_bytes()
        assert github.token.encode() not in content, path
        assert secret.encode() not in content or clone in path.parents, path


def test_a_token_is_not_sent_to_a_host_of_a_list(github: Hosted, fleet: Fleet) -> None:
    github.add("acme/app", leak())
    (fleet.home / "list").write_text(f"{github.host.url}/acme/app.git\n")
    done = fleet.run("scan", "--repos", "list", GITHUB_TOKEN=github.token, GH_ENTERPRISE_TOKEN=github.token)
    assert done.code == 3, done.text
    assert not any(visit.authorised for visit in github.host.requests)
