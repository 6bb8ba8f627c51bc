"""What the operations on secrets and variables do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from support.github.answers import Answer, conflict, not_found, violated
from support.github.call import Call
from support.github.vault import Held, Shelf, Vault, check_name, stamp
from support.github.world import Repository

_Does = Callable[[Call], Answer]


def _secrets_list(call: Call) -> Answer:
    held = sorted(call.vault().held.values(), key=lambda each: each.name)
    return call.page([_shown(call, each) for each in held], "secrets")


def _secrets_key(call: Call) -> Answer:
    vault = call.vault()
    return Answer(200, {"key_id": vault.key_id, "key": vault.public_key})


def _secrets_get(call: Call) -> Answer:
    return Answer(200, _shown(call, _found(call.vault(), call)))


def _secrets_put(call: Call) -> Answer:
    vault, name, given = call.vault(), call.parameters["secret_name"], call.given
    check_name(name)
    there = vault.get(name)
    sealed = "encrypted_value" in given
    if sealed != ("key_id" in given) or (there is None and not sealed):
        raise violated("encrypted_value and key_id go together, and a new secret needs them")
    scope = _scope(call, there)
    # Without a value only who may use it is changed.
    value = vault.open(given["encrypted_value"], given["key_id"]) if sealed or there is None else there.value
    _set_scope(vault.put(name, value), scope)
    return Answer(201, {}) if there is None else Answer(204)


def _secrets_delete(call: Call) -> Answer:
    return _deleted(call.vault(), call)


def _variables_list(call: Call) -> Answer:
    held = sorted(call.shelf().held.values(), key=lambda each: each.name)
    return call.page([_shown(call, each, value=True) for each in held], "variables", size=10)


def _variables_get(call: Call) -> Answer:
    return Answer(200, _shown(call, _found(call.shelf(), call), value=True))


def _variables_create(call: Call) -> Answer:
    shelf, given = call.shelf(), call.given
    check_name(given["name"])
    if shelf.get(given["name"]) is not None:
        raise conflict("Already exists - Variable already exists")
    scope = _scope(call, None)
    _set_scope(shelf.put(given["name"], given["value"].encode()), scope)
    return Answer(201, {})


def _variables_update(call: Call) -> Answer:
    shelf, given = call.shelf(), call.given
    held = _found(shelf, call)
    if not given:
        raise violated("nothing is to be changed")
    if given.get("name", held.name).upper() != held.name:
        raise violated("secops has no reason to rename a variable")
    scope = _scope(call, held)
    shelf.put(held.name, given["value"].encode() if "value" in given else held.value)
    _set_scope(held, scope)
    return Answer(204)


def _variables_delete(call: Call) -> Answer:
    return _deleted(call.shelf(), call)


def _secrets_granted(call: Call) -> Answer:
    repository = call.repository()
    account = call.world.accounts[repository.owner.lower()]
    held = [each for each in account.secrets["actions"].held.values() if _may_use(each, repository)]
    return call.page([_bare(each) for each in sorted(held, key=lambda each: each.name)], "secrets")


def _variables_granted(call: Call) -> Answer:
    repository = call.repository()
    account = call.world.accounts[repository.owner.lower()]
    held = [each for each in account.variables.held.values() if _may_use(each, repository)]
    shown = [_bare(each, value=True) for each in sorted(held, key=lambda each: each.name)]
    return call.page(shown, "variables", size=10)


def _selected(call: Call) -> Answer:
    held = _selectable(call)
    chosen = [_summary(each) for each in call.world.repositories.values() if each.id in held.selected]
    if call.operation.query:
        return call.page(chosen, "repositories")
    return Answer(200, {"total_count": len(chosen), "repositories": chosen})


def _select(call: Call) -> Answer:
    held = _selectable(call)
    held.selected = _known(call, call.given["selected_repository_ids"])
    # A change of the selection counts as one of the entry.
    held.updated_at = call.world.clock.now()
    return Answer(204)


def _add(call: Call) -> Answer:
    held = _selectable(call)
    held.selected |= _known(call, [call.parameters["repository_id"]])
    held.updated_at = call.world.clock.now()
    return Answer(204)


def _drop(call: Call) -> Answer:
    held = _selectable(call)
    held.selected -= _known(call, [call.parameters["repository_id"]])
    held.updated_at = call.world.clock.now()
    return Answer(204)


def _name(call: Call) -> str:
    return call.parameters.get("secret_name") or call.parameters["name"]


def _found(shelf: Shelf, call: Call) -> Held:
    held = shelf.get(_name(call))
    if held is None:
        raise not_found()
    return held


def _deleted(shelf: Shelf, call: Call) -> Answer:
    del shelf.held[_found(shelf, call).name]
    return Answer(204)


def _selectable(call: Call) -> Held:
    """The entry whose selection is asked for. Refuses one that all or the private repositories may use."""
    shelf: Shelf | Vault = call.vault() if "secret_name" in call.parameters else call.shelf()
    held = _found(shelf, call)
    if held.visibility != "selected":
        raise conflict("Visibility is not set to selected")
    return held


def _scope(call: Call, there: Held | None) -> tuple[str, set[int]] | None:
    """The visibility and selection that are to be set; None where they stay, or where there are none."""
    if not call.scoped:
        return None
    given = call.given
    ids = given.get("selected_repository_ids")
    # A person's secrets know a selection alone.
    visibility = given.get("visibility") if "org" in call.parameters else "selected"
    if visibility is None and ids is None:
        return None
    if ids is None:
        # Published, but it would empty the selection or leave it to chance.
        if visibility == "selected" and ("org" in call.parameters or there is None):
            raise violated("selected_repository_ids is missing")
        return None if visibility == "selected" else (str(visibility), set())
    if visibility is None and (there is None or there.visibility != "selected"):
        raise violated("selected_repository_ids needs the visibility `selected`")
    if visibility not in (None, "selected"):
        raise violated(f"selected_repository_ids does not go with the visibility `{visibility}`")
    return "selected", _known(call, ids)


def _set_scope(held: Held, scope: tuple[str, set[int]] | None) -> None:
    if scope is not None:
        held.visibility, held.selected = scope


def _known(call: Call, ids: list[Any]) -> set[int]:
    """Ids of repositories as numbers. Refuses those of other accounts, and what is no number."""
    owners = {each.id: each.owner.lower() for each in call.world.repositories.values()}
    found = {int(each) if str(each).isdigit() else 0 for each in ids}
    own = call.parameters.get("org", "").lower()
    if any(each not in owners or (own and owners[each] != own) for each in found):
        raise violated("selected_repository_ids has a repository that is not there")
    return found


def _may_use(held: Held, repository: Repository) -> bool:
    match held.visibility:
        case "all":
            return True
        case "private":
            return repository.private
        case _:
            return repository.id in held.selected


def _shown(call: Call, held: Held, *, value: bool = False) -> dict[str, Any]:
    shown = _bare(held, value=value)
    if call.scoped:
        shown["visibility"] = held.visibility
        if held.visibility == "selected":
            path = call.path.removesuffix(f"/{_name_in(call)}")
            shown["selected_repositories_url"] = f"{call.base}{path}/{held.name}/repositories"
    return shown


def _name_in(call: Call) -> str:
    return call.parameters.get("secret_name") or call.parameters.get("name") or "\0"


def _bare(held: Held, *, value: bool = False) -> dict[str, Any]:
    shown = {"name": held.name, "created_at": stamp(held.created_at), "updated_at": stamp(held.updated_at)}
    return {**shown, "value": held.value.decode()} if value else shown


def _summary(repository: Repository) -> dict[str, Any]:
    return {
        "id": repository.id,
        "node_id": f"R_{repository.id}",
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.private,
        "url": f"https://api.github.com/repos/{repository.full_name}",
    }


ACTIONS: Final[Mapping[str, _Does]] = {
    "secrets.list": _secrets_list,
    "secrets.key": _secrets_key,
    "secrets.get": _secrets_get,
    "secrets.put": _secrets_put,
    "secrets.delete": _secrets_delete,
    "secrets.granted": _secrets_granted,
    "secrets.selected": _selected,
    "secrets.select": _select,
    "secrets.add": _add,
    "secrets.drop": _drop,
    "variables.list": _variables_list,
    "variables.get": _variables_get,
    "variables.create": _variables_create,
    "variables.update": _variables_update,
    "variables.delete": _variables_delete,
    "variables.granted": _variables_granted,
    "variables.selected": _selected,
    "variables.select": _select,
    "variables.add": _add,
    "variables.drop": _drop,
}
