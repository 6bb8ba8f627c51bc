"""What holds for every reader of settings: places are true, nothing raises, and time is bounded."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secopskit.findings import Span
from secopskit.formats import dotenv, ini, lines, logins
from secopskit.formats.code import calls, robot, source
from secopskit.formats.commands import options, programs, shell
from secopskit.formats.servers import ldif, nginx, procfile, proxies, systemd, web_server
from secopskit.formats.setting import Setting, numbered
from secopskit.formats.stacks import compose, dockerfile, kubernetes, terraform, terraform_kept
from secopskit.formats.tables import csv_file, sql, sql_rows
from secopskit.formats.trees import (
    apart,
    environment,
    json_file,
    toml,
    tree_settings,
    xml_file,
    yaml_file,
    yaml_tree,
)
from secopskit.formats.workflows import workflow
from support.cli import SOURCE
from support.effort import costs_little
from support.hostile import COMPOSE, HOSTILE, texts

Reader = Callable[[bytes], Iterable[Setting]]


def over_maps(read: Callable[[yaml_tree.Mapping], Iterator[Setting]]) -> Reader:
    return lambda data: (
        setting
        for root in yaml_tree.documents(data) or ()
        if isinstance(root, yaml_tree.Mapping)
        for setting in read(root)
    )


def over_nodes(read: Callable[[yaml_tree.Node], Iterator[Setting]]) -> Reader:
    return lambda data: (s for root in yaml_tree.documents(data) or () for s in read(root))


READERS: dict[str, Reader] = {
    "apart": over_nodes(apart.settings),
    "compose": over_maps(compose.settings),
    "calls": calls.settings,
    "csv_file": csv_file.settings,
    "csv_file, rows": csv_file.named_in_rows,
    "dockerfile": dockerfile.settings,
    "dotenv": dotenv.settings,
    "dotenv, commented": dotenv.commented,
    "environment": over_nodes(environment.variables),
    "options": lambda data: options.in_text(data, 0),
    "programs": lambda data: programs.settings(data, 0),
    "ini": ini.settings,
    "ini, directives": ini.directives,
    "ini, inventory": ini.inventory,
    "json_file": json_file.settings,
    "json_file, registries": json_file.registry_logins,
    "kubernetes": over_maps(
        lambda root: (s for m in kubernetes.secrets(root) for s in kubernetes.settings(m))
    ),
    "ldif": ldif.settings,
    "lines": lines.assignments,
    "lines, yaml": lines.yaml_lines,
    "logins, curl": logins.curlrc,
    "lines, pairs": lines.pairs,
    "lines, wrapped": lines.wrapped,
    "logins, tunnels": logins.ends_of_tunnels,
    "logins, git": logins.git_credentials,
    "logins, htpasswd": logins.htpasswd,
    "logins, key": logins.master_key,
    "logins, netrc": logins.netrc,
    "logins, pgpass": logins.pgpass,
    "logins, shadow": logins.shadow,
    "nginx": nginx.settings,
    "procfile": procfile.settings,
    "procfile, variables": procfile.variables,
    "proxies": proxies.caddy,
    "proxies, haproxy": proxies.haproxy,
    "robot": robot.settings,
    "shell, defaults": shell.defaults,
    "shell, exported": shell.exported,
    "shell, here-documents": shell.documents,
    "shell, kept": shell.kept,
    "shell, passed on": lambda data: shell.passed_on(data, 0),
    "source": source.settings,
    "sql": sql.settings,
    "sql_rows": sql_rows.settings,
    "systemd": systemd.settings,
    "terraform": terraform.settings,
    "terraform_kept": terraform_kept.settings,
    "toml": toml.settings,
    "tree_settings": over_nodes(tree_settings.settings),
    "web_server": web_server.settings,
    "workflow": over_nodes(workflow.settings),
    "xml_file": xml_file.settings,
    "yaml_file": over_nodes(yaml_file.settings),
}
OUTLINES = (dotenv.outline, ini.outline, json_file.outline, toml.outline, yaml_file.outline)
NO_READERS = {"__init__", "bounds", "connection", "encoding", "references", "setting", "yaml_tree"}
NO_READERS |= {
    "nodes",
    "json_tree",
    "json_idle",
    "held_pieces",
    "json_versions",
    "yaml_blocks",
    "yaml_versions",
}  # trees
NO_READERS |= {
    "context_uses",
    "expression",
    "workflow_steps",
    "workflow_uses",
}  # of what is looked up, not set
NO_READERS |= {"key_value"}  # of columns
NO_READERS |= {"dockerfile_lines", "interpolation"}  # of instructions, of what is taken in
NO_READERS |= {"gitlab_jobs", "kubernetes_pods", "platform_manifests", "terraform_blocks"}  # trees, blocks
NO_READERS |= {
    "member_paths",
    "opening",
    "parts",
    "recognised",
    "tars",
    "unpacking",
    "zips",
}  # archives, of bytes
NO_READERS |= {"documentation", "lists", "charts", "argv"}  # of code, of options
NO_READERS |= {"der", "java", "keys"}  # keystores, of bytes
NO_READERS |= {"dotenv_exact", "dotenv_edit"}  # for values that are handed on; they refuse what is unclear
# Where one of them stands in the text, something may have been undone to get the value.
UNDONE = (b"\\", b"%%", b"''", b'""', b"&", b"\n", b"\r")
SAMPLES = (
    b"upstream a { server b:1; }\n",
    b"web: A=b run\nreverse_proxy /x c:2 {\n}\nbackend d\n  server e f:3\n",
    COMPOSE,
    b"A=1\nexport B='x y'  # z\n# TOKEN=abcdefgh\nC=\"a\\nb\"\n",
    b"[options]\nadmin_passwd = x1\n[other]\na: b ; c\nrequirepass foobared\n",
    b'{"a": "b\\u0041", "name": "X", "value": "y", "auth": "%s"}' % b64encode(b"bot:pw"),
    b'<a b="c &amp; d"><!-- <e>f</e> --><g encoding="base64">eDE=</g></a>',
    b"apiVersion: v1\nkind: Secret\ndata:\n  a: eDE=\nstringData:\n  b: |\n    c = d\n",
    b"jobs:\n  a:\n    env: {A: b}\n    steps:\n      - run: PGPASSWORD=x1 psql --token y2\n",
    b'services:\n  a:\n    image: b\n    command: [\'sh\', "-c", "x --password \\"y z\\" -p q"]\n',
    b'services:\n  a:\n    image: b\n    environment: ["A\\x3dB=C", \'D="e"\', "F=\\L\\L\\L"]\n',
    b'user = "a:b"\n: ${A:-b}\n',
    b"mysql -px1 -h d\nrequests.get(u, auth=('a', 'b'))\nhmac.new(b'k')\n",
    b"machine a login b password c\nu:$apr1$abcdefgh$ijklmnop\nh:1:d:u:p\\:q\nhttps://a:%s@c.d\n" % b"b",
    b'ENV A=b C=\'d e\'\nENV F g h\nARG I="j"\nvariable "k" {\n default = "l"\n}\n',
    b"INSERT INTO a (b, c) VALUES (1, 'd, e'), (2, N'f''g');\nUPDATE a SET b = 'h';\n",
    b"COPY a (b, c) FROM stdin;\n1\td\n",
    b'host,password\n10.0.0.1,a\n"b"," c ""d"\r\n',
    b'key,value\na,b\n"c d",e\n',
    b"dn: a=b\nuserPassword:: YjE=\nc: d\n e\n",
    b"*** Variables ***\n${A}    b\n&{C}    d=e\n*** Tasks ***\nF\n    Input Password    id:g    h\n",
    b'a b : PSK "c"\n: RSA d.pem e\n[uwsgi]\nenv = F=g\n',
    b"[a]\npassword =\n    b1c2\nh1 ansible_host=c ansible_password='d e'\n",
    b"a:\n  - {name: B, value: c}\n  - {value: d, key: E}\nf:\n  default: g\nh: [I=j]\n",
    b"<a><name>b</name><value> c </value></a><key>d</key><string>e</string><f name='g'><value>h</value></f>",
    b"[Service]\nEnvironment=A=b \"C=d e\" \\\n 'F=g%%h'\nSetCredential=i:j\n",
    b"SetEnv A b\nAuthLDAPBindPassword \"c d\"\nfastcgi_param E 'f';\n- name: A\n  value: b\n",
    b'resource "a" "b" {\n  secret_string = "c"\n}\nvariable "d" {\n  sensitive = true\n  default = "e"\n}\n',
    b"CREATE ROLE a PASSWORD 'b''c';\nexport D=e\ncat <<EOF\nf = g\nEOF\n$env:H = 'i'\n",
)


def count(read: Reader, data: bytes) -> int:
    return sum(1 for _ in read(data))


def check(read: Reader, data: bytes) -> None:
    found = list(read(data))
    assert found == list(read(data))
    for setting in found:
        assert 0 <= setting.span.start <= setting.span.end <= len(data), setting
        written = data[slice(*setting.span)]
        if not setting.encoding and not any(sign in written for sign in UNDONE):
            assert setting.value == written, setting


@pytest.mark.parametrize("name", READERS)
def test_a_setting_stands_where_it_says(name: str) -> None:
    for sample in SAMPLES:
        check(READERS[name], sample)


@pytest.mark.parametrize("name", READERS)
def test_every_reader_reads_something_here(name: str) -> None:
    more = (b"0123456789abcdef" * 2, b"root:$6$abcdefgh$ijklmnop:1:2\n", b"ENV: [A=b]\n")
    assert any(list(READERS[name](sample)) for sample in (*SAMPLES, *more)), name


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=400))
def test_random_bytes(data: bytes) -> None:
    for read in READERS.values():
        check(read, data)
    for outline in OUTLINES:
        outline(data)


@settings(max_examples=150, deadline=None)
@given(data=texts())
def test_pieces_of_every_grammar(data: bytes) -> None:
    for read in READERS.values():
        check(read, data)
    for outline in OUTLINES:
        outline(data)


@pytest.mark.parametrize("cut", range(0, len(COMPOSE), 7))
def test_a_truncated_file(cut: int) -> None:
    for read in READERS.values():
        check(read, COMPOSE[:cut])


@pytest.mark.parametrize("bomb", HOSTILE)
def test_a_bomb_costs_little(bomb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = HOSTILE[bomb]
    costs_little(lambda: yaml_tree.documents(data), 3, what="the tree")
    # It is made once more, for all readers: each pays for its own walk through it.
    monkeypatch.setattr(yaml_tree, "documents", lru_cache(maxsize=1)(yaml_tree.documents))
    yaml_tree.documents(data)
    for name, read in READERS.items():
        costs_little(partial(count, read, data), 3, what=name)


def test_no_module_is_left_out() -> None:
    modules = {path.stem for path in (SOURCE / "secopskit" / "formats").rglob("*.py")}
    assert modules - NO_READERS == {name.partition(",")[0] for name in READERS}


def test_an_outline_is_that_of_the_structure_alone() -> None:
    assert json_file.outline(b'{"a": ["b"]}') == json_file.outline(b'{"c": ["d"]}')
    assert json_file.outline(b'{"a": ["b"]}') != json_file.outline(b'{"a": "b"}')
    assert yaml_file.outline(b"a: [b]") == yaml_file.outline(b"c: [d]") != yaml_file.outline(b"a: b")
    assert toml.outline(b"a = 1") == toml.outline(b"a = 'x'") != toml.outline(b"[a]\nb = 1")
    assert ini.outline(b"[a]\nb = c") == ini.outline(b"[a]\nd = e") != ini.outline(b"[a]\nb = c\nd = e")
    assert dotenv.outline(b"A=b\n") == dotenv.outline(b"C=d\n") != dotenv.outline(b"A=b\nC=d\n")
    assert None not in (json_file.outline(b"1"), yaml_file.outline(b"a"))
    assert [outline(b"{\xff") for outline in (json_file.outline, toml.outline, ini.outline)] == [None] * 3


def test_numbered_settings() -> None:
    data = b"A=1\n\nB=2\nC=3\n"
    assert [(line, s.key) for line, s in numbered(data, dotenv.settings(data))] == [
        (1, "A"),
        (3, "B"),
        (4, "C"),
    ]


def test_a_span_is_a_pair_of_offsets() -> None:
    (setting,) = dotenv.settings(b"A='b'")
    assert setting == Setting(key="A", value=b"b", span=Span(3, 4), quote="'")
