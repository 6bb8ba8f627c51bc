"""Publication of a new value: written to every source that has the old one, then to every sink.

What is going to be written is decided once and lies in the notebook with what was there before, so that
a publication can be finished, repeated and taken back.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence

from secopskit.errors import ExitCode, IncompleteError, SecopsError
from secopskit.named_tuple import NamedTuple
from secopskit.origin import build_origin
from secopskit.origin.interface import Origin
from secopskit.provider.interface import Credential, Provider
from secopskit.rotate.act.rewrites import path_of
from secopskit.rotate.keep.values import ValueRewrite
from secopskit.rotate.look.declared import DeclaredValues
from secopskit.rotate.look.effect import affected
from secopskit.rotate.look.files import require_files
from secopskit.rotate.request import RotationContext, RotationRequest
from secopskit.secret import SecretValue
from secopskit.settings.declaration import OriginChoice
from secopskit.state.private import sweep_scratch
from secopskit.sync.request import SyncRequest


class Published(NamedTuple):
    """What was published: sentences about it, and the repositories whose workflows may read it."""

    told: tuple[str, ...]
    repositories: tuple[str, ...] = ()


class _Source(NamedTuple):
    """A source to be written to, and what is put there: key -> (before, after).

    `there` is False for a file that has yet to be made.
    """

    origin: Origin
    there: bool
    values: dict[str, tuple[SecretValue | None, SecretValue]]


def publish(context: RotationContext, rewrites: Iterable[ValueRewrite], *, force: bool = False) -> Published:
    """Write the new values to sources and sinks. Done again it ends in the same state.

    Raises SecopsError; a source that has neither the value from before nor the new one is left alone, and
    so are all sinks, unless `force`.
    """
    rewrites = tuple(rewrites)
    told = list[str]()
    for source in _sources(context, rewrites):
        told += _write(source, force=force)
    repositories = dict[str, None]()
    for environment in dict.fromkeys(one.environment for one in rewrites if not one.file):
        mine = {
            (environment, one.name): one.after
            for one in rewrites
            if not one.file and one.environment == environment
        }
        sentence, places = _sync(context, environment, mine)
        told += sentence
        repositories |= dict.fromkeys(places)
    return Published(tuple(told), tuple(repositories))


def sweep(context: RotationContext, request: RotationRequest) -> None:
    """Remove what a killed publication has left beside the files that it was writing: values stand in it."""
    files = [*request.edits, request.to_file]
    files += [
        value.origin.arguments[0]
        for environment in context.sync.environments
        for value in environment.values
        if value.origin and value.origin.kind == "dotenv" and value.origin.arguments
    ]
    for directory in {os.path.dirname(os.path.realpath(path_of(context, file))) for file in files if file}:
        sweep_scratch(directory)


def _sources(context: RotationContext, rewrites: Sequence[ValueRewrite]) -> list[_Source]:
    """The sources to be written to, each once."""
    choices = {
        (environment.name, value.name): value
        for environment in context.sync.environments
        for value in environment.values
    }
    sources = dict[OriginChoice, _Source]()
    for one in rewrites:
        declared = None if one.file else choices.get((one.environment, one.name))
        choice = OriginChoice("dotenv", (one.file,)) if one.file else declared and declared.origin
        if choice is None:
            continue
        if choice not in sources:
            sources[choice] = _Source(build_origin(choice, context.origins), _is_there(context, choice), {})
        key = one.name if declared is None else declared.key
        sources[choice].values[key] = (one.before, one.after)
    return [source for source in sources.values() if source.origin.writable]


def _is_there(context: RotationContext, choice: OriginChoice) -> bool:
    return choice.kind != "dotenv" or os.path.lexists(path_of(context, choice.arguments[0]))


def _write(source: _Source, *, force: bool) -> list[str]:
    now = source.origin.read(list(source.values)) if source.there else {}
    fresh = dict[str, SecretValue]()
    for key, (before, after) in source.values.items():
        value = now[key].value if key in now else None
        if value == after:
            continue
        if value not in (None, before) and not force and before is not None:
            raise SecopsError(
                f"{now[key].place}: {key} was changed by somebody else meanwhile",
                advice="Put its old value back, or roll back: secops rotate rollback.",
            )
        fresh[key] = after
    if fresh:
        source.origin.write(fresh)
        again = source.origin.read(list(fresh))
        if any(key not in again or again[key].value != value for key, value in fresh.items()):
            raise SecopsError(
                f"{source.origin.label}: does not have what was written to it",
                advice="Who else writes to it?",
            )
    return [f"{source.origin.label} has {', '.join(source.values)}"]


def _sync(
    context: RotationContext, environment: str, given: dict[tuple[str, str], SecretValue]
) -> tuple[list[str], list[str]]:
    """Hand the new values to the sinks of an environment; what was said of it, and the repositories."""
    names = tuple(name for _, name in given)
    if not _has_sinks(context, environment, names):
        return [], []
    from secopskit.sync import run as sync  # only where something is kept in a sink

    request = _request(context, environment, given)
    plan = sync.plan(request, sinks=context.sinks, tell=context.tell)
    repositories = [item.repository for item in plan.items if item.repository]
    # An empty plan is applied, too: that ends what an earlier attempt has left.
    outcome = sync.apply(plan, request, respondent=context.respondent, consented=True, tell=context.tell)
    if outcome.code not in (ExitCode.OK, ExitCode.FINDINGS):
        raise IncompleteError(
            "not all sinks have the new value",
            advice="See what stands in the way, then: secops rotate apply --resume",
        )
    written = dict.fromkeys(item.sink.address for item in plan.items if plan.is_work(item))
    return [f"{address} has {', '.join(names)}" for address in written], repositories


def _has_sinks(context: RotationContext, environment: str, names: Collection[str]) -> bool:
    return any(
        value.sinks and value.name in names
        for one in context.sync.environments
        if one.name == environment
        for value in one.values
    )


def _request(
    context: RotationContext, environment: str, given: Mapping[tuple[str, str], SecretValue]
) -> SyncRequest:
    return SyncRequest(
        config=context.sync,
        origins=context.origins,
        root=context.session.root,
        state_dir=context.repository.state_dir,
        environments=(environment,),
        names=tuple(name for _, name in given),
        given=given,
    )


def require_reachable(
    context: RotationContext,
    request: RotationRequest,
    credential: Credential,
    provider: Provider,
    declared: DeclaredValues,
) -> None:
    """Look whether files can be written and sinks reached, before anything is made that they need.

    Raises SecopsError.
    """
    written = affected(context, declared, credential, provider, request.edits).written
    require_files(context, request, written)
    wanted = dict[str, dict[tuple[str, str], SecretValue]]()
    for place in written:
        if place.value is not None:
            wanted.setdefault(place.environment, {})[place.environment, place.name] = place.value
    for environment, given in wanted.items():
        if not _has_sinks(context, environment, [name for _, name in given]):
            continue
        from secopskit.sync import run as sync  # only where something is kept in a sink
        from secopskit.sync.compare.owners import require_owners

        plan = sync.plan(_request(context, environment, given), sinks=context.sinks, tell=context.tell)
        if plan.unreachable:
            raise plan.unreachable[0].error
        require_owners(context.origins, [item.sink for item in plan.items if item.value is not None])
