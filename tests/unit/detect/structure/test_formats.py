"""Each format: what is found, under which rule, and exactly where."""

from __future__ import annotations

import base64
import re

import pytest

from secopskit.detect.structure import DETECTORS
from secopskit.detect.structure.signs import any_of
from secopskit.findings import Blob, Confidence, Match, Severity
from secopskit.rules.examples import expand
from secopskit.rules.load import load
from secopskit.secret import SecretValue
from support.cli import ROOT

REAL = "kT7vQ2mX9pLs4Rb1"
RULES = load([ROOT / "rules" / "structure.yml"])


def scan(path: str, text: str) -> list[Match]:
    blob = Blob(path=path, data=text.encode())
    own = [each for each in DETECTORS if each.wants(path) and each.name != "scripts"]
    return [match for each in own for match in each.detect(blob)]


def secrets(path: str, text: str) -> set[str]:
    """The rules of the matches about values; every value must stand where its span says."""
    found = [match for match in scan(path, text) if match.secret is not None]
    for match in found:
        assert match.note
        assert REAL not in match.note
        written = text.encode()[match.span.start : match.span.end]
        assert match.secret == SecretValue(written) or "decoded" in match.note or "\\" in text
    return {match.rule_id for match in found}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_examples_of_the_rules(rule: object) -> None:
    from secopskit.rules.model import Rule

    assert isinstance(rule, Rule)
    for example in rule.examples:
        text = expand(example, seed=rule.id)
        assert rule.id in {match.rule_id for match in scan(rule.example_path, text)}
        wanting = [each for each in DETECTORS if each.wants(rule.example_path)]
        own = [sign for each in wanting for sign in each.signs]
        assert any(each.by_name for each in wanting) or re.search(any_of(own).encode(), text.encode())
    for example in rule.negative_examples:
        assert rule.id not in {
            match.rule_id for match in scan(rule.example_path, expand(example, seed=rule.id))
        }


def test_every_rule_a_detector_names_exists() -> None:
    known = {
        rule.id for rule in load([ROOT / "rules" / "password-hash.yml", ROOT / "rules" / "structure.yml"])
    }
    detect = ROOT / "src" / "secopskit" / "detect"
    named = set()
    for module in (*detect.glob("structure/**/*.py"), *detect.glob("judgement/*.py")):
        named |= set(
            re.findall(r'(?:RULE: Final = |rule(?:_id)?=|blob\.data, )"([a-z-]+)"', module.read_text())
        )
    assert len(named) > 20
    assert named <= known


@pytest.mark.parametrize(
    "line",
    [
        f"API_KEY={REAL}",
        f"export API_KEY={REAL}",
        f"API_KEY = {REAL}",
        f"API_KEY='{REAL}'",
        f'API_KEY="{REAL}"',
        f"API_KEY={REAL} # the live one",
        f'  API_KEY="{REAL}" # the live one',
        f"API_KEY=`{REAL}`",
        f"API_KEY={REAL}\r",
        f"# API_KEY={REAL}",
    ],
)
def test_dotenv_quoting(line: str) -> None:
    found = [match for match in scan("deploy/.env", f"A=1\n{line}\nB=2\n") if match.secret]
    assert [match.secret for match in found] == [SecretValue(REAL.encode())]


def test_dotenv_values_over_several_lines_and_with_escapes() -> None:
    found = [
        match for match in scan(".env", 'SIGNING_KEY="kT7v\\nQ2mX\\n9pLs4Rb1zz"\nA="x\ny"\n') if match.secret
    ]
    assert [match.secret for match in found] == [SecretValue(b"kT7v\nQ2mX\n9pLs4Rb1zz")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("DEBUG=1\n", "settings only"),
        ("DB_PASSWORD=postgres\n", "its secrets are findings of their own"),
        (f"API_KEY={REAL}\n", "its secrets are findings of their own"),
        ("DB_PASSWORD=${DB_PASSWORD}\n", "settings only"),
    ],
)
def test_a_committed_dotenv_file_is_told_beside_its_secrets_and_no_secret_itself(
    text: str, told: str
) -> None:
    (match,) = [match for match in scan(".env.production", text) if match.rule_id == "dotenv-file"]
    assert (match.note, match.severity, match.secret) == (told, None, None)


