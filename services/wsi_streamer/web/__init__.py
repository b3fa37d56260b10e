"""What both services need of HTTP: error bodies, the management port, running servers.

Law of this layer: nothing in it knows what a slide is.
"""
