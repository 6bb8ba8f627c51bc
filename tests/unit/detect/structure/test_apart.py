"""Names and values that stand apart: what is found, exactly where, and what only mentions a secret."""

from __future__ import annotations

from base64 import b64encode

import pytest

from secopskit.detect.structure import DETECTORS
from secopskit.detect.structure.signs import any_of
from secopskit.findings import Blob, Match
from secopskit.formats.encoding import BOM
from secopskit.lazy_regex import LazyRegex
from support.values import alnum

TOKEN = alnum(32)
HUMAN = f"Cedar-{4000 + len(TOKEN)}!lake"  # as people make them: words, digits and a sign


def scan(path: str, data: bytes) -> list[Match]:
    """The matches about values, of detectors that are asked because of a sign or a name."""
    found = list[Match]()
    for detector in DETECTORS:
        signed = detector.by_name or LazyRegex(any_of(list(detector.signs)).encode()).search(data)
        if detector.wants(path) and signed:
            found += [match for match in detector.detect(Blob(path=path, data=data)) if match.secret]
    return found


def written(path: str, text: str) -> set[str]:
    """What stands where the matches are."""
    data = text.encode()
    return {data[slice(*match.span)].decode() for match in scan(path, data)}


APART = {
    "neighbours.yaml": "vars:\n  - key: SMTP_PASSWORD\n    value: {}\n",
    "between.yaml": "vars:\n  - name: db_password\n    type: string\n    default: {}\n",
    "reversed.json": '[{{"value": "{}", "name": "SMTP_PASSWORD"}}]',
    "stack.yaml": "Parameters:\n  DbPassword:\n    Type: String\n    NoEcho: true\n    Default: {}\n",
    "stack.json": '[{{"ParameterKey": "DbPassword", "ParameterValue": "{}"}}]',
    "site.parameters.json": '{{"parameters": {{"adminPassword": {{\n "value": "{}"}}}}}}',
    "main.tfstate": '{{"outputs": {{"db_password": {{"value": "{}", "type": "string"}}}}}}',
    "drawn.tfstate": '{{"type": "random_password", "x": {{"id": "none", "result": "{}"}}}}',
    "tasks.json": '{{"environment": [{{"name": "DB_PASSWORD", "value": "{}"}}]}}',
    "slots.json": '[{{"name": "DB_PASSWORD", "slotSetting": false, "value": "{}"}}]',
    "inspect.json": '[{{"Config": {{"Env": ["PATH=/bin", "DB_PASSWORD={}"]}}}}]',
    "lines.jsonl": '{{"a": 1}}\n{{"name": "db_password", "value": "{}"}}\n',
    "quotes.json5": "{{db_password: '{}', // why\n}}",
    "wrapped.json": '{{"password":\n     "{}"}}',
    "extra.yaml": "extraEnvVars:\n  - name: DB_PASSWORD\n    value: {}\nextraEnv:\n  - A=b\n",
    "items.yaml": "extra:\n  - DB_PASSWORD={}\n",
    "tagged.yaml": "db:\n  password: !!str {}\n",
    "anchored.yaml": "db:\n  password: &shared !custom '{}'\n",
    "command.yaml": "args: [--verbose, --db-password, {}, --port, 1]\n",
    "words.yaml": "command:\n  - run\n  - --admin-password\n  - {}\n",
    "words.json": '{{"command": ["run", "--password", "{}"]}}',
    "cloud-init.yaml": "chpasswd:\n  expire: false\n  list: |\n    root:{}\n    app:RANDOM\n",
    "cloud-list.yaml": "chpasswd:\n  list:\n    - root:{}\n",
    "folded.yaml": "db:\n  password: >-\n    {}\n",
    "below.yaml": "db:\n  password:\n    {}\n",
    "helm.yaml": "{{{{- if .Values.x }}}}\ndb:\n  password:\n    {}\n{{{{- end }}}}\n",
    "aligned.yaml": "password:" + " " * 90 + "{}\nuser: x\n",
    "map.yaml": "kind: ConfigMap\ndata:\n  app.properties: |\n    db.password={}\n",
    "map.json": '{{"kind": "ConfigMap", "data": {{"app.properties": "db.user=a\\ndb.password={}\\n"}}}}',
    "core-site.xml": "<property><name>x.ConnectionPassword</name><value>{}</value></property>",
    "described.xml": "<p><name>x.y.password</name>\n<description>a b</description>\n<value>{}</value></p>",
    "Info.plist": "<dict><key>DbPassword</key>\n\t<string>{}</string></dict>",
    "Res.resx": '<data name="DbPassword" xml:space="preserve">\n  <value>{}</value></data>',
    "web.xml": "<param><param-name>dbPassword</param-name><param-value>{}</param-value></param>",
    "app.config": '<setting name="SmtpPassword" serializeAs="String">\n<value>{}</value></setting>',
    "plan.jmx": '<stringProp name="password">{}</stringProp>\n',
    "home.nmconnection": "[wifi-security]\npsk={}\n",
    "odbc.ini": "[db]\nUID=bot\nPWD={}\n",
    "job.yaml": "steps:\n  - run: echo {} | docker login -u bot --password-stdin\n",
    "table.md": "# x\n\n| user | password | note |\n|---|:---:|---|\n| bot | `{}` | a \\| b |\n",
    "bare.md": "host | **Password**\n--- | ---\ndb | {}\n",
    "etc/ppp/chap-secrets": "# client server secret\nbot * {} *\n",
    "etc/ppp/pap-secrets": 'bot "*" "{}"\n',
    "etc/postfix/sasl_passwd": "[smtp.acme.io]:587 bot@acme.io:{}\n",
    "pgbouncer/userlist.txt": '"bot" "{}"\n',
    "redis/users.acl": "user default off\nuser bot on >{} ~* +@all\n",
    ".fetchmailrc": 'poll mail.acme.io proto imap user "bot" password "{}"\n',
    "hosts.csv": "host,user,password\n10.0.0.4,root,{}\n",
    "hosts.tsv": "host\tpassword\tnote\n10.0.0.4\t{}\tx\n",
    "quoted.csv": '"Title","Password","URL"\n"a, b","{}","https://c.d"\n',
    "marks.csv": "password;host\r\n{};a\r\n",
    "seed.sql": "INSERT INTO `users` (`id`, `password`)\nVALUES (1, 'a'), (2, '{}');\n",
    "set.sql": "UPDATE users SET password='{}' WHERE id = 1;\n",
    "both.sql": "INSERT INTO users SET name = 'a', password = '{}';\n",
    "copy.sql": "COPY public.users (id, password) FROM stdin;\n1\t{}\n\\.\n",
    "names.sql": "INSERT INTO settings (name, value) VALUES ('smtp_password', '{}');\n",
    "variables.tf": 'variable "db_password" {{\n  validation {{\n    x = 1\n  }}\n  default = "{}"\n}}\n',
    "release.tf": 'set {{\n  name  = "auth.password"\n  value = "{}"\n}}\n',
    "here.tf": "locals {{\n  db_password = <<-EOT\n    {}\n  EOT\n}}\n",
    "wide.tfvars": "db_password" + " " * 70 + '= "{}"\n',
    "inventory/production": "[db]\ndb01 ansible_host=10.0.0.4 ansible_password={}\n",
    "hosts": "db01 ansible_host=10.0.0.4 ansible_become_pass='{}' x=1\n",
    "next.cfg": "[a]\npassword =\n    {}\nother = x\n",
    "continued.properties": "db.password=\\\n    {}\n",
    "blank.properties": "smtp.password {}\n",
    "wide.ini": "[a]\npassword" + " " * 60 + "=" + " " * 60 + "{}\n",
    "table.toml": '[[env]]\nname = "DB_PASSWORD"\nvalue = "{}"\n',
    "long.toml": 'a_password = """\n{}"""\n',
    "plain.toml": "a_password = '''{}'''\n",
}