@pytest.mark.parametrize("name", [".env.example", ".env.sample", ".env.dist", ".env.template", "env.example"])
def test_templates_fire_on_real_values_only(name: str) -> None:
    assert not scan(
        name, "DB_PASSWORD=changeme\nAPI_KEY=your-key\nSECRET_KEY=secret\nPORT=80\nSMTP_PASS=postgres\n"
    )
    assert secrets(name, f"API_KEY={REAL}\n") == {"dotenv-secret"}


@pytest.mark.parametrize(
    "part",
    [
        f"environment:\n      DB_PASSWORD: {REAL}",
        f"environment:\n      - DB_PASSWORD={REAL}",
        f"environment:\n      - 'DB_PASSWORD={REAL}'",
        f"environment: {{DB_PASSWORD: '{REAL}'}}",
        f"environment:\n      DB_PASSWORD: ${{DB_PASSWORD:-{REAL}}}",
        f"environment:\n      DB_PASSWORD: ${{DB_PASSWORD-{REAL}}}",
        f"environment:\n      DB_URL: postgres://app:{REAL}@db/app",
        f"environment:\n      DB_URL: postgres://app:${{P:-{REAL}}}@db/app",
        f"command: redis-server --requirepass {REAL}",
        f"command: ['redis-server', '--requirepass', '{REAL}']",
        f"command: >\n      server\n      --password={REAL}\n      --verbose",
        f"entrypoint: [app, '--db-password={REAL}']",
        f"healthcheck:\n      test: ['CMD', 'redis-cli', '-a', '{REAL}', 'ping']",
        f"healthcheck:\n      test: ['CMD-SHELL', 'mysqladmin ping -p{REAL}']",
        f"healthcheck:\n      test: mysqladmin ping -uroot -p{REAL}",
        f"build:\n      context: .\n      args:\n        API_TOKEN: {REAL}",
        f"build:\n      context: .\n      args:\n        - API_TOKEN={REAL}",
    ],
)
def test_compose_services(part: str) -> None:
    for path in ("compose.yaml", "stack/any-name.yml"):
        found = secrets(path, f"services:\n  db:\n    image: postgres\n    {part}\n")
        # What reads the words of commands anywhere tells of them, too; a scan keeps one finding of both.
        assert found - {"shell-secret"} == {"compose-secret"}


@pytest.mark.parametrize(
    "text",
    [
        f"x-env: &env\n  DB_PASSWORD: {REAL}\nservices:\n  a:\n    image: b\n    environment: {{<<: *env}}\n",
        f"x-a:\n  environment: &e\n    - DB_PASSWORD={REAL}\nservices:\n  a: {{image: b, environment: *e}}\n",
        f"services:\n  a: {{image: b}}\nconfigs:\n  b:\n    content: |\n      [c]\n      password = {REAL}\n",
        f"services:\n  a:\n    image: b\nsecrets:\n  db_password:\n    content: {REAL}\n",
        f"services:\n  a:\n    image: b\n---\nservices:\n  b:\n    environment:\n      DB_PASSWORD: {REAL}\n",
    ],
)
def test_compose_elsewhere_and_once(text: str) -> None:
    assert secrets("docker-compose.override.yml", text) == {"compose-secret"}
    assert len(scan("docker-compose.override.yml", text)) == 1


