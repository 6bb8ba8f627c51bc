"""Images that read no variables of their own: languages and distributions."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from typing import Final

from secopskit.collect.facts import DockerfileFacts, ImageName, ProjectFacts
from secopskit.detect.name.keys import words


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BARE: Final = _set(
    "node python golang go ruby php openjdk eclipse-temurin amazoncorretto ibmjava sapmachine "
    "liberica-openjdk-alpine alpine debian ubuntu busybox scratch fedora rockylinux almalinux centos "
    "archlinux amazonlinux ubi ubi8 ubi9 ubi-minimal ubi-micro buildpack-deps bun deno rust elixir erlang "
    "haskell swift dart gradle maven composer uv static base base-debian11 base-debian12 static-debian11 "
    "static-debian12 cc cc-debian12 nodejs python3 java nodejs20-debian12 nodejs22-debian12 "
    "nodejs18-debian11 python3-debian12 wolfi-base chainguard-base jre jdk nginx nginx-unprivileged httpd "
    "caddy"
)


def is_bare(dockerfile: DockerfileFacts) -> bool:
    """Whether all stages start from images that read no variables of their own.

    Of a program's own image (`FROM odoo:18`), nobody can tell here what it reads.
    """
    names = {stage.name for stage in dockerfile.stages if stage.name}
    bases = [stage.base for stage in dockerfile.stages if stage.base and stage.base.name not in names]
    return bool(dockerfile.stages) and all(_is_bare(base) for base in bases)


def _is_bare(base: ImageName) -> bool:
    return not base.computed and base.base.lower() in _BARE and "onbuild" not in base.tag


class ImagesOfScripts:
    """The images that a project's scripts run in, by being mounted or copied into them.

    What begins with an image's name that image sets, or its manual explains.
    """

    def __init__(self, project: ProjectFacts) -> None:
        self._words = defaultdict[str, set[str]](set)
        for stack in project.stacks:
            for service in stack.services:
                for volume in service.volumes if service.image and not service.build else ():
                    if volume.source.startswith("./"):
                        self._add(volume.source, service.image)
        for dockerfile in project.dockerfiles:
            for copied in () if is_bare(dockerfile) else dockerfile.copies:
                for stage in dockerfile.stages:
                    beside = posixpath.join(posixpath.dirname(dockerfile.path), copied)
                    self._add(beside, stage.base)
                    self._add(copied, stage.base)

    def _add(self, path: str, image: ImageName | None) -> None:
        if image is not None and image.base.lower() not in _BARE:
            self._words[posixpath.normpath(path)].update(words(image.base))

    def sets(self, path: str, name: str) -> bool:
        """Whether the script at `path` runs in an image that is called as `name` begins."""
        first = name.lower().partition("_")[0]
        while path:
            if first in self._words.get(path, ()):
                return True
            path = posixpath.dirname(path)
        return False