@pytest.mark.parametrize("value", [TOKEN, HUMAN], ids=["drawn", "human"])
@pytest.mark.parametrize("path", APART)
def test_a_value_apart_from_its_name(path: str, value: str) -> None:
    assert value in written(f"deploy/{path}", APART[path].format(value))


def test_every_row_and_every_item() -> None:
    rows = [alnum(24) for _ in range(3)]
    values = ", ".join(f"({number}, 'it''s', '{value}')" for number, value in enumerate(rows))
    assert written("a.sql", f"INSERT INTO t (id, name, api_token) VALUES {values};") == set(rows)
    assert written("a.csv", "id,api_token\n" + "".join(f"1,{value}\n" for value in rows)) == set(rows)
    listed = "".join(f"  - {value}\n" for value in rows)
    assert written("a.yaml", f"api_token:\n{listed}") == set(rows)


def test_a_text_of_a_program_that_is_no_caption() -> None:
    drawn = "".join(letter for letter in alnum(80) if letter.isalpha())[:32]
    line = '<string name="api_secret">{}</string>\n'
    assert written("res/values/strings.xml", line.format(drawn)) == {drawn}
    assert not written("res/values/strings.xml", line.format("Secret of this application"))


FIRST = {
    "a.env": "DB_PASSWORD={}\n",
    "a.ini": "password = {}\n",
    "a.properties": "db.password={}\n",
    "a.conf": "password={}\n",
    "a.yaml": "password: {}\nb: c\n",
    "a.json": '{{"password": "{}"}}',
    "a.toml": 'password = "{}"\n',
    "a.tfvars": 'db_password = "{}"\n',
    "a.csv": "password,host\n{},b\n",
    "a.xml": "<password>{}</password>",
    "a.sh": "export DB_PASSWORD={}\n",
    "a.sql": "ALTER USER a PASSWORD '{}';\n",
    "Dockerfile": "ENV DB_PASSWORD={}\n",
    ".netrc": "machine a.b.io login c password {}\n",
    ".npmrc": "//registry.npmjs.org/:_authToken={}\n",
    ".pgpass": "db.b.io:5432:c:d:{}\n",
}


