"""Identities of an OpenID provider: its tokens, and what the deployment's rules let their bearers do.

Law of this package: nothing that a token says is believed before its signature proved right, and nothing of a token
chooses how, or against whom, it is checked: the issuer, the audiences and the algorithms are ours. The provider is asked
only when it is needed, by one request at a time, and never as often as a stranger likes. No token, code or key appears in
a log, a message or a repr.
"""
