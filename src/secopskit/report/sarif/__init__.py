"""The report as SARIF 2.1.0, shaped for GitHub code scanning."""
