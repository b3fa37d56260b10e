"""The operator as a process of this machine against a real API server with its controllers.

Law of this package: API server, controllers and operator are real; between them stands a proxy that counts requests and
makes faults. Pods ask for a node that isn't there, so that no kubelet runs them: `tests.cluster.operator.kubelet` says how they
are doing. What real pods do is the matter of the end-to-end tests.
"""
