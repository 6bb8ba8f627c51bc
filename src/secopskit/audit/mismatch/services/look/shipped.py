"""What settings are as shipped: what counts for who copies the template and changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from secopskit.audit.mismatch.services.look.servers import RunningService
from secopskit.collect.assemble.templates import template_of
from secopskit.collect.facts import FactPlace, ProjectFacts, SettingKind, VariableSetting
from secopskit.collect.value import ConfigValue, ValueReference
from secopskit.named_tuple import NamedTuple


class ShippedBy(Enum):
    """Where a shipped value comes from."""

    LITERAL = "written there"
    DEFAULT = "the default of a variable"
    FILE = "a committed environment file"
    TEMPLATE = "a template"
    MOUNTED = "a committed file, as the secret of that name"


class ShippedValue(NamedTuple):
    """A value as shipped. `key` is what the service calls it, `name` the variable to set instead.

    `places` are where it stands and where it is used. What is in the file of a secret is not read: then
    `value` is empty.
    """

    key: str
    name: str
    value: ConfigValue
    by: ShippedBy
    places: tuple[FactPlace, ...]


_POINTER: Final = "_FILE"
_SECRETS: Final = "/run/secrets/"
_FILES: Final = (SettingKind.DOTENV, SettingKind.TEMPLATE)


@dataclass(frozen=True, slots=True)
class ShippedValues:
    """The dotenv files and templates of a project by path, to look values up in."""

    by_path: Mapping[str, Mapping[str, VariableSetting]]
    tracked: frozenset[str]

    @classmethod
    def of(cls, project: ProjectFacts) -> ShippedValues:
        """Those of a project."""
        by_path = defaultdict[str, dict[str, VariableSetting]](dict)
        for setting in project.settings:
            if setting.kind in _FILES and not setting.commented and setting.value:
                by_path[setting.place.path][setting.name] = setting
        return cls(by_path, project.tracked)

    def of_service(self, each: RunningService) -> Iterator[ShippedValue]:
        """What a service is given as shipped: by itself, then by its files."""
        own = set[str]()
        for setting in each.service.environment:
            own.add(setting.name)
            if found := self._of_setting(setting, each):
                yield found
        for use in each.service.env_files:
            for path in self._standing_for(use.path):
                for name, setting in self.by_path[path].items():
                    if name not in own and setting.value is not None and setting.value.is_literal:
                        yield ShippedValue(
                            name, name, setting.value, self._by(path), (setting.place, use.place)
                        )

    def _of_setting(self, setting: VariableSetting, each: RunningService) -> ShippedValue | None:
        if setting.value is None:
            return self._in_files(setting, setting.name, each)
        if setting.name.upper().endswith(_POINTER):
            return self._of_secret(setting, setting.value, each)
        if setting.value.is_literal:
            return ShippedValue(
                setting.name, setting.name, setting.value, ShippedBy.LITERAL, (setting.place,)
            )
        return self._of_variables(setting, setting.value.stand_ins, each)

    def _of_variables(
        self, setting: VariableSetting, chain: Sequence[ValueReference], each: RunningService
    ) -> ShippedValue | None:
        """What `${X:-${Y:-default}}` comes to: the first variable that a file sets, else the default."""
        if not chain or any("." in reference.name for reference in chain):
            return None
        for reference in chain:
            if found := self._in_files(setting, reference.name, each):
                return found
        default = chain[-1].default
        if default is None or not default.is_literal:
            return None
        return ShippedValue(setting.name, chain[0].name, default, ShippedBy.DEFAULT, (setting.place,))

    def _of_secret(
        self, setting: VariableSetting, value: ConfigValue, each: RunningService
    ) -> ShippedValue | None:
        """What `POSTGRES_PASSWORD_FILE: /run/secrets/db` reads, where that file is committed."""
        for secret in each.stack.secret_files:
            mounted = ConfigValue(f"{_SECRETS}{secret.name}".encode())
            if secret.path in self.tracked and value == mounted:
                places = (FactPlace(secret.path, 1), secret.place, setting.place)
                key = setting.name[: -len(_POINTER)]
                return ShippedValue(key, setting.name, ConfigValue(b""), ShippedBy.MOUNTED, places)
        return None

    def _in_files(self, used: VariableSetting, name: str, each: RunningService) -> ShippedValue | None:
        """What Compose finds for a variable in the stack's dotenv file, or in a copy of its template."""
        for path in self._standing_for(each.stack.env_file):
            setting = self.by_path[path].get(name)
            if setting and setting.value is not None and setting.value.is_literal:
                return ShippedValue(
                    used.name, name, setting.value, self._by(path), (setting.place, used.place)
                )
        return None

    def _standing_for(self, path: str) -> Iterable[str]:
        """The file itself if it is committed, else the templates that become it."""
        if path in self.by_path and path in self.tracked:
            return (path,)
        template = template_of(path, self.by_path)
        return (template,) if template else ()

    def _by(self, path: str) -> ShippedBy:
        return ShippedBy.FILE if path in self.tracked and path.endswith(".env") else ShippedBy.TEMPLATE
