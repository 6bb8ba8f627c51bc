"""Formats of servers and of tests, and settings that a row or a record names: human values count there."""

from __future__ import annotations

import base64

import pytest

from secopskit.detect.structure import DETECTORS
from secopskit.findings import Blob
from secopskit.secret import SecretValue
from support.values import alnum

HUMAN = "Kestrel-" + "juniper4711!"
DRAWN = alnum(28)


def found(path: str, text: str) -> set[str]:
    """The rules of the matches whose value is the made-up or the drawn one."""
    blob = Blob(path, text.encode())
    wanted = {SecretValue(HUMAN.encode()), SecretValue(DRAWN.encode())}
    each = [row for row in DETECTORS if row.wants(path)]
    return {match.rule_id for row in each for match in row.detect(blob) if match.secret in wanted}


@pytest.mark.parametrize(
    ("path", "text", "rule"),
    [
        ("salt/pillar/db.sls", "mysql:\n  root_password: {}\n", "yaml-secret"),
        (
            "salt/db.sls",
            "{{% set x = 1 %}}\napp:\n  mysql_user.present:\n    - password: {}\n",
            "yaml-secret",
        ),
        ("yum/acme.repo", "[acme]\nbaseurl=https://yum.acme.io/\npassword={}\n", "ini-secret"),
        ("login.robot", "*** Variables ***\n${{PASSWORD}}    {}\n", "settings-secret"),
        ("login.resource", "*** Variables ***\n&{{LOGIN}}    user=ada    password={}\n", "settings-secret"),
        ("login.robot", "Log In\n    Input Password    id:pw    {}\n", "settings-secret"),
        ("Procfile", "web: DB_PASSWORD={} gunicorn app\n", "shell-secret"),
        ("Procfile", "web: env A=b DB_PASSWORD='{}' gunicorn app\n", "shell-secret"),
        ("uwsgi.ini", "[uwsgi]\nenv = DB_PASSWORD={}\n", "ini-secret"),
        ("people.ldif", "dn: uid=ada\nuserPassword: {}\n", "ldif-secret"),
        ("redis.conf", "masterauth {}\n", "ini-secret"),
        ("redis.conf", "user app on >{} ~* +@all\n", "ini-secret"),
        ("ipsec.secrets", '10.0.0.1 %any : PSK "{}"\n', "login-file-password"),
        ("ipsec.secrets", "ada : EAP {}\n", "login-file-password"),
        ("ipsec.secrets", ': RSA key.pem "{}"\n', "login-file-password"),
        ("etc/ipsec.d/acme.secrets", ": PSK {}\n", "login-file-password"),
        ("freeradius/clients.conf", "client sw {{\n  secret = {}\n}}\n", "ini-secret"),
        ("asterisk/sip.conf", "[100]\nsecret={}\n", "ini-secret"),
    ],
)
def test_a_value_that_people_made_up(path: str, text: str, rule: str) -> None:
    assert rule in found(path, text.format(HUMAN))


def test_base64_of_a_directory_and_a_hash() -> None:
    plain = base64.b64encode(HUMAN.encode()).decode()
    assert found("people.ldif", f"dn: uid=ada\nuserPassword:: {plain}\n") == {"ldif-secret"}
    hashed = "{SSHA}" + base64.b64encode(DRAWN.encode()[:24]).decode()
    rules = {
        m.rule_id
        for row in DETECTORS
        if row.wants("p.ldif")
        for m in row.detect(Blob("p.ldif", f"dn: uid=ada\nuserPassword: {hashed}\n".encode()))
    }
    assert rules == {"password-hash"}


RECORD = (
    '<record model="ir.config_parameter">\n<field name="key">{}</field>\n'
    '<field name="value">{}</field>\n</record>'
)


@pytest.mark.parametrize(
    "text",
    [
        RECORD,
        "<env><variable>{}</variable><value>{}</value></env>",
        "<parameter><attribute>{}</attribute><value>{}</value></parameter>",
        '<Parameter Name="{}"><Value>{}</Value></Parameter>',
        '<Add Key="{}" Value="{}"/>',
        '<param name="{}" val="{}"/>',
    ],
)
def test_xml_that_names_a_setting_beside_its_value(text: str) -> None:
    assert found("data.xml", f"<odoo>{text.format('acme.api_token', DRAWN)}</odoo>") == {"xml-secret"}
    assert not found("data.xml", f"<odoo>{text.format('acme.colour', DRAWN)}</odoo>")


def test_a_record_ends_what_it_names() -> None:
    other = f'<record><field name="value">{DRAWN}</field></record>'
    assert not found("data.xml", "<odoo>" + RECORD.format("acme.api_token", "x") + other + "</odoo>")


@pytest.mark.parametrize(
    "text",
    [
        '"id","key","value"\n"p1","acme.api_token","{}"\n',
        "name,value\nsize,40\nacme.api_token,{}\n",
        "value;key\n{};acme.api_token\n",
    ],
)
def test_a_table_with_a_name_in_each_row(text: str) -> None:
    assert found("ir.config_parameter.csv", text.format(DRAWN)) == {"csv-secret"}
    assert not found("ir.config_parameter.csv", text.format(DRAWN).replace("api_token", "colour"))


def test_a_name_holds_for_its_own_row_alone() -> None:
    assert not found("a.csv", f"key,value\napi_token,\ncolour,{DRAWN}\n")
    # Words are what a program shows, for all that a table tells.
    assert not found("texts.csv", "key,value\nlogin.password,Kennwort eingeben\n")
