"""Procfiles, Terraform, Supabase and the manifests of platforms."""

from __future__ import annotations

from secopskit.collect.facts import SettingKind, UseKind
from secopskit.collect.value import ConfigValue
from support.project import project

Row = tuple[str, int, str, int | None]


def given(path: str, text: str) -> list[Row]:
    found = project({path: text}).settings
    return [(s.name, s.place.line, s.scope, None if s.value is None else len(s.value)) for s in found]


def used(path: str, text: str) -> list[Row]:
    found = project({path: text}).uses
    return [(u.name, u.place.line, u.scope, None if u.default is None else len(u.default)) for u in found]


def test_procfiles() -> None:
    text = "# x: $Y\nweb: WORKERS=2 gunicorn --bind :$PORT -w ${WORKERS:-4}\nworker: run ${QUEUE:-all}\n"
    assert given("Procfile", text) == [("WORKERS", 2, "web", 1)]
    assert used("Procfile", text) == [("PORT", 2, "web", None), ("QUEUE", 3, "worker", 3)]


TERRAFORM = """\
variable "region" {
  description = "where {"
  default     = "eu"
}
variable "db_password" {
  type      = string
  sensitive = true
}
variable "empty" { default = null }
resource "x" "y" {
  environment {
    variables = {
      API_URL   = "https://x"
      API_TOKEN = var.token
      DB_URL    = "postgres://${var.host}/x"
    }
  }
  container = [{ name = "LOG_LEVEL", value = "info" }]
}
"""


def test_terraform() -> None:
    assert used("main.tf", TERRAFORM) == [
        ("TF_VAR_region", 1, "", 2),
        ("TF_VAR_db_password", 5, "", None),
        ("TF_VAR_empty", 9, "", None),
    ]
    assert given("main.tf", TERRAFORM) == [
        ("region", 1, "", 2),
        ("API_URL", 13, "environment", 9),
        ("API_TOKEN", 14, "environment", None),
        ("DB_URL", 15, "environment", None),
        ("LOG_LEVEL", 18, "environment", 4),
    ]
    assert given("x.auto.tfvars", 'region = "eu"\n# a = "b"\n') == [("region", 1, "", 2)]


def test_supabase() -> None:
    text = """\
[api]
port = 54321
[auth.external.github]
secret = "env(GITHUB_SECRET)"
# secret = "env(OLD)"
[db]
shadow_port = 54320 # x
port = 99999
"""
    found = project({"supabase/config.toml": text})
    assert used("supabase/config.toml", text) == [("GITHUB_SECRET", 4, "auth.external.github", None)]
    assert {use.kind for use in found.uses} == {UseKind.CONFIG}
    assert [(each.port, each.place.line, each.listens) for each in found.upstreams] == [
        (54321, 2, True),
        (54320, 7, True),
    ]


def test_manifests_that_are_trees() -> None:
    text = '{\n"name": "shop",\n\t"env": {\n"A_B": {"description": "what", "value": "c"},\n\t"D": "e"}}\n'
    assert given("app.json", text) == [("A_B", 4, "shop", 1), ("D", 5, "shop", 1)]
    text = "services:\n- name: web\n  envVars:\n  - key: A\n    value: b\n  - key: C\n    sync: false\n"
    assert given("render.yaml", text) == [("A", 4, "web", 1), ("C", 6, "web", None)]
    text = """{"containerDefinitions": [{"name": "web", "environment": [{"name": "A", "value": "b"}],
        "secrets": [{"name": "C", "valueFrom": "arn"}]}]}"""
    assert given("task-definition.json", text) == [("A", 1, "web", 1), ("C", 2, "web", None)]
    assert given("app.json", '{"env": ["a", {"b": "c"}, {"name": []}], "name": "x y"}') == []


def test_manifests_in_toml() -> None:
    text = 'app = "x"\n[env]\n  PORT = "80"\n[build.args]\nV = "1"\n[[services]]\nNO = "x"\n'
    assert given("fly.toml", text) == [("PORT", 3, "env", 2), ("V", 5, "build.args", 1)]
    assert given("netlify.toml", '[context.production.environment]\nA = "b"\n[build]\ncommand = "c"\n') == [
        ("A", 2, "context.production.environment", 1)
    ]
    (setting,) = project({"wrangler.toml": '[vars]\nA = "b"\n'}).settings
    assert (setting.kind, setting.value) == (SettingKind.PLATFORM, ConfigValue(b"b"))


def test_bake_files() -> None:
    assert used("docker-bake.hcl", 'variable "TAG" {\n  default = "latest"\n}\n') == [("TAG", 1, "", 6)]
