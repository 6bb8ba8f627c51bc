"""XML-RPC as the standard library has it, with answers that can do no harm while they are read."""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Sequence
from typing import Any, Final
from xml.parsers.expat import ExpatError

from secopskit.errors import ConfigError
from secopskit.provider.odoo.faults import texts_in


class XmlFault(Exception):  # noqa: N818 - what the protocol calls it
    """A fault, as the protocol has it: never shown as it stands."""

    def __init__(self, code: object, text: object) -> None:
        super().__init__()
        self.code = code
        self.text = text


# Only an attack has these in an answer: declarations (entities are among them), and other encodings.
_FORBIDDEN: Final = (b"<!", b"\0")


def write_call(method: str, arguments: Sequence[Any]) -> bytes:
    """The body of a call. Raises ConfigError for text that XML cannot carry."""
    for text in texts_in(arguments):
        if any(ord(character) < 0x20 and character not in "\t\n" for character in text):
            raise ConfigError("XML-RPC cannot carry control characters", advice="Use `protocol: jsonrpc`.")
    return xmlrpc.client.dumps(tuple(arguments), method).encode()


def read_response(body: bytes) -> Any:
    """The one value of an answer. Raises XmlFault, ValueError for what is no answer."""
    if any(mark in body for mark in _FORBIDDEN):
        raise ValueError("declarations in an answer")
    try:
        values, _ = xmlrpc.client.loads(body.decode(), use_builtin_types=True)
    except xmlrpc.client.Fault as fault:
        raise XmlFault(fault.faultCode, fault.faultString) from None
    except (
        ExpatError,
        xmlrpc.client.Error,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
    ):
        raise ValueError("no answer of XML-RPC") from None
    if len(values) != 1:
        raise ValueError("not one value")
    return values[0]
