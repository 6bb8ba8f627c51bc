"""Images: the parts of a name such as `ghcr.io/owner/app:1.2@sha256:…`."""

from __future__ import annotations

from secopskit.collect.facts import ImageName


def image_name(text: str) -> ImageName:
    """The image that `text` names; `${X}` in it is a part that is not known."""
    text = text.strip()
    rest, _, digest = text.partition("@")
    first, slash, after = rest.partition("/")
    registry = ""
    if slash and ("." in first or ":" in first or first == "localhost" or "${" in first):
        registry, rest = first, after
    path, _, last = rest.rpartition("/")
    base, _, tag = last.partition(":")
    name = f"{path}/{base}" if path else base
    return ImageName(
        name=_known(name),
        tag=_known(tag),
        digest=_known(digest),
        registry=_known(registry),
        computed="${" in text,
    )


def _known(part: str) -> str:
    return "" if "${" in part else part
