"""What the operations on repositories do: one of them, and lists for an organisation, a person, a caller.

What the published contract leaves open is decided so: each token is of a member of every organisation, and
sees of what is private what is in its reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from support.github.answers import Answer, Refused, message, not_found, violated
from support.github.call import Call
from support.github.vault import stamp
from support.github.world import Account, Repository

_AFFILIATIONS: Final = frozenset({"owner", "collaborator", "organization_member"})
_NEVER: Final = datetime.fromtimestamp(0, UTC)
# Of equals, the one that was made first comes first, or last where the direction is the other one.
_ORDERS: Final[Mapping[str, Callable[[Repository], Any]]] = {
    "created": lambda each: each.created_at,
    "updated": lambda each: each.updated_at,
    "pushed": lambda each: each.pushed_at or _NEVER,
    "full_name": lambda each: each.full_name.lower(),
}


def _get(call: Call) -> Answer:
    return Answer(200, _shown(call, call.repository()))


def _of_organisation(call: Call) -> Answer:
    account = _account(call, "org")
    if account.type != "Organization":
        raise not_found()
    kind, login = call.query.get("type", "all"), call.token.login.lower()
    kinds: dict[str, Callable[[Repository], bool]] = {
        "public": lambda each: not each.private,
        "private": lambda each: each.private,
        "forks": lambda each: each.fork,
        "sources": lambda each: not each.fork,
        "member": lambda each: login in each.collaborators,
    }
    found = _seen(call, _owned(call, account))
    if kind != "all":
        found = list(filter(kinds[kind], found))
    return _listed(call, found, "created", f"/organizations/{account.id}/repos")


def _of_person(call: Call) -> Answer:
    """The public repositories of a person: those of others that help there are those of a `member`."""
    account, kind = _account(call, "username"), call.query.get("type", "owner")
    login, everything = account.login.lower(), call.world.repositories.values()
    found = _owned(call, account) if kind != "member" else []
    if kind != "owner":
        helped = [each for each in everything if login in each.collaborators]
        found += [each for each in helped if each.owner.lower() != login]
    public = [each for each in found if not each.private]
    return _listed(call, public, "full_name", f"/user/{account.id}/repos")


def _mine(call: Call) -> Answer:
    if call.token.installation:
        raise Refused(message(403, "Resource not accessible by integration"))
    wanted, kind = _wanted_affiliations(call), call.query.get("type", "all")
    visibility = call.query.get("visibility", kind if kind in ("public", "private") else "all")
    since, before = _moment(call, "since", _NEVER), _moment(call, "before", datetime.max.replace(tzinfo=UTC))
    found = [
        each
        for each in _seen(call, list(call.world.repositories.values()))
        if visibility in ("all", "private" if each.private else "public")
        and since < each.updated_at < before
        and not wanted.isdisjoint(_affiliations(call, each))
    ]
    return _listed(call, found, "full_name", "")


def _wanted_affiliations(call: Call) -> frozenset[str]:
    query = call.query
    if "type" in query and ("visibility" in query or "affiliation" in query):
        raise violated("type does not go together with visibility or affiliation")
    given = frozenset(query["affiliation"].split(",")) if "affiliation" in query else _AFFILIATIONS
    if not given <= _AFFILIATIONS:
        raise violated("the query parameter affiliation has what is none")
    return {
        "owner": frozenset({"owner"}),
        "member": frozenset({"collaborator", "organization_member"}),
    }.get(query.get("type", ""), given)


def _affiliations(call: Call, repository: Repository) -> Iterable[str]:
    """What the caller has to do with a repository."""
    login = call.token.login.lower()
    if repository.owner.lower() == login:
        yield "owner"
    if login in repository.collaborators:
        yield "collaborator"
    if call.world.accounts[repository.owner.lower()].type == "Organization":
        yield "organization_member"


def _moment(call: Call, name: str, otherwise: datetime) -> datetime:
    if name not in call.query:
        return otherwise
    try:
        found = datetime.fromisoformat(call.query[name])
    except ValueError:
        raise violated(f"the query parameter {name} is no time") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _account(call: Call, name: str) -> Account:
    """The account in the path: by its login, under `name`, or by its number."""
    accounts = call.world.accounts
    if name in call.parameters:
        found = accounts.get(call.parameters[name].lower())
    else:
        number = call.parameters["account_id"]
        found = next((each for each in accounts.values() if str(each.id) == number), None)
    if found is None:
        raise not_found()
    return found


def _owned(call: Call, account: Account) -> list[Repository]:
    login = account.login.lower()
    return [each for each in call.world.repositories.values() if each.owner.lower() == login]


def _seen(call: Call, found: list[Repository]) -> list[Repository]:
    """Those that the token sees: what is private only in its reach."""
    token = call.token
    if token.repositories is None:
        return found
    return [each for each in found if not each.private or token.sees(each.full_name)]


def _listed(call: Call, found: list[Repository], order: str, path: str) -> Answer:
    """A page of what was found, in `order` if none was asked for; links to others lead to `path`."""
    order = call.query.get("sort", order)
    direction = call.query.get("direction", "asc" if order == "full_name" else "desc")
    ordered = sorted(found, key=_ORDERS[order])
    if direction == "desc":
        ordered.reverse()
    return call.page(ordered, "", show=lambda each: _shown(call, each), path=path)


def _shown(call: Call, found: Repository) -> dict[str, Any]:
    owner = call.world.accounts[found.owner.lower()]
    page = f"{call.world.site}/{found.full_name}"
    return {
        "id": found.id,
        "node_id": f"R_{found.id}",
        "name": found.name,
        "full_name": found.full_name,
        "private": found.private,
        "visibility": found.visibility,
        "owner": {"login": owner.login, "id": owner.id, "type": owner.type},
        "description": None,
        "fork": found.fork,
        "archived": found.archived,
        "disabled": found.disabled,
        "size": found.size,
        "default_branch": found.default_branch,
        "created_at": stamp(found.created_at),
        "updated_at": stamp(found.updated_at),
        "pushed_at": stamp(found.pushed_at) if found.pushed_at else None,
        "url": f"{call.base}/repos/{found.full_name}",
        "html_url": page,
        "clone_url": f"{page}.git",
    }


ACTIONS: Final[Mapping[str, Callable[[Call], Answer]]] = {
    "repositories.get": _get,
    "repositories.of_organisation": _of_organisation,
    "repositories.of_person": _of_person,
    "repositories.mine": _mine,
}
