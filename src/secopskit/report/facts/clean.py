"""The words for a scan that has found nothing: green only where all that was asked for was looked at."""

from __future__ import annotations

from enum import Enum

from secopskit.findings import ScanResult, SuppressedBy
from secopskit.report.text import visible


class Clean(Enum):
    """What "no secrets" is worth. The value is how a sentence about the target begins."""

    WHOLLY = "no secrets in"
    PARTLY = "no secrets in what was read of"
    UNREAD = "nothing was read of"
    OWN = "no secrets but what the change itself holds back in"
    OTHERS = "no secrets of the kind asked for in"


def cleanness(result: ScanResult) -> Clean:
    """What it is worth that `result` has no finding: whether anything was read, and whether all of it.

    An empty standard input is what a command leaves that has failed before the pipe.
    """
    if not result.stats.blobs or not result.stats.bytes:
        return Clean.UNREAD
    if result.limits or any(one.heeded for one in result.skipped):
        return Clean.PARTLY
    if any(one.fresh for one in result.skipped) or any(one.fresh for one in result.suppressed):
        return Clean.OWN
    others = any(one.by is SuppressedBy.PRESENCE for one in result.suppressed)
    return Clean.OTHERS if others else Clean.WHOLLY


def clean_words(result: ScanResult) -> str:
    """`no secrets in work tree /srv/app`, or how much less can be said."""
    return f"{cleanness(result).value} {visible(result.target)}"


def sentence_case(words: str) -> str:
    """The words with a capital letter at their beginning."""
    return words[:1].upper() + words[1:]
