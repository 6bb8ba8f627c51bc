"""What each format tells beside key and value: the path, the quote, the form, what was decoded."""

from __future__ import annotations

import base64

import pytest

from secopskit.formats import dotenv, ini
from secopskit.formats.commands import options, shell
from secopskit.formats.setting import SettingForm
from secopskit.formats.stacks import compose, dockerfile, kubernetes, terraform
from secopskit.formats.tables import sql
from secopskit.formats.trees import json_file, toml, xml_file, yaml_file, yaml_tree
from secopskit.formats.workflows import workflow


def first(data: bytes) -> yaml_tree.Mapping:
    roots = yaml_tree.documents(data)
    assert roots
    assert isinstance(roots[0], yaml_tree.Mapping)
    return roots[0]


SERVICES = first(
    b"""\
services:
  db:
    image: postgres:16
    environment:
      A: '1'
    ports: ['5432:5432']
    command: [postgres, --port=3, shared=2]
  web:
    build:
      args:
        - B=4
secrets:
  c:
    content: five
x-common:
  D: |
    six
"""
)


def test_compose_paths() -> None:
    found = {(setting.path, setting.key, setting.value) for setting in compose.settings(SERVICES)}
    assert found == {
        (("services", "db"), "image", b"postgres:16"),
        (("services", "db", "environment"), "A", b"1"),
        (("services", "db", "command"), "shared", b"2"),
        (("services", "db", "command"), "port", b"3"),
        (("services", "web", "build", "args"), "B", b"4"),
        (("secrets",), "c", b"five"),
        (("x-common",), "D", b"six"),
    }


def test_compose_without_some_keys() -> None:
    keys = [setting.key for setting in compose.settings(SERVICES, without=frozenset({"image", "db"}))]
    assert keys == ["B", "c", "D"]


def test_quotes() -> None:
    quotes = {setting.key: setting.quote for setting in compose.settings(SERVICES)}
    assert quotes == {"image": "", "A": "'", "shared": "", "port": "", "B": "", "c": "", "D": "|"}
    assert [s.quote for s in dotenv.settings(b"A=1\nB='1'\nC=\"1\"\nD=`1`\n")] == ["", "'", '"', "`"]


@pytest.mark.parametrize("end", [b"\r", b"\r\n"])
def test_lines_that_end_as_elsewhere(end: bytes) -> None:
    """A carriage return ends a line, too, and whatever stands in quotes is taken as it is."""
    text = b"A=1\nB='x\ny'\n# COLD=commented-out\nD=2 # three\n"
    data = text.replace(b"\n", end)
    found = [(s.key, s.value, data[slice(*s.span)]) for s in dotenv.settings(data)]
    quoted = b"x" + end + b"y"
    assert found == [("A", b"1", b"1"), ("B", quoted, quoted), ("D", b"2", b"2")]
    assert [s.value for s in dotenv.commented(data)] == [b"commented-out"]
    pairs = b"[s]\na = 1\nb = 2\n".replace(b"\n", end)
    assert [(s.key, s.value, s.path) for s in ini.settings(pairs)] == [
        ("a", b"1", ("s",)),
        ("b", b"2", ("s",)),
    ]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (b"spec:\n  containers:\n    - env:\n        - {name: A, value: b}\n", ("spec", "containers", "env")),
        (b"a:\n  - b:\n      A: b\n", ("a", "b")),
        (b"A: b\n", ()),
    ],
)
def test_yaml_paths(text: bytes, path: tuple[str, ...]) -> None:
    assert [(setting.key, setting.path) for setting in yaml_file.settings(first(text))] == [("A", path)]


def test_workflow_paths() -> None:
    text = first(
        b"jobs:\n  a:\n    env: {A: b}\n    permissions: {env: c}\n    steps:\n      - run: x --token y\n"
    )
    found = list(workflow.settings(text))
    assert [(s.key, s.path, s.form) for s in found] == [
        ("A", ("jobs", "a", "env"), SettingForm.ASSIGNED),
        ("--token", ("jobs", "a", "steps", "run"), SettingForm.OPTION),
    ]
    assert workflow.is_workflow(".github/workflows/a.yml")
    assert workflow.is_workflow("sub/.gitlab-ci.yml")
    assert not workflow.is_workflow("github/workflows/a.yml")


