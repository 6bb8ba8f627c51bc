"""Units, web servers, make files, expressions with a default, what Terraform keeps: found exactly there."""

from __future__ import annotations

import pytest

from secopskit.detect.structure import DETECTORS
from secopskit.detect.structure.signs import any_of
from secopskit.findings import Blob, Match
from secopskit.formats.references import default_of
from secopskit.lazy_regex import LazyRegex
from support.values import alnum

DRAWN = alnum(24)
HEAD, TAIL = "{{{{- if .x }}}}\n", "\n{{{{- end }}}}\n"
HUMAN = f"Cedar_{4000 + len(DRAWN)}!Lake"  # as people make them: words, digits and signs


def matches(path: str, text: str) -> list[Match]:
    """The matches about values, of detectors that are asked because of a sign or a name."""
    data, found = text.encode(), list[Match]()
    for row in DETECTORS:
        signed = row.by_name or LazyRegex(any_of(list(row.signs)).encode()).search(data)
        if row.wants(path) and signed:
            found += [match for match in row.detect(Blob(path=path, data=data)) if match.secret]
    return found


def written(path: str, text: str) -> set[str]:
    """What stands where the matches are."""
    return {text.encode()[slice(*match.span)].decode() for match in matches(path, text)}


UNITS = {
    "shop.service": "[Service]\nEnvironment=DB_PASSWORD={}\n",
    "quoted.service": '[Service]\nEnvironment="LANG=C UTF" "DB_PASSWORD={}"\n',
    "single.socket": "[Socket]\nEnvironment=A=1 'DB_PASSWORD={}' B=2\n",
    "inner.mount": '[Mount]\nEnvironment = DB_PASSWORD="{}"\n',
    "continued.timer": "[Service]\nEnvironment=A=b \\\n    DB_PASSWORD={} \\\n    C=d\n",
    "shop.container": "[Container]\nImage=shop\nEnvironment=DB_PASSWORD={}\n",
    "shop.service.d/override.conf": "[Service]\nEnvironment=DB_PASSWORD={}\n",
    "etc/systemd/system.conf": "[Manager]\nDefaultEnvironment=DB_PASSWORD={}\n",
    "held.service": "[Service]\nSetCredential=db-password:{}\n",
    "run.service": "[Service]\nExecStart=/usr/bin/shop --db-password {}\n",
    "docker.service": "[Service]\nExecStart=/usr/bin/docker run -e DB_PASSWORD={} shop\n",
}
MAKE = {
    "Makefile": "DB_PASSWORD := {}\n",
    "lazy/Makefile": "DB_PASSWORD ?= {}\n",
    "more/Makefile": "DB_PASSWORD += {}\n",
    "posix/GNUmakefile": "DB_PASSWORD::={}\n",
    "rules.mk": "override DB_PASSWORD ?= {}\n",
    "passed/Makefile": "export DB_PASSWORD ?= {}\n",
    "blank/Makefile": "export DB_PASSWORD = {}\n",
}
EXPRESSIONS = {
    "database.yml": "production:\n  password: <%= ENV['DB_PASSWORD'] || '{}' %>\n",
    "fetch.yml": "production:\n  password: <%= ENV.fetch('DB_PASSWORD', '{}') %>\n",
    "block.yml": 'production:\n  password: <%= ENV.fetch("DB_PASSWORD") {{ "{}" }} %>\n',
    "templates/secret.yaml": HEAD + 'password: {{{{ .Values.p | default "{}" | quote }}}}' + TAIL,
    "templates/first.yaml": HEAD + 'password: {{{{ default "{}" .Values.p | b64enc }}}}' + TAIL,
    "templates/quoted.yaml": HEAD + 'password: "{{{{ .Values.p | default "{}" }}}}"' + TAIL,
    "play.yml": "vars:\n  password: \"{{{{ lookup('env','X') | default('{}', true) }}}}\"\n",
    "else.yml": "vars:\n  password: \"{{{{ a if b else '{}' }}}}\"\n",
    "named.yml": "vars:\n  password: \"{{{{ lookup('env', 'X', default='{}') }}}}\"\n",
    "profiles.yml": "prod:\n  password: \"{{{{ env_var('DB_PASSWORD', '{}') }}}}\"\n",
    "serverless.yml": "provider:\n  password: ${{env:DB_PASSWORD, '{}'}}\n",
    "chain.yml": 'provider:\n  password: ${{opt:pw, self:custom.pw, "{}"}}\n',
    ".github/workflows/ci.yml": "on: push\nenv:\n  DB_PASSWORD: ${{{{ secrets.X || '{}' }}}}\njobs: {{}}\n",
    "application.yml": "db:\n  password: \"#{{systemEnvironment['X'] ?: '{}'}}\"\n",
    "config.json": "{{\"password\": \"<%= ENV['X'] || '{}' %>\"}}",
}
SERVERS = {
    "sites-available/shop.conf": "<VirtualHost *:80>\n  SetEnv DB_PASSWORD {}\n</VirtualHost>\n",
    "sites-enabled/default": 'SetEnv DB_PASSWORD "{}"\n',
    "public/.htaccess": "SetEnv DB_PASSWORD {}\n",
    "ldap.conf": "AuthLDAPBindDN cn=a\nAuthLDAPBindPassword {}\n",
    "php.conf": "php_value mysql.default_password {}\n",
    "admin/.htaccess": "php_admin_value mysqli.default_pw '{}'\n",
    "session.conf": "Session On\nSessionCryptoPassphrase {}\n",
    "nginx.conf": "location / {{\n  fastcgi_param DB_PASSWORD {};\n}}\n",
    "uwsgi.conf": 'location / {{\n  uwsgi_param DB_PASSWORD "{}";\n}}\n',
    "main.conf": "env DB_PASSWORD={};\n",
    "set.conf": "set $db_password '{}';\n",
}
KEPT = {
    "a.tf": 'resource "aws_secretsmanager_secret_version" "a" {{\n  secret_string = "{}"\n}}\n',
    "b.tf": 'resource "google_secret_manager_secret_version" "a" {{\n  secret_data = "{}"\n}}\n',
    "c.tf": 'resource "github_actions_secret" "a" {{\n  plaintext_value = "{}"\n}}\n',
    "d.tf": 'resource "aws_ssm_parameter" "a" {{\n  type  = "SecureString"\n  value = "{}"\n}}\n',
    "e.tf": 'resource "aws_ssm_parameter" "a" {{\n  value = "{}"\n  type  = "SecureString"\n}}\n',
    "f.tf": 'variable "relay" {{\n  sensitive = true\n  default   = "{}"\n}}\n',
    "g.tf": 'resource "azurerm_key_vault_secret" "a" {{\n  value = "{}"\n}}\n',
    "h.tf": 'resource "gitlab_project_variable" "a" {{\n  value  = "{}"\n  masked = true\n}}\n',
}
LISTS = {
    "values.yaml": "a:\n  extraEnv: |\n    - name: DB_PASSWORD\n      value: {}\n    - name: A",
    "quoted-values.yaml": 'app:\n  extraEnv: |\n    - name: DB_PASSWORD\n      value: "{}"\n',
    "templates/pod.yaml": "{{{{- if .x }}}}\nenv:\n  - name: DB_PASSWORD\n    value: {}\n{{{{- end }}}}\n",
}
FORMS = UNITS | MAKE | EXPRESSIONS | SERVERS | KEPT | LISTS
WIFI = {
    "begin.ino": 'WiFi.begin("HomeNet", "{}");\n',
    "name.cpp": 'WiFi.begin(ssid, "{}");\n',
    "multi.ino": 'wifiMulti.addAP("HomeNet", "{}");\n',
    "main.py": "wlan.connect('HomeNet', '{}')\n",
}


