"""What shell scripts take from the environment, and what they only call so."""

from __future__ import annotations

import pytest

from secopskit.collect.assemble.scripts import from_outside
from secopskit.collect.code.shell.script import COLLECTOR
from secopskit.collect.facts import DocumentedName, VariableSetting, VariableUse
from secopskit.findings import Blob
from support.collecting import lookups, text_of

FORMS = [
    ('echo "$ONE"', "ONE"),
    ("echo ${ONE}", "ONE"),
    ("echo ${ONE%/}", "ONE"),
    ("echo ${#ONE}", "ONE"),
    ("echo ${ONE:-two}", "ONE=two"),
    ("echo ${ONE:-$(date)}", "ONE="),
    ("ONE=${ONE:-two}", "ONE=two"),
    ('export ONE="${ONE:-two}"', "ONE=two"),
    (': "${ONE:=two}"', "ONE=two"),
    (': "${ONE:?is missing}"', "ONE!"),
    ("local one=${ONE:-two}", "ONE=two"),
    ('if [ -z "$ONE" ]; then ONE=two; fi; echo $ONE', "ONE"),
    ('if [ -n "${ONE+x}" ]; then echo; fi', "ONE="),
    ('echo "it\'s $ONE"', "ONE"),
    ("a=\"$(awk '{print $NF}' \"$ONE\")$TWO 'it is $THREE'\"", "ONE TWO THREE"),
    ("cat <<EOF\n$ONE\nEOF", "ONE"),
    ("file_env 'ONE' 'two'", "ONE=two ONE_FILE"),
    ("envsubst '$ONE ${TWO}' < a", "ONE TWO"),
    ("printenv ONE", "ONE"),
    ('echo "${!name}"', "*"),
    ('for k in "${!SETTING_@}"; do :; done', "*SETTING_"),
    ("env | grep '^SETTING_'", "*SETTING_"),
]
LOOK_ALIKES = [
    "# $ONE",
    "echo # $ONE",
    "echo '$ONE'",
    "echo \\$ONE",
    "ONE=1; echo $ONE",
    "export ONE=1\necho $ONE",
    "ONE=$(date); echo ${ONE}",
    "f() { local ONE TWO=2; echo $ONE $TWO; }",
    "for ONE in a b; do echo $ONE; done",
    "read -r ONE TWO; echo $ONE $TWO",
    "while read -r ONE; do echo $ONE; done",
    "mapfile -t ONE < a; echo ${ONE[@]}",
    "declare -A ONE; echo ${ONE[x]}",
    "while getopts ab ONE; do echo $ONE; done",
    "(( ONE = 1 )); echo $ONE",
    "printf -v ONE x; echo $ONE",
    "cat <<'EOF'\n$ONE\nEOF",
    "awk '{ print $NF, $ONE }' a",
    "ids=\"$(docker ps | awk '{print $NF}')\"",
    "ids=\"a $(f \"$(g (x) | sed 's/$ONE/')\" | jq '$TWO') b\"",
    'echo "$one ${two}"',
    "echo $HOME $PATH ${BASH_SOURCE[0]} $GITHUB_SHA $CI $1 $@ $?",
    "file_env() { local ONE; }",
]


@pytest.mark.parametrize(("text", "expected"), FORMS, ids=[text for text, _ in FORMS])
def test_what_is_a_lookup(text: str, expected: str) -> None:
    assert lookups(COLLECTOR, text, "run.sh") == sorted(expected.split(" "))


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_what_only_looks_like_one(text: str) -> None:
    assert lookups(COLLECTOR, text, "run.sh") == []


def test_a_script_without_a_suffix_says_so_by_its_first_line() -> None:
    for path in ("bin/start", "docker-entrypoint", "compose/django/entrypoint"):
        assert COLLECTOR.wants(path)
        assert lookups(COLLECTOR, "#!/usr/bin/env bash\necho $ONE", path) == ["ONE"]
        assert lookups(COLLECTOR, "echo $ONE", path) == []
    assert not COLLECTOR.wants("a.txt")


