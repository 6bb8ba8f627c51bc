"""Passwords in command lines, wherever a command line stands."""

from __future__ import annotations

import random
import re

import pytest

from secopskit.detect.structure import DETECTORS
from secopskit.detect.structure.signs import any_of
from secopskit.findings import Blob
from secopskit.formats.commands.programs import WAYS
from support.values import alnum

REAL = alnum(18)
MADE_UP = "Tamarind!" + "1110qua"
PLACES = {
    "bin/deploy": "#!/usr/bin/env bash\n{}\n",
    "README.md": "Run this:\n```sh\n$ {}\n```\n",
    "home/.bash_history": "ls\n{}\n",
    "home/.zsh_history": ": 1718900001:0;ls\n: 1718900002:0;{}\n",
    "home/fish_history": "- cmd: {}\n  when: 1718900001\n",
    "logs/ci.log": "2026-11-01T10:00:00.123Z + {}\n",
    "logs/build.log": "##[command]{}\n",
    "notes.txt": "bot@web-1:~/app$ {}\n",
    "deploy.sh": "  {}\n",
}
COMMANDS = (
    "export DB_PASSWORD={}",
    "PGPASSWORD={} psql -h db -U app",
    "mysql -u root -p{} shop",
    "docker login -u build -p {} r.acme.io",
    "echo {} | docker login -u build --password-stdin r.acme.io",
    "echo 'root:{}' | sudo chpasswd",
    "htpasswd -cb .htpasswd bot {}",
    "htpasswd -nbB bot {}",
    "az login --service-principal -u 1 -p {}",
    "smbclient //nas/share -U 'bot%{}'",
    "vault login {}",
    "vault login -method=userpass username=bot password={}",
    "openssl enc -aes-256-cbc -in a -out b -k {}",
    "curl -sS -u bot:{} https://api.acme.io/",
    "rabbitmqctl add_user bot {}",
    "redis-cli -h cache AUTH {}",
    "sqlplus bot/{}@db",
    "kubectl create secret generic x --from-literal=password={}",
    "helm upgrade x ./x --set auth.password={}",
    "heroku config:set API_SECRET={}",
    "sshpass -p {} ssh root@web",
    "unzip -P {} a.zip",
    "wget --user=bot --password={} https://acme.io/a",
    "aws configure set aws_secret_access_key {}",
    "aws ssm put-parameter --name x --type SecureString --value {}",
    "aws secretsmanager create-secret --name x --secret-string '{}'",
    "az keyvault secret set --vault-name v --name x --value {}",
    "useradd -p $(openssl passwd -6 -salt abcd {}) bot",
    "printf '{0}\\n{0}\\n' | sudo passwd bot",
    "http -a bot:{} GET https://api.acme.io/",
    "lftp -u bot,{} ftp.acme.io",
)

LED = (
    "az sql server create -n x -g y -u admin -p {}",
    "plink -ssh root@db1 -pw {} ls",
    "echo {} | docker secret create db_pw -",
    "mongosh -u bot -p {} shop",
    "mongosh-next -p {} rar x -p{} unrar e -hp{} 7zz a -p{} x.7z",
    "ldapmodify -x -w {} -f a.ldif",
    "twine upload -p {} dist/*",
    "crane auth login -u bot -p {} r.acme.io",
    "valkey-cli -h cache -a {} ping",
    "mount -t cifs -o user=bot,password={} //nas/a /mnt",
    "xfreerdp /u:bot /p:{} freerdp /p:{}",
)


def found(path: str, text: str) -> set[bytes]:
    blob = Blob(path=path, data=text.encode())
    wanting = [
        each for each in DETECTORS if each.name in ("shell", "commands", "programs") and each.wants(path)
    ]
    assert wanting
    return {match.secret.reveal() for each in wanting for match in each.detect(blob) if match.secret}


def is_signed(path: str, text: str) -> bool:
    signs = [sign for each in DETECTORS if each.wants(path) for sign in each.signs]
    return re.search(any_of(signs).encode(), text.encode()) is not None


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_line_is_read_where_it_stands(path: str, command: str) -> None:
    for secret in (REAL, MADE_UP):
        text = PLACES[path].format(command.format(secret))
        assert found(path, text) == {secret.encode()}
        assert is_signed(path, text)