def test_sections() -> None:
    text = b"a = 1\n[one]\nb = 2\nc: 3 # x\n\n[ two ]\nd = '4'\n"
    found = [(setting.path, setting.key, setting.value) for setting in ini.settings(text)]
    assert found == [
        ((), "a", b"1"),
        (("one",), "b", b"2"),
        (("one",), "c", b"3"),
        (("two",), "d", b"4"),
    ]
    text = b'a = "1"\n[tool.x]\nb = {c = "2"}\n[[list]]\nd = """3"""\n'
    assert [(s.path, s.key, s.value) for s in toml.settings(text)] == [
        ((), "a", b"1"),
        (("tool.x",), "c", b"2"),
        (("list",), "d", b"3"),
    ]


def test_directives() -> None:
    text = b'requirepass foo\nbind 127.0.0.1\nlisten "a b";\na b c\n# d e\n'
    assert [(s.key, s.value) for s in ini.directives(text)] == [
        ("requirepass", b"foo"),
        ("bind", b"127.0.0.1"),
        ("listen", b"a b"),
    ]


def test_what_was_decoded() -> None:
    coded = base64.b64encode(b"bot:pw").decode()
    (login,) = json_file.registry_logins(f'{{"auths": {{"r": {{"auth": "{coded}"}}}}}}'.encode())
    assert (login.value, login.encoding, login.form) == (b"pw", "base64", SettingForm.PASSWORD)
    manifest = first(f"apiVersion: v1\nkind: Secret\ndata: {{a: {coded}, b: '!'}}\n".encode())
    assert [(s.path, s.value, s.encoding) for s in kubernetes.settings(manifest)] == [
        (("data",), b"bot:pw", "base64"),
        (("data",), b"!", ""),
    ]
    text = f'<P encoding="base64">{coded}</P>'.encode()
    (setting,) = (s for s in xml_file.settings(text) if s.key == "P")
    assert (setting.value, setting.encoding) == (b"bot:pw", "base64")


def test_forms() -> None:
    assert [s.form for s in dotenv.commented(b"# TOKEN=abcdefgh\n")] == [SettingForm.COMMENTED]
    assert [s.form for s in xml_file.settings(b"<!-- <a>b</a> --><c>d</c>")] == [
        SettingForm.COMMENTED,
        SettingForm.ASSIGNED,
    ]
    assert [s.form for s in sql.settings(b"ALTER ROLE a PASSWORD 'b';")] == [SettingForm.PASSWORD]
    assert [(s.key, s.form) for s in terraform.settings(b'variable "a" {\n  default = "b"\n}\n')] == [
        ("default", SettingForm.ASSIGNED),
        ("a", SettingForm.DEFAULT),
    ]
    assert [(s.path, s.key) for s in dockerfile.settings(b"ARG A=b\nENV C d\n")] == [
        (("ARG",), "A"),
        (("ENV",), "C"),
    ]
    assert [(s.key, s.form) for s in options.in_text(b"mysql -px1 --token y", 0)] == [
        ("--token", SettingForm.OPTION),
        ("-p", SettingForm.PASSWORD_OPTION),
    ]


def test_options_in_escaped_words_stand_where_they_say() -> None:
    text = b'services:\n  a:\n    image: b\n    command: [sh, -c, "x \\"y\\" --token zz1"]\n'
    (setting,) = (s for s in compose.settings(first(text)) if s.key == "--token")
    assert text[slice(*setting.span)] == setting.value == b"zz1"


def test_variables_in_escaped_texts_stand_where_they_say() -> None:
    text = b'services:\n  a:\n    image: b\n    environment: ["\\x41=zz1"]\n'
    (setting,) = (s for s in compose.settings(first(text)) if s.key == "A")
    assert text[slice(*setting.span)] == setting.value == b"zz1"


def test_scripts_tell_what_they_pass_on() -> None:
    text = b"export A=1\nB=2 psql\nC=3\ncat <<EOF\nd = 4\nEOF\n"
    assert [s.key for s in shell.exported(text)] == ["A"]
    assert [s.key for s in shell.prefixed(text)] == ["B"]
    assert [s.key for s in shell.kept(text)] == ["B", "C", "d"]
    assert [(s.key, s.value) for s in shell.documents(text)] == [("d", b"4")]
