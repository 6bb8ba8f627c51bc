"""GitHub's published operations that secops uses, as a table: what each takes, asks for and answers.

From the REST descriptions at https://github.com/github/rest-api-description (github.com and GitHub
Enterprise Server 3.19). Stricter than those where the servers are: repository secrets of Dependabot and
Codespaces need value and key, a page has 100 entries at most, of variables 30. Permissions are those of
https://docs.github.com/en/rest/authentication/permissions-required-for-fine-grained-personal-access-tokens,
spelt as in `X-Accepted-GitHub-Permissions`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import unquote

from support.github.shapes import BOOLEAN, TEXT, Shape

VISIBILITIES: Final = ("all", "private", "selected")
_STATUSES: Final = (
    *("completed", "action_required", "cancelled", "failure", "neutral", "skipped", "stale", "success"),
    *("timed_out", "in_progress", "queued", "requested", "waiting", "pending"),
)


class QueryRule(NamedTuple):
    """What a query parameter takes: an integer up to `most`, or text, one of `enum` if there are any."""

    most: int = 0
    enum: tuple[str, ...] = ()


class BodyRule(NamedTuple):
    """What a body takes. `published` is what the published contract requires, which may be less."""

    properties: Mapping[str, Shape]
    required: frozenset[str]
    published: frozenset[str]
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation. `action` names what does it, `store` the kind of secrets it is about.

    `permissions` are all needed by a fine-grained token. `answers` are the statuses of success.
    """

    method: str
    template: str
    action: str
    answers: tuple[int, ...]
    permissions: Mapping[str, str]
    store: str = "actions"
    query: Mapping[str, QueryRule]
    body: BodyRule | None = None
    app_only: bool = False
    ghes: bool = True

    @property
    def segments(self) -> tuple[str, ...]:
        return tuple(self.template.strip("/").split("/"))

    def parameters(self, path: tuple[str, ...]) -> dict[str, str] | None:
        """The values in the path, decoded, or None where it is another's."""
        found = {}
        for wanted, given in zip(self.segments, path, strict=True):
            if wanted.startswith("{"):
                found[wanted[1:-1]] = unquote(given, errors="strict")
            elif wanted != given:
                return None
        return found if all(found.values()) else None


_PAGE: Final = {"per_page": QueryRule(most=100), "page": QueryRule(most=10**6)}
# https://docs.github.com/en/rest/actions/variables
_SHORT_PAGE: Final = {**_PAGE, "per_page": QueryRule(most=30)}
_BOX: Final = Shape("string", base64=True)
_SEALED: Final = {"encrypted_value": _BOX, "key_id": TEXT}
_SCOPE: Final = Shape("string", enum=VISIBILITIES)
_IDS: Final = Shape("array", items=("integer",))
_LOOSE_IDS: Final = Shape("array", items=("integer", "string"))
_VARIABLE: Final = {"name": TEXT, "value": TEXT}
_SCOPED: Final = {"visibility": _SCOPE, "selected_repository_ids": _IDS}
_BRANCHES: Final = Shape(
    "object", nullable=True, fields={"protected_branches": BOOLEAN, "custom_branch_policies": BOOLEAN}
)
_REVIEWERS: Final = Shape("array", nullable=True, items=("object",))
_ENVIRONMENT: Final = {
    "wait_timer": Shape("integer"),
    "prevent_self_review": BOOLEAN,
    "reviewers": _REVIEWERS,
    "deployment_branch_policy": _BRANCHES,
}
_GRANTS: Final = {
    "permissions": Shape("object"),
    "repositories": Shape("array", items=("string",)),
    "repository_ids": _IDS,
}
_RUNS: Final = {
    **_PAGE,
    **{each: QueryRule() for each in ("actor", "branch", "event", "created", "head_sha")},
    "status": QueryRule(enum=_STATUSES),
    "exclude_pull_requests": QueryRule(enum=("true", "false")),
    "check_suite_id": QueryRule(most=2**63 - 1),
}


_ORGANISATION_KINDS: Final = ("all", "public", "private", "forks", "sources", "member")
_PERSON_KINDS: Final = ("all", "owner", "member")
_OWN_KINDS: Final = ("all", "owner", "public", "private", "member")
_SORT: Final = QueryRule(enum=("created", "updated", "pushed", "full_name"))
_DIRECTION: Final = QueryRule(enum=("asc", "desc"))
_MINE: Final = {
    "visibility": QueryRule(enum=("all", "public", "private")),
    **{each: QueryRule() for each in ("affiliation", "since", "before")},
}


def _body(
    properties: Mapping[str, Shape],
    required: str = "",
    *,
    published: str | None = None,
    optional: bool = False,
) -> BodyRule:
    needed = frozenset(required.split())
    return BodyRule(
        properties, needed, needed if published is None else frozenset(published.split()), optional
    )


