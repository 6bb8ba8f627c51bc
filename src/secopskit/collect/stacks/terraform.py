"""Terraform: declared variables as lookups of `TF_VAR_…`, their defaults, what resources give to programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.collect.facts import Fact, SettingKind, UseKind, VariableSetting, VariableUse
from secopskit.collect.interface import Collector
from secopskit.collect.place import FilePlaces
from secopskit.collect.value import ConfigValue
from secopskit.findings import Blob
from secopskit.formats import dotenv
from secopskit.formats.stacks.terraform_blocks import declared, given

_VALUES: Final = (".tfvars", ".auto.tfvars", ".tfvars.example")


def _wants(path: str) -> bool:
    return path.endswith((".tf", ".tofu", *_VALUES))


def _collect(blob: Blob) -> Iterator[Fact]:
    """A variable without default is not required of the environment: a file of values may have it."""
    places = FilePlaces(blob.path, blob.data)
    if blob.path.endswith(_VALUES):
        for setting in dotenv.settings(blob.data):
            place = places.at(setting.span.start)
            yield VariableSetting(setting.key, ConfigValue(setting.value), place, SettingKind.TERRAFORM)
        return
    for variable in declared(blob.data):
        place = places.at(variable.start)
        default = None if variable.default is None else ConfigValue(variable.default)
        yield VariableUse(f"TF_VAR_{variable.name}", place, UseKind.TERRAFORM, "terraform", default)
        if default is not None:
            yield VariableSetting(variable.name, default, place, SettingKind.TERRAFORM)
    for pair in given(blob.data):
        value = None if pair.value is None else ConfigValue(pair.value)
        yield VariableSetting(
            pair.name, value, places.at(pair.start), SettingKind.TERRAFORM, scope="environment"
        )


COLLECTOR: Final = Collector("terraform", _wants, _collect)
