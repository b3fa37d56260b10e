"""Who may see a slide, and the record of who did.

Law of this layer: `gate` is the one place where what a request shows becomes a caller, and it denies by default. Decisions
are pure; what must be asked for (grants and the log in Postgres, an identity provider's keys) is asked by `grants`, `audit` and
`oidc` alone. Secrets are compared in constant time and appear in no message and no repr. Refusals are errors of the API, and
nothing else is ever raised, whatever a client sends.
"""
