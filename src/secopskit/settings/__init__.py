"""Settings: `.secops.yaml` and `SECOPS_*` variables of every command."""
