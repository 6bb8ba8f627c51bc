"""The picture: who points at whom, where it stands, and how it is drawn."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from secopskit.audit.picture.databases import databases_of
from secopskit.audit.picture.draw import picture_of
from secopskit.audit.picture.layout import NODE_HEIGHT, NODE_WIDTH, placed
from secopskit.audit.picture.mermaid import mermaid
from secopskit.audit.picture.model import NodeKind
from secopskit.audit.picture.svg import svg_file
from secopskit.collect.facts import EndpointKind, FileRole, ProjectFacts, SettingKind, Stack, StackKind
from support.mismatches import COMPOSE, HOSTILE_NAMES, endpoint, hostile_audit, service, shop_facts

SVG = "{http://www.w3.org/2000/svg}"


def lines(facts: ProjectFacts) -> set[tuple[str, str]]:
    picture = picture_of(facts)
    names = {node.id: node.label for node in picture.nodes}
    return {(names[line.start], names[line.end]) for line in picture.lines}


def large(number: int, seed: int = 1) -> ProjectFacts:
    """A stack of that many services with lines here and there, circles among them."""
    chance = random.Random(seed)
    names = [f"service-{place}" for place in range(number)]
    services = tuple(
        service(
            name,
            place,
            f"acme/app-{place % 7}:1",
            depends_on=tuple(other for other in names if chance.random() < 2 / number),
        )
        for place, name in enumerate(names)
    )
    endpoints = tuple(endpoint("DATABASE_URL", "service-0", name) for name in names if chance.random() < 0.5)
    stack = Stack(name="acme", kind=StackKind.COMPOSE, files=(COMPOSE,), services=services)
    return ProjectFacts(name="acme", stacks=(stack,), endpoints=endpoints)


def test_who_points_at_whom() -> None:
    assert lines(shop_facts()) == {
        ("web", "db"),
        ("studio", "db"),
        ("migrate", "db.example.com"),
        ("proxy", "web"),
    }
    kinds = {node.label: node.kind for node in picture_of(shop_facts()).nodes}
    assert kinds["proxy"] is NodeKind.PROXY
    assert kinds["migrate"] is NodeKind.JOB
    assert kinds["db.example.com"] is NodeKind.OUTSIDE
    assert kinds["db"] is NodeKind.DATABASE


def test_the_name_is_that_of_the_own_stack_and_a_port_of_the_host_is_whose_it_is() -> None:
    facts = shop_facts()
    dotenv = endpoint(
        "URL", "localhost", port=5432, place=facts.stacks[0].services[0].place._replace(path=".env")
    )
    dotenv = dotenv._replace(setting=SettingKind.DOTENV)
    inside = endpoint("OWN", "localhost", "web", kind=EndpointKind.HTTP)
    found = picture_of(replace(facts, endpoints=(dotenv, inside)))
    pairs = {(line.start, line.end): line for line in found.lines if line.keys}
    assert [line.keys for line in pairs.values()] == [("URL",)]
    (target,) = {node.label for node in found.nodes if node.id in {end for _, end in pairs}}
    assert target == "db"


def test_what_tests_point_at_is_not_drawn() -> None:
    facts = shop_facts()
    tests = tuple(one._replace(role=FileRole.TEST) for one in facts.endpoints)
    assert lines(replace(facts, endpoints=tests)) == {("proxy", "web"), ("web", "db")}


def test_databases_and_their_pointers() -> None:
    told = [
        (row.where, row.database, row.outside, [(key, who) for key, _, who in row.by_key])
        for row in databases_of(shop_facts())
    ]
    assert told == [
        ("db (odoo)", "odoo", False, [("DATABASE_URL", ("web",))]),
        ("db (shop)", "postgres", False, [("POSTGRES_HOST", ("studio",))]),
        (
            "db.example.com",
            "postgres",
            True,
            [("PROD_DATABASE_URL", ("job migrate in .github/workflows/db.yml",))],
        ),
    ]


def test_a_database_that_nobody_points_at_is_told() -> None:
    rows = databases_of(replace(shop_facts(), endpoints=()))
    assert [(row.where, row.pointers) for row in rows] == [("db (odoo)", ()), ("db (shop)", ())]


@pytest.mark.parametrize("number", [0, 1, 3, 40, 120])
def test_nothing_stands_upon_another_and_lines_run_to_the_right_where_they_can(number: int) -> None:
    picture = picture_of(large(number))
    places = placed(picture)
    corners = sorted((node.x, node.y) for node in places.nodes)
    for place, (x, y) in enumerate(corners):
        for other, height in corners[place + 1 : place + 60]:
            assert abs(other - x) >= NODE_WIDTH or abs(height - y) >= NODE_HEIGHT
    assert all(0 <= x <= places.width - NODE_WIDTH and 0 <= y <= places.height for x, y in corners)
    names = sum(len(node.names) for node in picture.nodes)
    assert names == number
    assert len(picture.nodes) <= 60 or number > 60
    ET.fromstring(svg_file(picture).encode())


def test_what_would_take_too_long_is_left_out_and_said() -> None:
    services = tuple(
        service(f"s{n}", n, depends_on=tuple(f"s{m}" for m in range(max(n - 9, 0), n))) for n in range(400)
    )
    stack = Stack(name="s", kind=StackKind.COMPOSE, files=(COMPOSE,), services=services)
    endpoints = tuple(endpoint("URL", f"s{n}", f"s{n - 1}") for n in range(1, 400))
    picture = picture_of(ProjectFacts(name="s", stacks=(stack,), endpoints=endpoints))
    assert picture.left_out == ("250 more services not drawn",)
    assert placed(picture).height > 0


def test_services_of_one_kind_are_one_node_where_there_are_many() -> None:
    services = tuple(service(f"worker-{n}", n, "acme/worker:1") for n in range(20))
    stack = Stack(name="s", kind=StackKind.COMPOSE, files=(COMPOSE,), services=(*services, service("db", 30)))
    facts = ProjectFacts(
        name="s", stacks=(stack,), endpoints=tuple(endpoint("URL", "db", one.name) for one in services)
    )
    assert sorted(node.label for node in picture_of(facts).nodes) == ["db", "worker-0 \u00d720"]
    assert lines(facts) == {("worker-0 \u00d720", "db")}


def test_variants_of_a_stack_are_one_box_and_namesakes_are_told_apart() -> None:
    base = shop_facts().stacks[0]
    variant = replace(base, variant="prod", files=(*base.files, "compose.prod.yml"))
    other = replace(base, files=("dev/compose.yml",), development=True)
    boxes = picture_of(ProjectFacts(name="x", stacks=(base, variant, other))).boxes
    assert [box.name for box in boxes] == [f"odoo: {COMPOSE}", "odoo: dev/compose.yml"]


def test_the_picture_is_data_whatever_names_hold() -> None:
    picture = picture_of(hostile_audit().facts)
    text = svg_file(picture)
    root = ET.fromstring(text.encode())
    kinds = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert kinds == {"svg", "title", "desc", "style", "rect", "g", "text", "path"}
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on")]
    assert all("javascript" not in value for element in root.iter() for value in element.attrib.values())
    said = "".join(root.itertext())
    assert "</svg><script>" in said
    for _, chart in mermaid(picture):
        for line in chart.splitlines()[1:]:
            assert re.fullmatch(r'[ A-Za-z0-9_./:,+\u00d7\u2026#;"\[\](){}<>|&=-]*', line), line
            quoted = re.findall(r'"([^"]*)"', line)
            assert line.count('"') == 2 * len(quoted)
            assert all(not set("[](){}<>|`\\") & set(re.sub(r"<br/>|#\d+;", "", text)) for text in quoted)
    assert len(HOSTILE_NAMES) == sum(len(box.nodes) for box in picture.boxes)


def test_a_large_project_has_a_chart_a_stack() -> None:
    facts = large(30)
    second = replace(facts.stacks[0], name="second", files=("second.yml",))
    whole = replace(facts, stacks=(*facts.stacks, second))
    assert [title for title, _ in mermaid(picture_of(whole))] == ["acme", "second"]
    assert [title for title, _ in mermaid(picture_of(shop_facts()))] == [""]
    assert mermaid(picture_of(ProjectFacts(name="none"))) == ()
