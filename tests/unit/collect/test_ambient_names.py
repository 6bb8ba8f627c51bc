"""Names that somebody else sets: for a script, for a reader of the documentation, for a template."""

from __future__ import annotations

import pytest

from secopskit.collect.ambient_names import is_ambient, is_set_elsewhere, is_set_for_scripts


@pytest.mark.parametrize(
    ("name", "in_scripts", "ambient", "elsewhere"),
    [
        ("HOME", True, True, True),
        ("CI", True, True, True),
        ("CIRCLECI", True, True, True),
        ("GITHUB_SHA", True, True, True),
        ("LC_ALL", True, True, True),
        ("SSL_CERT_FILE", True, True, True),
        ("npm_config_x", True, True, True),
        # The shell's own or an agent's, unless a project means something by it.
        ("HOST", True, True, False),
        ("SSH_CONNECTION", True, True, False),
        ("MAIL", True, False, False),
        ("PGDATA", True, False, False),
        ("Q", True, False, False),
        # Of tools: who installs them.
        ("JAVA_HOME", True, False, True),
        # Of build tools and hosts.
        ("NODE_ENV", False, True, True),
        ("AWS_LAMBDA_FUNCTION_NAME", False, True, True),
        ("PORT", False, True, False),
        ("WEBSITE_URL", False, True, False),
        ("DB_PORT_5432_TCP_ADDR", False, True, False),
        ("NEXT_PUBLIC_VERCEL_URL", False, True, False),
        # Of the project.
        ("GITHUBX_TOKEN", False, False, False),
        ("SHOP_NAME", False, False, False),
        ("AWS_REGION", False, False, False),
        ("HOMEPAGE", False, False, False),
    ],
)
def test_who_sets_a_name(name: str, in_scripts: bool, ambient: bool, elsewhere: bool) -> None:
    assert is_set_for_scripts(name) == in_scripts
    assert is_ambient(name) == ambient
    assert is_set_elsewhere(name) == elsewhere
