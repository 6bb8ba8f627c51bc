"""Merging, against the rules and examples of https://docs.docker.com/reference/compose-file/merge/."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secopskit.collect.assemble.compose.merge import ComposeMerger, LoadBudget, without_resets
from secopskit.collect.assemble.compose.tree import ComposeList, ComposeMap, ComposeNode, ComposeText, tree
from secopskit.collect.assemble.stacks import stacks
from secopskit.collect.facts import ComposeFile, ProjectFacts
from secopskit.formats.trees.yaml_tree import documents
from support.project import project


def compose(text: str, path: str = "compose.yml") -> ComposeFile:
    (root,) = documents(text.encode(), expand=True) or [None]
    return ComposeFile(path, text.encode(), root)


def plain(node: ComposeNode) -> Any:
    """A node as plain values; null is None."""
    if isinstance(node, ComposeMap):
        return {key: plain(entry.node) for key, entry in node.entries.items()}
    if isinstance(node, ComposeList):
        return [plain(item) for item in node.items]
    return node.text if isinstance(node, ComposeText) and not node.null else None


def merged(base: str, over: str) -> Any:
    """The service `a` of two files in which it has those keys."""
    head = "services:\n  a:\n"
    files = [tree(compose(head + _indented(text)), "") for text in (base, over)]
    found = without_resets(ComposeMerger(LoadBudget()).documents(*files))
    return plain(found)["services"]["a"]


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


@pytest.mark.parametrize(
    ("base", "over", "result"),
    [
        # a scalar is replaced
        ("image: x:1", "image: x:2", {"image": "x:2"}),
        ("image: x:1", "restart: always", {"image": "x:1", "restart": "always"}),
        ("privileged: true", "privileged: false", {"privileged": "false"}),
        ("image: x", "image: !reset null", {}),
        # maps are merged
        (
            "environment: {A: 1, B: 2}",
            "environment: {B: 3, C: 4}",
            {"environment": {"A": "1", "B": "3", "C": "4"}},
        ),
        (
            "environment: [A=1, B=2]",
            "environment: [B=3, C]",
            {"environment": {"A": "1", "B": "3", "C": None}},
        ),
        ("environment: {A: 1}", "environment: [A=2, B=3]", {"environment": {"A": "2", "B": "3"}}),
        ("environment: [A=1=2]", "environment: {B: }", {"environment": {"A": "1=2", "B": None}}),
        ("labels: [a=1]", "labels: {a: 2}", {"labels": {"a": "2"}}),
        ("environment: {A: 1}", "environment:", {"environment": {"A": "1"}}),
        # lists are appended
        ("dns: [1.1.1.1]", "dns: [8.8.8.8]", {"dns": ["1.1.1.1", "8.8.8.8"]}),
        ("dns: 1.1.1.1", "dns: [8.8.8.8]", {"dns": ["1.1.1.1", "8.8.8.8"]}),
        ("env_file: a.env", "env_file: b.env", {"env_file": ["a.env", "b.env"]}),
        ("cap_add: [A]", "cap_add: [B]", {"cap_add": ["A", "B"]}),
        ("ports: ['80:80']", "ports: ['81:80']", {"ports": ["80:80", "81:80"]}),
        # these are replaced
        ("command: [a, b]", "command: [c]", {"command": ["c"]}),
        ("command: a b", "command: [c]", {"command": ["c"]}),
        ("entrypoint: [a]", "entrypoint: b", {"entrypoint": "b"}),
        (
            "healthcheck: {test: [CMD, a], interval: 1s}",
            "healthcheck: {test: [CMD, b]}",
            {"healthcheck": {"test": ["CMD", "b"], "interval": "1s"}},
        ),
        (
            "healthcheck: {test: a}",
            "healthcheck: {disable: true}",
            {"healthcheck": {"test": "a", "disable": "true"}},
        ),
        # short forms are those of the long ones
        ("build: .", "build: {args: {A: 1}}", {"build": {"context": ".", "args": {"A": "1"}}}),
        ("build: {context: a, target: t}", "build: b", {"build": {"context": "b", "target": "t"}}),
        ("build: {args: [A=1]}", "build: {args: {B: 2}}", {"build": {"args": {"A": "1", "B": "2"}}}),
        (
            "depends_on: [x]",
            "depends_on: {y: {condition: c}}",
            {"depends_on": {"x": None, "y": {"condition": "c"}}},
        ),
        ("depends_on: [x]", "depends_on: [x, y]", {"depends_on": {"x": None, "y": None}}),
        (
            "networks: [n]",
            "networks: {n: {aliases: [db]}, m: }",
            {"networks": {"n": {"aliases": ["db"]}, "m": None}},
        ),
        (
            "networks: {n: {aliases: [a]}}",
            "networks: {n: {aliases: [b]}}",
            {"networks": {"n": {"aliases": ["a", "b"]}}},
        ),
        # tags
        ("ports: ['80:80']", "ports: !reset []", {}),
        ("ports: ['80:80']", "ports: !override ['81:81']", {"ports": ["81:81"]}),
        ("environment: {A: 1, B: 2}", "environment: {A: !reset null}", {"environment": {"B": "2"}}),
        ("environment: {A: 1}", "environment: !override {B: 2}", {"environment": {"B": "2"}}),
        ("image: x", "environment: {A: !reset null}", {"image": "x", "environment": {}}),
        (
            "deploy: {resources: {limits: {cpus: '1', memory: 1G}}}",
            "deploy: {resources: {limits: {cpus: '2'}}}",
            {"deploy": {"resources": {"limits": {"cpus": "2", "memory": "1G"}}}},
        ),
    ],
)
def test_the_rules(base: str, over: str, result: dict[str, object]) -> None:
    assert merged(base, over) == result


def test_a_service_can_be_taken_away_and_added() -> None:
    files = {
        "compose.yml": "services: {a: {image: x}, b: {image: y}}\n",
        "compose.override.yml": "services: {a: !reset null, c: {image: z}}\n",
    }
    names = {stack.files[-1]: [each.name for each in stack.services] for stack in project(files).stacks}
    assert names == {"compose.override.yml": ["b", "c"], "compose.yml": ["a", "b"]}


_TEXTS = st.text("ab$!{}:0", max_size=4) | st.sampled_from(["null", "${A:-1}", "80:80", "./a:/b:ro"])
_WORDS = """services include extends image build args environment ports volumes networks env_file depends_on
file path healthcheck test a b context target aliases links profiles command configs secrets"""
_KEYS = st.sampled_from(_WORDS.split())
_NODES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 99999) | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=25,
)


@settings(max_examples=60, deadline=None)
@given(
    first=st.dictionaries(_KEYS, _NODES, max_size=3),
    second=st.dictionaries(_KEYS, _NODES, max_size=3),
    services=st.lists(st.dictionaries(_KEYS, _NODES, max_size=5), max_size=2),
)
def test_any_tree_is_merged(first: dict[str, Any], second: dict[str, Any], services: list[Any]) -> None:
    first["services"] = {"a": services[0]} if services else first.get("services")
    second["services"] = {"a": services[-1]} if services else second.get("services")
    files = [
        compose(json.dumps(first), "compose.yml"),
        compose(json.dumps(second), "compose.override.yml"),
        compose(json.dumps({**first, "include": ["compose.yml", "b.yml"]}), "b.yml"),
    ]
    found = stacks(files, ProjectFacts(name="x"))
    assert found == stacks(files, ProjectFacts(name="x"))
