"""What holds for all tests."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["support.coverage_floor"]

# The machines that run this are slow and shared: a deadline would measure them, not us.
_COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
settings.register_profile("dev", _COMMON, max_examples=60)
settings.register_profile("ci", _COMMON, max_examples=150, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")
