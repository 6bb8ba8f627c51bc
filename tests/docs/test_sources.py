"""The document of sources: every kind is in it, what it declares can be declared, its dotenv file is read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from secopskit.errors import ConfigError
from secopskit.formats.exact.dotenv_exact import read_exact
from secopskit.origin import ORIGINS, build_origin
from secopskit.settings.declaration import parse_origin
from secopskit.settings.sync import load_sync
from support.cli import ROOT
from support.origins import origin_surroundings

TEXT = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", TEXT)


def test_every_source_is_documented_as_it_is(tmp_path: Path) -> None:
    rows = re.findall(r"(?m)^\| (`[a-z{].*?) \| .* \| (yes.*|no) \|$", TEXT)
    kinds = set()
    for cell, writable in rows:
        for form in re.findall(r"`([^`]+)`", cell):
            choice = parse_origin(yaml.safe_load(form))
            origin = build_origin(choice, origin_surroundings(tmp_path))
            assert origin.writable == writable.startswith("yes"), form
            kinds.add(choice.kind)
    assert kinds == set(ORIGINS)


def test_the_declaration_can_be_read(tmp_path: Path) -> None:
    (tmp_path / ".secops.yaml").write_text(blocks("yaml")[0])
    (environment,) = load_sync(tmp_path, environ={}).environments
    assert [value.origin and value.origin.kind for value in environment.values] == ["dotenv", "file"]


def test_the_dotenv_file_is_read_as_it_says() -> None:
    file = read_exact(blocks("sh")[0].encode(), "example")
    assert {entry.key: entry.value.reveal().decode() for entry in file.entries} == {
        "PLAIN": "https://example.org/?a=b",
        "SINGLE": '$5 and "quotes", # and all else as it stands',
        "DOUBLE": 'two\nlines, a " and a $',
        "BACKTICKS": "as single quotes",
        "SEVERAL": "first line\nsecond line\n",
        "EMPTY": "",
    }


def test_what_it_calls_refused_is_refused() -> None:
    examples = {
        "set twice": "A=1\nA=2\n", "not closed": "A='1\n", "PEM block": "A=-----BEGIN X-----\nY=\n",
        "`#` without": "A=b#c\n", "in double quotes": 'A="\\t"\n', "in single quotes": "A='b\\'\n",
        "a NUL byte": "A=\0\n", "no assignment": "A\n",
    }  # fmt: skip
    refused = TEXT.partition("| Refused |")[2].partition("An edit")[0]
    for words, data in examples.items():
        assert words in refused
        with pytest.raises(ConfigError):
            read_exact(data.encode(), "example")
    assert refused.count("\n| ") == len(examples) + 1
