"""The survey on real repositories: every object is read, wherever git keeps it, and nothing is mistaken."""

from __future__ import annotations

import base64
import json
import os
import pickle
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from secopskit.errors import GitError
from secopskit.git.objects import slices
from secopskit.git.objects.bulk import BulkReader
from secopskit.git.objects.objectset import ObjectSet
from secopskit.git.packs import portions, walk
from secopskit.git.packs.available import can_read_packs
from secopskit.git.repository import Repository
from secopskit.progress import ProgressStage
from secopskit.purge.find import survey as surveying
from secopskit.purge.find.content import packed, streamed
from secopskit.purge.find.content.binaries import binary_blobs
from secopskit.purge.find.content.inspector import Inspector, inspector_maker
from secopskit.purge.find.survey import clean_objects, survey
from secopskit.purge.model import PurgeTarget, Survey
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.secret import SecretValue
from support.cli import SOURCE, environment
from support.history import opened
from support.progress import ToldProgress
from support.repos import Repo
from support.values import alnum

FORMATS = ("sha1", "sha256")


@pytest.fixture(params=["packs", "git"], autouse=True)
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """By what a whole repository is read: its packs, or git."""
    if request.param == "git":
        read_by_git(monkeypatch)
    elif not can_read_packs():
        pytest.skip("the compiled part is not here")
    return str(request.param)


def read_by_git(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surveying, "open_packed", lambda *_: None)


def matcher(*values: bytes | str) -> ValueMatcher:
    return ValueMatcher(
        [
            PurgeTarget(
                number=number,
                value=SecretValue(value.encode() if isinstance(value, str) else value),
                label="",
                fingerprint="",
            )
            for number, value in enumerate(values, 1)
        ]
    )


def ids(repo: Repo) -> set[str]:
    listing = repo.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)", "--unordered")
    return set(listing.split())


def all_of(found: Survey) -> dict[str, tuple[int, ...]]:
    return {**found.blobs, **found.trees, **found.commits, **found.tags}


def write(repo: Repo, content: bytes) -> str:
    return repo.git("hash-object", "-w", "--stdin", stdin=content).strip()


@pytest.mark.parametrize("object_format", FORMATS)
@pytest.mark.parametrize("in_packs", [False, True])
def test_every_kind_of_object(tmp_path: Path, object_format: str, in_packs: bool) -> None:
    value, other = alnum(24), alnum(30)
    repo = Repo.create(tmp_path / "r", f"--object-format={object_format}")
    clean = repo.commit({"readme": "nothing"}, "first")
    (repo.path / "link").symlink_to(f"/srv/{value}")
    repo.git("add", "link")
    content = repo.commit({"a/b.py": f"x = '{value}'", "bin": b"\0\1" + other.encode("utf-16-le")}, "second")
    message = repo.commit({}, f"use {value} and {other}")
    author = repo.git(
        "commit-tree", "HEAD^{tree}", stdin=b"m", env={"GIT_AUTHOR_NAME": value, "GIT_COMMITTER_NAME": "x"}
    ).strip()
    named = repo.commit({f"dir-{value}/file": "x"}, "third")
    repo.git("tag", "-a", "v1", "-m", other, "HEAD")
    repo.git("notes", "add", "-m", f"see {base64.b64encode(other.encode()).decode()}", clean)
    unreachable = write(repo, f"left over {value}".encode())
    if in_packs:
        repo.git("tag", "keep-author", author)
        repo.git("tag", "keep-blob", unreachable)
        repo.git("repack", "-a", "-d", "-q")
        for pack in (repo.path / ".git/objects/pack").glob("*.pack"):
            pack.with_suffix(".keep").touch()

    found = survey(opened(repo), matcher(value, other), jobs=1)

    assert found.commits == {message: (1, 2), author: (1,)}
    assert found.tags == {repo.git("rev-parse", "v1").strip(): (2,)}
    assert found.trees == {repo.git("rev-parse", f"{named}^{{tree}}").strip(): (1,)}
    assert found.blobs == {
        repo.git("rev-parse", f"{content}:a/b.py").strip(): (1,),
        repo.git("rev-parse", f"{content}:link").strip(): (1,),
        repo.git("rev-parse", f"{content}:bin").strip(): (2,),
        repo.git("notes", "list", clean).strip(): (2,),
        unreachable: (1,),
    }
    assert found.width == (32 if object_format == "sha256" else 20)
    assert set(ObjectSet(found.seen, found.width)) == ids(repo)
    assert found.missing == ()