@pytest.mark.parametrize("value", [DRAWN, HUMAN], ids=["drawn", "human"])
@pytest.mark.parametrize("path", FORMS | WIFI)
def test_a_value_is_found_where_it_stands(path: str, value: str) -> None:
    assert written(f"deploy/{path}", (FORMS | WIFI)[path].format(value)) == {value}


NOTHING = {
    "a.service": "[Service]\nEnvironmentFile=/etc/shop/password.env\nPassEnvironment=DB_PASSWORD\n",
    "b.service": "[Service]\nEnvironment=DB_PASSWORD_FILE=%d/password A_PASSWORD=%d/password B_PASSWORD=%i\n",
    "c.service": "[Service]\n#Environment=DB_PASSWORD=x\nEnvironment=DB_PASSWORD={{ db_password }}\n",
    "Makefile": f"DB_PASSWORD != {HUMAN}\nA_PASSWORD := $(shell pass show a)\nB_PASSWORD ?= $(PASSWORD)\n",
    "database.yml": "password: <%= ENV['DB_PASSWORD'] %>\nb_password: <%= ENV.fetch('DB_Passw0rd!') %>\n",
    "templates/a.yaml": '{{- if .x }}\npassword: {{ required "Set_1!now" .Values.p | quote }}\n{{- end }}\n',
    "templates/b.yaml": '{{- if .x }}\nsecretName: {{ .Values.p | default "shop-Secret1" }}\n{{- end }}\n',
    "play.yml": "password: \"{{ lookup('env', 'DB_Passw0rd!') }}\"\nb_token: \"{{ a | default(omit) }}\"\n",
    "serverless.yml": "password: ${self:custom.${opt:stage}.pw}\nb_password: ${ssm:/a/b~true}\n",
    "a.conf": "SetEnv DB_PASSWORD ${DB_PASSWORD}\nAuthLDAPBindPassword exec:/bin/show\nPassEnv DB_PASSWORD\n",
    "b.conf": "fastcgi_param DB_PASSWORD $db_password;\nfastcgi_pass unix:/run/a.sock;\n",
    "a.tf": 'resource "aws_ssm_parameter" "a" {\n  type  = "String"\n  value = "' + HUMAN + '"\n}\n',
    "b.tf": 'variable "db_user" {\n  sensitive = true\n  default   = "' + HUMAN + '"\n}\n',
    "c.tf": 'resource "x" "a" {\n  secret_string = "${random_password.a.result}"\n}\n',
    "values.yaml": "a: |\n  - name: DB_PASSWORD\n    valueFrom: {secretKeyRef: {name: a-Secret1, key: b}}\n",
    "join.ino": 'WiFi.begin(ssid, password);\nWiFi.begin("HomeNet", WIFI_PASSWORD);\n',
}


@pytest.mark.parametrize("path", NOTHING)
def test_what_stands_elsewhere_or_is_none(path: str) -> None:
    assert written(f"deploy/{path}", NOTHING[path]) == set()


def test_a_unit_is_an_environment() -> None:
    assert {one.rule_id for one in matches("a.service", "[Service]\nEnvironment=DB_PASSWORD=postgres\n")} == {
        "weak-password"
    }
    assert {one.rule_id for one in matches("a.service", f"[Service]\nEnvironment=A_TOKEN={DRAWN}\n")} == {
        "systemd-secret"
    }


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"{{ a }}",
        b"{{ default }}",
        b"{{ lookup('env', 'X') }}",
        b"a {{ b | default('c') }}",
        b"{{ format('or', 'x') }}",
        b"${env:X, self:y}",
        b"<%= ENV['or'] %>",
    ],
)
def test_no_literal_default(value: bytes) -> None:
    assert default_of(value) is None
