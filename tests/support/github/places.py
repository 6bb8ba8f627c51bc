"""What the other operations do: environments, workflow runs, deploy keys, apps, accounts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from support.github.access import App, Installation, installation_of
from support.github.answers import Answer, Refused, message, not_found, violated
from support.github.call import Call
from support.github.vault import stamp
from support.github.world import Environment

_PUBLIC_KEY: Final = re.compile(
    r"(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]{32,}={0,3}( .*)?"
)
_LASTS: Final = timedelta(hours=1)


def _environments(call: Call) -> Answer:
    found = sorted(call.repository().environments.values(), key=lambda each: each.name)
    return call.page([_environment(call, each) for each in found], "environments")


def _environment_get(call: Call) -> Answer:
    return Answer(200, _environment(call, call.environment()))


def _environment_put(call: Call) -> Answer:
    """What is not in the body is reset: to PUT an environment that is there takes its protection away."""
    name = call.parameters["environment_name"]
    if len(name) > 255:
        raise violated("the name of an environment has at most 255 characters")
    if any(each.keys() - {"type", "id"} for each in call.given.get("reviewers") or ()):
        raise violated("a reviewer has a type and an id")
    made = call.world.environment(call.repository().full_name, name, **call.given)
    made.puts += 1
    return Answer(200, _environment(call, made))


def _environment_delete(call: Call) -> Answer:
    del call.repository().environments[call.environment().name.lower()]
    return Answer(204)


def _environment(call: Call, found: Environment) -> dict[str, Any]:
    full_name = call.repository().full_name
    return {
        "id": found.id,
        "node_id": f"EN_{found.id}",
        "name": found.name,
        "url": f"{call.base}/repos/{full_name}/environments/{found.name}",
        "html_url": f"{call.world.site}/{full_name}/deployments",
        "created_at": stamp(found.created_at),
        "updated_at": stamp(found.updated_at),
        "protection_rules": found.protection_rules,
        "deployment_branch_policy": found.rules.get("deployment_branch_policy"),
    }


def _runs(call: Call) -> Answer:
    wanted = call.query.get("status")
    found = [each for each in call.repository().runs if wanted in (None, each["status"], each["conclusion"])]
    return call.page(found, "workflow_runs")


def _keys(call: Call) -> Answer:
    return call.page(list(call.repository().keys.values()), "")


def _key_create(call: Call) -> Answer:
    given = call.given
    if not _PUBLIC_KEY.fullmatch(given["key"].strip()):
        raise violated("key is not a valid public key")
    # The comment behind a key is not kept.
    key = " ".join(given["key"].split()[:2])
    if any(key == each["key"] for one in call.world.repositories.values() for each in one.keys.values()):
        error = {
            "resource": "PublicKey",
            "code": "custom",
            "field": "key",
            "message": "key is already in use",
        }
        raise Refused(message(422, "Validation Failed", errors=[error]))
    repository, number = call.repository(), call.world.next_id()
    url = f"{call.base}/repos/{repository.full_name}/keys/{number}"
    made = repository.keys[number] = {
        "id": number,
        "key": key,
        "url": url,
        "title": given.get("title", ""),
        "verified": True,
        "created_at": stamp(call.world.clock.now()),
        "read_only": given.get("read_only", False),
        "added_by": call.token.login,
        "last_used": None,
        "enabled": True,
    }
    return Answer(201, made, {"Location": url})


def _key_get(call: Call) -> Answer:
    return Answer(200, call.repository().keys[_key_number(call)])


def _key_delete(call: Call) -> Answer:
    del call.repository().keys[_key_number(call)]
    return Answer(204)


def _key_number(call: Call) -> int:
    text = call.parameters["key_id"]
    if not text.isdigit() or int(text) not in call.repository().keys:
        raise not_found()
    return int(text)


def _installations(call: Call) -> Answer:
    return call.page([_installation(call, each) for each in call.app.installations.values()], "")


def _installation_of_repository(call: Call) -> Answer:
    full_name = f"{call.parameters['owner']}/{call.parameters['repo']}"
    return _first(call, [each for each in call.app.installations.values() if each.covers(full_name)])


def _installation_of_organisation(call: Call) -> Answer:
    wanted = call.parameters["org"].lower()
    return _first(call, [each for each in call.app.installations.values() if each.account.lower() == wanted])


def _first(call: Call, found: list[Installation]) -> Answer:
    if not found:
        raise not_found()
    return Answer(200, _installation(call, found[0]))


def _grant(call: Call) -> Answer:
    """A token of an installation, narrowed to what the body names."""
    installation = installation_of(call.app, call.parameters["installation_id"])
    permissions = call.given.get("permissions") or installation.permissions
    if any(installation.permissions.get(name) not in (level, "write") for name, level in permissions.items()):
        raise Refused(message(422, "The permissions requested are not granted to this installation."))
    repositories = _narrowed(call, installation)
    token = call.doors.token(
        f"{call.app.slug}[bot]", permissions, repositories, installation=installation.id, lasts=_LASTS
    )
    body = {
        "token": token,
        "expires_at": stamp(call.world.clock.now() + _LASTS),
        "permissions": permissions,
        "repository_selection": "selected" if installation.repositories else "all",
    }
    return Answer(201, body)


def _narrowed(call: Call, installation: Installation) -> list[str]:
    covered = [each for each in call.world.repositories.values() if installation.covers(each.full_name)]
    names, ids = call.given.get("repositories"), call.given.get("repository_ids")
    if names is None and ids is None:
        return [each.full_name for each in covered]
    wanted = [each for each in covered if each.name in (names or ()) or each.id in (ids or ())]
    if len(wanted) != len(names or ()) + len(ids or ()):
        raise Refused(
            message(422, "There is at least one repository that does not exist or is not accessible.")
        )
    return [each.full_name for each in wanted]


def _revoke(call: Call) -> Answer:
    if not call.token.installation:
        raise Refused(message(403, "You must authenticate with an installation access token"))
    for text in [text for text, token in call.doors.tokens.items() if token is call.token]:
        del call.doors.tokens[text]
    return Answer(204)


def _installation(call: Call, found: Installation) -> dict[str, Any]:
    app: App = call.app
    created = stamp(found.created_at)
    return {
        "id": found.id,
        "app_id": app.id,
        "app_slug": app.slug,
        "target_type": call.world.accounts[found.account.lower()].type,
        "repository_selection": "all" if found.repositories is None else "selected",
        "access_tokens_url": f"{call.base}/app/installations/{found.id}/access_tokens",
        "permissions": found.permissions,
        "created_at": created,
        "updated_at": created,
        "suspended_at": None,
    }


def _organisation(call: Call) -> Answer:
    found = call.account()
    return Answer(
        200,
        {"login": found.login, "id": found.id, "type": found.type, "url": f"{call.base}/orgs/{found.login}"},
    )


def _user(call: Call) -> Answer:
    if call.token.installation:
        raise Refused(message(403, "Resource not accessible by integration"))
    found = call.world.person(call.token.login)
    return Answer(200, {"login": found.login, "id": found.id, "type": found.type, "url": f"{call.base}/user"})


ACTIONS: Final[Mapping[str, Callable[[Call], Answer]]] = {
    "environments.list": _environments,
    "environments.get": _environment_get,
    "environments.put": _environment_put,
    "environments.delete": _environment_delete,
    "runs.list": _runs,
    "keys.list": _keys,
    "keys.create": _key_create,
    "keys.get": _key_get,
    "keys.delete": _key_delete,
    "apps.installations": _installations,
    "apps.of_repository": _installation_of_repository,
    "apps.of_organisation": _installation_of_organisation,
    "apps.grant": _grant,
    "apps.revoke": _revoke,
    "organisations.get": _organisation,
    "user.get": _user,
}
