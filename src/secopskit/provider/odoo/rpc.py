"""Odoo's remote interface, in its two protocols: what is asked, and what the answers mean.

JSON-RPC at `/jsonrpc`, XML-RPC at `/xmlrpc/2`. Both are deprecated in 19 and can be absent:
https://www.odoo.com/documentation/19.0/developer/reference/external_rpc_api.html
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, Final, Protocol

from secopskit.errors import ConfigError
from secopskit.provider.interface import Surroundings
from secopskit.provider.odoo.choices import OdooProtocol
from secopskit.provider.odoo.faults import (
    OdooFaultError,
    OdooFaultKind,
    json_fault,
    no_rpc,
    texts_in,
    xml_fault,
)
from secopskit.provider.odoo.xml import XmlFault, read_response, write_call
from secopskit.settings.options import shown
from secopskit.web.errors import WebError
from secopskit.web.pace import Pace
from secopskit.web.retry import Persistence, RetryPolicy
from secopskit.web.vendor import VendorClient
from secopskit.web.wire import Wire

_POLICY: Final = RetryPolicy(tries=4, patience=180.0)
_LARGEST: Final = 256 * 1024
_ABSENT: Final = frozenset({404, 405, 410})


class OdooRpc(Protocol):
    """A way to call Odoo's services."""

    name: str

    def call(self, service: str, method: str, arguments: Sequence[Any], *, again: bool) -> Any:
        """The result. `again`: it may be sent once more if nobody knows whether it arrived.

        Raises OdooFaultError, WebError.
        """


class OdooJsonRpc:
    """JSON-RPC."""

    name = "JSON-RPC"

    def __init__(self, url: str, surroundings: Surroundings) -> None:
        self._client = VendorClient(
            url,
            tell=surroundings.tell,
            policy=_POLICY,
            sleep=surroundings.sleep,
            now=surroundings.now,
        )
        self._numbers = itertools.count(1)

    def call(self, service: str, method: str, arguments: Sequence[Any], *, again: bool) -> Any:
        """See `OdooRpc.call`."""
        number = next(self._numbers)
        body = {
            "jsonrpc": "2.0",
            "method": "call",
            "params": {"service": service, "method": method, "args": list(arguments)},
            "id": number,
        }
        try:
            answer = self._client.call("POST", "/jsonrpc", body=body, again=again).body
        except WebError as error:
            if error.status in _ABSENT:
                raise no_rpc() from None
            raise
        if not isinstance(answer, dict) or answer.get("id", number) != number:
            raise _not_odoo(self._client.host)
        if "error" in answer:
            raise json_fault(answer["error"], texts_in(arguments))
        return answer.get("result")  # left out where it is nothing


class OdooXmlRpc:
    """XML-RPC."""

    name = "XML-RPC"

    def __init__(self, url: str, surroundings: Surroundings) -> None:
        self._wire = Wire(url, largest=_LARGEST)
        self._persistence = Persistence(
            policy=_POLICY,
            pace=Pace(per_second=None, sleep=surroundings.sleep),
            listener=surroundings.tell,
            sleep=surroundings.sleep,
            now=surroundings.now,
        )

    def call(self, service: str, method: str, arguments: Sequence[Any], *, again: bool) -> Any:
        """See `OdooRpc.call`."""
        path = f"/xmlrpc/2/{service}"
        headers = {"Content-Type": "text/xml", "Accept": "text/xml"}
        body = write_call(method, arguments)
        what = f"POST {path} at {self._wire.host}"
        answer = self._persistence.run(
            lambda: self._wire.exchange("POST", self._wire.base_url + path, headers, body),
            what=what,
            write=True,
            again=again,
        )
        if answer.status in _ABSENT:
            raise no_rpc()
        if answer.status != 200:
            raise WebError(f"{what}: HTTP {answer.status}", status=answer.status)
        try:
            return read_response(answer.body)
        except XmlFault as fault:
            raise xml_fault(fault.code, fault.text, texts_in(arguments)) from None
        except ValueError:
            raise _not_odoo(self._wire.host) from None


def connect_odoo(url: str, protocol: OdooProtocol, surroundings: Surroundings) -> tuple[OdooRpc, str]:
    """A way to call Odoo that works, and the version that it tells. Raises OdooFaultError, WebError."""
    ways: dict[OdooProtocol, list[type[OdooJsonRpc] | type[OdooXmlRpc]]] = {
        OdooProtocol.AUTO: [OdooJsonRpc, OdooXmlRpc],
        OdooProtocol.JSONRPC: [OdooJsonRpc],
        OdooProtocol.XMLRPC: [OdooXmlRpc],
    }
    for way in ways[protocol]:
        rpc = way(url, surroundings)
        try:
            return rpc, _version(rpc.call("common", "version", [], again=True))
        except OdooFaultError as fault:
            if fault.kind is not OdooFaultKind.NO_RPC:
                raise
    raise no_rpc()


def _version(told: Any) -> str:
    version = told.get("server_version") if isinstance(told, dict) else None
    if not isinstance(version, str) or not version:
        raise ConfigError("the server does not tell Odoo's version", advice="Is `url` that of an Odoo?")
    return shown(version)


def _not_odoo(host: str) -> WebError:
    return WebError(f"the answer of {host} is none of Odoo's", advice="Is `url` that of an Odoo?")
