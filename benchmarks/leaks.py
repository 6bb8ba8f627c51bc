"""What a purge is timed on: a real history in which secrets stand, from a certain depth on.

Five words that some commits brought into files which seldom change become secrets, wherever they stand. The
depth is a number of commits, counted from the tips: so many have to be rewritten.
"""

from __future__ import annotations

import random
import re
import string
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from benchmarks.peers import WORK, tool_environment
from benchmarks.repositories import git

_WORD = re.compile(r"[A-Za-z0-9_+/=-]{16,60}")
_WORDS = 5
_SEARCHED = 300
_FEW = 8


def plant(repository: Path, filter_repo: str, words: Iterable[str]) -> list[str]:
    """Put secrets in the place of `words` in the whole history of a bare repository, always the same ones."""
    drawn = random.Random(11)
    secrets = {word: "".join(drawn.choices(string.ascii_letters + string.digits, k=32)) for word in words}
    rules = repository.with_suffix(".rules")
    rules.write_text(
        "".join(f"literal:{word}==>{text}\n" for word, text in secrets.items()), encoding="utf-8"
    )
    command = (
        filter_repo,
        "--replace-text",
        str(rules),
        "--replace-message",
        str(rules),
        "--force",
        "--quiet",
    )
    subprocess.run(command, cwd=repository, check=True, stdout=subprocess.DEVNULL)
    rules.unlink()
    return list(secrets.values())


def choose(repository: Path, depth: int) -> list[str]:
    """Five words whose oldest stands about `depth` commits below the tips of the bare `repository`.

    None of them stands in anything older: those few commits, and no others, would have to change.
    """
    start = _commit_at(repository, depth)
    words = _candidates(repository, start)
    words = [word for word in words if not any(word in other for other in words if other != word)]
    known = standing(repository, words, _objects_before(repository, start))
    return [word for word in words if word not in known][:_WORDS]


def _candidates(repository: Path, start: str) -> list[str]:
    """Words that commits from `start` on brought, the oldest first."""
    commits = git(
        repository, "rev-list", "--reverse", "--topo-order", "--no-merges", f"{start}^!", f"{start}..HEAD"
    )
    names = git(repository, "log", "--format=", "--name-only", "--no-merges", "--no-renames", "HEAD")
    changes = Counter(names.split("\n"))
    words = (_seldom_changed_word(repository, commit, changes) for commit in commits.split("\n")[:_SEARCHED])
    return list(dict.fromkeys(word for word in words if word))


def _objects_before(repository: Path, start: str) -> str:
    """The ids, in lines, of all objects in the commits before `start`, and in refs it is no part of."""
    beside = git(repository, "for-each-ref", "--format=%(objectname)", f"--no-contains={start}")
    # An empty line would be the end of what git reads.
    roots = "\n".join([*beside.split(), *git(repository, "rev-parse", f"{start}^@").split()])
    listed = git(repository, "rev-list", "--objects", "--no-object-names", "--stdin", given=roots)
    return f"{listed}\n"


def standing(repository: Path, texts: Iterable[str], objects: str | None = None) -> set[str]:
    """Which of the texts stand in any object of a repository, reachable or not, as git reads it.

    With `objects`, ids in lines, in those alone.
    """
    chosen = ("--batch-all-objects", "--unordered") if objects is None else ()
    wanted = [word for text in texts for word in ("-e", text)]
    env = tool_environment(WORK / "home") | {"LC_ALL": "C"}
    with tempfile.TemporaryFile() as ids:
        ids.write((objects or "").encode())
        ids.seek(0)
        read = ("git", "cat-file", "--batch", "--buffer", *chosen)
        with subprocess.Popen(read, cwd=repository, env=env, stdin=ids, stdout=subprocess.PIPE) as git_reads:
            search = ("grep", "--text", "--only-matching", "--fixed-strings", *wanted)
            found = subprocess.run(
                search, stdin=git_reads.stdout, env=env, stdout=subprocess.PIPE, check=False
            )
    if git_reads.returncode or found.returncode not in (0, 1):
        sys.exit("error: what stands in a repository cannot be told: git or grep failed")
    return set(found.stdout.decode().split())


def _commit_at(repository: Path, depth: int) -> str:
    """The commit on the main line of which about `depth` commits descend."""
    line = git(repository, "rev-list", "--first-parent", "HEAD").split("\n")
    low, high = 0, len(line) - 1
    while low < high:
        middle = (low + high) // 2
        if _descendants(repository, line[middle]) < depth:
            low = middle + 1
        else:
            high = middle
    return line[low]


def _descendants(repository: Path, commit: str) -> int:
    return int(git(repository, "rev-list", "--count", "--ancestry-path", "--all", f"^{commit}"))


def _seldom_changed_word(repository: Path, commit: str, changes: Counter[str]) -> str:
    seldom = False
    for line in git(repository, "show", "--format=", "--unified=0", commit).split("\n"):
        if line.startswith("+++ "):
            seldom = changes[line.removeprefix("+++ b/")] <= _FEW
        elif seldom and line.startswith("+") and (words := _WORD.findall(line[1:])):
            return str(max(words, key=len))
    return ""
