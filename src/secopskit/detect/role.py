"""What a file is for, by its path: the one place that knows how tests, documents and examples are called.

A credential in a test is nearly always made up for it, and one in a document is there to be read. What a
role does to a finding says `secopskit.scan.display`; `docs/detection.md` has it in words.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from secopskit.findings import PathRole
from secopskit.lazy_regex import LazyRegex

# Directories of tests and of what they read. `t/` is that of Perl; `spec/` may also hold package recipes.
_TEST_DIRECTORY: Final = LazyRegex(
    r"(?i)(?:^|/)(?:tests?|t|specs?|__(?:tests?|mocks?|fixtures?|snapshots?)__|testdata|fixtures?|mocks?|stubs"
    r"|cassettes|suites|molecule|vcr(?:_cassettes)?|wiremock|e2e|end[-_]?to[-_]?end|cypress|playwright|testing(?:[-_]modules)?|testutils?|testlib"
    r"|test[._-](?:apps?|assets|cases?|certs?|config|data|env(?:ironment)?|files?|fixtures?|helpers?|keys|projects?"
    r"|resources?|support|suites?|utils?|vectors?)|tests[._-](?:data|e2e|integration|unit|resources?)"
    r"|bench(?:mark)?s?|\.?storybook|androidtest|testfixtures|(?:unit|integration|functional|acceptance"
    r"|system)tests?|src/(?:it|itest)|database/factories"
    # At the top, Go's way of running against real services; deeper it is any integration.
    r"|(?<!.)integration(?:[-_]cli)?"
    r"|(?!ab[-_])[\w.-]{0,40}[_-](?:tests?|specs?|e2e|fixtures?|mocks?|benchmarks?))/"
)
# `MyApp.Tests/`, `UnitTests/`, `AppUITests/`, and source sets of Gradle, told by their capitals.
_TEST_DIRECTORY_CAPITAL: Final = LazyRegex(
    r"(?:^|/)(?:[\w.-]{0,60}(?:[a-z0-9.]|UI|API))?(?:Tests?|Specs?|Fixtures|Mocks)/"
)
# Recorded output; a directory of that name may as well hold dumps of a database.
_SNAPSHOT: Final = LazyRegex(
    r"(?i)(?:^|/)snapshots/[^.]{0,200}\.[\w.]{0,40}?(?:snap|ambr|txt|json|ya?ml|md|html?|svg|xml|[jt]sx?|py)$"
    r"|\.(?:snap|ambr)$"
)
_CODE: Final = (
    r"(?:[cm]?[jt]sx?|coffee|py|pyi|rb|go|rs|php|exs?|erl|dart|lua|kts?|java|swift|cs|vb|fs|scala|clj[cs]?|groovy"
    r"|c|cc|cpp|cxx|h|hpp|mm?|r|jl|nim|zig|hs|ml|pl|sh|bash|bats|ps1|vue|svelte)"
)
_TEST_NAME: Final = LazyRegex(
    r"(?i)(?:^|/)(?:tests?[_-][^/]{1,120}|conftest\.py|locustfile\.py|phpunit\.xml(?:\.dist)?|pytest\.ini|tox\.ini"
    r"|(?:jest|vitest|playwright|cypress|karma|wdio|protractor|nightwatch)[\w.-]{0,40}\.[cm]?[jt]sx?"
    rf"|(?:tests?|mocks?|fixtures?)\.(?:{_CODE}|json|ya?ml|toml|ini|env|properties|exs)"
    r"|(?:fake|mock)_[^/]{1,80}\.(?:go|py|rb)|env\.test)$"
    rf"|[._-](?:tests?|e2e|bench|benchmark|stories|story|mocks?|fixtures?|unittest)\.[a-z][a-z0-9]{{0,11}}$"
    rf"|[._-](?:spec|cy)\.{_CODE}$|\.(?:tests?|spec)[.-][\w-]{{1,20}}\.{_CODE}$"
    r"|\.(?!con|la|at|pro|grea)[a-z]{2,12}test\.[cm]?[jt]sx?$|\.(?:bats|feature)$"
    # Settings of a run of tests; of charts, the values that a chart is tried with.
    r"|(?:^|/)charts?/[\w.-]{1,80}/ci/[\w.-]{0,80}values\.ya?ml$"
    r"|(?:^|/)(?:docker-)?compose[\w.-]{0,40}[._-](?:tests?|testing|e2e|ci|integration)(?:[._-][\w.-]{0,40})?\.ya?ml$"
    r"|(?:^|/)(?:application|bootstrap|appsettings|settings|config)[._-](?:tests?|testing|it|e2e|integration-?tests?"
    r"|unit-?tests?)(?:[._-][\w-]{1,20})?\.[a-z]{2,10}$"
    r"|(?:^|/)[\w-]{0,40}\.env[\w.-]{0,60}?[._-](?:tests?|testing|e2e|ci)(?:[._-][\w.-]{1,40})?$"
)
# As classes of tests are called, which are spelt with capitals.
_TEST_CLASS: Final = LazyRegex(
    r"(?:^|/|[a-z0-9])(?:Tests?|IT|ITCase|TestCase|TestBase|TestUtils?|TestHelper|Mocks?|Fixtures?)"
    r"\.(?:java|kts?|scala|groovy|cs|vb|fs|php|swift|mm?|[jt]sx?|dart)$"
    r"|(?:^|/|[a-z0-9])Bench[Mm]arks?\.(?:java|kts?|scala|cs)$"
    # In Java, C# and PHP it is as often a specification.
    r"|(?:^|/|[a-z0-9])Specs?\.(?:kts?|scala|groovy|swift|[jt]sx?)$"
    r"|(?:^|/)(?:Test|Mock|Fake)[A-Z]\w{0,80}\.(?:java|kt|scala|groovy|cs|php|swift)$"
)
# An environment called `test` is deployed, and a recipe of a package stands in a `spec/` too.
_DEPLOYED_TEST: Final = LazyRegex(
    r"(?i)(?:^|/)(?:environments?|envs?|inventor(?:y|ies)|overlays?|stages|stacks|deploy(?:ments?)?|clusters?|regions?"
    r"|accounts?|subscriptions?|group_vars|host_vars|values)/(?:[\w.-]{1,40}/)?tests?(?=/)"
    r"|(?:^|/)specs?(?=/[^/]{1,120}\.spec$)"
)
_DEPLOYED_NAME: Final = LazyRegex(
    r"(?i)(?:^|/)(?:[\w-]{0,40}[_-])?values[._-]tests?\.ya?ml$|\.tfvars(?:\.json)?$|(?:^|/)(?:group|host)_vars/"
    r"|(?:^|/)inventor(?:y|ies)/"
    # The settings of an environment called `test`, beside those of the others.
    r"|(?:^|/)(?:conf|config|src/main/resources(?:/config)?)/(?:application|bootstrap|appsettings)[._-]test\.[a-z]{2,10}$"
)
# A pipeline called `test.yml` holds what the pipeline really uses.
_PIPELINE: Final = LazyRegex(
    r"(?i)(?:^|/)\.(?:(?:github|gitea|forgejo|depot)/(?:workflows|actions)|gitlab/ci|gitlab-ci|circleci|buildkite"
    r"|woodpecker|tekton|semaphore|teamcity)/|(?:^|/)(?:\.gitlab-ci|azure-pipelines|bitbucket-pipelines|jenkinsfile|\.drone|\.travis)[\w.-]{0,40}$"
)
# GitHub reads no workflows there: what stands in them is for the run alone.
_BESIDE_WORKFLOWS: Final = LazyRegex(r"(?:^|/)\.(?:github|gitea|forgejo)/workflows/[^/]{1,120}/")
# What a pipeline reads: its environment, its Compose file, the values that it tries a chart with.
_OF_PIPELINE: Final = LazyRegex(
    r"(?i)(?:^|/)(?:\.?ci/(?!(?:.{0,200}[/._-])?(?:prod|production|staging|live)[/._-])|ci\.(?:env|ya?ml)$)"
)
_DOCUMENT: Final = LazyRegex(
    r"(?i)(?:^|/)(?:docs?|api[-_]?docs?|documentation|wiki|man(?:ual|[1-9])?|handbook|guides?|how-?tos?)/"
    r"|(?:^|/)how[-_]?to[_-][\w.-]{1,80}\.(?:html?|txt|twig|erb|haml|vue)(?:\.\w{2,6})?$"
    r"|\.(?:md|mdx|mdown|markdown|rst|adoc|asciidoc|textile|pod|rdoc|rmd|qmd|tex)$"
    r"|(?:^|/)(?:readme|changelog|changes|contributing|history|news|upgrading|install|faq|security|release[-_]?notes)"
    r"(?:[_-][a-z]{2}(?:[_-][a-z]{2,4})?)?(?:\.(?:txt|html?))?$"
    r"|(?:^|/)(?:openapi|swagger)[\w.-]{0,40}\.(?:ya?ml|json)$|\.postman_collection\.json$"
    # What an API is asked and answers, kept to be shown.
    r"|(?:^|/)(?:requests?|responses?|payloads?)/[^/]{1,120}\.(?:json|xml|http)$|(?:^|/)[a-z][\w-]{0,60}\.(?:[1-8]|man|mdoc)$"
)
_EXAMPLE_DIRECTORY: Final = LazyRegex(
    r"(?i)(?:^|/)(?:_?examples?|_?samples?|demos?(?:[-_][\w.-]{1,40})?|playgrounds?|tutorials?|quick-?starts?|cookbook|snippets"
    r"|[\w.-]{1,40}[_-](?:examples?|samples?|demo)|(?:example|sample)s?[_-][\w.-]{1,40})/"
)
_EXAMPLE_NAME: Final = LazyRegex(
    r"(?i)(?:^|[._-])(?:examples?|samples?|skel)(?:$|[._-])|^demo[_-]|[._-]demo$|[._-]dist$|[._-]dist\.(?=[a-z]{2,6}$)"
)
# Packages of a program are no documents: `shop/guide/` below the sources of Maven.
_NO_DOCUMENT: Final = LazyRegex(r"(?i)(?:^|/)src/main/(?:java|kotlin|scala|groovy|resources)/.{0,400}(?=/)")
# Names that a package or a deployment has for reasons of its own: `com/example`, `environments/demo`.
_NO_EXAMPLE: Final = LazyRegex(
    r"(?i)(?:^|/)(?:com|org|net|io|dev|co)/(?:examples?|samples?|demos?)(?=/)"
    r"|(?:^|/)src/main/(?:java|kotlin|scala|groovy)/.{0,400}(?=/)"
    r"|(?:^|/)(?:environments?|envs?|inventor(?:y|ies)|overlays?|stages|stacks|deploy(?:ments?)?|clusters?|customers?"
    r"|tenants?|sites|group_vars|host_vars|values)/(?:demos?|samples?)(?=/)"
)
# What a package manager copied here: the secrets in it are those of whoever published it.
_VENDORED: Final = LazyRegex(
    r"(?i)(?:^|/)(?:node_modules|bower_components|\.yarn|jspm_packages|site-packages|__pypackages__|\.pnpm(?:-store)?|pods"
    r"|carthage|third[_-]?party|vendored|vendor/(?:bundle|composer|github\.com|golang\.org|google\.golang\.org"
    r"|gopkg\.in|k8s\.io))/"
)
_TEMPLATE_NAME: Final = LazyRegex(
    r"(?i)(?:^|[._/-])(?:examples?|samples?|dist|templates?|tmpl|tpl|j2|jinja2?|erb|skel)(?:$|[._-])"
    r"|\.(?:in|defaults?)$"
)
# Longer ones are no file's: the end says most.
_LONGEST: Final = 4096


@lru_cache(maxsize=1 << 15)
def role_of_path(path: str) -> PathRole:
    """The role of the content at `path`, with `/` between names; a member of an archive comes behind a `!`.

    What stands in no file (a commit's message, an object without a name) has the role of source.
    """
    if not path or path.startswith("<"):
        return PathRole.SOURCE
    path = path[-_LONGEST:].replace("!", "/")
    if is_test(path):
        return PathRole.TEST
    if _VENDORED.search(path):
        return PathRole.VENDORED
    if is_document(path):
        return PathRole.DOCUMENT
    return PathRole.EXAMPLE if is_example(path) else PathRole.SOURCE


def is_test(path: str) -> bool:
    """Whether the file belongs to tests, where passwords are made up."""
    pipeline = _PIPELINE.search(path)
    if _BESIDE_WORKFLOWS.search(path):
        return True
    place = _DEPLOYED_TEST.sub("/", path[: pipeline.start() + 1] if pipeline else path)
    if _TEST_DIRECTORY.search(place) or _TEST_DIRECTORY_CAPITAL.search(place) or _SNAPSHOT.search(place):
        return True
    if pipeline or _DEPLOYED_NAME.search(path):
        return False
    return bool(_TEST_NAME.search(place) or _TEST_CLASS.search(place))


def is_pipeline(path: str) -> bool:
    """Whether the file belongs to a pipeline: what it starts and fills lives as long as a run."""
    return bool(_PIPELINE.search(path) or _OF_PIPELINE.search(path))


def is_example(path: str) -> bool:
    """Whether the file shows how something is done, or is there to be copied and filled in."""
    name = path.rpartition("/")[2]
    return bool(_EXAMPLE_NAME.search(name) or _EXAMPLE_DIRECTORY.search(_NO_EXAMPLE.sub("/", path)))


def is_document(path: str) -> bool:
    """Whether the file is there to be read by people."""
    return bool(_DOCUMENT.search(_NO_DOCUMENT.sub("/", path)))


def is_template(path: str) -> bool:
    """Whether the file's name says that it is to be copied, or rendered by a program, and filled in.

    Not the same as an example: what a template of Ansible or Helm holds besides its slots is deployed.
    """
    return bool(_TEMPLATE_NAME.search(path.rpartition("/")[2]))