def test_uses_that_begin_with_a_word_are_found_by_it() -> None:
    words = [word.decode() for way in WAYS for word in way.words]
    rng = random.Random(5)
    commands = (*COMMANDS, *LED)
    texts = [
        " ".join((rng.choice(words), one.format(*[REAL] * 4), rng.choice(commands).format(*[MADE_UP] * 4)))
        for one in commands
    ]
    for text in (*texts, "\n".join(texts), "".join(texts)):
        for way in WAYS:
            spans = [found.span() for found in way.uses(text.encode())]
            assert spans == [found.span() for found in way.pattern.finditer(text.encode())]


def test_each_way_that_is_led_has_a_use_among_the_examples() -> None:
    text = "\n".join((*COMMANDS, *LED)).replace("{}", REAL).encode()
    assert [way.words for way in WAYS if way.led and not any(way.uses(text))] == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("bin/deploy", "#!/bin/sh\nREGISTRY_PASSWORD={}\n"),
        ("a.bat", "@echo off\r\nset DB_PASSWORD={}\r\n"),
        ("a.cmd", 'SET "DB_PASSWORD={}"\r\n'),
        ("a.cmd", "setx /m DB_PASSWORD {}\r\n"),
        ("a.cmd", "net use Z: \\\\nas\\share {} /user:bot\r\n"),
        ("a.cmd", "net user bot {} /add\r\n"),
        ("a.ps1", "$env:DB_PASSWORD = '{}'\n"),
        ("a.ps1", '[string]$Password = "{}"\n'),
        ("a.ps1", '[Environment]::SetEnvironmentVariable("DB_PASSWORD", "{}", "User")\n'),
        ("a.ps1", "cmdkey /add:srv /user:bot /pass:{}\n"),
        ("a.sh", "curl https://api.acme.io \\\n  -H 'a: b' \\\n  -u bot:{}\n"),
        ("a.sh", ': "${{DB_PASSWORD:={}}}"\n'),
        ("a.sh", 'psql "${{DB_PASSWORD:-{}}}"\n'),
        ("a.sh", "A=1 PGPASSWORD={} psql\n"),
        ("a.sh", "sudo PGPASSWORD={} psql\n"),
        ("a.sh", "docker login --password-stdin r.acme.io <<< {}\n"),
        ("package.json", '{{"scripts": {{"db": "mysql -u root -p{} shop"}}}}'),
        ("Jenkinsfile", "sh 'docker login -u bot -p {} r.acme.io'\n"),
        ("app.rb", "system 'mysqldump -u root -p{} shop > a.sql'\n"),
        ("a.service", "ExecStart=/usr/bin/redis-cli -a {} ping\n"),
    ],
)
def test_each_kind_of_script(path: str, text: str) -> None:
    for secret in (REAL, MADE_UP):
        written = text.format(secret)
        assert found(path, written) == {secret.encode()}
        assert is_signed(path, written)


@pytest.mark.parametrize(
    "command",
    [
        'export DB_PASSWORD="$(pass db)"',
        "export DB_PASSWORD=$1",
        "mysql -u root -p shop",
        "mysql --protocol=tcp -u root",
        "mysql -port 3306",
        "docker run -p 8080:80 nginx",
        "docker login -u build -p $TOKEN",
        "echo $TOKEN | docker login --password-stdin",
        "echo done | tee log",
        "mkdir -p build && zip -r a.zip build",
        "htpasswd -c .htpasswd bot",
        "curl -u bot:$PASSWORD https://acme.io",
        "git config user.name Somebody",
        "npm config set registry https://registry.acme.io/",
        "aws configure set region eu-central-1",
        "helm upgrade x ./x --set image.tag=v1.2.3",
        "vault login -method=oidc",
        "set -e && setenv PATH /usr/bin",
        "7z x archive.7z -output",
        "net use Z: /delete",
        "msbuild a.sln /p:PublicSign=true2x /p:OutputPath=out9",
    ],
)
def test_what_gives_nothing_away(command: str) -> None:
    for path, place in PLACES.items():
        assert found(path, place.format(command)) == set()


@pytest.mark.parametrize(
    "command", ["docker login -u USER -p PASSWORD", "curl -u user:password https://acme.io", "mysql -proot"]
)
def test_examples_of_documents(command: str) -> None:
    assert found("README.md", PLACES["README.md"].format(command)) == set()
