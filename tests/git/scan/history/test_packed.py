"""A history read from its packs comes to what it comes to when git reads it."""

from __future__ import annotations

import os
import pickle
import random
import shutil
from functools import partial
from pathlib import Path

import pytest

from secopskit.detect.engine import Hit, hyperscan_installed
from secopskit.errors import GitError
from secopskit.findings import Blob, SkipReason
from secopskit.git.packs import available, packfile, walk
from secopskit.git.packs.available import can_read_packs
from secopskit.git.packs.reader import unpacked
from secopskit.scan.content.detectors import DetectorOptions, Detectors
from secopskit.scan.history.reading import packed, tasks, worker
from secopskit.scan.history.reading import second_look as looking
from secopskit.scan.history.reading.crossing import Called
from support.cli import rules_cache
from support.history import LIMIT, line, opened, scan, told, varied
from support.repos import Repo
from support.values import alnum, github_token

pytestmark = pytest.mark.skipif(not can_read_packs(), reason="the compiled part is not here")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Secrets that come, move, are doubled and go, in files that change all around them."""
    made, chance = Repo.create(tmp_path_factory.mktemp("packed") / "repo"), random.Random(5)
    varied(made)
    lines = [f"value {n} = {chance.randrange(10**12)}\n" for n in range(300)]
    for turn in range(25):
        at = chance.randrange(len(lines))
        if turn % 3 == 0:
            lines[at:at] = [line(github_token())]
        elif turn % 3 == 1:
            lines[at : at + 5] = []
        else:
            lines += lines[at : at + 20]
        made.commit({"config.py": "".join(lines), f"notes/{turn % 4}.sh": f"#!/bin/sh\n{lines[at]}"})
    made.git("repack", "-adfq", "--depth=250", "--window=250")
    made.commit({"loose.py": line(github_token())})
    return made


@pytest.fixture
def repo(original: Repo, tmp_path: Path) -> Repo:
    """A copy of it."""
    shutil.copytree(original.path, tmp_path / "repo")
    return Repo(tmp_path / "repo")


def with_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, git reads."""
    monkeypatch.setattr(available, "can_read_packs", lambda: False)


def counted(monkeypatch: pytest.MonkeyPatch, method: str) -> list[object]:
    """The portions of which a method of the workers is told."""
    portions = list[object]()
    original = getattr(worker.Worker, method)

    def counting(self: worker.Worker, portion: object) -> object:
        portions.append(portion)
        return original(self, portion)

    monkeypatch.setattr(worker.Worker, method, counting)
    return portions


@pytest.mark.parametrize("second_look", [True, False])
def test_both_readers_come_to_the_same(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, second_look: bool
) -> None:
    monkeypatch.setattr(looking, "_MANY", 1 if second_look else 1 << 20)
    first, second = (counted(monkeypatch, f"scan_{name}portions") for name in ("", "named_"))
    by_git = counted(monkeypatch, "scan_named")
    from_packs = scan(repo, jobs=1)
    assert first
    assert bool(second) == second_look
    assert bool(by_git) != second_look
    with_git(monkeypatch)
    assert told(from_packs) == told(scan(repo, jobs=1))
    assert len(from_packs.findings) > 5


@pytest.mark.parametrize("order", [1, -1])  # git makes older versions from newer ones
def test_what_came_to_nothing_is_judged_again_where_its_line_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: int
) -> None:
    """Lines that mean nothing become secrets, by what is written far behind or before the sign of a rule."""
    repo, chance = Repo.create(tmp_path / "repo"), random.Random(7)
    lines = [f'{"x" * chance.randrange(400)} api_key = "{alnum(24)}...." # {n}' for n in range(60)]
    lines += [
        f"url: https://user:${{SECRET}}@db.acme.test/{n} # {'x' * chance.randrange(1200)}" for n in range(60)
    ]
    versions = list[str]()
    for _ in range(40):
        at = chance.randrange(len(lines))
        old, new = chance.choice(
            (
                ("${SECRET}", alnum(20)),
                ('...."', '"'),
                (" # ", f" {github_token()} # "),
                ("x #", "x\n#"),
            )
        )
        lines[at] = lines[at].replace(old, new, 1)
        versions.append("\n".join(lines))
    for version in versions[::order]:
        repo.commit({"notes.txt": version})
    repo.git("repack", "-adfq", "--depth=250", "--window=250")
    from_packs = scan(repo, jobs=1)
    with_git(monkeypatch)
    assert told(from_packs) == told(scan(repo, jobs=1))
    assert len(from_packs.findings) > 10


