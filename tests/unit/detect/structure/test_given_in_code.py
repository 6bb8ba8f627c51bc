"""Passwords handed to calls by their position, commands word by word, and lists of several secrets."""

from __future__ import annotations

import pytest

from secopskit.findings import Blob
from support.engines import detectors
from support.values import alnum

MADE_UP = "Meadow" + "Copper" + "1987"


def told(path: str, text: str) -> list[tuple[str, str]]:
    """The rules and values of what is found."""
    found = detectors("re").examine(Blob(path, text.encode()))
    return [(one.rule_id, one.secret.reveal().decode()) for one in found if one.secret]


CALLS = {
    "a.py": 's.login("noreply@acme.io", "MADE")',
    "b.py": 'conn = pymysql.connect("db1", "root", "MADE", "shop")',
    "c.py": 'conn = cx_Oracle.connect("shop", "MADE", "db1/XE")',
    "d.py": 'ssh.connect("db1", 22, "root", "MADE")',
    "e.py": 'uid = common.authenticate("prod", "admin", "MADE", {})',
    "f.py": 'models.execute_kw("prod", 2, "MADE", "res.partner", "search", [[]])',
    "a.js": "const s = new Sequelize(name, 'root', 'MADE');",
    "b.js": "given().auth().preemptive().basic('bob', 'MADE');",
    "a.go": 'u := url.UserPassword("shop", "MADE")',
    "b.go": 'err = l.Bind("cn=admin,dc=acme,dc=io", "MADE")',
    "A.cs": 'client.Authenticate("bob", "MADE");',
    "a.pl": '$ftp->login("bob", "MADE");',
}
COMMANDS = {
    "a.py": 'run(["mysql", "-uroot", "-pMADE", "shop"])',
    "b.py": 'run(["/usr/bin/curl", "-u", "shop:MADE", url])',
    "a.js": "spawn('openssl', ['enc', '-aes-256-cbc', '-pass', 'pass:MADE']);",
    "a.go": 'exec.Command("curl", "-u", "shop:MADE", "https://acme.test")',
    "a.rb": 'system("mysqldump", "-uroot", "-pMADE", "shop")',
    "a.yaml": "a:\n  b:\n    - redis-cli\n    - -a\n    - MADE\n",
}
LINES = {
    "az": "az sql server create -n x -g y -u admin -p MADE",
    "plink": "plink -ssh root@db1 -pw MADE ls",
    "ipmitool": "ipmitool -I lanplus -H db1 -U root -P MADE power status",
    "nmcli": "nmcli dev wifi connect HQ password MADE",
    "secret": "echo MADE | docker secret create db_pw -",
    "helm": "helm install x y --set a=b --set image.tag=1,auth.password=MADE",
    "second": "helm install x y --set auth.token=$T,auth.password=MADE",
    "passwd": 'echo -e "MADE\\nMADE" | passwd bob',
}


@pytest.mark.parametrize("path", CALLS)
def test_a_login_by_position(path: str) -> None:
    assert ("call-secret", MADE_UP) in told(path, CALLS[path].replace("MADE", MADE_UP) + "\n")


def test_what_is_no_last_argument_is_no_password() -> None:
    assert not told("a.py", f'page.login("bob", "{MADE_UP}", realm)\n')


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_word_by_word(path: str) -> None:
    assert MADE_UP in {value for _, value in told(path, COMMANDS[path].replace("MADE", MADE_UP) + "\n")}


@pytest.mark.parametrize("name", LINES)
def test_a_command_line(name: str) -> None:
    assert MADE_UP in {value for _, value in told("a.sh", LINES[name].replace("MADE", MADE_UP) + "\n")}


LISTS = {
    "a.py": "API_KEYS = [\n    # ours\n    'ONE',\n    'TWO',\n    'THREE',\n]\n",
    "a.js": "const o = {\n  apiTokens: [\n    'ONE',\n    'TWO',\n    'THREE'\n  ],\n};\n",
    "a.go": 'var apiKeys = []string{\n\t"ONE",\n\t"TWO",\n\t"THREE",\n}\n',
    "A.java": 'static final List<String> API_KEYS = List.of(\n  "ONE",\n  "TWO",\n  "THREE"\n);\n',
    "a.php": "<?php\n$c = ['api_keys' => [\n  'ONE',\n  'TWO',\n  'THREE',\n]];\n",
    "a.tf": 'locals {\n  api_keys = [\n    "ONE",\n    "TWO",\n    "THREE",\n  ]\n}\n',
}


@pytest.mark.parametrize("path", LISTS)
def test_every_item_of_a_list(path: str) -> None:
    values = {name: alnum(32) for name in ("ONE", "TWO", "THREE")}
    text = LISTS[path]
    for name, value in values.items():
        text = text.replace(name, value)
    assert {value for _, value in told(path, text)} == set(values.values())


def test_a_long_list_is_read_to_its_end() -> None:
    values = [alnum(32) for _ in range(40)]
    text = "API_KEYS = [\n" + "".join(f"    '{value}',\n" for value in values) + "]\n"
    assert {value for _, value in told("a.py", text)} == set(values)
