"""Dockerfiles: stages, arguments, variables and what of them is taken in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secopskit.collect.facts import DockerfileFacts, DockerfileStage, FactPlace, ImageName, ProjectFacts
from secopskit.collect.stacks.dockerfile import is_dockerfile
from secopskit.formats.stacks.dockerfile_lines import instructions, pairs
from support.project import project

FILE = """\
# syntax=docker/dockerfile:1
ARG VERSION=22
ARG REGISTRY
FROM ${REGISTRY:-docker.io}/node:${VERSION}-alpine AS build
ARG VERSION
ARG API_URL="http://x" BUILD_ID
ENV NODE_ENV=production \\
    # a comment within
    API_URL=$API_URL \\
    NAME='two words'
ENV OLD form of it
COPY package.json ./lock.json /app/
COPY --chown=1:1 [".", "/app"]
RUN --mount=type=cache,target=/x \\
    for f in *; do echo $f $BUILD_ID; done \\
    && echo \\$BUILD_ID
RUN <<EOF
echo ${VERSION}
FROM nowhere
EOF
EXPOSE 3000 8000-8002/tcp $PORT

FROM build
COPY --from=build /app /app
ENV PORT=9000
EXPOSE ${PORT}
HEALTHCHECK --interval=5s CMD curl -f localhost:$PORT
ENTRYPOINT ["/init"]
CMD serve --port $PORT --host ${BIND:-x}
"""


def facts(text: str) -> tuple[DockerfileFacts, ProjectFacts]:
    found = project({"Dockerfile": text})
    (file,) = found.dockerfiles
    return file, found


def test_all_of_a_file() -> None:
    file, _ = facts(FILE)
    assert file.stages == (
        DockerfileStage("build", ImageName("node", "22-alpine", "", "docker.io"), FactPlace("Dockerfile", 4)),
        DockerfileStage("1", None, FactPlace("Dockerfile", 23), "build"),
    )
    assert [(a.name, a.scope, a.place.line, a.value and len(a.value)) for a in file.arguments] == [
        ("VERSION", "", 2, 2),
        ("REGISTRY", "", 3, None),
        ("VERSION", "build", 5, None),
        ("API_URL", "build", 6, 8),
        ("BUILD_ID", "build", 6, None),
    ]
    assert [(v.name, v.scope, v.place.line, v.value and len(v.value)) for v in file.variables] == [
        ("NODE_ENV", "build", 7, 10),
        ("API_URL", "build", 9, 8),
        ("NAME", "build", 10, 9),
        ("OLD", "build", 11, 10),
        ("PORT", "1", 25, 4),
    ]
    assert file.exposed == (3000, 8000, 8001, 8002, 9000)
    assert file.copies == ("package.json", "lock.json", ".")
    assert file.command == "/init serve --port $PORT --host ${BIND:-x}"
    assert file.health_check


def test_what_it_takes_in() -> None:
    _, found = facts(FILE)
    assert [(u.name, u.scope, u.place.line, u.default and len(u.default)) for u in found.uses] == [
        ("REGISTRY", "", 4, None),
        ("VERSION", "", 4, 2),
        ("API_URL", "build", 9, 8),
        ("BUILD_ID", "build", 15, None),
        ("VERSION", "build", 18, 2),
        ("PORT", "1", 27, 4),
        ("PORT", "1", 29, 4),
        ("BIND", "1", 29, 1),
    ]
    assert {(each.kind.name, each.scope) for each in found.settings} == {
        ("DOCKERFILE_ARG", ""),
        ("DOCKERFILE_ARG", "build"),
        ("DOCKERFILE_ENV", "build"),
        ("DOCKERFILE_ENV", "1"),
    }


@pytest.mark.parametrize(
    ("text", "image"),
    [
        ("FROM postgres:16@sha256:12 as db\n", ImageName("postgres", "16", "sha256:12")),
        ("from --platform=$BUILDPLATFORM alpine\n", ImageName("alpine")),
        ("FROM scratch\n", None),
        ("ARG A\nFROM $A\n", ImageName("", computed=True)),
        ("ARG A=b\nFROM x:$A\n", ImageName("x", "b")),
        ("# escape=`\nFROM `\n  alpine\n", ImageName("alpine")),
        ("FROM alpine # no comment\n", ImageName("alpine")),
    ],
)
def test_bases(text: str, image: ImageName | None) -> None:
    file, _ = facts(text)
    assert [stage.base for stage in file.stages] == [image]


def test_a_health_check_can_be_taken_away() -> None:
    file, _ = facts("FROM a AS b\nHEALTHCHECK CMD x\nCMD one\nFROM b\n")
    assert (file.health_check, file.command) == (True, "one")
    file, _ = facts("FROM a\nHEALTHCHECK CMD x\nHEALTHCHECK NONE\n")
    assert not file.health_check


@pytest.mark.parametrize(
    ("path", "result"),
    [
        ("Dockerfile", True),
        ("a/Dockerfile.prod", True),
        ("a/prod.Dockerfile", True),
        ("a/app.dockerfile", True),
        ("Dockerfile-worker", True),
        ("Containerfile", True),
        ("a/Containerfile.x", True),
        ("Dockerfile.dockerignore", False),
        ("dockerfile.py", False),
        ("Dockerfiles/readme", False),
        ("docs/dockerfile.md", False),
    ],
)
def test_names(path: str, result: bool) -> None:
    assert is_dockerfile(path) is result


def test_here_documents_and_continuations() -> None:
    text = b"RUN <<A cat <<-'B'\none\nA\ntwo\nB\nCOPY <<EOF /x\nthree\nEOF\nRUN a \\\n\n# c\n  b\nENV A=1"
    found = list(instructions(text))
    assert [each.word for each in found] == ["RUN", "COPY", "RUN", "ENV"]
    assert [document.value for document in found[0].documents] == [b"one", b"two"]
    assert text[found[0].documents[1].start :].startswith(b"two")
    assert found[2].text.value.split() == [b"a", b"b"]
    assert [(pair.name, text[pair.start :], pair.value) for pair in pairs(found[3])] == [("A", b"A=1", b"1")]


_PIECES = [
    "FROM a\n",
    "FROM ",
    "RUN ",
    "<<EOF",
    "EOF\n",
    "ENV A=",
    '"',
    "'",
    "\\\n",
    "$A",
    "${A:-",
    "}",
    "# x\n",
    "[",
    "ARG A\n",
    "EXPOSE 1-99999\n",
    "\r\n",
    "COPY . /x\n",
    "é",
]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=30))
def test_any_text_is_read(pieces: list[str]) -> None:
    text = "".join(pieces)
    for instruction in instructions(text.encode()):
        start = instruction.text.start
        assert start <= len(text.encode())
        list(pairs(instruction))
    project({"Dockerfile": text})
