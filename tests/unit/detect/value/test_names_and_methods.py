"""Names and values that only look like a password, and passwords that people make up in other places."""

from __future__ import annotations

import pytest

from secopskit.findings import Blob
from secopskit.scan.display import severity_there
from support.engines import detectors

WORD = "Meadow"
MADE_UP = WORD + "_" + "47"
LONG = WORD + "Copper" + "1987"


def found(path: str, text: str) -> set[str]:
    return {one.rule_id for one in detectors("re").examine(Blob(path, text.encode()))}


INNOCENT = {
    "ChangeLog": "* contrib/ftpasswd: Bug#3994 - the utility\n",
    "a.sh": "ftpasswd --passwd --name=bob --uid=1001\n",
    "a.c": 'if (password_decode(password, "PLAIN-MD5", 1))\n',
    "a.py": "encoded_password = ('\"%s\"' % password).encode('utf-16-le')\n",
    "a.js": "const e = this.subs(this.relevantL33t(password, zxcvbnOptions.l33tTable));\n",
    "a.php": "<?php return ['/user-password' => 'Acme\\\\Controllers\\\\UserPasswordController2'];\n",
    "a.pl": '$out = walk($ARGV[1], $pass, ".iso.org.dod.internet.9.10.19.1.3.1");\n',
    "configure": "#!/bin/sh\n# Check whether --with-rlm_eap_pwd was given.\n",
    "help.sh": "#!/bin/sh\n  --without-rlm_eap_pwd   build without it\n",
    "a.ts": "const keys = [\n  'MAILER_SMTP_PASSWORD',\n  'MAILER_SMTP_OAUTH2_USER',\n];\n",
    "prod.Dockerfile": 'FROM x\nENV DATABASE_URL="postgresql://placeholder:placeholder@db1:5432/placeholder"\n',
    "a.properties": "acme.secretKey=yyyyy\n",
    "a.yaml": "env:\n  - name: DB_PASSWORD\n    value: VALUE\n",
    "url.json": '{"database_url": "https://abc:xyz@example.com/"}\n',
    "auth.txt": "#\tntlm auth = mschapv2-and-ntlmv2-only\n",
    "b.py": "# if there is a password param, but 'update_password' is 'on_create'\n",
    "b.js": '["get","secret","fromBase32","valid"]\n',
    "s.py": 'session_key = "sess-123"\n',
}


@pytest.mark.parametrize("path", INNOCENT)
def test_what_only_looks_like_a_password_is_none(path: str) -> None:
    assert not found(path, INNOCENT[path])


SECRETS = {
    "a.js": "app.use(session({ secret: 'MADE' }));\n",
    "b.js": "const JWT_SECRET = 'MADE';\n",
    "a.py": 'JWT_SECRET = os.getenv("JWT_SECRET", "MADE")\n',
    "b.py": "cookie_secret = 'MADE'\n",
    "a.go": 'var jwtKey = []byte("MADE")\n',
    "a.json": '{"jwtSecret": "MADE"}\n',
    "a.yml": "shared_secret: MADE\n",
    "senha.py": 'senha = "MADE"\n',
    "contrasena.py": 'contraseña = "MADE"\n',
    "haslo.py": 'haslo = "MADE"\n',
    "mdp.py": 'mdp = "MADE"\n',
    "clave.py": 'clave = "MADE"\n',
    "pw.R": 'pw <- "MADE"\n',
    "pw.kt": 'val pw = "MADE"\n',
    "a.md": "- **Password**: MADE\n",
    "b.md": "Default credentials: admin:MADE\n",
    "c.md": "Log in as admin / MADE\n",
    "d.md": "Passwort: MADE\n",
    "A.java": 'String u = "jdbc:mysql://db1/shop?user=shop&password=MADE";\n',
    "B.java": 'String u = "jdbc:oracle:thin:shop/MADE@db1:1521/XE";\n',
    "a.sh": 'curl -d "user=shop&password=MADE" https://shop.acme.test/login\n',
}


@pytest.mark.parametrize("value", [MADE_UP, LONG], ids=["a word and a number", "two words and a number"])
@pytest.mark.parametrize("path", SECRETS)
def test_what_a_person_made_up_is_told(path: str, value: str) -> None:
    assert found(path, SECRETS[path].replace("MADE", value))


@pytest.mark.parametrize("path", ["a.md", "c.md", "A.java", "b.js"])
def test_a_word_there_is_not(path: str) -> None:
    assert not found(path, SECRETS[path].replace("MADE", "meadow"))


def test_a_keyword_is_no_password() -> None:
    assert not found("a.py", f'palabra_clave = "{LONG}"\n')


def test_examples_in_code_are_judged_as_documents_are() -> None:
    text = f'EXAMPLES = r"""\n- acme:\n    password: "{WORD.lower()}-{"lane"}{7}"\n"""\n'
    told = {
        path: [
            severity_there(one, detectors("re").ruleset.by_id(one.rule_id))
            for one in detectors("re").examine(Blob(path, text.replace("EXAMPLES", name).encode()))
        ]
        for path, name in (("a.py", "EXAMPLES"), ("b.py", "SETTINGS"))
    }
    assert len(told["a.py"]) == len(told["b.py"]) > 0
    assert max(told["a.py"]) < min(told["b.py"])
