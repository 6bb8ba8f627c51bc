"""The table of the detectors that parse a file as what it is. A new one is a row here beside its module."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from secopskit.detect.structure.format_detector import FormatDetector, name_and_suffix
from secopskit.detect.structure.paths import (
    DOTENV,
    LOCKS,
    NOT_DOTENV,
    SETTINGS_CODE,
    SETTINGS_MARKS,
    START_UP,
    TESTS,
)
from secopskit.detect.structure.signs import (
    ARGV,
    CALL,
    CELL,
    CELLS,
    COLUMN,
    COPIED,
    DIRECTIVE,
    HASH,
    INSTRUCTION,
    ITEM,
    KINDS,
    KNOWN_USE,
    LIST,
    LOGIN,
    LOGIN_CALL,
    LOGIN_URL,
    MANIFEST,
    OF_MAKE,
    OF_TERRAFORM,
    OPTION,
    OWNER,
    PARAMETER,
    PASSED_ON,
    PEER,
    PREFIXED_USE,
    ROLE,
    ROWS,
    SCRIPT,
    STATEMENT,
    TAGGED,
    USUAL,
    any_of,
    kind_of,
)
from secopskit.lazy_regex import LazyRegex

DETECTORS: Final = (
    FormatDetector(
        "dotenv",
        "dotenv",
        marks=("env",),
        paths=DOTENV,
        unless=NOT_DOTENV,
        by_name=True,  # a committed one is a finding whatever it holds
        outline="dotenv",
    ),
    FormatDetector(
        "yaml",
        "trees.yaml_file",
        "yml yaml sls",
        "hub .tugboat",
        unless=LOCKS,
        of_settings=True,
        signs=(*USUAL, OPTION, HASH, MANIFEST, ITEM, OWNER),
        outline="trees.yaml_file",
    ),
    FormatDetector(
        "ini",
        "ini",
        "ini cfg conf cnf properties prefs rc nmconnection udl netdev network xcconfig repo",
        "config .pypirc .boto credentials .credentials .s3cfg .npmrc .esmtprc .msmtprc .muttrc hosts"
        " inventory",
        marks=("",),  # a folder tells it
        paths=r"(?:^|/)(?:inventor(?:y|ies)/(?:[\w-]{1,60}/){0,3}[\w-]{1,60}|(?:hosts|inventory)[._-][\w-]{1,40})$",
        unless=r"(?:^|/)nsswitch\.conf$",
        of_settings=True,
        signs=(*USUAL, DIRECTIVE),
        outline="ini",
    ),
    FormatDetector(
        "systemd",
        "servers.systemd",
        "service socket timer mount automount swap container",
        marks=(".conf",),
        paths=r"(?:\.(?:service|socket|timer|mount|swap|container|scope|slice)\.d|/systemd(?:/[\w.-]{1,40}\.d)?)"
        r"/[^/]{1,80}\.conf$",
        of_settings=True,
        signs=(*USUAL, OPTION, PASSED_ON, KNOWN_USE),
    ),
    FormatDetector(
        "web_server",
        "servers.web_server",
        "conf vhost htaccess",
        "fastcgi_params uwsgi_params scgi_params",
        marks=("",),  # a folder tells it
        paths=r"(?:^|/)(?:sites|vhosts?)(?:[._-](?:d|available|enabled))?/[^/]{1,80}$",
        of_settings=True,
        signs=(*USUAL, DIRECTIVE, INSTRUCTION, PARAMETER),
    ),
    FormatDetector(
        "dockerfile",
        "stacks.dockerfile",
        "dockerfile containerfile",
        marks=("dockerfile", "containerfile"),
        paths=r"(?:docker|container)file",
        signs=(*USUAL, INSTRUCTION, OPTION),
    ),
    FormatDetector(
        "json",
        "trees.json_file",
        "json jsonc json5 jsonl ndjson ipynb tfstate webmanifest",
        ".ftpconfig .dockercfg .dockerconfigjson",
        unless=LOCKS,
        of_settings=True,
        signs=(*USUAL, MANIFEST, ITEM, OWNER),
        in_pieces=True,
        outline="trees.json_file",
    ),
    FormatDetector("toml", "trees.toml", "toml", "pipfile", signs=(*USUAL, ITEM), outline="trees.toml"),
    FormatDetector("tables", "tables.csv_file", "md markdown mdx", signs=(CELL,), any_text=True),
    FormatDetector("csv", "tables.csv_file", "csv tsv psv", signs=(*USUAL, COLUMN, ITEM)),
    FormatDetector(
        "xml",
        "trees.xml_file",
        "xml config csproj vbproj fsproj vcxproj props targets plist pubxml nuspec resx jmx runsettings"
        " ps1xml dtsx dtsconfig rdl rdlc xaml wsdl",
        of_settings=True,
        signs=(*USUAL, TAGGED),
    ),
    FormatDetector("ldif", "servers.ldif", "ldif ldf"),
    FormatDetector("procfile", "servers.procfile", "procfile"),
    FormatDetector("robot", "code.robot", "robot resource", signs=(*USUAL, CELLS)),
    FormatDetector(
        "terraform", "stacks.terraform", "tf tfvars hcl nomad", signs=(*USUAL, ITEM, OF_TERRAFORM)
    ),
    FormatDetector(
        "shell",
        "commands.shell",
        "sh bash zsh ksh fish csh bat cmd ps1 psm1 psd1 mk mak make",
        START_UP,
        unless=TESTS,
        signs=(*USUAL, OF_MAKE, INSTRUCTION, OPTION, PREFIXED_USE, KNOWN_USE, STATEMENT),
        by_line=True,
        in_parts=True,
        far_signs=(ROWS,),
    ),
    FormatDetector(
        "commands",
        "commands.in_text",
        "md markdown mdx rst adoc asciidoc txt text log out history ipynb service cron html",
        marks=("history", ".log."),
        paths=r"_history$|\.log\.\d{1,3}$",
        unless=LOCKS,
        bare=True,
        signs=(SCRIPT, PASSED_ON, PREFIXED_USE, KNOWN_USE, OPTION, STATEMENT, ROLE),
        by_line=True,
        any_text=True,
    ),
    FormatDetector(
        "programs",
        "commands.in_text",
        "tf hcl groovy gradle rb py js ts mjs php pl mk json toml",
        unless=LOCKS,
        signs=(KNOWN_USE,),
        by_line=True,
        any_text=True,
    ),
    FormatDetector(
        "scripts",
        "commands.in_text",
        "yml yaml",
        unless=LOCKS,
        signs=(KNOWN_USE, PASSED_ON, PREFIXED_USE),  # what scripts of pipelines, playbooks and manifests run
        by_line=True,
        any_text=True,
    ),
    FormatDetector(
        "calls",
        "code.calls",
        "py pyw pyi ipynb js jsx ts tsx mjs cjs vue svelte java kt kts scala sbt groovy cs vb fs go rb php"
        " phtml pl pm rs swift m c cc cpp cxx h hpp ino pde lua ex exs dart ps1 psm1 sh md"
        " markdown rst txt html",
        bare=True,
        signs=(CALL, LOGIN_CALL),
        by_line=True,
        any_text=True,
    ),
    FormatDetector(
        "argv",
        "commands.argv",
        "py pyw js jsx ts tsx mjs cjs rb php pl go rs java kt kts scala groovy cs swift ex exs lua dart yml"
        " yaml json toml tf hcl",
        unless=LOCKS,
        signs=(ARGV,),
        by_line=True,
        any_text=True,
    ),
    FormatDetector(
        "lists",
        "code.lists",
        "py pyw pyi js jsx ts tsx mjs cjs vue svelte java kt kts scala groovy cs vb fs go rb php phtml rs"
        " swift dart m c cc cpp h hpp lua ex exs tf tfvars hcl",
        signs=(LIST,),
        by_line=True,
        in_parts=True,
        any_text=True,
    ),
    FormatDetector(
        "sql", "tables.sql", "sql psql pgsql mysql ddl", signs=(*USUAL, DIRECTIVE, STATEMENT, COPIED, ITEM)
    ),
    FormatDetector(
        "logins",
        "logins",
        names=".netrc _netrc netrc .pgpass pgpass.conf pgpass .git-credentials git-credentials"
        " .curlrc _curlrc shadow shadow- gshadow master.key chap-secrets pap-secrets"
        " sasl_passwd sasl_password userlist.txt users.acl .fetchmailrc fetchmailrc",
        marks=("passwd", ".key", ".secrets"),
        paths=r"(?:htpasswds?|passwd|/credentials/[a-z]{1,20}\.key|(?:^|/)ipsec[\w.-]{0,20}\.secrets"
        r"|/ipsec\.d/[\w.-]{1,60}\.secrets)$",
        signs=(LOGIN, LOGIN_URL, HASH, PEER),
        by_name=True,  # it holds nothing but logins
    ),
    FormatDetector(
        "source",
        "code.source",
        marks=SETTINGS_MARKS,
        paths=SETTINGS_CODE,
        of_settings=True,
        signs=(*USUAL, OWNER),
        by_line=True,
    ),
)
"""All of them, in no particular order. A row is all that a new detector needs beside its module."""

_NAMES: Final = frozenset().union(*(row.names for row in DETECTORS))
_MARKS: Final = {mark for row in DETECTORS for mark in row.marks}
_MARKED: Final = LazyRegex("|".join(sorted(re.escape(mark) for mark in _MARKS if mark)))


def rows_for_path(path: str) -> tuple[FormatDetector, ...]:
    """The rows that may want a file of this path; no other one does."""
    name, suffix = name_and_suffix(path)
    if name in _NAMES:
        return DETECTORS
    return _rows_for(suffix, "." not in name, _MARKED.search(name) is not None)


@lru_cache(maxsize=4096)
def _rows_for(suffix: str, is_bare: bool, is_marked: bool) -> tuple[FormatDetector, ...]:
    return tuple(
        row  # an empty mark stands in each name
        for row in DETECTORS
        if suffix in row.suffixes or (is_bare and row.bare) or (is_marked and row.marks) or "" in row.marks
    )


_SHELL: Final = next(row for row in DETECTORS if row.name == "shell")
_SHEBANG: Final = LazyRegex(rb"#![^\n]{0,100}\b(?:ba|z|k|da|a|fi|tc|c)?sh\b")


def is_shell_script(data: bytes) -> bool:
    """Whether a text is a shell script by its first line."""
    return data.startswith(b"#!") and _SHEBANG.match(data) is not None


def row_for(detector: FormatDetector, data: bytes) -> FormatDetector:
    """The row by which `detector` reads `data`: commands in a shell script are read as the script it is."""
    return _SHELL if detector.module == "commands.in_text" and is_shell_script(data) else detector


_ALL: Final = tuple(dict.fromkeys(sign for row in DETECTORS for sign in (*row.signs, *row.far_signs)))
HINTS: Final = tuple(
    any_of([sign for sign in _ALL if kind_of(sign) == number]) for number in range(len(KINDS) + 1)
)
"""Where none matches, no detector finds anything, apart from those that go `by_name` alone."""
