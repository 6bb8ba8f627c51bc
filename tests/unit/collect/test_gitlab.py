"""Pipelines of GitLab: jobs with what they extend, and the containers beside them."""

from __future__ import annotations

from secopskit.collect.facts import FactPlace, ImageName
from support.project import project

PATH = ".gitlab-ci.yml"
PIPELINE = """\
include: {local: other.yml}
variables:
  POSTGRES_DB: test
  DEPLOY_URL: {value: "https://$DEPLOY_HOST/$CI_COMMIT_SHA", description: where}
default:
  before_script: [setup]
.base:
  variables: {A: one, B: one}
  script: [base]
.scripts:
  lint: [lint a, lint b]
test:
  extends: .base
  variables: {B: two}
  services:
    - postgres:16
    - name: registry.example.com/team/redis:7@sha256:12
      alias: cache
      variables: {C: three}
deploy:
  extends: [.base]
  environment: {name: production}
  before_script: []
  script:
    - !reference [.scripts, lint]
    - - nested
    - deploy --to $DEPLOY_HOST
"""


def test_all_of_a_pipeline() -> None:
    found = project({PATH: PIPELINE})
    test, deploy = found.jobs
    assert (test.system, test.name, test.place, deploy.environment) == (
        "gitlab",
        "test",
        FactPlace(PATH, 12),
        "production",
    )
    assert [(s.name, s.scope, s.place.line) for s in test.settings] == [("A", "test", 8), ("B", "test", 14)]
    assert [(c.text, c.place.line) for c in test.commands] == [("setup", 6), ("base", 9)]
    assert [(c.text, c.place.line) for c in deploy.commands] == [
        ("lint a", 11),
        ("lint b", 11),
        ("nested", 26),
        ("deploy --to $DEPLOY_HOST", 27),
    ]
    assert test.variables == (("DEPLOY_HOST", FactPlace(PATH, 4)),)
    assert {(s.name, s.scope) for s in found.settings} >= {("POSTGRES_DB", ""), ("DEPLOY_URL", "")}


def test_containers_beside_a_job() -> None:
    (stack,) = project({PATH: PIPELINE}).stacks
    db, cache = stack.services
    assert (stack.name, stack.development) == ("test", True)
    assert (db.image, db.names, db.place) == (ImageName("postgres", "16"), ("postgres",), FactPlace(PATH, 16))
    assert cache.names == ("cache", "registry.example.com__team__redis", "registry.example.com-team-redis")
    assert [each.name for each in db.environment] == ["POSTGRES_DB", "DEPLOY_URL", "A", "B"]
    assert [each.name for each in cache.environment] == ["POSTGRES_DB", "DEPLOY_URL", "A", "B", "C"]


def test_odd_pipelines() -> None:
    odd = "a: {extends: a, script: [!reference [a, script], {x: y}]}\nb: {extends: [c, [d]], services: {}}\n"
    jobs = project({PATH: odd}).jobs
    assert [job.name for job in jobs] == ["a", "b"]
    found = project({PATH: "{% if x %}\n- a"})
    assert [(each.path, each.detail) for each in found.skipped] == [(PATH, "no YAML that can be read")]
