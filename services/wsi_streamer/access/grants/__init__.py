"""Grants: rights to a slide or a prefix that one may hand out, that end by themselves and that can be ended at once.

Law of this package: the token says only which grant is meant, and proves that we made it; what the grant allows, to whom
and until when is always asked of the catalog, and remembered for half a minute. No token is ever stored or listed.
"""