def test_formats_of_dirty_files_are_noted(tmp_path: Path, reader: str) -> None:
    value, repo = alnum(24), Repo.create(tmp_path / "r")
    png = b"\x89PNG\r\n\x1a\n\0\0" + value.encode()
    files: dict[str, str | bytes] = {
        "a.png": png,
        "b.bin": b"\0\1\2" + value.encode(),
        "c.txt": value,
        "clean.png": png[:10],
    }
    repo.commit(files)
    found = survey(opened(repo), matcher(value), jobs=1)
    told = binary_blobs(opened(repo), found.blobs)
    assert len(told) == 2
    assert found.formats == ({oid: told.get(oid) for oid in found.blobs} if reader == "packs" else {})


def test_borrowed_objects_are_read(tmp_path: Path) -> None:
    value = alnum(24)
    lender = Repo.create(tmp_path / "lender")
    lender.commit({"a": value})
    repo = Repo.create(tmp_path / "borrower")
    (repo.path / ".git/objects/info/alternates").write_text(f"{lender.path}/.git/objects\n")
    assert len(survey(opened(repo), matcher(value)).blobs) == 1


def test_ids_are_no_text(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path)
    head = repo.commit({"a": "x", "b": "y"})
    tree = repo.git("rev-parse", "HEAD^{tree}").strip()
    blob = repo.git("rev-parse", "HEAD:a").strip()
    repo.commit({}, "child")
    repo.git("tag", "-a", "v1", "-m", "m", head)
    search = matcher(tree, head, bytes.fromhex(blob)[:16])
    assert all_of(survey(opened(repo), search)) == {}
    naming = repo.commit({}, f"reverts {head}")
    assert all_of(survey(opened(repo), search)) == {naming: (2,)}


@pytest.mark.parametrize("width", [1, 3])
def test_a_name_ends_where_it_ends(tmp_path: Path, width: int) -> None:
    """The mode behind a name, and the one before the next, are not part of it."""
    repo = Repo.create(tmp_path)
    repo.commit({"password-" + "a" * width: "x", "zz": "y"})
    assert survey(opened(repo), matcher(f"100644 password-{'a' * width}")).trees == {}
    assert len(survey(opened(repo), matcher(f"password-{'a' * width}")).trees) == 1


def test_a_signature_is_text(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path)
    repo.commit({"a": "x"})
    value = alnum(40)
    raw = repo.git("cat-file", "commit", "HEAD").replace(
        "\n\n", f"\ngpgsig -----BEGIN PGP SIGNATURE-----\n {value}\n -----END PGP SIGNATURE-----\n\n", 1
    )
    signed = repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw.encode()).strip()
    assert survey(opened(repo), matcher(value)).commits == {signed: (1,)}


def test_objects_that_look_like_answers_of_git(tmp_path: Path) -> None:
    """Headers and `missing` in a content fool nobody, and a value across two objects is none."""
    repo, value = Repo.create(tmp_path), alnum(24)
    fake = b"%s blob 5\nhello\n?0123456789abcdef missing\n" % (b"a" * 40)
    before = write(repo, fake + value[:12].encode())
    after = write(repo, value[12:].encode() + b"\n" + fake)
    dirty = write(repo, fake + value.encode() + fake)
    found = survey(opened(repo), matcher(value), oids=ObjectSet.of([before, after, dirty]))
    assert all_of(found) == {dirty: (1,)}
    assert len(found.seen) == 60


