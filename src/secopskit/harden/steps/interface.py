"""What a step is."""

from __future__ import annotations

from collections.abc import Callable

from secopskit.harden.model import Change, ListedSecret
from secopskit.harden.project import HardenProject
from secopskit.named_tuple import NamedTuple


class StepProposal(NamedTuple):
    """What a step would change here; see `StepPlan` for the rest."""

    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    offered: tuple[ListedSecret, ...] = ()


class HardenStep(NamedTuple):
    """A step: its name for --only and --skip, a title, why it is done, and what plans it.

    `propose` reads only. It raises SecopsError where the step cannot be done: a link in a file's place.
    """

    name: str
    title: str
    why: str
    propose: Callable[[HardenProject], StepProposal]
