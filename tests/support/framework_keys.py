"""Keys as frameworks generate them, where their projects keep them: many draws of the same few files.

The generators are written after what the frameworks document: `get_random_secret_key` of Django, the
salts of WordPress, `key:generate` of Laravel, `os.urandom` and `secrets` of Python, `openssl rand`.
"""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from support.probes import Drawn, Extent

_ALNUM: Final = string.ascii_letters + string.digits
_DJANGO: Final = string.ascii_lowercase + string.digits + "!@#$%^&*(-_=+)"
_WORDPRESS: Final = _ALNUM + "!@#$%^&*()-_ []{}<>~`+=,.;:/?|"


class KeyForm(NamedTuple):
    """A generator of keys, and the text before and after one in the file `path`."""

    name: str
    path: str
    before: str
    key: Callable[[random.Random], str]
    after: str


def _of(alphabet: str, length: int) -> Callable[[random.Random], str]:
    return lambda rng: "".join(rng.choices(alphabet, k=length))


def _hex(size: int) -> Callable[[random.Random], str]:
    return lambda rng: rng.randbytes(size).hex()


def _base64(size: int) -> Callable[[random.Random], str]:
    return lambda rng: base64.b64encode(rng.randbytes(size)).decode()


def _urlsafe(size: int) -> Callable[[random.Random], str]:
    return lambda rng: base64.urlsafe_b64encode(rng.randbytes(size)).decode().rstrip("=")


def _bare(rng: random.Random) -> str:
    """A key of Django for where it stands without quotes: a hash mark at its start would be a comment."""
    while (key := _of(_DJANGO, 50)(rng)).startswith("#"):
        pass
    return key


def _compose(rng: random.Random) -> str:
    """A key of Django in a Compose file, where a dollar sign is written twice."""
    return _bare(rng).replace("$", "$$")


def _urandom(rng: random.Random) -> str:
    """What the interpreter shows for `os.urandom(24)`, without the quotes; never with one inside."""
    while "'" in (key := repr(rng.randbytes(24))[2:-1]) or '"' in key:
        pass
    return key


