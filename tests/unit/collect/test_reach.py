"""What a service reads and is given, where names are told, and which template stands for a file."""

from __future__ import annotations

import pytest

from secopskit.collect.assemble.reach import GivenBy, ServiceReach, reaches
from secopskit.collect.assemble.sources import name_sources, stack_files
from secopskit.collect.assemble.templates import is_template_name, like_templates, template_of
from support.projects import project

NODE = "FROM node:22\nCOPY . .\n"
MONOREPO = {
    "package.json": '{"name": "all"}',
    "shared/env.js": "use(process.env.SHARED_NAME);\n",
    "web/package.json": '{"name": "web", "dependencies": {"next": "15"}}',
    "web/Dockerfile": NODE,
    "web/app.js": "use(process.env.WEB_NAME);\n",
    "api/package.json": '{"name": "api"}',
    "api/Dockerfile": NODE,
    "api/app.js": "use(process.env.API_NAME);\n",
    "api/app.test.js": "use(process.env.TEST_NAME);\n",
}


def _reach(compose: str, **files: str) -> dict[str, ServiceReach]:
    found = reaches(project({**MONOREPO, "compose.yml": compose, **files}))
    return {reach.service.name: reach for reach in found}


def test_a_service_reads_what_is_below_its_context() -> None:
    found = _reach("services:\n  web: {build: ./web}\n  api: {build: ./api}\n  db: {image: postgres}\n")
    assert {name: reach.reads for name, reach in found.items()} == {"web": {"WEB_NAME"}, "api": {"API_NAME"}}
    assert found["web"].dependencies == {"next"}
    assert "WEB_NAME" in found["web"].mentioned


def test_a_service_that_is_built_from_the_top_may_read_all_and_owns_its_component() -> None:
    (reach,) = _reach("services:\n  web: {build: {context: ., dockerfile: web/Dockerfile}}\n").values()
    assert reach.reads == {"WEB_NAME", "API_NAME", "SHARED_NAME"}
    assert reach.component == "web"
    assert {use.name for use in reach.own} == {"WEB_NAME"}


def test_what_a_dockerfile_does_not_copy_is_not_read() -> None:
    copies = "FROM node:22\nCOPY web ./web\nCOPY package.json ./\n"
    (reach,) = _reach(
        "services:\n  web: {build: {context: ., dockerfile: web/Dockerfile}}\n", **{"web/Dockerfile": copies}
    ).values()
    assert reach.reads == {"WEB_NAME"}


def test_what_is_mounted_is_read() -> None:
    found = _reach("services:\n  web: {build: ./web, volumes: ['./shared:/shared']}\n")
    assert found["web"].reads == {"WEB_NAME", "SHARED_NAME"}


def test_what_a_service_is_given_and_by_whom() -> None:
    compose = (
        "services:\n  web:\n    build:\n      context: ./web\n      args: {BUILT_NAME: 1}\n"
        "    environment: {SET_NAME: 1}\n    env_file: [.env.web]\n"
    )
    files = {
        "web/Dockerfile": "FROM node:22\nENV BAKED_NAME=1\nCOPY . .\n",
        ".env.web.example": "FILE_NAME=1\n# LEFT_NAME=something\n",
    }
    reach = _reach(compose, **files)["web"]
    assert {given.name: (given.by, given.optional) for given in reach.given} == {
        "SET_NAME": (GivenBy.ENVIRONMENT, False),
        "FILE_NAME": (GivenBy.TEMPLATE, False),
        "LEFT_NAME": (GivenBy.TEMPLATE, True),
        "BAKED_NAME": (GivenBy.DOCKERFILE, False),
        "BUILT_NAME": (GivenBy.BUILD, False),
    }
    assert reach.known


def test_an_env_file_that_is_nowhere_is_said() -> None:
    assert not _reach("services:\n  web: {build: ./web, env_file: .env.web}\n")["web"].known


def test_services_that_are_too_many_are_said() -> None:
    files = {
        f"{number}/compose.yml": "services:\n"
        + "".join(f"  a{each}: {{build: .}}\n" for each in range(200 if number < 5 else 7))
        for number in range(6)
    }
    facts = project(files)
    assert len(reaches(facts)) == 1000
    assert [limit for limit in facts.limits if "built here" in limit] == [
        "7 more than 1,000 services are built here: what these read was not looked at"
    ]
    assert project({"compose.yml": files["0/compose.yml"]}).limits == ()


def test_where_names_are_told() -> None:
    files = {
        "compose.yml": "services:\n  db: {image: x, environment: {SET_NAME: 1}}\n",
        ".env.example": "FIRST_NAME=1\n",
        "README.md": "Set THIRD_NAME to what you like.\n",
        "tests/.env": "FOURTH_NAME=1\n",
    }
    facts = project(files)
    sources = name_sources(facts)
    assert {"FIRST_NAME", "THIRD_NAME"} <= sources.told
    assert not {"SET_NAME", "FOURTH_NAME"} & sources.told
    assert set(sources.settings) == {"SET_NAME"}
    assert stack_files(facts.stacks[0], sources, facts) == (".env.example",)


@pytest.mark.parametrize(
    ("path", "template"),
    [
        (".env", ".env.example"),
        (".env", "env.sample"),
        (".env", "example.env"),
        ("config/app.env", "config/app.env.dist"),
        ("config/app.env", "config/app.example.env"),
        (".env.production", ".env.production.template"),
        ("a/.env", "a/env-example"),
    ],
)
def test_the_template_that_stands_for_a_file(path: str, template: str) -> None:
    assert template_of(path, {template, "b/.env.example", "app.example.env"}) == template
    assert template_of(path, {"b/.env.example"}) == ""
    assert is_template_name(template)


def test_files_that_look_like_templates() -> None:
    paths = {"a/.env.example", "a/config.example.yml", "a/environment.template", "b/.env.sample", "a/.env"}
    assert like_templates("a", paths) == ("a/.env.example", "a/environment.template")