def test_a_second_look_reads_wide_text_as_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo, password = Repo.create(tmp_path / "wide"), alnum(20)
    repo.commit({"settings.yml": f"database:\n  password: {password}\n".encode("utf-16")})
    monkeypatch.setattr(looking, "_MANY", 1)
    second = counted(monkeypatch, "scan_named_portions")
    from_packs = scan(repo, jobs=1)
    assert second
    assert from_packs.findings
    with_git(monkeypatch)
    assert told(scan(repo, jobs=1)) == told(from_packs)


def test_a_second_look_leaves_to_git_what_cannot_be_read_in_packs(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = told(scan(repo, jobs=1))
    monkeypatch.setattr(looking, "_MANY", 1)
    second = counted(monkeypatch, "scan_named_portions")
    by_git = counted(monkeypatch, "scan_named")
    monkeypatch.setattr(walk, "MOST_REBUILT", 4000)  # most is larger
    assert told(scan(repo, jobs=1)) == expected
    assert second
    assert by_git


def test_what_is_damaged_is_shown_as_git_shows_it(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    (pack,) = (repo.path / ".git/objects/pack").glob("*.pack")
    place, size = repo.git("rev-parse", "HEAD:notes/1.sh").strip(), pack.stat().st_size
    listed = repo.git("verify-pack", "-v", str(pack.with_suffix(".idx")))
    offset = next(int(row.split()[4]) for row in listed.splitlines() if row.startswith(place))
    os.chmod(pack, 0o600)
    with pack.open("r+b") as file:
        file.seek(min(offset + 6, size - 30))
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes((byte[0] ^ 0xFF,)))
    from_packs = scan(repo, jobs=1)
    with_git(monkeypatch)
    assert told(from_packs) == told(scan(repo, jobs=1))
    assert SkipReason.UNREADABLE in {skip.reason for skip in from_packs.skipped}


def test_a_process_that_shares_nothing_reads_the_same_portions(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository, options = opened(repo), DetectorOptions(cache=str(rules_cache()))
    here = packed.open_packed(repository, Detectors.open(options), LIMIT)
    assert here is not None
    make = tasks.history_workers(repository, Detectors.open(options), options, packed=here, jobs=2)._maker()
    there = pickle.loads(pickle.dumps(make))()
    blobs = 0
    for portion in here.portions(2):
        result = tasks.run_portions(there, pickle.loads(pickle.dumps(portion)))
        blobs += result.blobs
        assert not result.doubtful
    assert blobs == scan(repo).stats.blobs
    with pytest.raises(GitError, match="pack"):
        tasks.run_portions(worker.Worker(repository, Detectors.open(options)), here.portions(2)[0])
    repo.git("commit", "--amend", "-q", "-m", "another")
    repo.git("repack", "-adfq")  # the portions are of a pack that is no more
    later = pickle.loads(pickle.dumps(make))()
    with pytest.raises(GitError, match="pack"):
        list(map(partial(tasks.run_portions, later), here.portions(2)))


def test_a_second_look_leaves_to_git_what_no_portion_has(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a delta's base is in no pack that we see."""
    named = {repo.git("rev-parse", f"HEAD:{path}").strip() for path in ("config.py", "notes/1.sh")}
    expected = told(scan(repo, jobs=1))
    monkeypatch.setattr(looking, "_MANY", 1)
    by_git, reading = counted(monkeypatch, "scan_named"), packfile.PackFile._read_headers

    def without_bases(self: packfile.PackFile) -> None:
        reading(self)
        for place, number in enumerate(self.numbers):
            if self.ids[20 * number : 20 * number + 20].hex() in named:
                self.kinds[place], self.bases[place] = 7, -3

    monkeypatch.setattr(packfile.PackFile, "_read_headers", without_bases)
    assert told(scan(repo, jobs=1)) == expected
    (asked,) = by_git
    assert named <= {oid for oid, _ in asked}  # type: ignore[attr-defined]  # pairs of an id and a path


def test_a_second_look_asks_git_for_what_is_in_no_pack(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """As what has been packed away meanwhile: git says whether it is still there."""
    away, expected = repo.git("rev-parse", "HEAD:config.py").strip(), told(scan(repo, jobs=1))
    narrowed = packed.PackedHistory.narrowed
    monkeypatch.setattr(
        packed.PackedHistory,
        "narrowed",
        lambda self, oids: narrowed(self, [oid for oid in oids if oid != away]),
    )
    monkeypatch.setattr(looking, "_MANY", 1)
    by_git = counted(monkeypatch, "scan_named")
    assert told(scan(repo, jobs=1)) == expected
    (asked,) = by_git
    assert {oid for oid, _ in asked} == {away}  # type: ignore[attr-defined]  # pairs of an id and a path


def test_a_process_that_shares_nothing_knows_the_names(repo: Repo) -> None:
    repository, options = opened(repo), DetectorOptions(cache=str(rules_cache()))
    detectors, oid = Detectors.open(options), repo.git("rev-parse", "HEAD:config.py").strip()
    names = {oid: ["config.py", "a/b.py"]}
    called = Called(names, {})
    whole = packed.open_packed(repository, detectors, LIMIT)
    assert whole is not None
    here = whole.narrowed(names)
    assert list(here.oids()) == [oid]
    workers = tasks.history_workers(repository, detectors, options, packed=here, called=called, jobs=2)
    there = pickle.loads(pickle.dumps(workers._maker()))()
    (portions,) = here.portions(2)
    expected = tasks.run_named(there, [(oid, path) for path in names[oid]])
    assert tasks.run_named_portions(there, portions) == expected
    assert expected.occurrences
    there.close()


def test_hits_are_kept_for_a_second_look_where_they_may_have_to_say_something(tmp_path: Path) -> None:
    """Where no rule has found anything, those of rules that a name can change, and those that no rule has."""
    repo, detectors = (
        Repo.create(tmp_path / "repo"),
        Detectors.open(DetectorOptions(cache=str(rules_cache()))),
    )
    rules, by_path = detectors.ruleset.anchors.rules, detectors.ruleset.numbers_by_path
    assert by_path >= detectors.ruleset.numbers_with_path != frozenset()
    barren = 'password: "example-password-1"\n_auth = YWRhOmxvdmVsYWNl\n'
    texts = {"barren.yml": barren, "found.yml": barren + line(github_token()), "plain.txt": "all is well\n"}
    repo.commit(texts)
    repo.git("repack", "-adfq")
    repository = opened(repo)
    whole = packed.open_packed(repository, detectors, LIMIT)
    assert whole is not None
    one = worker.Worker(repository, detectors, packed=whole)
    (portions,) = whole.portions(1)
    result = one.scan_portions(portions)
    one.close()
    ids = {repo.git("rev-parse", f"HEAD:{path}").strip(): path for path in texts}
    kept = {ids[oid]: {number for number, _ in unpacked(found)} for oid, found in result.hits}
    assert kept.keys() == {"barren.yml", "found.yml"}
    assert {ids[oid] for oid, _ in result.named} == kept.keys()
    assert all(number >= rules or number in by_path for number in kept["barren.yml"])
    assert not by_path.isdisjoint(kept["barren.yml"])
    assert max(kept["barren.yml"]) >= rules
    assert any(number < rules and number not in by_path for number in kept["found.yml"])


def test_a_second_look_does_not_search_what_has_been_searched(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "_MANY", 1)
    repo.commit({"app.yml": f"db:\n  password: {alnum(30)}\n"})
    repo.git("repack", "-adfq")
    expected, original = told(scan(repo, jobs=1)), Detectors.look_into
    known = list[bool]()

    def look_into(self: Detectors, blob: Blob, hits: list[Hit] | None = None) -> object:
        known.append(hits is not None)
        return original(self, blob, hits)

    monkeypatch.setattr(Detectors, "look_into", look_into)
    assert told(scan(repo, jobs=1)) == expected
    assert known
    assert all(known)


def test_what_a_rule_finds_is_found_beside_what_the_name_tells(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "_MANY", 1)
    value, other = github_token(), alnum(30)
    text = f"a: 1\nkey: {value}\ndb:\n  password: {other}\n"
    repo.commit({"app.yml": text, "plain.yml": "b:\n  password: changeme\n"})
    repo.git("repack", "-adfq")
    found = scan(repo, jobs=1)
    there = [one for one in found.findings if any(place.path == "app.yml" for place in one.locations)]
    assert {one.secret.reveal() for one in there if one.secret} == {value.encode(), other.encode()}
    with_git(monkeypatch)
    assert told(found) == told(scan(repo, jobs=1))


def test_with_signs_that_have_no_bound_git_reads(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = opened(repo)
    for engine, readable in (("re", False), ("auto", hyperscan_installed())):
        detectors = Detectors.open(DetectorOptions(engine=engine, cache=str(rules_cache())))
        assert (packed.open_packed(repository, detectors, 1 << 20) is not None) == readable
    wide = detectors.ruleset.anchors._replace(widest=1 << 32)  # as with a rule without a bound
    monkeypatch.setattr(detectors.ruleset, "anchors", wide)
    assert packed.open_packed(repository, detectors, 1 << 20) is None
