"""What a place is scanned with: by its settings, and by the files of other tools that lie in it."""

from __future__ import annotations

import os
from collections.abc import Set
from typing import TYPE_CHECKING

from secopskit.errors import ConfigError
from secopskit.scan.content.detectors import DetectorOptions
from secopskit.scan.judging.judges import GITLEAKS_RULES, YELP_BASELINE
from secopskit.settings.scan import Switch

if TYPE_CHECKING:
    from secopskit.settings.scan import Config, ScanConfig


def options_for(config: Config, *, engine: str | None, home: str, largest_archive: int) -> DetectorOptions:
    """What to detect with; `home` is the directory that settings, baselines and rule files are read from.

    `engine` is one to use instead of that of the settings. Raises ConfigError.
    """
    scan = config.scan
    return DetectorOptions(
        engine=engine or scan.engine.value,
        cache=config.environment.cache_directory,
        extra_rules=(*scan.extra_rules, *_gitleaks_rules(scan, home)),
        decode_depth=scan.decode_depth,
        plugins=_plugins(scan, home),
        archives=min(scan.max_file_size, largest_archive) if scan.archives else 0,
    )


def require_rules(config: Config, known: Set[str]) -> None:
    """Make sure that the rules which settings disable are among those `known`. Raises ConfigError."""
    for rule_id in config.scan.disable_rules:
        if rule_id not in known:
            from secopskit.rules.closest import closest_rule  # hardly ever wanted

            place = config.file or "the environment"
            raise ConfigError(
                f"{place}: `scan.disable_rules`: there is no rule {rule_id!r}",
                advice=closest_rule(rule_id, known),
            )


def _gitleaks_rules(scan: ScanConfig, home: str) -> tuple[str, ...]:
    """The rule files of gitleaks and betterleaks in the root that the settings do not name themselves."""
    if not scan.gitleaks_rules:
        return ()
    paths = (os.path.join(home, name) for name in GITLEAKS_RULES)
    return tuple(one for one in paths if one not in scan.extra_rules and os.path.lexists(one))


def _plugins(scan: ScanConfig, home: str) -> tuple[str, ...]:
    """The plugins of detect-secrets: those of its baseline, if there is one, where nothing else is said."""
    if scan.detect_secrets is Switch.OFF and not scan.entropy:
        return ()
    baseline = os.path.join(home, YELP_BASELINE)
    is_there = os.path.lexists(baseline)
    if scan.detect_secrets is Switch.AUTO and not is_there and not scan.entropy:
        return ()
    from secopskit.detect.yelp.plugins import choose_plugins

    if scan.detect_secrets is Switch.ON:
        return choose_plugins(None, entropy=scan.entropy)
    named: tuple[str, ...] = ()
    if is_there and scan.detect_secrets is Switch.AUTO:
        from secopskit.known.yelp_baseline import YelpBaseline

        named = YelpBaseline.load(baseline, within=home).plugins
    return choose_plugins(named, entropy=scan.entropy)
