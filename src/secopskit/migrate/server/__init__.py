"""The HTTP API of `secops migrate`: the same runs, asked for over HTTP. Extra: `secopskit[server]`."""