def _operation(
    line: str,
    action: str,
    *permissions: str,
    store: str = "actions",
    query: Mapping[str, QueryRule] | None = None,
    body: BodyRule | None = None,
    ghes: bool = True,
) -> Operation:
    """From `METHOD template statuses`, and permissions as `name=level`."""
    method, template, *statuses = line.split()
    return Operation(
        method=method,
        template=template,
        action=action,
        answers=tuple(map(int, statuses)),
        permissions=dict(each.split("=") for each in permissions if each != "app"),
        store=store,
        query=query or {},
        body=body,
        app_only="app" in permissions,
        ghes=ghes,
    )


def _secrets(root: str, store: str, names: str, put: BodyRule, *, ghes: bool = True) -> Iterator[Operation]:
    """The secrets below `root`; `names` are the permissions they need, for reading and for writing."""
    read = [f"{name}=read" for name in names.split()]
    write = [f"{name}=write" for name in names.split()]
    one = f"{root}/{{secret_name}}"
    for line, action, grants, query, body in (
        (f"GET {root} 200", "secrets.list", read, _PAGE, None),
        (f"GET {root}/public-key 200", "secrets.key", read, None, None),
        (f"GET {one} 200", "secrets.get", read, None, None),
        (f"PUT {one} 201 204", "secrets.put", write, None, put),
        (f"DELETE {one} 204", "secrets.delete", write, None, None),
    ):
        yield _operation(line, action, *grants, store=store, query=query, body=body, ghes=ghes)


def _variables(root: str, names: str, *, scoped: bool = False) -> Iterator[Operation]:
    read = [f"{name}=read" for name in names.split()]
    write = [f"{name}=write" for name in names.split()]
    shapes = {**_VARIABLE, **(_SCOPED if scoped else {})}
    needed = "name value visibility" if scoped else "name value"
    one = f"{root}/{{name}}"
    for line, action, grants, query, body in (
        (f"GET {root} 200", "variables.list", read, _SHORT_PAGE, None),
        (f"POST {root} 201", "variables.create", write, None, _body(shapes, needed)),
        (f"GET {one} 200", "variables.get", read, None, None),
        (f"PATCH {one} 204", "variables.update", write, None, _body(shapes)),
        (f"DELETE {one} 204", "variables.delete", write, None, None),
    ):
        yield _operation(line, action, *grants, query=query, body=body)


def _selection(
    root: str, what: str, name: str, store: str = "actions", *, page: bool = True, ghes: bool = True
) -> Iterator[Operation]:
    """Which repositories may use an entry: {secret_name} or {name} stands at the end of `root`."""
    one = f"{root}/repositories/{{repository_id}}"
    read, write = f"{name}=read", f"{name}=write"
    everything = f"{root}/repositories"
    query = _PAGE if page else None
    chosen = _body({"selected_repository_ids": _IDS}, "selected_repository_ids")
    for line, action, grant, asked, body in (
        (f"GET {everything} 200", f"{what}.selected", read, query, None),
        (f"PUT {everything} 204", f"{what}.select", write, None, chosen),
        (f"PUT {one} 204", f"{what}.add", write, None, None),
        (f"DELETE {one} 204", f"{what}.drop", write, None, None),
    ):
        yield _operation(line, action, grant, store=store, query=asked, body=body, ghes=ghes)


def _repositories() -> Iterator[Operation]:
    """One repository, and lists of them.

    Not published are the paths with a number: it is there that GitHub's own links to other pages lead.
    """
    yield _operation("GET /repos/{owner}/{repo} 200", "repositories.get", "metadata=read")
    for template, action, query in (
        ("/orgs/{org}/repos", "repositories.of_organisation", _kinds(*_ORGANISATION_KINDS)),
        ("/organizations/{account_id}/repos", "repositories.of_organisation", _kinds(*_ORGANISATION_KINDS)),
        ("/users/{username}/repos", "repositories.of_person", _kinds(*_PERSON_KINDS)),
        ("/user/{account_id}/repos", "repositories.of_person", _kinds(*_PERSON_KINDS)),
        ("/user/repos", "repositories.mine", {**_kinds(*_OWN_KINDS), **_MINE}),
    ):
        yield _operation(f"GET {template} 200", action, "metadata=read", query=query)


def _kinds(*kinds: str) -> dict[str, QueryRule]:
    return {**_PAGE, "type": QueryRule(enum=kinds), "sort": _SORT, "direction": _DIRECTION}


