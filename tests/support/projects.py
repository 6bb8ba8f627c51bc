"""Small projects, written as a dictionary of files, and what a rule of the audit says about them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from textwrap import dedent

from secopskit.audit.mismatch import rules
from secopskit.audit.model import Mismatch
from secopskit.collect.facts import ProjectFacts
from secopskit.collect.gather import ProjectIndex, gather
from secopskit.findings import Blob


def project(files: Mapping[str, str], *, ignored: Collection[str] = ()) -> ProjectFacts:
    """The facts of a project of `files`, all of which git tracks."""
    blobs = [Blob(path, dedent(text).encode()) for path, text in files.items()]
    return gather(blobs, ProjectIndex("shop", frozenset(files), frozenset(ignored)))


def judged(rule: str, files: Mapping[str, str], *, ignored: Collection[str] = ()) -> list[Mismatch]:
    """What the rule says about a project of `files`."""
    return list(rules()[rule].judge(project(files, ignored=ignored)))


def subjects(rule: str, files: Mapping[str, str], *, ignored: Collection[str] = ()) -> list[str]:
    """The subjects of what the rule says."""
    return [mismatch.subject for mismatch in judged(rule, files, ignored=ignored)]
