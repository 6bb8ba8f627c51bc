"""Keys without a form of their own: found beside the name of a vendor, and digests and ids there are not."""

from __future__ import annotations

import random
import string
import uuid
from functools import cache

import pytest

from secopskit.detect.pattern import PatternDetector
from secopskit.detect.ruleset import Ruleset, ruleset_of
from secopskit.findings import Blob
from secopskit.rules.model import Rule
from secopskit.scan.content.occurrence import Occurrence, occurrences
from support.engines import rules

RULE = "vendor-named-secret"
_ALPHABETS = {
    "hex": "0123456789abcdef",
    "mixed": string.ascii_letters + string.digits,
    "large": string.ascii_uppercase + string.digits,
    "base64": string.ascii_letters + string.digits + "+/",
}


def _drawn(kind: str, length: int, seed: int = 0) -> str:
    generator = random.Random(f"{kind}{length}{seed}")
    return "".join(generator.choice(_ALPHABETS[kind]) for _ in range(length))


def _rule(rule_id: str) -> Rule:
    return next(rule for rule in rules() if rule.id == rule_id)


@cache
def _ruleset(engine: str) -> Ruleset:
    chosen = (RULE, "generic-secret", "stripe-secret-key", "localstack-auth-token")
    return ruleset_of([_rule(each) for each in chosen], engine=engine)


def _found(text: str, engine: str = "re") -> list[Occurrence]:
    blob, ruleset = Blob(path="notes.txt", data=text.encode()), _ruleset(engine)
    return list(occurrences(blob, PatternDetector(ruleset).detect(blob), ruleset))


@pytest.mark.parametrize(
    "text",
    [
        f"SHODAN_API={_drawn('mixed', 32)}",
        f"export UPTIMEROBOT_API_KEY='{_drawn('mixed', 32)}'",
        f'api = shodan.Shodan("{_drawn("mixed", 32)}")',
        f"const client = new Pipedrive('{_drawn('hex', 40)}');",
        f'handler = ipinfo.getHandler("{_drawn("hex", 14)}")',
        f'Geocoder geocoder = new OpenCageGeocoder("{_drawn("hex", 32)}");',
        f"finnhub_client = finnhub.Client('{_drawn('mixed', 20)}')",
        f'<add key="AccuWeatherAppId" value="{_drawn("mixed", 32)}" />',
        f"'browserstack.key' => '{_drawn('mixed', 20)}',",
        f"sauce.accessKey: {uuid.UUID(int=random.Random(1).getrandbits(128), version=4)}",
        f"weatherbit: {{ appid: {_drawn('hex', 32)} }}",
        f'clockify_auth = "{_drawn("base64", 48)}"',
        f'"etherscan": {{"apiKey": "{_drawn("large", 34)}"}}',
        f"ETHERSCAN={_drawn('large', 34)}",
        f"virustotal.apikey.prod = {_drawn('hex', 64)}",
        f'const std::string kMerakiToken = "{_drawn("hex", 40)}";',
        f"set :pushover_token, '{_drawn('mixed', 30)}'",
        f"%opencage_key := {_drawn('hex', 32)}",
    ],
)
def test_a_drawn_value_beside_a_vendors_name_and_a_word_for_keys_is_found(text: str) -> None:
    assert [each.rule_id for each in _found(text)] == [RULE]


@pytest.mark.parametrize(
    "text",
    [
        f"virustotal: {_drawn('hex', 64)}",
        f"virustotal_sha256 = {_drawn('hex', 64)}",
        f"# seen on virustotal: {_drawn('hex', 32)}",
        f'report = virustotal.get_report("{_drawn("hex", 64)}")',
        f'giphy.id("{_drawn("mixed", 18)}")',
        f"metabase_image: metabase/metabase@sha256:{_drawn('hex', 64)}",
        f"METABASE_COMMIT={_drawn('hex', 40)}",
        f"github.com/snowflakedb/gosnowflake v1.6.0 h1:{_drawn('base64', 43)}=",
        f'"pipedrive": "sha512-{_drawn("base64", 86)}=="',
        f"shipInfoKey = '{_drawn('hex', 32)}'",
        f"tmux_token = '{_drawn('hex', 32)}'",
        f"otherwise_api_key('{_drawn('hex', 32)}')",
        f"crowdin_project_id: {_drawn('hex', 24)}",
        f"opencage_public_key = {_drawn('mixed', 32)}",
        f"etherscan_address_key = 0x{_drawn('hex', 40)}",
        "SNOWFLAKE_PRIVATE_KEY_PATH=/run/secrets/snowflake_rsa_key_for_loader",
        "shodan_key = getKeyOfTheServiceFromStore2",
        "SHODAN_KEY=${SHODAN_KEY}",
        "giphyApiKey: process.env.GIPHY_API_KEY_V2_STAGING",
        "weatherbit_key: your-weatherbit-api-key-here",
    ],
)
def test_digests_ids_references_and_other_names_are_not(text: str) -> None:
    assert RULE not in [each.rule_id for each in _found(text)]


def test_the_note_names_the_vendor_and_never_the_value() -> None:
    value = _drawn("mixed", 32)
    (found,) = _found(f"HELP_SCOUT_KEY={value}")
    assert found.note == "beside the name HELP SCOUT"


def test_it_wins_over_the_generic_rule_and_yields_to_a_form_that_is_known() -> None:
    assert [each.rule_id for each in _found(f"OPENCAGE_API_KEY={_drawn('hex', 32)}")] == [RULE]
    stripe = f"WISE_API_KEY=sk_live_{_drawn('mixed', 24)}"
    assert [each.rule_id for each in _found(stripe)] == ["stripe-secret-key"]


def test_both_engines_find_the_same() -> None:
    pytest.importorskip("hyperscan")
    words = _rule(RULE).context
    names = [word.removeprefix("(?<![a-z])").replace("[._-]", "_") for word in words]
    text = "\n".join(f"{name}_key = '{_drawn('mixed', 32, seed)}'" for seed, name in enumerate(names))
    by_engine = [[each.line for each in _found(text, engine)] for engine in ("re", "hyperscan")]
    assert by_engine[0] == by_engine[1] == list(range(1, len(words) + 1))


def test_many_words_are_compiled_in_parts_that_hold_them_all() -> None:
    rule = _rule(RULE)
    assert len(rule.parts) > 1
    assert sum((part.context for part in rule.parts), ()) == rule.context
    assert _rule("generic-secret").parts == (_rule("generic-secret"),)
