"""S3: exact, signed, checked reads.

Law of this layer: it only reads, it never trusts a reply it has not checked, and its errors name no key.
"""
