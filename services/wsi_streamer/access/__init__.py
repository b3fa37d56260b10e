"""Who may see what: signed URLs, viewer tokens, and the policy that checks them.

Law of this layer: compares in constant time, knows no framework, and says no where it is not sure.
"""
