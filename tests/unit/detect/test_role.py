"""What a path says of the file: the usual spellings, and the names that only look like them."""

from __future__ import annotations

import pytest

from secopskit.detect.role import role_of_path
from secopskit.findings import PathRole


def words(text: str) -> list[str]:
    """The paths in a text."""
    return text.split()


TESTS = words("""
tests/conftest.py test/a.js src/test/java/A.java app/__tests__/a.ts spec/models/user_spec.rb e2e/login.ts
cypress/support/commands.js playwright/auth.json pkg/testdata/key.pem fixtures/users.json
__fixtures__/a.json
__mocks__/fs.js mocks/server.ts stubs/api.json cassettes/login.yml spec/vcr_cassettes/pay.yml
src/snapshots/render.snap __snapshots__/a.snap ui/a.test.tsx.snap server_test.go pkg/test_login.py
lib/a.test.ts
lib/a.spec.rb src/UserTest.java Shop.Tests/Order.cs api/OrderTests.cs dao/UserDaoIT.java
AppUITests/Login.swift src/integrationTest/kotlin/A.kt docker-compose.test.yml compose.e2e.yaml .env.test
.env.test.local apps/web/.env.e2e application-test.yml src/main/resources/application-it.properties
appsettings.Test.json settings_test.py config/test.exs config/environments/test.rb jest.config.js
packages/ui/.storybook/main.ts ui/Button.stories.tsx benchmarks/load.py bench/a.rs t/0001-basic.sh
test-utils/login.ts tests_e2e/a.py api-tests/a.http integration_tests/a.py web/a.clienttest.ts
src/BenchMark.java integration/tls/server.key integration-cli/a.go .github/workflows/check/master.key
database/factories/UserFactory.php features/login.feature scripts/run.bats src/MockServer.java mock_store.go
tests/data/site.zip!conf/app.ini site.zip!tests/conf.ini tests/.github/workflows/ci.yml phpunit.xml.dist
internal/suites/One/users.yml testing-modules/a/users.csv
molecule/default/converge.yml charts/app/ci/tls-values.yaml
src/AuthSpec.scala playwright.config.ts locustfile.py test_vectors/keys.json app/src/androidTest/A.kt
""")
SOURCES = words("""
latest/config.yml src/contest/app.py pkg/attestation/key.go lib/attest.py greatest.yml protest/settings.py
app/models/latest.rb packaging/spec/tool.spec deploy/environments/test/main.yml
terraform/environments/test/a.tf
k8s/overlays/test/secret.yaml inventories/test/hosts.yml group_vars/test.yml infra/test.tfvars
charts/app/values-test.yaml .github/workflows/test.yml .github/workflows/e2e-tests.yaml
.github/actions/test/a.yml
.gitlab/ci/test.yml .circleci/test.yml .gitlab-ci.test.yml src/TestimonialController.java
app/testimonials.py
src/main/java/com/example/demo/Application.java src/main/java/org/acme/samples/Pay.java
com/example/app.properties src/main/resources/com/acme/guide/app.properties src/main/java/acme/docs/A.java
src/integration/client.py lib/integration/key.pem requests/session.py src/responses/auth.ts
environments/demo/app.env customers/demo/settings.yml src/SnmpSpec.java api/openapi_client.py
config/secrets.yml
specification.yml app/Inspector.cs manual_login.py demo.py db/snapshots/prod.sql docker-compose.yml .env
.env.production app.log.1 conf/sites/security.yml history.js install.sh showtimes.html demo.py
src/manifest.json Latest.java
ci/prod-values.yaml charts/app/values.yaml app/suites.py
<commit-message> analysis/notebook.ipynb backup.tar.gz
""")
OTHERS = {
    PathRole.DOCUMENT: words("""
docs/setup.md README README.md README.de.md README.txt CHANGELOG INSTALL man/tool.1 tool.1 guide.adoc
api/openapi.yaml swagger.json website/docs/a.mdx
docs/howto/a.txt templates/how_to_app.html.twig views/api-docs/start.blade.php dev/api/requests/login.json
responses/user.xml
shop.postman_collection.json a.rst docs/conf.py documentation/x.html
"""),
    PathRole.EXAMPLE: words("""
examples/app/settings.py samples/a.yml demo/app.env .env.example .env.sample config.yml.dist
parameters.dist.yml settings.example.py tutorials/one/a.py sdk/quickstart/main.go nginx-example/a.conf
.env.demo .env.local.demo demo-setups/relay.yaml src/data/demo_states.js
"""),
    PathRole.VENDORED: words(
        "node_modules/a/index.js .yarn/releases/yarn-4.cjs app/third_party/x.c vendor/github.com/a/b.go"
    ),
}


@pytest.mark.parametrize("path", TESTS)
def test_tests_are_told_by_their_usual_names(path: str) -> None:
    assert role_of_path(path) is PathRole.TEST


@pytest.mark.parametrize("path", SOURCES)
def test_names_that_only_look_like_it_are_sources(path: str) -> None:
    assert role_of_path(path) is PathRole.SOURCE


@pytest.mark.parametrize(("role", "path"), [(role, path) for role, paths in OTHERS.items() for path in paths])
def test_documents_examples_and_copies_of_others_work(role: PathRole, path: str) -> None:
    assert role_of_path(path) is role


def test_a_hostile_name_takes_no_time() -> None:
    for piece in ("a-tests", "src/main/java/", "_test.", "environments/x/", ".env.", "compose-", "com/"):
        assert role_of_path(piece * (4096 // len(piece))) in PathRole