@pytest.mark.parametrize("path", FIRST)
def test_a_byte_order_mark_hides_nothing(path: str) -> None:
    data = BOM + FIRST[path].format(TOKEN).encode()
    assert {data[slice(*match.span)].decode() for match in scan(path, data)} == {TOKEN}


def coded(value: str) -> str:
    return b64encode(value.encode()).decode()


SECRETS = {
    "data.yaml": "apiVersion: v1\nkind: Secret\ndata:\n  BILLING: {coded}\n",
    "string.yaml": "apiVersion: v1\nkind: Secret\nstringData:\n  billing: {plain}\n",
    "second.yaml": "a: b\n---\n'kind': 'Secret'\napiVersion: v1\ndata: {{a: {coded}}}\n",
    "list.yaml": "kind: List\nitems:\n- kind: Secret\n  apiVersion: v1\n  data:\n    a: {coded}\n",
    "data.json": '{{"apiVersion": "v1", "kind": "Secret", "data": {{"BILLING": "{coded}"}}}}',
    "list.json": '{{"items": [{{"kind":"Secret","apiVersion":"v1","stringData":{{"a":"{plain}"}}}}]}}',
}


@pytest.mark.parametrize("value", [TOKEN, HUMAN], ids=["drawn", "human"])
@pytest.mark.parametrize("path", SECRETS)
def test_an_entry_of_a_secret_whatever_its_key(path: str, value: str) -> None:
    text = SECRETS[path].format(plain=value, coded=coded(value))
    assert written(path, text) == {coded(value) if "{coded}" in SECRETS[path] else value}


def test_files_and_keys_in_a_secret() -> None:
    file = coded(f"user=a\npassword={HUMAN}\n")
    raw = b64encode(bytes(range(200, 232))).decode()
    head = "apiVersion: v1\nkind: Secret\ndata:\n"
    assert written("a.yaml", f"{head}  app.env: {file}\n  material: {raw}\n") == {file, raw}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("username", "Admin-2041x"),
        ("db-host", "db-01.Prod.acme.io"),
        ("LOG_LEVEL", "debug"),
        ("where", "eu-west-1"),
        ("version", "14.2.1-Alpine"),
        ("contact", "Ops12@acme.io"),
        ("since", "2026-01-02T03:04:05Z"),
        ("flag", "true"),
        ("number", "5432"),
        ("place", "https://Api01.acme.io/v2"),
        ("sealed", f"ENC[AES256_GCM,data:{TOKEN}=,iv:{TOKEN}=,tag:{TOKEN}==,type:str]"),
        ("password", f"ENC[AES256_GCM,data:{TOKEN}=,iv:{TOKEN}=,tag:{TOKEN}==,type:str]"),
        ("password", "{{ .Values.password }}"),
    ],
)
def test_what_a_secret_holds_beside(key: str, value: str) -> None:
    head = "apiVersion: v1\nkind: Secret\n"
    assert not written("a.yaml", f"{head}data:\n  {key}: {coded(value)}\n")
    assert not written("a.yaml", f"{head}stringData:\n  {key}: '{value}'\n")


