"""The HTTP API of `secops migrate`: the same runs, asked for over HTTP. Needs the extra `secopskit[server]`."""
