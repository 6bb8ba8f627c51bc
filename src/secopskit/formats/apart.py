"""Names and values that stand apart in a tree: neighbours in one map, or a value below its name.

`{name: DB_PASSWORD, value: …}`, `{ParameterKey: …, ParameterValue: …}` and their kin (Kubernetes, task
definitions, templates of CloudFormation and Azure), `{db_password: {value: …}}` (outputs of Terraform), texts
`NAME=value` in a list, and the items of a list. A default has the form DEFAULT.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.formats.environment import pair_in, setting, text_of
from secopskit.formats.nodes import Mapping, Node, Scalar, Sequence
from secopskit.formats.setting import SettingForm
from secopskit.formats.tree_settings import TreeBranch, branches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from secopskit.formats.setting import Setting


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# In small letters, without the signs between their words.
_NAMES: Final = _set(
    "name key label id variable var variablename parameterkey parametername outputkey optionname "
    "settingname propertyname property setting field envname configkey"
)
_DEFAULTS: Final = frozenset({"default", "defaultvalue"})
_VALUES: Final = _DEFAULTS | _set(
    "value val parametervalue outputvalue stringvalue settingvalue propertyvalue plaintext "
    "configvalue currentvalue content"
)
_SIGNS: Final = re.compile(r"[_. -]")
_VARIABLE: Final = re.compile(rb"[A-Z][A-Z0-9_]{1,100}=")
_LEAST_OF_A_LIST: Final = 16
"""Bytes of an item that may be a secret for the name of its list; shorter ones are words: `auth: [basic]`."""
# A parameter of an API, and a reference, only describe what is given elsewhere.
_DESCRIBES: Final = ("in", "$ref", "valueFrom")


def settings(
    node: Node,
    *,
    without: frozenset[str] = frozenset(),
    leave: Callable[[Mapping], bool] = lambda _node: False,
) -> Iterator[Setting]:
    """The pairs below `node`. `without` and `leave` are those of `branches`."""
    for branch in branches(node, without=without, leave=leave):
        if isinstance(branch.node, Mapping):
            yield from _neighbours(branch.node, branch)
        else:
            yield from _items(branch.node, branch)


def _neighbours(node: Mapping, branch: TreeBranch) -> Iterator[Setting]:
    drawn, made = node.get("id"), node.get("result")  # a drawn password in a state of Terraform has no id
    if isinstance(drawn, Scalar) and drawn.value == b"none" and isinstance(made, Scalar):
        yield setting(made, made, branch.path)._replace(key="password")
    values = [(key, value) for key, value in _texts(node) if _plain(key) in _VALUES]
    if not values or any(node.get(key) is not None for key in _DESCRIBES):
        return
    names = [text_of(value) for key, value in _texts(node) if _plain(key) in _NAMES]
    for key, value in values:
        form = SettingForm.DEFAULT if _plain(key) in _DEFAULTS else SettingForm.ASSIGNED
        for name in names or filter(None, [branch.name]):
            yield setting(key, value, branch.path)._replace(key=name, form=form)


def _texts(node: Mapping) -> Iterator[tuple[Scalar, Scalar]]:
    for key, value in node.pairs:
        if isinstance(value, Scalar):
            yield key, value


def _plain(key: Scalar) -> str:
    return _SIGNS.sub("", text_of(key)[:40]).lower()


def _items(node: Sequence, branch: TreeBranch) -> Iterator[Setting]:
    for item in node.items:
        if not isinstance(item, Scalar):
            continue
        if _VARIABLE.match(item.value):
            if pair := pair_in(item, branch.path):
                yield pair
        elif branch.name and len(item.value) >= _LEAST_OF_A_LIST:
            yield setting(item, item, branch.path)._replace(key=branch.name)
