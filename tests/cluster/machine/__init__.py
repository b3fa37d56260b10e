"""A real Kubernetes of one node on this machine, without Docker and without a cluster to borrow: ``python -m tests.cluster.machine``.

Law of this package: everything runs in namespaces of its own (network, mounts, processes), below one supervisor; so that ending
that one process leaves nothing, however it ends, and no firewall rule of this machine is ever touched. What is built is kept
below `cache_dir`, keyed by its version. Root is asked for where containers need it; without it the control plane alone comes up.
"""
