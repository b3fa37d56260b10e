"""What both services need of HTTP: error bodies, the management port, grants, running servers.

Law of this layer: nothing in it knows what a slide is; a grant names one, and that is all.
"""
