"""The domain: what a slide is. Standard library only, no I/O.

Law of this layer: everything in it is a value. It imports nothing from the other layers, and every other
layer speaks in its terms.
"""