MENTIONS = {
    "sealed.yaml": f"kind: SealedSecret\nspec:\n  encryptedData:\n    password: AgB{TOKEN * 16}\n",
    "encrypted.json": f'{{"hostRules": [{{"encrypted": {{"token": "{TOKEN * 4}"}}}}]}}',
    "userlist.txt": f'"bot" "md5{"3a" * 16}"\n"app" "SCRAM-SHA-256$4096:{TOKEN}"\n',
    "options.md": "| Option | Password |\n|---|---|\n| `--x` | the password to use |\n| y | `<password>` |\n",
    "sentences.md": (
        f"| what must pass, and why (pass\u689d\u4ef6) | rule |\n|---|---|\n| `{TOKEN}` | x |\n"
        f"| password |\n|---|\n| {TOKEN} or so |\n"
    ),
    "pipes.md": "| password | x\nno table\n| a | b\n",
    "options.yaml": "args: [--password, --token, --secret-name, db-7f3a]\n",
    "hashed.yaml": "chpasswd:\n  list: |\n    root:$(PASSWORD)\n",
    "sealed.json": f'{{"spec": {{"encryptedData": {{"password": "AgB{TOKEN * 16}"}}}}}}',
    "external.yaml": "kind: ExternalSecret\nspec:\n  data:\n    - secretKey: admin\n",
    "templates/external.yaml": (
        "{{- if .Values.x }}\nkind: ExternalSecret\nspec:\n  data:\n    - secretKey: admin\n{{- end }}\n"
    ),
    "external.json": '{"kind": "ExternalSecret", "spec": {"data": [{"secretKey": "admin"}]}}',
    "tasks.yml": "- mysql_user:\n    update_password: on_create\n- user:\n    update_password: always\n",
    "vault.yml": f"db_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  {'3a' * 40}\n",
    "deploy.yaml": f"metadata:\n  annotations:\n    checksum/secret: {'5d2c' * 16}\n",
    "package.json": '{"dependencies": {"pbkdf2-password": "^1.2.3", "minipass": "^3.1.1"}}',
    "composer.json": '{"require": {"acme/random-password": "dev-master"}}',
    "Cargo.toml": '[dev-dependencies]\nrandom-password = "1.2.3-beta"\n',
    "countries.json": '{"PW": "Palau", "PL": "Poland"}',
    "countries_other.json": '{"PW": "Палау", "PT": "Партугалія"}',
    "types.yml": "properties:\n  changePassword: FeatureSupport\n",
    "de.yml": "de:\n  login:\n    password: Passwort\n    token: Zeichenfolge\n",
    "strings_de.json": '{"password": "Kennwort", "enter_password": "Kennwort-eingeben"}',
    "labels.json": '{"forms": {"password": "Wachtwoord:"}}',
    "values-de/strings.xml": '<resources><string name="enter_password">Kennwort</string></resources>',
    "api.yaml": "openapi: 3.0.0\ncomponents:\n  schemas:\n    A:\n      properties:\n        password:\n"
    f"          type: string\n          default: {HUMAN}\n",
    "draft.json": f'{{"properties": {{"password": {{"type": "string", "default": "{HUMAN}"}}}}}}',
    "parameters.yaml": f"parameters:\n  - name: token\n    in: query\n    default: {TOKEN}\n",
    "baseline.json": f'{{"results": {{"a": [{{"hashed_secret": "{"5d2c" * 10}"}}]}}}}',
    "trust.properties": "server.ssl.trust-store-password=changeit\n",
    "app.properties": "db.password=${db.password-default}\nkey.password=${file:/etc/a.properties:password}\n",
    "nginx.conf": "fastcgi_pass unix:/run/php/php8.2-fpm.sock;\nproxy_pass backend01;\n",
    "counts.csv": "token,count\nhello,3\nworld,5\n",
    "days.csv": "day,token,secret\n2026-01-01,1024,5\n",
    "answers.csv": "name,password\na,no\nb,yes\nc,\n",
    "hashed.sql": "INSERT INTO users (id, password) VALUES (1, crypt('a', gen_salt('bf')));\n",
    "words.sql": "INSERT INTO words (token, n) VALUES ('hello', 3), ('the', 5);\n",
    "form.json": '{"fields": [{"name": "password", "type": "password", "label": "Password", "default": ""}]}',
    "env.yaml": "env:\n  - name: DB_PASSWORD\n    valueFrom: {secretKeyRef: {name: db-Secret1}}\n",
}


@pytest.mark.parametrize("path", MENTIONS)
def test_what_only_mentions_a_secret(path: str) -> None:
    assert written(f"deploy/{path}", MENTIONS[path]) == set()


def test_a_default_is_that_of_a_name_and_not_a_part_of_one() -> None:
    assert HUMAN in written("application.yml", f"password: ${{DB_PASSWORD:{HUMAN}}}\n")
    assert HUMAN in written(
        "compose.yaml", f"services:\n  a:\n    image: b\n    environment:\n      PASSWORD: ${{P-{HUMAN}}}\n"
    )
