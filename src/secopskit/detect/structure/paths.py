"""Names of files: those that rows of the table of detectors want, and those that they refuse."""

from __future__ import annotations

from typing import Final

LOCKS: Final = (
    r"(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json|composer\.lock|pnpm-lock\.ya?ml|[^/]{1,40}\.lock\.json"
    r"|[^/]{1,80}\.min\.json)$|(?:^|/)node_modules/"
)
DOTENV: Final = (
    r"(?:^|/)(?:[^/]{0,60}\.env(?:\.[^/]{1,60})?|\.env[-_][^/]{1,60}|\.envrc"
    r"|env\.(?:examples?|sample|dist|template|local|dev\w{0,8}|prod\w{0,8}|staging|test\w{0,4}|ci|docker|defaults?))$"
)
NOT_DOTENV: Final = (
    r"\.(?:py|js|ts|tsx|jsx|mjs|cjs|go|rb|rs|java|kt|cs|php"
    r"|md|rst|sh|json|ya?ml|tf|html?|txt|h|c|cc|cpp|vue|svelte)$"
)
SETTINGS_CODE: Final = (
    r"(?:^|/)(?:wp-config[^/]{0,40}\.php|(?:local_?|prod_?|dev_?|base_?)?(?:settings?|config|configuration|conf|secrets?"
    r"|credentials|database|production|development|local)(?:[._-](?:inc|local|prod|dev|base|production))?"
    r"\.(?:py|php|inc|rb|js|cjs|mjs|ts))$|(?:^|/)settings/[^/]{1,40}\.py$"
    r"|(?:^|/)config/app(?:_local)?\.php$|(?:^|/)app/etc/env\.php$"
)
SETTINGS_MARKS: Final = (
    "conf",
    "setting",
    "secret",
    "credential",
    "database",
    "parameter",
    "product",
    "develop",
    "local",
    ".py",
    ".php",
)
# Scripts of tests make their passwords up; what looks drawn in them, patterns find.
TESTS: Final = r"(?:^|/)(?:tests?|t|specs?|testdata|fixtures?)/"
START_UP: Final = (
    ".bashrc .bash_profile .bash_login .bash_aliases .profile .zshrc .zshenv .zprofile .zlogin .kshrc .cshrc"
    " .tcshrc .exports bashrc bash_profile profile zshrc makefile gnumakefile justfile jenkinsfile"
)