def test_large_blobs_are_read_in_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "LARGE", 1000)
    monkeypatch.setattr(packed, "LARGE", 1000)
    monkeypatch.setattr(streamed, "WINDOW", 512)
    repo, value = Repo.create(tmp_path), alnum(24)
    dirty = {write(repo, b"." * shift + value.encode() + b"-" * 2000): (1,) for shift in range(480, 1100, 7)}
    write(repo, b"." * 5000)
    large_tree = repo.commit({f"{number:04d}-{'n' * 40}": "x" for number in range(30)} | {value: "y"})
    found = survey(opened(repo), matcher(value), jobs=1)
    assert found.blobs == dirty
    assert list(found.trees) == [repo.git("rev-parse", f"{large_tree}^{{tree}}").strip()]
    assert set(ObjectSet(found.seen)) == ids(repo)
    assert found.bytes_read > 5000 + 2500 * len(dirty)


def test_what_git_cannot_read_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    repo, value = Repo.create(tmp_path), alnum(24)
    contents = [write(repo, f"{number} {value}".encode()) for number in range(20)]
    broken = [contents[3], contents[11]]
    for oid in broken:
        path = repo.path / ".git/objects" / oid[:2] / oid[2:]
        path.chmod(0o600)
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2])  # its header is whole, its content is not
    absent = "1" * 40
    found = survey(opened(repo), matcher(value), oids=ObjectSet.of([*contents, absent]))
    assert set(found.missing) == {*broken, absent}
    assert set(found.blobs) == set(contents) - set(broken)
    assert set(ObjectSet(found.seen)) == set(contents) - set(broken)


@pytest.mark.parametrize("seed", range(6))
def test_versions_of_a_file_that_are_made_of_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """In a pack most versions are what differs from another: what a value is cut by, or comes back with."""
    drawn, repo = random.Random(seed), Repo.create(tmp_path / "r")
    plain, odd = alnum(24), f'p"ss{alnum(9)}&{alnum(6)}'
    forms = [
        plain,
        odd,
        odd.encode().hex(),
        json.dumps(odd),
        quote(odd),
        base64.b64encode(odd.encode()).decode(),
        f"{plain[:12]}\\\n{plain[12:]}",
        plain.encode("utf-16-le").decode("latin-1"),
    ]
    lines = [f"line {number} {alnum(20)}" for number in range(300)]
    for _ in range(40):
        at, what = drawn.randrange(len(lines)), drawn.choice([*forms, "nothing", "nothing"])
        lines[at] = f"{lines[at]} {what}" if drawn.random() < 0.4 else what[: drawn.randrange(len(what) + 1)]
        message = "m " + lines[at].replace("\0", " ")
        repo.commit({"a.txt": "\n".join(lines), drawn.choice([plain, "b"]): str(at)}, message)
    repo.git("repack", "-adfq", "--depth=40", "--window=20")
    search = matcher(plain, odd)
    read = survey(opened(repo), search)
    read_by_git(monkeypatch)
    assert replace(survey(opened(repo), search), bytes_read=0) == replace(read, bytes_read=0)
    assert len(read.blobs) > 20
    assert read.trees


def test_what_cannot_be_rebuilt_is_left_to_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo, value = Repo.create(tmp_path), alnum(24)
    for number in range(4):
        repo.commit({"a": f"{'line' * 200} {number} {value}"})
    repo.git("repack", "-adfq")
    monkeypatch.setattr(walk, "MOST_REBUILT", 500)
    found = survey(opened(repo), matcher(value))
    assert len(found.blobs) == 4
    assert found.missing == ()


def test_signs_that_are_too_wide_are_left_to_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = opened(Repo.create(tmp_path))
    search = matcher(alnum(24))
    assert search.sign_width is not None
    assert packed.open_packed(repository, search) is not None
    monkeypatch.setattr(packed, "_WIDEST", search.sign_width - 1)
    assert packed.open_packed(repository, search) is None


@pytest.mark.parametrize("jobs", [1, 2])
def test_many_slices_and_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    monkeypatch.setattr(slices, "_FIRST_SLICE", 200)
    monkeypatch.setattr(slices, "_LARGEST_SLICE", 400)
    monkeypatch.setattr(packed, "_SENT", 0)
    monkeypatch.setattr(portions, "_LOOSE_FILES", 7)
    repo, value = Repo.create(tmp_path), alnum(24)
    repo.commit({f"f{number}": f"{number} {value if number % 3 else ''}" for number in range(40)})
    told = ToldProgress()
    found = survey(opened(repo), matcher(value), jobs=jobs, progress=told)
    assert len(found.blobs) == 26
    assert set(ObjectSet(found.seen)) == ids(repo)
    assert set(told.stages) == {ProgressStage.LOOKING_FOR_VALUES}
    assert len(told.told[0]) > 2
    assert found.bytes_read > 0
    if (total := told.totals[0]) is not None:
        assert sum(told.told[0]) == total