@pytest.mark.parametrize(
    "part",
    [
        "environment:\n      DB_PASSWORD: ${DB_PASSWORD}",
        "environment:\n      DB_PASSWORD: ${DB_PASSWORD:-}",
        "environment:\n      DB_PASSWORD: ${DB_PASSWORD:?set it}",
        "environment:\n      DB_PASSWORD: ''",
        "environment:\n      DB_PASSWORD:",
        "environment:\n      - DB_PASSWORD",
        "environment:\n      DB_PASSWORD_FILE: /run/secrets/db",
        "environment:\n      MYSQL_ALLOW_EMPTY_PASSWORD: 'yes'",
        "environment:\n      POSTGRES_HOST_AUTH_METHOD: trust",
        "secrets:\n      - db_password",
        "command: redis-server --requirepass $REDIS_PASSWORD",
        "image: registry.acme.io/app@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ],
)
def test_compose_without_secrets(part: str) -> None:
    assert scan("compose.yaml", f"services:\n  db:\n    image: postgres\n    {part}\n") == []


def test_bytes_before_a_value_do_not_shift_it() -> None:
    text = f"# é ü 漢字\nservices:\n  db:\n    image: 'ünï'\n    environment:\n      DB_PASSWORD: {REAL}\n"
    assert secrets("compose.yaml", text) == {"compose-secret"}
    assert secrets("compose.yaml", "\ufeff" + text) == {"compose-secret"}


def test_kubernetes_values_are_decoded() -> None:
    coded = base64.b64encode(REAL.encode() + b"\n").decode()
    text = f"apiVersion: v1\ndata:\n  password: {coded}\nkind: Secret\n"
    (match,) = scan("k8s/db.yaml", text)
    assert match.secret == SecretValue(REAL.encode())
    assert text.encode()[match.span.start : match.span.end] == coded.encode()
    login = base64.b64encode(f"bot:{REAL}".encode()).decode()
    docker = base64.b64encode(f'{{"auths":{{"r.io":{{"auth":"{login}"}}}}}}'.encode()).decode()
    (match,) = scan("k8s/r.yaml", f"apiVersion: v1\nkind: Secret\ndata:\n  .dockerconfigjson: {docker}\n")
    assert match.secret == SecretValue(REAL.encode())


@pytest.mark.parametrize(
    ("path", "text", "rule"),
    [
        (
            "deploy/pod.yaml",
            f"spec:\n  - env:\n      - name: DB_PASSWORD\n        value: {REAL}\n",
            "yaml-secret",
        ),
        ("chart/values.yaml", f"auth:\n  rootPassword: {REAL}\n", "yaml-secret"),
        (
            "chart/templates/x.yaml",
            f"{{{{ if .x }}}}\npassword: {REAL}\n{{{{ end }}}}\n",
            "yaml-secret",
        ),
        ("application.yml", "spring:\n  datasource:\n    password: postgres\n", "weak-password"),
        ("app.properties", f"url=jdbc:mysql://h/d?user=a&password={REAL}\n", "connection-string-password"),
        (".gitlab-ci.yml", f"a:\n  script:\n    - PGPASSWORD={REAL} psql\n", "workflow-secret"),
        (
            ".github/workflows/a.yml",
            f"jobs:\n  a:\n    steps:\n      - run: x --token {REAL}\n",
            "workflow-secret",
        ),
        ("app.properties", f"db.password={REAL}\n", "ini-secret"),
        (".pypirc", f"[pypi]\nusername = bot\npassword = {REAL}\n", "ini-secret"),
        (".aws/credentials", f"[default]\naws_secret_access_key = {REAL}+{REAL[::-1]}\n", "ini-secret"),
        ("odoo.conf", "[options]\nadmin_passwd = admin\n", "weak-password"),
        ("redis.conf", f"requirepass {REAL}\n", "ini-secret"),
        ("Dockerfile.prod", f"FROM a\nENV A=1 \\\n    DB_PASSWORD='{REAL}'\n", "dockerfile-secret"),
        ("Dockerfile", "FROM postgres\nENV POSTGRES_PASSWORD=postgres\n", "weak-password"),
        ("task.json", f'[{{"name": "DB_PASSWORD", "value": "{REAL}"}}]', "json-secret"),
        ("a.json", f'{{"password": "{REAL}\\u0021"}}', "json-secret"),
        (
            "web.config",
            f'<add connectionString="Server=a;Password={REAL};"/>',
            "connection-string-password",
        ),
        (
            "main.tf",
            f'variable "db_password" {{\n  type = string\n  default = "{REAL}"\n}}\n',
            "terraform-secret",
        ),
        (".bashrc", "export DB_PASSWORD=hunter22\n", "weak-password"),
        ("run.sh", f"docker run -e POSTGRES_PASSWORD={REAL} postgres\n", "shell-secret"),
        ("run.sh", f"cat > a.ini <<EOF\npassword = {REAL}\nEOF\n", "shell-secret"),
        ("run.sh", f"psql -c \"CREATE ROLE app PASSWORD '{REAL}'\"\n", "sql-role-password"),
        ("run.ps1", f"$env:API_KEY = '{REAL}'\n", "shell-secret"),
        (
            "a.sql",
            f"ALTER USER 'a'@'%' IDENTIFIED WITH caching_sha2_password BY '{REAL}';\n",
            "sql-role-password",
        ),
        ("_netrc", "machine a login b password postgres\n", "weak-password"),
        ("db/.pgpass", f"h:5432:d:u:{REAL}\\:x\n", "pgpass-password"),
        (".git-credentials", f"https://bot:{REAL}@x@git.acme.io\n", "git-credentials-password"),
        ("app/config.php", f"<?php $db_password = '{REAL}';\n", "settings-secret"),
        ("settings.py", f"import django\nSECRET_KEY = '{REAL}#{REAL[::-1]}'\n", "django-secret-key"),
    ],
)
def test_other_formats(path: str, text: str, rule: str) -> None:
    assert secrets(path, text) == {rule}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("", f"password = {REAL}\n"),
        ("main.c", f'password = "{REAL}";\n'),
        ("package-lock.json", f'{{"token": "{REAL}"}}'),
        ("locales/en.yml", "en:\n  password: Enter a password\n  token: Secret token\n"),
        ("conf/locale/locale_fr-FR.ini", "[login]\npassword=Mot de Passe\nnew_password=Nouveau\n"),
        ("lang/fi/settings.php", "<?php return [\n  'users_password' => 'Salasana 2',\n];\n"),
        ("lib/messages_de.properties", "login.password=Kennwort hier\n"),
        ("res/values-fr/strings.xml", '<resources><string name="old_password">Ancien</string></resources>'),
        ("res/values-kab/a.xml", '<r><string name="auth_password">Awal uffir (6)</string></r>'),
        ("res/values-pt-rBR/a.xml", '<resources><string name="pin_password">Senha 1</string></resources>'),
        ("res/values-b+sr+Latn/a.xml", '<resources><string name="password">Lozinka</string></resources>'),
        ("res/values/a.xml", '<r><string name="wifi_password">Net: %1$s</string></r>'),
        ("b.sh", 'PRETTY_PASS="\\e[32mok \\e[0m"\nFIRST_PASSWORD="\\033[1mno"\n'),
        ("b.sh", "keytool -importkeystore -srcstorepass changeit -destkeystore a.jks\n"),
        ("form.json", '{"password": "Password", "token": "Token"}'),
        ("tests/config.yml", "db:\n  password: postgres\n"),
        ("odoo.conf", "[options]\ndb_password = False\nadmin_passwd = None\n"),
        ("setup.cfg", "[tool]\nkeyring = true\npassword_timeout = 30\n"),
        ("run.sh", 'password="some-password"\ntoken=$(cat token)\nTOKEN=$1\n'),
        # secops: allow[generic-password-option] the next option, not a value
        ("run.sh", "app --password --verbose\nmysql -p app\nx --token $T --password-file=/run/x\n"),
        ("a.sql", "CREATE TABLE users (password VARCHAR(64), token TEXT);\n"),
        ("settings.xml", "<a><!-- <password>blue-harbor</password> --></a>"),
        ("deploy.env.example", "# DB_PASSWORD=blue-harbor\n"),
        ("sealed.yaml", f"kind: SealedSecret\nspec:\n  encryptedData:\n    password: {REAL}\n"),
        ("schema.yml", "properties:\n  password:\n    type: string\n"),
        (".github/workflows/a.yml", "on: push\njobs:\n  a:\n    env:\n      TOKEN: ${{ secrets.T }}\n"),
    ],
)
def test_nothing_to_find(path: str, text: str) -> None:
    assert scan(path, text) == []


def test_a_weak_password_of_a_pipeline_is_no_drama() -> None:
    text = "jobs:\n  a:\n    services:\n      db:\n        env:\n          POSTGRES_PASSWORD: postgres\n"
    (match,) = scan(".github/workflows/test.yml", text)
    assert (match.rule_id, match.severity) == ("weak-password", Severity.INFO)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("kafka1_keystore_creds", False),
        ("my-credentials.json", False),
        ("requested", False),
        ("neo4j:harbor-blue7", True),
        (REAL, True),
    ],
)
def test_names_of_credentials_are_none(value: str, told: bool) -> None:
    text = f"services:\n  a:\n    image: x\n    environment:\n      BROKER_CREDENTIALS: {value}\n"
    assert bool(scan("docker-compose.yml", text)) is told


def test_a_random_value_is_surer_than_a_word() -> None:
    (random_one,) = scan("a.ini", f"password = {REAL}\n")
    (word,) = scan("a.ini", "password = blue-harbor\n")
    assert random_one.confidence is Confidence.HIGH
    assert word.confidence is Confidence.MEDIUM
