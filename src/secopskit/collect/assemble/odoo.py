"""Odoo among the services and the configuration files: whose database must be left alone.

The names are those of Odoo's command line reference and of its image's documentation:
https://www.odoo.com/documentation/18.0/developer/reference/cli.html, https://hub.docker.com/_/odoo
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from secopskit.collect.facts import DockerfileFacts, ImageName, Service, SettingKind, VariableSetting

ODOO_VARIABLES: Final = {
    "HOST": "host",
    "PORT": "port",
    "USER": "user",
    "PASSWORD": "password",
    "DB_NAME": "dbname",
    "PGHOST": "host",
    "PGPORT": "port",
    "PGUSER": "user",
    "PGPASSWORD": "password",
    "PGDATABASE": "dbname",
    "PGSSLMODE": "sslmode",
}
"""The variables that Odoo's image, or libpq below it, looks up."""
_IMAGES: Final = frozenset({"odoo", "doodba", "odoo-docker", "odoo-enterprise"})
_FILE_NAMES: Final = ("odoo", "openerp")
_SECTION: Final = "options"
_OWN: Final = frozenset({"addons_path", "admin_passwd", "db_host", "dbfilter", "list_db", "data_dir"})


def is_odoo_service(service: Service, dockerfiles: Iterable[DockerfileFacts] = ()) -> bool:
    """Whether a service is an Odoo server: by its image, or by what the image is built from."""
    if service.image and is_odoo_image(service.image):
        return True
    if service.build is None:
        return False
    return any(
        stage.base is not None and is_odoo_image(stage.base)
        for file in dockerfiles
        if file.path == service.build.dockerfile
        for stage in file.stages
    )


def is_odoo_image(image: ImageName) -> bool:
    """Whether an image is Odoo's own, or one that packages it."""
    return image.base in _IMAGES


def is_odoo_file(scope: str, settings: Sequence[VariableSetting]) -> bool:
    """Whether settings are the section `[options]` of a configuration of Odoo."""
    if scope.lower() != _SECTION or not settings or settings[0].kind is not SettingKind.INI:
        return False
    name = settings[0].place.path.rpartition("/")[2].lower()
    names = {setting.name.lower() for setting in settings}
    return any(word in name for word in _FILE_NAMES) or len(names & _OWN) > 1
