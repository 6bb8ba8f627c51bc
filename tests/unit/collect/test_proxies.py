"""nginx, Caddy and HAProxy: where requests go, and what is filled in."""

from __future__ import annotations

import pytest

from support.project import project


def upstreams(path: str, text: str) -> list[tuple[str, int | None, int, bool]]:
    return [(each.host, each.port, each.place.line, each.listens) for each in project({path: text}).upstreams]


NGINX = """\
# upstream old { server gone:1; }
upstream relay {
    server relay:3000;
    server "backup:3001" backup;
}
map $http_upgrade $CONNECTION { default upgrade; }
server {
    listen 80 default_server;
    listen [::]:443 ssl;
    listen unix:/var/run/x.sock;
    server_name example.com;
    location / { proxy_pass http://relay; }
    location /api { proxy_pass http://api:8000/v1; }
    location /php { fastcgi_pass php:9000; }
    location /s { uwsgi_pass unix:///tmp/s.sock; }
    location /t { proxy_pass https://target; proxy_set_header Connection $CONNECTION; }
    location /v { proxy_pass http://$host:1; }
    location /x { proxy_pass http://${BACKEND_HOST}:${BACKEND_PORT}; }
}
"""


def test_nginx() -> None:
    found = project({"deploy/nginx.conf": NGINX})
    assert upstreams("deploy/nginx.conf", NGINX) == [
        ("relay", 3000, 3, False),
        ("backup", 3001, 4, False),
        ("", 80, 8, True),
        ("", 443, 9, True),
        ("api", 8000, 13, False),
        ("php", 9000, 14, False),
        ("target", 443, 16, False),
    ]
    assert [(use.name, use.place.line, use.language) for use in found.uses] == [
        ("BACKEND_HOST", 18, "nginx"),
        ("BACKEND_PORT", 18, "nginx"),
    ]


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("nginx.conf", True),
        ("nginx/templates/default.conf.template", True),
        ("conf.d/site.conf", True),
        ("my-nginx.conf.template", True),
        ("redis.conf", False),
        ("src/nginx.py", False),
    ],
)
def test_names_of_nginx(path: str, read: bool) -> None:
    assert bool(upstreams(path, "server { listen 81; }\n")) is read


def test_caddy() -> None:
    text = (
        "{$SITE:localhost} {\n\treverse_proxy /api/* api:8000 {\n\t}\n\tphp_fastcgi php:9000\n"
        "\treverse_proxy @x h2c://a:1 https://b\n# {$OLD}\n\treverse_proxy {$UP}\n\tlog {env.LOG}\n}\n"
    )
    assert upstreams("Caddyfile.prod", text) == [
        ("api", 8000, 2, False),
        ("php", 9000, 4, False),
        ("a", 1, 5, False),
        ("b", 443, 5, False),
    ]
    found = project({"Caddyfile": text}).uses
    assert [(u.name, u.place.line, u.default is None) for u in found] == [
        ("SITE", 1, False),
        ("UP", 7, True),
        ("LOG", 8, True),
    ]


def test_haproxy() -> None:
    text = (
        "frontend a\n  bind *:80\n  bind :443 ssl\nb\n  server one app:8080 check\n  server two ${HOST}:1\n"
    )
    assert upstreams("haproxy.cfg", text) == [("", 80, 2, True), ("", 443, 3, True), ("app", 8080, 5, False)]
    assert [use.name for use in project({"haproxy.cfg": text}).uses] == ["HOST"]
