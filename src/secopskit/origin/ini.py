"""An option of an INI file, such as odoo.conf: `{ini: [odoo.conf, options, admin_passwd]}`."""

from __future__ import annotations

import configparser
import os
from collections.abc import Collection, Mapping

from secopskit.errors import ConfigError, RefusedError, SecopsError
from secopskit.origin.interface import OriginSurroundings, OriginValue
from secopskit.origin.place import DeclaredFile
from secopskit.origin.trust import safe_words
from secopskit.secret import SecretValue
from secopskit.state.smallfiles import read_small

_COUNTS = (2, 3)


class IniOrigin:
    """A section of an INI file; without an option, keys are the options of the section.

    It is read as Python's configparser reads it, without interpolation: names of options in either
    case, no quotes, no blanks at the ends of values. What is set twice is refused.
    """

    writable = False
    apart = False

    def __init__(self, arguments: tuple[str, ...], surroundings: OriginSurroundings) -> None:
        if len(arguments) not in _COUNTS or not all(arguments):
            raise ConfigError(
                "the source `ini` takes a file, a section and an option",
                advice="Write {ini: [odoo.conf, options, admin_passwd]}.",
            )
        self._arguments = arguments
        self._file = DeclaredFile("ini", arguments[0], surroundings)

    @property
    def label(self) -> str:
        """See `Origin.label`."""
        return safe_words(self._arguments)

    def read(self, keys: Collection[str]) -> Mapping[str, OriginValue]:
        """See `Origin.read`. Raises SecopsError where the file is not there."""
        _, section, *option = self._arguments
        if option and len(keys) > 1:
            raise ConfigError(
                f"{self.label}: is one value, and {len(keys)} keys are to come from it",
                advice="Leave the option out: then a key is an option of the section.",
            )
        parser = self._parse()
        found = {key: parser.get(section, option[0] if option else key, fallback=None) for key in keys}
        return {
            key: OriginValue(SecretValue(value.encode()), self.label) for key, value in found.items() if value
        }

    def write(self, values: Mapping[str, SecretValue]) -> None:
        """See `Origin.write`: such files are not edited here."""
        raise RefusedError(f"{self.label}: is not written to", advice="Put the new value there by hand.")

    def _parse(self) -> configparser.RawConfigParser:
        parser = configparser.RawConfigParser(strict=True, allow_no_value=True)
        path = self._file.resolve(self._arguments)
        if not os.path.lexists(path):
            raise SecopsError(
                f"{self._file.name}: is not there", advice=f"See the source `ini: {self.label}`."
            )
        data = read_small(path)
        # What these errors say quotes lines of the file.
        try:
            parser.read_string(data.decode("utf-8-sig"))
        except UnicodeDecodeError:
            problem = "is no UTF-8"
        except (configparser.DuplicateSectionError, configparser.DuplicateOptionError) as error:
            problem = f"line {error.lineno} sets something for the second time"
        except configparser.Error:
            problem = "is no INI file"
        else:
            return parser
        raise ConfigError(f"{self._file.name}: {problem}", advice="Correct the file.")
