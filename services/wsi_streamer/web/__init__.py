"""What both services need of HTTP: error bodies, the management port, running servers."""
