"""Who may see a slide: signed URLs and viewer tokens, and the policy that asks for them.

Law of this layer: pure functions of a request's path, its query and the time; no I/O, no clock of its own. Secrets are
compared in constant time and appear in no message and no repr. Refusals are errors of the API, and nothing else is
ever raised, whatever a client sends.
"""