def test_only_what_is_asked_for(tmp_path: Path) -> None:
    repo, value = Repo.create(tmp_path), alnum(24)
    one, two = write(repo, f"1 {value}".encode()), write(repo, f"2 {value}".encode())
    clean = write(repo, b"clean")
    repository = opened(repo)
    assert set(survey(repository, matcher(value)).blobs) == {one, two}
    found = survey(repository, matcher(value), oids=ObjectSet.of([one, clean]))
    assert set(found.blobs) == {one}
    assert list(clean_objects(found)) == [clean]


@pytest.mark.parametrize("jobs", [1, 2])
def test_chosen_objects_are_read_from_packs_as_by_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int, reader: str
) -> None:
    repo, value = Repo.create(tmp_path), alnum(24)
    for number in range(40):
        lines = [f"line {n}" for n in range(number, 150)] + [value] * (number % 3)
        repo.commit({"a": "\n".join(lines), value if number % 5 else "b": f"{number}"})
    repo.git("repack", "-adfq")
    loose, absent = write(repo, value.encode()), "1" * 40
    every = sorted(ids(repo) - {loose})
    chosen = ObjectSet.of([*every[::3], loose, absent])
    monkeypatch.setattr(packed, "_SENT", 0)
    repository, search = opened(repo), matcher(value)
    by_git = survey(repository, search, jobs=jobs, oids=chosen, from_packs=False)
    if reader == "packs":
        monkeypatch.setattr(Inspector, "inspect", fail_for({*every}, Inspector.inspect))
    found = survey(repository, search, jobs=jobs, oids=chosen)
    assert replace(found, bytes_read=0) == replace(by_git, bytes_read=0)
    assert found.missing == (absent,)
    assert set(ObjectSet(found.seen)) == {*every[::3], loose}
    assert found.blobs
    assert found.trees


def test_a_process_that_shares_nothing_looks_into_the_same_chosen_objects(
    tmp_path: Path, reader: str
) -> None:
    repo, value = Repo.create(tmp_path), alnum(24)
    for number in range(9):
        repo.commit({"a": f"{'line' * 50} {number} {value}"})
    repo.git("repack", "-adfq")
    blobs = sorted(repo.git("rev-parse", f"HEAD~{number}:a").strip() for number in range(9))
    repository, search, chosen = opened(repo), matcher(value), ObjectSet.of(blobs[::2])
    here = packed.open_packed(repository, search, chosen.raw) if reader == "packs" else None
    maker = inspector_maker(repository, search, packed=here is not None, only=chosen.raw)
    with closing(pickle.loads(pickle.dumps(maker))()) as later:
        tasks = here.portions(1) if here else ()
        told = [hit.oid for task in tasks for hit in later.inspect_portions(task).found]
        told = told or [
            hit.oid for hit in later.inspect("".join(f"{oid}\n" for oid in chosen).encode()).found
        ]
    assert sorted(told) == blobs[::2]


def fail_for(packed_ids: set[str], inspect: Callable[[Inspector, bytes], object]) -> object:
    """`inspect` for what lies in no pack."""

    def inspected(self: Inspector, oids: bytes) -> object:
        assert packed_ids.isdisjoint(oids.decode().split())
        return inspect(self, oids)

    return inspected


def test_values_bound_to_blobs(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path)
    long = alnum(24)
    here, elsewhere = write(repo, f"admin {long}".encode()), write(repo, b"admin too")
    repo.commit({"admin": "x"}, "by admin")
    bound = PurgeTarget(
        number=1,
        value=SecretValue(b"admin"),
        label="",
        fingerprint="",
        blobs=frozenset({here, "f" * 40}),
    )
    wide = PurgeTarget(number=2, value=SecretValue(long.encode()), label="", fingerprint="")
    found = survey(opened(repo), ValueMatcher([bound, wide]))
    assert all_of(found) == {here: (1, 2)}
    assert elsewhere in ObjectSet(found.seen)


