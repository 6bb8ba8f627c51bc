"""What workflows, actions and dependabot.yml look up: names, lines, and where GitHub offers what."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.formats.workflows.context_uses import ContextUse
from secopskit.formats.workflows.workflow_uses import (
    WorkflowJob,
    WorkflowSource,
    action,
    dependabot,
    workflow,
)
from support.hostile import HOSTILE


def data(text: str) -> bytes:
    return textwrap.dedent(text).lstrip("\n").encode()


def read(text: str) -> WorkflowSource:
    file = workflow(data(text))
    assert file is not None
    return file


def job_of(text: str) -> WorkflowJob:
    """The only job of a workflow with these lines in it."""
    (job,) = read("on: push\njobs:\n  one:\n" + textwrap.indent(textwrap.dedent(text), "    ")).jobs
    return job


def lines(uses: tuple[ContextUse, ...]) -> list[tuple[str, int]]:
    return [(use.name, use.line) for use in uses]


def test_all_places_of_a_workflow() -> None:
    file = read(
        """
        # ${{ secrets.COMMENT }}
        name: ${{ secrets.NAME }}
        run-name: run ${{ vars.RUN }}
        on:
          push:
          workflow_call:
            inputs: {a: {description: "${{ secrets.PROSE }}", default: "${{ vars.DEFAULT }}"}}
        env:
          TOP: ${{ secrets.TOP }}
        jobs:
          one:
            runs-on: ${{ vars.RUNNER }}
            if: vars.GO == 'yes'
            env: {A: "${{ secrets.JOB }}"}
            container:
              image: a
              credentials: {username: u, password: "${{ secrets.REGISTRY }}"}
            services:
              db: {image: b, env: {PASSWORD: "${{ secrets.DB }}"}}
            steps:
              - if: vars.STEP
                run: |
                  echo one  # ${{ secrets.IN_A_SCRIPT }}

                  echo ${{ secrets.LATER }}
              - uses: a/b@v1
                with:
                  token: >-
                    ${{ secrets.FOLDED }}
                # - run: ${{ secrets.AWAY }}
        """
    )
    assert lines(file.uses) == [("RUN", 3), ("DEFAULT", 7), ("TOP", 9)]
    assert lines(file.jobs[0].uses) == [
        ("RUNNER", 12),
        ("GO", 13),
        ("JOB", 14),
        ("REGISTRY", 17),
        ("DB", 19),
        ("STEP", 21),
        ("IN_A_SCRIPT", 23),
        ("LATER", 25),
        ("FOLDED", 29),
    ]
    assert file.events == {"push", "workflow_call"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("steps: [{run: 'a ${{ secrets[''X''] }}'}]", 4),
        ('steps: [{run: "a ${{ secrets[\\u0027X\\u0027] }}"}]', 4),
        ('steps: [{run: "a\\n${{ secrets.X }}"}]', 4),
        ("steps:\n- run: a\n    b ${{ secrets.X }}", 6),
        ("steps:\n- run: |\n    ä €\n    ${{ secrets.X }}", 7),
        ("steps:\n- run: |\n\n\n    ${{ secrets.X }}", 8),
        ("steps:\n- run: >\n    a\n\n    b ${{\n      secrets.X\n    }}", 9),
    ],
)
def test_lines_are_those_of_the_file(text: str, line: int) -> None:
    assert lines(job_of(text).uses) == [("X", line)]


def test_the_same_expression_twice_has_two_lines() -> None:
    job = job_of("steps:\n- run: |\n    ${{ secrets.X }}\n    ${{ secrets.X }}\n")
    assert lines(job.uses) == [("X", 6), ("X", 7)]


@pytest.mark.parametrize(
    "text",
    [
        "if: secrets.X",
        "if: ${{ secrets.X != '' }}",
        "runs-on: ${{ secrets.X }}",
        "environment: ${{ secrets.X }}",
        "strategy: {matrix: {a: ['${{ secrets.X }}']}}",
        "concurrency: {group: '${{ secrets.X }}'}",
        "name: ${{ secrets.X }}",
        "with: {a: '${{ secrets.X }}'}",
        "container: ${{ secrets.X }}",
        "container: {image: '${{ secrets.X }}'}",
        "services: {db: {image: '${{ secrets.X }}'}}",
        "timeout-minutes: ${{ secrets.X }}",
        "steps: [{if: secrets.X}]",
    ],
)
def test_places_without_secrets(text: str) -> None:
    assert [use.refused for use in job_of(text).uses] == [True]
    assert [use.refused for use in job_of(text.replace("secrets", "vars")).uses] == [False]


@pytest.mark.parametrize(
    "text",
    [
        "env: {A: '${{ secrets.X }}'}",
        "outputs: {a: '${{ secrets.X }}'}",
        "secrets: {a: '${{ secrets.X }}'}",
        "container: {credentials: {password: '${{ secrets.X }}'}}",
        "services: {db: {credentials: {password: '${{ secrets.X }}'}, env: {A: '${{ secrets.X }}'}}}",
        "steps: [{run: '${{ secrets.X }}', with: {a: '${{ secrets.X }}'}, name: '${{ secrets.X }}'}]",
    ],
)
def test_places_with_secrets(text: str) -> None:
    uses = job_of(text).uses
    assert uses
    assert not any(use.refused for use in uses)


def test_what_is_evaluated_before_the_job_has_its_environment() -> None:
    job = job_of("runs-on: ${{ vars.A }}\nif: vars.B\nenv: {C: '${{ vars.C }}'}\nsteps: [{if: vars.D}]\n")
    assert [(use.name, use.early) for use in job.uses] == [
        ("A", True),
        ("B", True),
        ("C", False),
        ("D", False),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("environment: prod", "prod"),
        ("environment: {name: prod, url: 'https://x'}", "prod"),
        ("environment: ${{ inputs.env }}", "${{ inputs.env }}"),
        ("environment: {url: x}", None),
        ("env: {}", None),
    ],
)
def test_the_environment_of_a_job(text: str, expected: str | None) -> None:
    found = job_of(text).environment
    assert (found.text if found else None) == expected


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ("{env: [a, b]}", {"env": ("a", "b")}),
        ("{Env: [a], n: [1, 2]}", {"env": ("a",), "n": ("1", "2")}),
        ("{env: [a], include: [{env: b, x: c}, {x: d}]}", {"env": ("a", "b"), "x": ("c", "d")}),
        ("{include: [{env: a}, {env: b}]}", {"env": ("a", "b")}),
        ("{env: [a], exclude: [{env: a}]}", {"env": ("a",)}),
        ("{env: '${{ fromJSON(needs.a.outputs.b) }}'}", {"env": None}),
        ("{env: [a, '${{ x }}']}", {"env": None}),
        ("{env: [{name: a}]}", {"env": None}),
        ("{env: [a], include: '${{ fromJSON(x) }}'}", {"env": None}),
        ("${{ fromJSON(x) }}", {}),
    ],
)
def test_the_matrix(matrix: str, expected: dict[str, tuple[str, ...] | None]) -> None:
    assert job_of(f"strategy:\n  matrix: {matrix}\n").matrix == expected


def test_calls() -> None:
    job = job_of(
        """
        uses: ./.github/workflows/called.yml
        with: {Env: prod, other: "${{ inputs.x }}"}
        secrets:
          TOKEN: ${{ secrets.MY_TOKEN }}
        """
    )
    assert job.call is not None
    assert job.call.target.text == "./.github/workflows/called.yml"
    assert not job.call.inherits
    assert [name.text for name in job.call.secrets] == ["TOKEN"]
    assert job.call.inputs == {"env": "prod", "other": "${{ inputs.x }}"}
    assert lines(job.uses) == [("MY_TOKEN", 8)]


def test_a_call_that_inherits() -> None:
    job = job_of("uses: a/b/.github/workflows/c.yml@v1\nsecrets: inherit\n")
    assert job.call is not None
    assert job.call.inherits
    assert job.call.secrets == ()


def test_a_called_workflow() -> None:
    file = read(
        """
        on:
          workflow_call:
            secrets:
              TOKEN: {required: true}
              other:
          workflow_dispatch:
            inputs:
              Env: {type: choice, options: [a, b], default: a}
        jobs: {}
        """
    )
    assert [(one.name, one.line, one.required) for one in file.secrets] == [
        ("TOKEN", 4, True),
        ("other", 5, False),
    ]
    (one,) = file.inputs["workflow_dispatch"]
    assert (one.name, one.options, one.default) == ("env", ("a", "b"), "a")


@pytest.mark.parametrize("on", ["push", "[push, pull_request]", "{push: {branches: [a]}}"])
def test_events(on: str) -> None:
    assert "push" in read(f"on: {on}\njobs: {{}}\n").events


def test_an_anchor_counts_wherever_it_is_named() -> None:
    file = read(
        """
        on: push
        jobs:
          one: &job
            steps: [{run: "${{ secrets.X }}"}]
          two: *job
        """
    )
    assert [lines(job.uses) for job in file.jobs] == [[("X", 4)], [("X", 4)]]


def test_aliases_do_not_grow_without_bound() -> None:
    text = ["on: push", "jobs:", "  a: &a0 {env: {A: '${{ secrets.X }}'}}"]
    for level in range(1, 40):
        pairs = ", ".join(f"k{number}: *a{level - 1}" for number in range(9))
        text.append(f"  j{level}: &a{level} {{{pairs}}}")
    assert workflow("\n".join(text).encode()) is None


def test_an_anchor_does_not_stand_in_itself() -> None:
    assert workflow(b"on: push\njobs:\n  a: &a {b: *a}\n") is not None


def test_actions_are_offered_neither_secrets_nor_variables() -> None:
    file = action(
        data(
            """
            name: build
            description: give it ${{ secrets.PROSE }}
            inputs:
              token: {description: "such as ${{ secrets.PROSE }}", default: "${{ vars.DEFAULT }}"}
            runs:
              using: composite
              steps:
                - run: echo ${{ secrets.X }} ${{ inputs.token }}
                  shell: bash
                - uses: ./.github/actions/other
            """
        )
    )
    assert file is not None
    (job,) = file.jobs
    assert lines(job.uses) == [("DEFAULT", 4), ("X", 8)]
    assert all(use.refused for use in job.uses)
    assert [each.text for each in job.actions] == ["./.github/actions/other"]


def test_registries_of_dependabot() -> None:
    uses = dependabot(
        data(
            """
            version: 2
            registries:
              npm: {type: npm-registry, url: "https://x", token: "${{secrets.NPM}}"}
            """
        )
    )
    assert uses is not None
    assert lines(uses) == [("NPM", 3)]


@pytest.mark.parametrize("text", [b"", b"[", b"- a", b"jobs: 1", b"a: b", b"\x00", b"jobs: {a: 1}"])
def test_what_is_no_workflow(text: bytes) -> None:
    file = workflow(text)
    assert file is None or file.jobs == ()
    assert action(text) is None
    assert not dependabot(text)


@pytest.mark.parametrize("text", [b"", b"[", b"- a", b"\x00"])
def test_what_is_no_configuration_of_dependabot(text: bytes) -> None:
    assert dependabot(text) is None


@given(
    st.text(alphabet="onjbsteprui:{}[]&*a ${}'\"|\n-", max_size=200).map(str.encode) | st.binary(max_size=100)
)
def test_nothing_raises_for_what_a_file_holds(text: bytes) -> None:
    for read_file in (workflow, action, dependabot):
        read_file(text)
        read_file(b"on: push\njobs:\n  a:\n    steps:\n      - run: " + text)


@pytest.mark.parametrize("bomb", HOSTILE)
def test_a_bomb_yields_no_more_than_its_bytes(bomb: str) -> None:
    file = workflow(b"on: push\njobs:\n  a:\n    env:\n      b: |\n        ${{ " + HOSTILE[bomb])
    uses = [use for job in file.jobs for use in job.uses] if file else []
    assert len(uses) <= len(HOSTILE[bomb])


@given(st.lists(st.sampled_from(["", "a", "# ${{ secrets.NO }}", "b: ${{ secrets.X }}"]), max_size=12))
def test_a_line_is_right_wherever_it_stands(entries: list[str]) -> None:
    """Of a block of settings, each expression is found at its own line, and no comment is one."""
    indented = [
        f"      {number}{entry}" if entry[:1] == "b" else f"      {entry}".rstrip()
        for number, entry in enumerate(entries)
        if entry != "a"
    ]
    text = "\n".join(["on: push", "jobs:", "  one:", "    env:", *indented, ""])
    expected = [number for number, line in enumerate(text.split("\n"), 1) if "secrets.X" in line]
    file = workflow(text.encode())
    assert file is not None
    assert [use.line for job in file.jobs for use in job.uses] == expected