def _table() -> Iterator[Operation]:
    repo, org, user = "/repos/{owner}/{repo}", "/orgs/{org}", "/user/codespaces/secrets"
    environment = f"{repo}/environments/{{environment_name}}"
    plain = _body(_SEALED, "encrypted_value key_id")
    loose = _body(_SEALED, "encrypted_value key_id", published="")
    scoped = {**_SEALED, "visibility": _SCOPE}
    strict_ids = _body({**scoped, "selected_repository_ids": _IDS}, "visibility")
    loose_ids = _body({**scoped, "selected_repository_ids": _LOOSE_IDS}, "visibility")
    personal = _body({**_SEALED, "selected_repository_ids": _LOOSE_IDS}, "key_id")

    yield from _secrets(f"{repo}/actions/secrets", "actions", "secrets", plain)
    yield from _secrets(f"{environment}/secrets", "actions", "environments secrets", plain)
    yield from _secrets(f"{repo}/dependabot/secrets", "dependabot", "dependabot_secrets", loose)
    yield from _secrets(f"{repo}/codespaces/secrets", "codespaces", "codespaces_secrets", loose, ghes=False)
    yield from _secrets(f"{org}/actions/secrets", "actions", "organization_secrets", loose_ids)
    yield from _secrets(
        f"{org}/dependabot/secrets", "dependabot", "organization_dependabot_secrets", loose_ids
    )
    yield from _secrets(
        f"{org}/codespaces/secrets", "codespaces", "organization_codespaces_secrets", strict_ids, ghes=False
    )
    yield from _secrets(user, "codespaces", "codespaces_user_secrets", personal, ghes=False)
    for store, name in (
        ("actions", "organization_secrets"),
        ("dependabot", "organization_dependabot_secrets"),
        ("codespaces", "organization_codespaces_secrets"),
    ):
        root = f"{org}/{store}/secrets/{{secret_name}}"
        yield from _selection(root, "secrets", name, store, ghes=store != "codespaces")
    yield from _selection(
        f"{user}/{{secret_name}}", "secrets", "codespaces_user_secrets", "codespaces", page=False, ghes=False
    )
    yield from _variables(f"{repo}/actions/variables", "actions_variables")
    yield from _variables(f"{environment}/variables", "environments actions_variables")
    yield from _variables(f"{org}/actions/variables", "organization_actions_variables", scoped=True)
    yield from _selection(f"{org}/actions/variables/{{name}}", "variables", "organization_actions_variables")
    yield _operation(
        f"GET {repo}/actions/organization-secrets 200", "secrets.granted", "secrets=read", query=_PAGE
    )
    yield _operation(
        f"GET {repo}/actions/organization-variables 200",
        "variables.granted",
        "actions_variables=read",
        query=_SHORT_PAGE,
    )
    yield _operation(f"GET {repo}/environments 200", "environments.list", "actions=read", query=_PAGE)
    yield _operation(f"GET {environment} 200", "environments.get", "actions=read")
    yield _operation(
        f"PUT {environment} 200",
        "environments.put",
        "administration=write",
        body=_body(_ENVIRONMENT, optional=True),
    )
    yield _operation(f"DELETE {environment} 204", "environments.delete", "administration=write")
    yield from _repositories()
    yield _operation(f"GET {repo}/actions/runs 200", "runs.list", "actions=read", query=_RUNS)
    yield _operation(f"GET {repo}/keys 200", "keys.list", "administration=read", query=_PAGE)
    key = _body({"key": TEXT, "title": TEXT, "read_only": BOOLEAN}, "key")
    yield _operation(f"POST {repo}/keys 201", "keys.create", "administration=write", body=key)
    yield _operation(f"GET {repo}/keys/{{key_id}} 200", "keys.get", "administration=read")
    yield _operation(f"DELETE {repo}/keys/{{key_id}} 204", "keys.delete", "administration=write")
    yield _operation(f"GET {repo}/installation 200", "apps.of_repository", "app")
    yield _operation(f"GET {org}/installation 200", "apps.of_organisation", "app")
    since = {**_PAGE, "since": QueryRule(), "outdated": QueryRule()}
    yield _operation("GET /app/installations 200", "apps.installations", "app", query=since)
    yield _operation(
        "POST /app/installations/{installation_id}/access_tokens 201",
        "apps.grant",
        "app",
        body=_body(_GRANTS, optional=True),
    )
    yield _operation("DELETE /installation/token 204", "apps.revoke")
    yield _operation(f"GET {org} 200", "organisations.get")
    yield _operation("GET /user 200", "user.get")
    yield _operation("GET /rate_limit 200", "limits.get")


OPERATIONS: Final = tuple(_table())
_BY_LENGTH: Final[dict[tuple[str, int], list[Operation]]] = {}
for _each in sorted(OPERATIONS, key=lambda operation: operation.template.count("{")):
    _BY_LENGTH.setdefault((_each.method, len(_each.segments)), []).append(_each)


def find(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """The operation of a path below the API's base, still percent-encoded, and the values in it."""
    segments = tuple(path.removeprefix("/").split("/"))
    for operation in _BY_LENGTH.get((method, len(segments)), ()):
        parameters = operation.parameters(segments)
        if parameters is not None:
            return operation, parameters
    return None
