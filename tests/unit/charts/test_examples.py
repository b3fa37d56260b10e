"""Examples that belong together say the same."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
import yaml

from tests.support.chart_files import CHARTS, INSTANCE, OPERATOR


def test_every_example_is_named_in_its_readme() -> None:
    for chart in (OPERATOR, INSTANCE):
        readme = (chart / "README.md").read_text()
        for example in (chart / "examples").iterdir():
            assert f"(examples/{example.name})" in readme, example


def test_values_and_database_of_cloudnative_pg_fit_together() -> None:
    folder = INSTANCE / "examples"
    cluster, backup = yaml.safe_load_all((folder / "cloudnative-pg-cluster.yaml").read_text())
    database = yaml.safe_load((folder / "cloudnative-pg.yaml").read_text())["database"]
    name = cluster["metadata"]["name"]

    # CloudNativePG names the Secrets it makes after the cluster: -app is the owner's, -ca has its authority.
    assert database["ownerUrlSecretRef"] == {"name": f"{name}-app", "key": "uri"}
    assert database["caBundleRef"] == {"kind": "Secret", "name": f"{name}-ca", "key": "ca.crt"}
    (role,) = cluster["spec"]["managed"]["roles"]
    assert database["urlSecretRef"] == {"name": role["passwordSecret"]["name"], "key": "uri"}
    assert role["name"] != cluster["spec"]["bootstrap"]["initdb"]["owner"]
    assert backup["spec"]["cluster"]["name"] == name


def test_the_password_of_cloudnative_pgs_services_user_is_made_where_it_is_used() -> None:
    """By the lines in the example's comment, run here with others in place of kubectl and openssl."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash on the PATH")
    text = (INSTANCE / "examples" / "cloudnative-pg-cluster.yaml").read_text()
    (cluster, _) = yaml.safe_load_all(text)
    (role,) = cluster["spec"]["managed"]["roles"]
    lines = "\n".join(re.findall(r"^#   (.*)$", text, re.MULTILINE))
    stubs = 'openssl() { echo "made-$1-$2-$3"; }\nkubectl() { echo "# $*"; [ "$3" = label ] || cat; }\n'
    said = subprocess.run([bash, "-euc", stubs + lines], capture_output=True, text=True, check=True).stdout
    create, user, password, uri, label = said.splitlines()

    secret = role["passwordSecret"]["name"]
    database, host = cluster["spec"]["bootstrap"]["initdb"]["database"], f"{cluster['metadata']['name']}-rw.slides"
    assert create.startswith(f"# -n slides create secret generic {secret} --type=kubernetes.io/basic-auth ")
    assert "made" not in create, "a password in an argument can be read in the list of processes"
    assert user == f"username={role['name']}"
    assert password == "password=made-rand--hex-24"
    assert uri == f"uri=postgresql://{role['name']}:made-rand--hex-24@{host}:5432/{database}"
    assert label == f"# -n slides label secret {secret} cnpg.io/reload=true"


def test_nothing_secret_is_in_the_charts() -> None:
    for path in CHARTS.rglob("*"):
        if path.is_file():
            text = path.read_text()
            assert "BEGIN PRIVATE KEY" not in text
            assert "AKIA" not in text
            assert not re.search(r"(?i)change-?_?me", text), path
            for name, value in re.findall(r"^\s*(password|secretKey|token): *(\S+)$", text, re.MULTILINE):
                raise AssertionError(f"{path.name} applies with {name}: {value}")
