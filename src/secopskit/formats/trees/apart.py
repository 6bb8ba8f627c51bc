"""Names and values that stand apart in a tree: neighbours in one map, or a value below its name.

`{name: DB_PASSWORD, value: …}`, `{ParameterKey: …, ParameterValue: …}` and their kin (Kubernetes, task
definitions, templates of CloudFormation and Azure), `{db_password: {value: …}}` (outputs of Terraform), texts
`NAME=value` in a list, words of a command (`--password`, then its value), and the items of a list.
A default has the form DEFAULT.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from secopskit.formats.setting import Setting, SettingForm
from secopskit.formats.trees.environment import pair_in, setting, text_of
from secopskit.formats.trees.nodes import Mapping, Node, Scalar, Sequence, within
from secopskit.formats.trees.tree_settings import TreeBranch, branches
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


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
_LONGEST_NAME: Final = 40  # bytes
_SIGNS: Final = prepared(r"[_. -]")
_VARIABLE: Final = prepared(rb"[A-Z][A-Z0-9_]{1,100}=")
_OPTION: Final = prepared(rb"--?([A-Za-z][\w-]{1,60})")
_LOGIN: Final = prepared(rb"(?m)^[ \t]{0,40}[\w.@-]{1,64}:([^\s:][^\n]{0,200}?)[ \t]{0,8}$")
_LEAST_OF_A_LIST: Final = 16
"""Bytes of an item that may be a secret for the name of its list; shorter ones are words: `auth: [basic]`."""
_CHPASSWD: Final = "chpasswd"
READ_AS_A_WHOLE: Final = frozenset({_CHPASSWD})
"""Names of branches that are read with what stands below them."""
# A parameter of an API, and a reference, only describe what is given elsewhere.
_DESCRIBES: Final = ("in", "$ref", "valueFrom")


def settings(node: Node) -> Iterator[Setting]:
    """The pairs below `node`."""
    return settings_in(branches(node))


def settings_in(found: Iterable[TreeBranch]) -> Iterator[Setting]:
    """The pairs in some branches of a tree."""
    for branch in found:
        if isinstance(branch.node, Mapping):
            yield from _neighbours(branch.node, branch)
        else:
            yield from _items(branch.node, branch)


def _neighbours(node: Mapping, branch: TreeBranch) -> Iterator[Setting]:
    if branch.name == _CHPASSWD:
        yield from _logins(node, branch.path)
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
    return _spelled(key.value[:_LONGEST_NAME])


@lru_cache(maxsize=4096)  # the maps of a file have the same keys
def _spelled(key: bytes) -> str:
    return _SIGNS.sub("", key.decode("utf-8", "replace")).lower()


def _items(node: Sequence, branch: TreeBranch) -> Iterator[Setting]:
    option = ""
    for item in node.items:
        if not isinstance(item, Scalar):
            continue
        before, option = option, _option(item)
        if _VARIABLE.match(item.value):
            if pair := pair_in(item, branch.path):
                yield pair
        elif before and not option:
            yield setting(item, item, branch.path)._replace(key=before)
        elif branch.name and len(item.value) >= _LEAST_OF_A_LIST:
            yield setting(item, item, branch.path)._replace(key=branch.name)


def _option(item: Scalar) -> str:
    """The name of the option that an item of a command's words is, without its value; "" for any other."""
    found = _OPTION.fullmatch(item.value)
    return found[1].decode("ascii") if found else ""


def _logins(node: Mapping, path: tuple[str, ...]) -> Iterator[Setting]:
    """The passwords that cloud-init sets: `chpasswd: {list: "root:…"}`, one text or a list of them."""
    listed = node.get("list")
    texts = listed.items if isinstance(listed, Sequence) else [listed]
    for text in texts:
        if isinstance(text, Scalar):
            for found in _LOGIN.finditer(text.value):
                yield Setting("password", found[1], within(text, found.start(1), found[1]), path)