def test_an_empty_repository(tmp_path: Path) -> None:
    found = survey(opened(Repo.create(tmp_path)), matcher(alnum(20)))
    assert (all_of(found), found.seen, found.bytes_read) == ({}, b"", 0)


def test_a_reader_goes_on_after_git_gave_up(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path)
    good, bad = write(repo, b"good"), write(repo, b"bad" * 100)
    path = repo.path / ".git/objects" / bad[:2] / bad[2:]
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:12])
    reader = BulkReader(opened(repo))
    try:
        with pytest.raises(GitError):
            reader.read(f"{bad}\n".encode())
        batch = reader.read(f"{good}\n".encode())
        assert bytes(batch.data[batch.starts[0] : batch.ends[0]]) == b"good"
        batch.data.release()
    finally:
        reader.close()


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_workers_end_with_a_killed_parent(tmp_path: Path) -> None:
    """They would hold its lock open for ever."""
    repo = Repo.create(tmp_path)
    repo.commit({"a": "x"})
    code = (
        "import sys, time\n"
        "from secopskit.git.repository import Repository\n"
        "from functools import partial\n"
        "from secopskit.git.workers import WorkerPool\n"
        "from secopskit.purge.find.content.inspector import Inspector\n"
        "from secopskit.purge.values.matcher import ValueMatcher\n"
        "make = partial(Inspector, Repository.open('.'), ValueMatcher(()))\n"
        "pool = WorkerPool(make, lambda: make, jobs=2)\n"
        "list(pool.map(Inspector.inspect, [b'', b'', b'']))\n"
        "print(*pool._executor._processes, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=repo.path,
        env=environment(PYTHONPATH=str(SOURCE)),
        stdout=subprocess.PIPE,
    ) as parent:
        assert parent.stdout
        workers = [int(word) for word in parent.stdout.readline().split()]
        assert len(workers) == 2
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    deadline = time.monotonic() + 10
    while any(map(_runs, workers)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(_runs, workers))


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def test_object_sets() -> None:
    some = ObjectSet.of(["b" * 40, "a" * 40, "b" * 40])
    assert list(some) == ["a" * 40, "b" * 40]
    assert "a" * 40 in some
    assert "c" * 40 not in some
    assert list(some.without(ObjectSet.of(["a" * 40, "d" * 40]))) == ["b" * 40]
    assert some.among(["b" * 40, "c" * 40]) == ["b" * 40]
    assert len(ObjectSet()) == 0
    assert "a" * 40 not in ObjectSet()
    assert repr(some) == "ObjectSet(2 ids)"
    wide = ObjectSet.of(["e" * 64], 32)
    assert "e" * 64 in wide


def test_the_needles_reach_a_process_that_is_not_forked(tmp_path: Path) -> None:
    repo, value = Repo.create(tmp_path), alnum(24)
    oid = write(repo, value.encode())
    found = Repository.open(str(repo.path))
    assert found
    inspector = pickle.loads(pickle.dumps(inspector_maker(found, matcher(value))))()
    try:
        assert [sight.oid for sight in inspector.inspect(f"{oid}\n".encode()).found] == [oid]
    finally:
        inspector.close()


def test_values_are_in_no_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo, value = Repo.create(tmp_path), alnum(24)
    repo.commit({"a": value}, value)
    commands: list[str] = []
    original = subprocess.Popen.__init__

    def noted(self: subprocess.Popen[bytes], *arguments: object, **options: object) -> None:
        commands.append(f"{arguments} {options}")
        original(self, *arguments, **options)  # type: ignore[call-overload]  # passed on as they came

    monkeypatch.setattr(subprocess.Popen, "__init__", noted)
    assert survey(opened(repo), matcher(value), jobs=1).dirty
    assert commands
    assert not any(value in command for command in commands)
    assert value not in " ".join(os.environ.values())
