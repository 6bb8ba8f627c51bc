"""What the provider `odoo` lets a declaration choose from."""

from __future__ import annotations

from enum import Enum


class OdooPassword(Enum):
    """Which password."""

    USER = "user-password"
    MASTER = "master-password"


class OdooProtocol(Enum):
    """How Odoo is spoken to."""

    AUTO = "auto"
    JSONRPC = "jsonrpc"
    XMLRPC = "xmlrpc"
