"""What the server says: kept short, and without values."""

from __future__ import annotations

import pytest

from secopskit.migrate.apply.notices import redacted, values_in
from secopskit.migrate.read.files import read_script
from support.values import alnum


@pytest.mark.parametrize(
    "text",
    [
        "dsn postgres://ada:{}@db.example.com:5432/app",
        "dsn postgres://ada:a@b/{}@db.example.com/app",
        "password={} for ada",
        "new password is '{}'",
        "API_KEY: {}",
        'settings {{"client_secret": "{}"}}',
        "token => {}",
        "stored Aa1{}Bb2",
        "role has SCRAM-SHA-256$4096:{}$x",
        "bearer eyJ{}.abc.def",
    ],
)
def test_no_secret_is_repeated(text: str) -> None:
    secret = alnum(20)
    assert secret not in redacted(text.format(secret))


@pytest.mark.parametrize(
    "text",
    [
        'relation "users_email_idx_20260301" already exists, skipping',
        "identifier will be truncated",
        "drop cascades to constraint fk_rails_1a2b3c4d5e6f7a8b9c0d on table orders",
        "moved 12000 rows to public.orders_2026 in 00:00:01.2",
        "see https://www.postgresql.org/docs/current/sql.html",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(text) == text


def test_it_is_bounded_and_one_line() -> None:
    assert redacted("a\n  b\tc") == "a b c"
    assert len(redacted("x " * 100_000)) == 400


def test_the_values_of_a_file_are_not_those_that_name_something() -> None:
    text = (
        "INSERT INTO s VALUES ('hunter two'); ALTER ROLE ada PASSWORD 'lower';"
        "SELECT make_table('public.users');"
        "DO $$ BEGIN RAISE NOTICE 'all is well'; END $$; SELECT note('Aa 1');"
    )
    script, _ = read_script("m/1_x.sql", text)
    assert list(values_in(script)) == [
        "hunter two",
        "lower",
        " BEGIN RAISE NOTICE 'all is well'; END ".strip(),
        "Aa 1",
    ]
