"""HTTP to vendors: TLS that is verified, no redirects, time-outs, one way to try again."""
