"""What source code says of itself: found, and told from values in use."""

from __future__ import annotations

import re

import pytest

from secopskit.formats.code.documentation import is_shown
from support.effort import costs_little

TEXT = '"""'
SHOWN = {
    "module.py": f"#!/usr/bin/python\n# a module\n{TEXT}the MARK{TEXT}\n",
    "function.py": f"def f(a,\n      b=1) -> int:\n    r{TEXT}it's a MARK{TEXT}\n",
    "class.py": f"class A(B):  # of a kind\n\n    {TEXT}MARK{TEXT}\n",
    "ansible.py": "EXAMPLES = r'''\n- acme:\n    token: MARK\n'''\n",
    "epilog.py": f"parser(epilog={TEXT}MARK{TEXT})\n",
    "doc.ex": f"  @moduledoc {TEXT}\n  MARK\n  {TEXT}\n",
    "pod.pm": "sub f;\n=head1 USE\n\n  MARK\n\n=cut\n",
}
USED = {
    "value.py": f"x = 1\nCONF = {TEXT}MARK{TEXT}\n",
    "comment.py": f'x = 1  # {TEXT}\ny = "MARK"\n',
    "pair.py": f'settings = {{"key":\n{TEXT}MARK{TEXT}}}\n',
    "value.ex": f"  x = {TEXT}\n  MARK\n  {TEXT}\n",
    "after.pm": "=head1 USE\n\n=cut\n$x = 'MARK';\n",
    "other.go": f"EXAMPLES = {TEXT}MARK{TEXT}\n",
}


def shown(path: str, text: str) -> list[bool]:
    return is_shown(text.encode(), path, [found.start() for found in re.finditer("MARK", text)])


@pytest.mark.parametrize("path", SHOWN)
def test_documentation_is_to_be_read(path: str) -> None:
    assert shown(path, SHOWN[path]) == [True]


@pytest.mark.parametrize("path", USED)
def test_a_text_in_use_is_not(path: str) -> None:
    assert shown(path, USED[path]) == [False]


@pytest.mark.parametrize("text", [TEXT + "\\" + TEXT, '"' * 3, 'f("a:"):\n' + TEXT, "'"])
def test_hostile_quotes_cost_little(text: str) -> None:
    data = (text * 40_000).encode()
    costs_little(lambda: is_shown(data, "a.py", [5]), 3, what="documentation")