_COMPOSE: Final = "services:\n  web:\n    image: acme/shop\n    environment:\n"
FORMS: Final = (
    KeyForm("django", "shop/settings.py", "SECRET_KEY = '", _of(_DJANGO, 50), "'\n"),
    KeyForm("django-double", "shop/settings/base.py", 'SECRET_KEY = "', _of(_DJANGO, 50), '"\n'),
    KeyForm("django-insecure", "shop/settings.py", "SECRET_KEY = 'django-insecure-", _of(_DJANGO, 50), "'\n"),
    KeyForm("django-default", "shop/conf.py", 'SECRET_KEY = env("SECRET_KEY", default="', _bare, '")\n'),
    KeyForm("django-dotenv", ".env", "DEBUG=False\nSECRET_KEY=", _bare, "\n"),
    KeyForm("django-dotenv-quoted", ".env", "DJANGO_SECRET_KEY='", _of(_DJANGO, 50), "'\n"),
    KeyForm("django-yaml", "config/shop.yaml", "django:\n  secret_key: '", _of(_DJANGO, 50), "'\n"),
    KeyForm("django-compose", "compose.yaml", _COMPOSE + "      - SECRET_KEY=", _compose, "\n"),
    KeyForm("django-ini", "shop.ini", "[django]\nsecret_key = ", _bare, "\n"),
    KeyForm("django-json", "config.json", '{"debug": false, "SECRET_KEY": "', _of(_DJANGO, 50), '"}\n'),
    KeyForm("flask-urandom", "app/__init__.py", "app.secret_key = b'", _urandom, "'\n"),
    KeyForm("flask-hex", "app/config.py", "class Config:\n    SECRET_KEY = '", _hex(32), "'\n"),
    KeyForm("flask-urlsafe", "config.py", "SECRET_KEY = '", _urlsafe(32), "'\n"),
    KeyForm("laravel-dotenv", ".env", "APP_NAME=Shop\nAPP_KEY=base64:", _base64(32), "\n"),
    KeyForm("laravel-compose", "docker-compose.yml", _COMPOSE + "      APP_KEY: base64:", _base64(32), "\n"),
    KeyForm("laravel-config", "config/app.php", "'key' => env('APP_KEY', 'base64:", _base64(32), "'),\n"),
    KeyForm("rails-yaml", "config/secrets.yml", "production:\n  secret_key_base: ", _hex(64), "\n"),
    KeyForm("rails-dotenv", ".env.production", "SECRET_KEY_BASE=", _hex(64), "\n"),
    KeyForm("rails-ruby", "config/initializers/key.rb", "config.secret_key_base = '", _hex(64), "'\n"),
    KeyForm(
        "wordpress", "wp-config.php", "<?php\ndefine('AUTH_KEY',         '", _of(_WORDPRESS, 64), "');\n"
    ),
    KeyForm("wordpress-salt", "wp-config.php", "define( 'NONCE_SALT', '", _of(_WORDPRESS, 64), "' );\n"),
    KeyForm("wordpress-dotenv", ".env", "SECURE_AUTH_KEY='", _of(_WORDPRESS, 64), "'\n"),
    KeyForm("symfony", ".env.local", "APP_ENV=prod\nAPP_SECRET=", _hex(16), "\n"),
    KeyForm("symfony-yaml", "config/packages/framework.yaml", "framework:\n    secret: ", _hex(16), "\n"),
    KeyForm("phoenix", "config/prod.exs", '  secret_key_base: "', _base64(48), '",\n'),
    KeyForm("nextauth", ".env", "NEXTAUTH_SECRET=", _base64(32), "\n"),
    KeyForm("strapi", ".env", "HOST=0.0.0.0\nADMIN_JWT_SECRET=", _base64(16), "\n"),
    KeyForm("jwt-dotenv", "api/.env", "JWT_SECRET=", _base64(64), "\n"),
    KeyForm("jwt-node", "src/auth.js", "const JWT_SECRET = '", _hex(64), "';\n"),
    KeyForm("jwt-spring", "application.properties", "app.jwt.secret=", _base64(64), "\n"),
    KeyForm("jwt-compose", "docker-compose.yml", _COMPOSE + "      JWT_SECRET: ", _urlsafe(48), "\n"),
    KeyForm("drupal", "settings.php", "$settings['hash_salt'] = '", _urlsafe(55), "';\n"),
    KeyForm("joomla", "configuration.php", "class JConfig {\n\tpublic $secret = '", _of(_ALNUM, 16), "';\n"),
    KeyForm("yii", "config/web.php", "'cookieValidationKey' => '", _urlsafe(24), "',\n"),
    KeyForm("cakephp", "config/app.php", "'Security' => [\n    'salt' => '", _hex(32), "',\n]\n"),
    KeyForm("phpmyadmin", "config.inc.php", "$cfg['blowfish_secret'] = '", _of(_ALNUM, 32), "';\n"),
    KeyForm("magento", "app/etc/env.php", "'crypt' => [\n    'key' => '", _hex(16), "'\n],\n"),
    KeyForm("airflow", "airflow.cfg", "[core]\nfernet_key = ", lambda rng: _urlsafe(32)(rng) + "=", "\n"),
    KeyForm(
        "play", "conf/application.conf", 'play.http.secret.key = "', _of(_ALNUM + "<>=?@[]^_`:;/", 64), '"\n'
    ),
)


def draw_keys(count: int, seed: str) -> Iterator[Drawn]:
    """`count` keys of each form, each in a file of its own. The same `seed` gives the same ones."""
    for form in FORMS:
        rng = random.Random(f"{seed}\0{form.name}")
        for number in range(count):
            key = form.key(rng)
            line = form.before.count("\n") + 1
            column = len(form.before) - form.before.rfind("\n")
            yield Drawn(
                form.name,
                f"k{number:05}-{FORMS.index(form):02}/{form.path}",
                f"{form.before}{key}{form.after}".encode(),
                (Extent(line, column, line, column + len(key)),),
            )