def test_what_is_exported_is_told_from_what_a_script_keeps() -> None:
    script = "ONE=1\nexport TWO='2 3'\nTHREE=3 run.sh\nFOUR=$(date)\nexport FOUR\nlocal FIVE=5\n"
    found = [
        fact for fact in COLLECTOR.collect(Blob("a.sh", script.encode())) if isinstance(fact, VariableSetting)
    ]
    assert [(each.name, text_of(each.value), each.scope, each.place.line) for each in found] == [
        ("ONE", "1", "script", 1),
        ("TWO", "2 3", "", 2),
        ("THREE", "3", "", 3),
        ("FOUR", "", "", 4),
    ]


def test_a_name_that_another_script_assigns_is_not_from_outside() -> None:
    facts = [
        *COLLECTOR.collect(Blob("lib.sh", b"ONE=1\nTWO=2\n")),
        *COLLECTOR.collect(Blob("run.sh", b". ./lib.sh\necho $ONE ${TWO:-2} $THREE\n")),
    ]
    uses = [fact for fact in facts if isinstance(fact, VariableUse)]
    settings = [fact for fact in facts if isinstance(fact, VariableSetting)]
    assert [each.name for each in from_outside(uses, settings)] == ["TWO", "THREE"]


USAGE = """\
#!/bin/bash
usage() {
cat <<END_OF_HELP
Usage: ${0} <branch>
DRY_RUN     Prints what would be done. See ${OTHER_NAME}.
KEEP_BUILDER
            If set, the builder stays.
END_OF_HELP
}
echo "  SITE_SIZE (default: 5)"
echo "NOT_SAID: $NOT_SAID"
cat > a.conf <<EOF
IN_FILE  here
EOF
[ -n "$DRY_RUN" ] && echo $KEEP_BUILDER $SITE_SIZE $IN_FILE
"""


def test_what_a_script_prints_as_its_help_documents_names() -> None:
    found = [
        each.name
        for each in COLLECTOR.collect(Blob("a.sh", USAGE.encode()))
        if isinstance(each, DocumentedName)
    ]
    assert sorted(found) == ["DRY_RUN", "KEEP_BUILDER", "SITE_SIZE"]


@pytest.mark.parametrize(
    "line",
    [
        'read -r -sp "Enter it (again; please): " ONE',
        "read -t 5 -r -p 'Really? (y/n) ' ONE",
        'read -p "It\'s \\"that\\": " -n 1 ONE TWO',
    ],
)
def test_what_is_asked_for_is_no_lookup(line: str) -> None:
    assert lookups(COLLECTOR, f"{line}\necho $ONE\n", "a.sh") == []


@pytest.mark.parametrize(
    "line",
    [
        'printf "%s" "$dir" > /var/run/s6/container_environment/ONE',
        'echo "ONE=$(date)" >> "$GITHUB_ENV"',
        "echo 'export ONE=1' >> \"${BASH_ENV}\"",
        "printf 'ONE=%s\\n' \"$x\" >> deploy/.env",
        "cat <<EOF > .env.local\nTWO=3\nONE=$x\nEOF",
    ],
)
def test_what_is_written_down_for_programs_that_start_later(line: str) -> None:
    found = [
        each for each in COLLECTOR.collect(Blob("a.sh", line.encode())) if isinstance(each, VariableSetting)
    ]
    assert "ONE" in [each.name for each in found]
    for other in (f"# {line.partition('<<')[0]}", 'echo "ONE=1" >> "$LOG"', "cat <<EOF\nONE=$x\nEOF"):
        found = [
            each
            for each in COLLECTOR.collect(Blob("a.sh", other.encode()))
            if isinstance(each, VariableSetting)
        ]
        assert [each for each in found if each.scope == "file"] == []
