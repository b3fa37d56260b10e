"""Tests on a real Kubernetes: images, charts and the operator as a hospital's cluster runs them.

Law of this package: the cluster is real and so are S3 server and Postgres; pods get no more rights than the charts give. Tests
share one cluster and keep to namespaces of their own. What a machine can't run skips by `tests.support.needs`.
"""
