"""Passwords that stand a second time beside the variable that holds them."""

from __future__ import annotations

from secopskit.collect.assemble.repeats import repeated_passwords
from support.projects import project
from support.values import alnum


def test_where_a_password_is_held_and_where_it_is_repeated() -> None:
    drawn = alnum(16)
    compose = (
        "services:\n  db:\n    image: postgres\n    environment:\n"
        f"      POSTGRES_PASSWORD: ${{DB_PASSWORD:-{drawn}}}\n"
        "  api:\n    image: shop\n    environment:\n"
        f"      DATABASE_URL: ${{DATABASE_URL:-postgres://shop:{drawn}@db/shop}}\n"
        f"      OTHER_URL: postgres://shop:{drawn}@db/other\n"
    )
    first, second = repeated_passwords(project({"compose.yml": compose}))
    assert (first.variable, first.home) == ("DB_PASSWORD", ("compose.yml", 5))
    assert (first.key, first.place, first.override) == ("DATABASE_URL", ("compose.yml", 9), "DATABASE_URL")
    assert (second.key, second.override, second.service) == ("OTHER_URL", "", "api")
    assert first.interpolated
    assert drawn not in repr((first, second))


def test_a_literal_that_is_repeated_has_no_variable_from_outside() -> None:
    compose = (
        "services:\n  db: {image: postgres, environment: {POSTGRES_PASSWORD: shop}}\n"
        "  api: {image: shop, environment: {DATABASE_URL: 'postgres://shop:shop@db/shop'}}\n"
    )
    (found,) = repeated_passwords(project({"compose.yml": compose}))
    assert (found.variable, found.interpolated) == ("POSTGRES_PASSWORD", False)


def test_a_stack_of_a_test_tells_nothing() -> None:
    compose = (
        "services:\n  db: {image: postgres, environment: {POSTGRES_PASSWORD: '${PW:-shop}'}}\n"
        "  api: {image: shop, environment: {DATABASE_URL: 'postgres://shop:shop@db/shop'}}\n"
    )
    assert repeated_passwords(project({"tests/compose.yml": compose})) == ()
    assert len(repeated_passwords(project({"compose.yml": compose}))) == 1


def test_a_password_in_the_env_files_of_two_services() -> None:
    drawn = alnum(16)
    files = {
        "compose.yml": "services:\n  db: {image: postgres, env_file: db.env}\n"
        "  api: {image: shop, env_file: api.env, depends_on: [db]}\n",
        "db.env": f"POSTGRES_PASSWORD={drawn}\n",
        "api.env": f"SHOP_NAME=x\nDB_PASSWORD={drawn}\n",
    }
    (found,) = repeated_passwords(project(files))
    assert (found.variable, found.home) == ("POSTGRES_PASSWORD", ("db.env", 1))
    assert (found.key, found.place, found.service) == ("DB_PASSWORD", ("api.env", 2), "api")
    assert found.bare
    alone = files["compose.yml"].replace(", depends_on: [db]", "")
    for other in (
        {"compose.yml": alone},
        {"db.env": f"POSTGRES_PASSWORD={alnum(17)}\n"},
        {"db.env": "POSTGRES_PASSWORD=shop\n", "api.env": "DB_PASSWORD=shop\n"},
        {"api.env": f"# DB_PASSWORD={drawn}\n"},
    ):
        assert repeated_passwords(project(files | other)) == ()
