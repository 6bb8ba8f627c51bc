"""The nouns of a purge: what is to go, what was found of it, what will change, what was proved.

Survey -> extent -> plan -> (consent) -> rewrite -> swap -> clean-up -> proof. Nothing here holds a
value except `PurgeTarget.value`, and that is a SecretValue. Object ids are lower-case hexadecimal, 40
or 64 digits; names of paths and refs are text by `os.fsdecode`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from secopskit.formats.archives.parts import UnopenedMember
from secopskit.git.history.reach import ReachedObjects
from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue

DEFAULT_REPLACEMENT = b"***REMOVED***"

ARCHIVE_NOTE = b"An archive stood here. It held a secret value, and secops purge-history has removed it.\n"

# Of so many commits, one or more must change for an extent to be wide.
_WIDE: Final = 20


class ArchiveFate(Enum):
    """What becomes of an archive that holds a value: its members are never changed one by one."""

    DROP = "drop"  # the file goes from every commit
    REPLACE = "replace"  # a note takes its place
    KEEP = "keep"  # it stays, and with it the value


class Style(Enum):
    """A style of replacement: how the text that takes a value's place is made."""

    TEXT = "text"  # the same text for all
    RULE = "rule"  # names the rule: ***REMOVED:aws-access-key***
    LENGTH = "length"  # as long as the value, so that offsets stay


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeTarget:
    """A value to be removed.

    `number` counts from 1 in the order of the plan. `label` says where the value came from, in
    words without it. With `blobs`, it is replaced in those blobs alone (and nowhere in messages
    or names): for a value too short or too common to be replaced wherever it stands.
    """

    number: int
    value: SecretValue
    label: str
    fingerprint: str
    preview: str = "***"
    rule_id: str = ""
    finding_id: str = ""
    remediation: str = ""
    replacement: bytes = DEFAULT_REPLACEMENT
    style: Style = Style.TEXT
    blobs: frozenset[str] | None = None
    rotated: bool = False
    extra_forms: tuple[SecretValue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A path (a file or a whole directory) that is removed from every tree.

    Versions of it in `keep` (blob ids) stay: those of the tips, where only the past must go, or with
    `copies` all those that are not copies of another file that goes.
    """

    path: str
    keep: frozenset[str] = frozenset()
    copies: bool = False

    def takes(self, path: str, oid: str) -> bool:
        """Whether this file or directory of a tree is removed."""
        return oid not in self.keep and (path == self.path or path.startswith(self.path + "/"))


class ArchivedHit(NamedTuple):
    """A member of an archive in which targets stand, nested ones as `inner.zip!name`, and their numbers.

    An empty name stands for the archive itself: a comment, or what lies between its members.
    """

    member: str
    numbers: tuple[int, ...]


class PlaceKind(Enum):
    """A kind of place where a value can stand. The value of the member is what reports print."""

    BLOB = "file content"
    ARCHIVE = "file in an archive"
    PATH = "file or directory name"
    COMMIT = "commit message"
    IDENTITY = "author or committer"
    TAG = "tag message"
    REF = "branch or tag name"
    UNREACHABLE = "object that nothing refers to"
    INDEX = "index"
    WORK_TREE = "work tree"
    REFLOG = "reflog"
    CONFIG = "git configuration"
    GIT_FILE = "file in the git directory"
    SUBMODULE = "git directory of a submodule"
    LFS = "Git LFS store"
    ALTERNATE = "borrowed object store"


class BinaryFormat(NamedTuple):
    """A format of binary content. One that `checks` itself no longer verifies with a value taken out.

    `care` is what its owner has to do afterwards, where that is something else.
    """

    name: str
    checks: bool = False
    care: str = ""

    @property
    def consequence(self) -> str:
        """What taking a value out means for who reads such a file; empty for nothing."""
        return "it checks itself and no longer verifies" if self.checks else self.care


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A survey of the object database, unreachable objects included: which targets stand in which objects.

    Each mapping goes from object id to the numbers of the targets that stand in it; a tree is
    in `trees` for the names of its entries. `seen` holds the raw ids of all objects that were read,
    sorted and joined, `width` bytes each. `missing` are objects that should be there and are not.
    `archives` are the blobs that are archives with a target in them; they are in `blobs` as well, unless
    they are to be kept. `unopened` tells of archives what was not looked into. `id_words` are the words in
    the messages of commits that may be ids of commits, `signed` the commits and tags that bear a signature.
    `reach` is what an old commit reaches, where the history is long. `formats` are those of dirty blobs, None
    for text, as far as they are known.
    """

    blobs: Mapping[str, tuple[int, ...]]
    trees: Mapping[str, tuple[int, ...]]
    commits: Mapping[str, tuple[int, ...]]
    tags: Mapping[str, tuple[int, ...]]
    seen: bytes = field(repr=False)
    width: int = 20
    bytes_read: int = field(default=0, compare=False)
    missing: tuple[str, ...] = ()
    archives: Mapping[str, tuple[ArchivedHit, ...]] = field(default_factory=dict)
    unopened: Mapping[str, tuple[UnopenedMember, ...]] = field(default_factory=dict)
    id_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    signed: frozenset[str] = field(default_factory=frozenset, repr=False)
    reach: ReachedObjects | None = field(default=None, repr=False, compare=False)
    formats: Mapping[str, BinaryFormat | None] = field(default_factory=dict, repr=False, compare=False)

    @property
    def dirty(self) -> frozenset[str]:
        """The ids of all objects in which a target stands."""
        return frozenset((*self.blobs, *self.trees, *self.commits, *self.tags))


@dataclass(frozen=True, slots=True, kw_only=True)
class RefChange:
    """A ref before and after. An empty `new` deletes, an empty `old` creates.

    `ref` is a full name (`refs/heads/main`), `HEAD` where it is detached, or
    `worktrees/<name>/HEAD`. A renamed ref is a deletion and a creation.
    """

    ref: str
    old: str
    new: str


class StagedFile(NamedTuple):
    """A file as an index has it: the name of the work tree, its mode in octal, its blob, its path."""

    worktree: str
    mode: str
    oid: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """The extent of a rewrite: all that has to change, and nothing more. Commits stand parents first.

    `paths` tells, for each dirty blob that a commit reaches, the paths under which it ever stood.
    `first` are the changed commits none of whose parents change. `refs` and `tags` name the refs
    and the annotated tags (by id) that change; `renamed_refs` maps names that hold a value to
    their new names. `notes` are the commits below refs/notes that change (last of all, for their
    names are commits). `stash` are the stash entries (commit ids, newest first). `signed` are the
    changed commits and tags that lose a signature. `ref_ids` is what each ref named when this was found.

    `names` tells which commits that change are named in a message or note, by the id of the commit, tag
    or note; `only_naming` is how many commits change for that alone. With `keep_ids` none does, and the
    old ids stay. `all_commits` are those that refs lead to, notes apart, and `total_commits` is how many.
    """

    commits: tuple[str, ...]
    first: tuple[str, ...]
    paths: Mapping[str, tuple[str, ...]]
    dirty_paths: tuple[str, ...]
    refs: tuple[str, ...]
    tags: tuple[str, ...]
    renamed_refs: Mapping[str, str]
    notes: tuple[str, ...]
    stash: tuple[str, ...]
    signed: tuple[str, ...]
    total_commits: int
    total_refs: int
    ref_ids: Mapping[str, str] = field(default_factory=dict, repr=False)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    only_naming: int = 0
    keep_ids: bool = False
    all_commits: tuple[str, ...] = field(default=(), repr=False, compare=False)

    @property
    def is_wide(self) -> bool:
        """Whether so much changes that it pays to open all packs, and not to ask git for each object."""
        return len(self.commits) * _WIDE >= self.total_commits


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """A rewritten history, still apart from the repository (in the stage): old ids to new ones.

    A commit or tag that was not rewritten is not in `objects`; nor is one that is the same.
    `packs` are the base paths of the pack files (without `.pack`) to move into the repository.
    `archives` are those of `blobs` that became a note, or went. `ids` tells what became of old ids in
    messages and notes, in a sentence.
    """

    commits: Mapping[str, str]
    tags: Mapping[str, str]
    trees: Mapping[str, str]
    blobs: Mapping[str, str]
    refs: tuple[RefChange, ...]
    symrefs: Mapping[str, str]
    stash: tuple[str, ...]
    packs: tuple[str, ...]
    archives: frozenset[str] = frozenset()
    ids: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """A place where a target still stands: `name` says which object, file or ref."""

    place: PlaceKind
    name: str
    targets: tuple[int, ...]
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A proof: what was looked at, and what is left over. It holds where `leftovers` is empty.

    `checks` are sentences, each a thing that was verified; `unopened` tells what could not be looked into.
    """

    leftovers: tuple[Leftover, ...]
    checks: tuple[str, ...]
    objects: int
    objects_read: int
    seconds: float = 0.0
    unopened: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing is left."""
        return not self.leftovers


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeOutcome:
    """The outcome of an applied plan: what changed, where the backup is, and what was proved.

    `commits` and `tags` go from old ids to new ones; `gone` are the ids of all objects that had to go.
    `backup` is the backup's directory, and `destroy` the command that destroys it (both empty
    without one). `notes` are sentences about what was done beside the rewriting. `phases` are seconds.
    `veiled` are names of refs and work trees that hold a value, whether or not a value is at hand.
    """

    refs: tuple[RefChange, ...]
    commits: Mapping[str, str]
    tags: Mapping[str, str]
    gone: frozenset[str]
    proof: Proof
    backup: str = ""
    destroy: str = ""
    notes: tuple[str, ...] = ()
    phases: Mapping[str, float] = field(default_factory=dict, compare=False)
    veiled: frozenset[str] = frozenset()
