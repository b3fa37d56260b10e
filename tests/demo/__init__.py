"""``make run``: sample slides in a real S3 server, served by the one-machine command, until Ctrl-C."""
