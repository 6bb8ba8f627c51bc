"""Workflows: what jobs set, look up, run and use, and the containers beside them."""

from __future__ import annotations

from secopskit.collect.facts import FactPlace, ImageName, StackKind
from support.project import project

PATH = ".github/workflows/ci.yml"
WORKFLOW = """\
on: push
env:
  TOP: ${{ secrets.EVERYWHERE }}
jobs:
  test:
    runs-on: ubuntu-latest
    environment: {name: staging}
    env: &env
      NODE_ENV: test
    services:
      db:
        image: postgres:${{ matrix.pg }}
        env:
          POSTGRES_PASSWORD: ${{ secrets.DB_PASSWORD }}
        ports: ["5432:5432", 6379]
        options: >-
          --health-cmd pg_isready
      cache: redis:7
    steps:
      - uses: actions/checkout@v4
      - name: Build
        env:
          API: ${{ vars.API }}
        run: |
          make build
          make test
      - id: ship
        run: ./ship
  call:
    uses: ./.github/workflows/other.yml
    secrets: {TOKEN: "${{ secrets.TOKEN }}"}
"""


def test_all_of_a_workflow() -> None:
    found = project({PATH: WORKFLOW})
    test, call = found.jobs
    assert (test.system, test.name, test.place, test.environment) == (
        "github",
        "test",
        FactPlace(PATH, 5),
        "staging",
    )
    assert [(name, place.line) for name, place in test.secrets] == [("DB_PASSWORD", 14), ("EVERYWHERE", 3)]
    assert [(name, place.line) for name, place in test.variables] == [("API", 23)]
    assert [(s.name, s.scope, s.place.line) for s in test.settings] == [
        ("NODE_ENV", "test", 9),
        ("API", "test/Build", 23),
    ]
    assert [(c.text, c.place.line) for c in test.commands] == [
        ("make build\nmake test\n", 25),
        ("./ship", 28),
    ]
    assert [(name, place.line) for name, place in test.actions] == [("actions/checkout@v4", 20)]
    assert [name for name, _ in call.actions] == ["./.github/workflows/other.yml"]
    assert [name for name, _ in call.secrets] == ["EVERYWHERE", "TOKEN"]
    assert {(s.name, s.scope) for s in found.settings} == {
        ("TOP", ""),
        ("NODE_ENV", "test"),
        ("API", "test/Build"),
    }


def test_containers_beside_a_job() -> None:
    (stack,) = project({PATH: WORKFLOW}).stacks
    assert (stack.name, stack.kind, stack.files, stack.development) == (
        "test",
        StackKind.WORKFLOW,
        (PATH,),
        True,
    )
    db, cache = stack.services
    assert (db.image, db.health_check, db.place) == (
        ImageName("postgres", computed=True),
        True,
        FactPlace(PATH, 11),
    )
    assert [(port.host, port.container) for port in db.ports] == [(5432, 5432), (None, 6379)]
    assert [(s.name, s.scope) for s in db.environment] == [("POSTGRES_PASSWORD", "db")]
    assert (cache.image, cache.health_check) == (ImageName("redis", "7"), None)


def test_a_composite_action() -> None:
    text = "runs:\n  using: composite\n  steps:\n    - {run: make, env: {A: b}, shell: bash}\n"
    (job,) = project({"tools/x/action.yml": text}).jobs
    assert (job.name, [c.text for c in job.commands]) == ("", ["make"])
    assert [(s.name, s.scope) for s in job.settings] == [("A", "/1")]


def test_what_is_no_workflow() -> None:
    files = {
        PATH: "jobs: [a]\n",
        ".github/workflows/b.yml": "{",
        "action.yml": "runs: x\n",
        "c.yml": WORKFLOW,
    }
    assert project(files).jobs == ()
    odd = "jobs: {a: x, b: {steps: {c: d}, services: [e], env: [f]}, c: {steps: [h, {run: {i: j}}]}}\n"
    assert [job.commands for job in project({PATH: odd}).jobs] == [(), (), ()]
