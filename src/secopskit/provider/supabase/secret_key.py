"""Secret keys of a Supabase project: a new one beside the old, then the old one or the legacy keys go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from secopskit.errors import ConfigError, RefusedError, SecopsError
from secopskit.provider.exchange import exchange
from secopskit.provider.interface import (
    STAND_IN,
    Credential,
    NewValue,
    Outline,
    RotationDraft,
    RotationPhase,
    Surroundings,
    VerificationError,
)
from secopskit.provider.supabase.project import (
    LegacyKey,
    ProjectKey,
    SupabaseProject,
    legacy_key,
    matching_key,
    open_project,
    project_ref,
)
from secopskit.provider.vendor.making import made_name
from secopskit.provider.vendor.once import made_once
from secopskit.provider.vendor.talk import open_client, status_of
from secopskit.provider.vendor.waiting import patiently
from secopskit.secret import SecretValue

_LEGACY: Final = "legacy"
_REFUSALS: Final = (401, 403)
_OK: Final = range(200, 400)
_BY_HAND: Final = (
    "In the dashboard, under Project Settings, API Keys, Legacy: check that nothing reads the anon key "
    "and disable the legacy keys."
)
_ANON: Final = (
    "Disabling the legacy keys ends the anon key too: what reads it (NEXT_PUBLIC_SUPABASE_ANON_KEY and the "
    "like) must have a publishable key first"
)


@dataclass(frozen=True, slots=True)
class SupabaseKeyProvider:
    """The rotation of a secret key, or of the legacy `service_role` key to a secret key."""

    credential: Credential
    surroundings: Surroundings

    @property
    def phase(self) -> RotationPhase:
        """See `Provider.phase`."""
        return RotationPhase.DUAL

    @property
    def _old(self) -> SecretValue | None:
        return self.credential.old

    @property
    def _legacy(self) -> LegacyKey | None:
        return legacy_key(self._old)

    def _project(self, *hidden: SecretValue) -> SupabaseProject:
        known = (*hidden, *((self._old,) if self._old else ()))
        return open_project(self.credential, self.surroundings, known)

    def outline(self) -> Outline:
        """See `Provider.outline`."""
        ref, legacy = project_ref(self.credential), self._legacy is not None
        revoke = (
            "disable the legacy keys of the project, which can be undone"
            if legacy
            else "delete the old key, for good, and see a request with it refused"
        )
        edge = "Edge Functions that verify JWTs accept the legacy keys only"
        return Outline(
            create=f"make a secret key in the project {ref}",
            verify=f"one request with it to {self._url}/rest/v1/",
            revoke=revoke,
            strength="chosen by Supabase",
            costs=(_ANON, edge) if legacy else (),
            needs=(
                f"{self.credential.settings['token_env']}: an access token that may read and write API keys",
            ),
            unknown=("who still uses the old key: Supabase does not say",),
        )

    def prepare(self) -> RotationDraft:
        """See `Provider.prepare`."""
        self._check_kind()
        keys = self._project().api_keys()
        memo = {"name": made_name(self.surroundings.now())}
        if self._legacy is not None:
            return RotationDraft(memo=memo | {"old": _LEGACY})
        return RotationDraft(memo=memo | {"old": self._old_id(keys)})

    def _check_kind(self) -> None:
        """Refuse what is public by design, and a key of another project."""
        legacy = self._legacy
        public = "this key is public by design: who has it may do what row-level security lets anybody do"
        advice = "Is it the service_role key, or a secret key, that leaked?"
        if self._old is not None and self._old.reveal().startswith(b"sb_publishable_"):
            raise RefusedError(public, advice=advice)
        if legacy is None:
            return
        if legacy.role != "service_role":
            raise RefusedError(public, advice=advice)
        if legacy.project and legacy.project != project_ref(self.credential):
            raise ConfigError(
                f"{self.credential.id}: the key is one of another project than the declared one",
                advice="Correct the setting `project`.",
            )

    def _old_id(self, keys: list[ProjectKey]) -> str:
        """The id of the old key; empty for one that is dead already."""
        name = str(self.credential.settings["key_name"])
        key = matching_key(keys, self._old, name)
        if key is not None:
            return key.id
        if self._old is None:
            raise ConfigError(
                f"{self.credential.id}: the old key's value is not at hand, and no key has the name declared",
                advice="Say with `key_name` which of the project's secret keys is the old one.",
            )
        if self._status(self._old) not in _REFUSALS:
            raise RefusedError(
                f"{self.credential.id}: the project does not list the old key, and it is not seen to be dead",
                advice="Check `project`, and that the access token may see the values of keys.",
            )
        self.surroundings.tell.note(f"{self.credential.id}: the old key is refused already")
        return ""

    def create(self, draft: RotationDraft) -> NewValue:
        """See `Provider.create`."""
        project, name = self._project(), draft.memo["name"]
        made = made_once(lambda: self._sweep(project, name), lambda: project.make_key(name))
        if made.value is None:
            self._sweep(project, name)
            raise SecopsError(
                "Supabase made a key and does not show its value: the key was deleted again",
                advice="The access token must be allowed to see the values of API keys.",
            )
        return NewValue(value=made.value, memo={"id": made.id, "name": name, "old": draft.memo["old"]})

    @staticmethod
    def _sweep(project: SupabaseProject, name: str) -> int:
        """Delete the keys of that name, which is ours alone; how many there were."""
        ours = [key for key in project.api_keys() if key.name == name and key.kind == "secret"]
        for key in ours:
            project.delete_key(key.id, reason="given up by secops")
        return len(ours)

    def verify(self, new: NewValue) -> str:
        """See `Provider.verify`."""
        self._require_works(new.value, "the new key is not accepted")
        return f"a request with the new key to {self._url}/rest/v1/ was accepted; no query was made"

    def _require_works(self, value: SecretValue, otherwise: str) -> None:
        seen = list[int]()

        def works() -> bool:
            seen.append(self._status(value))
            return seen[-1] in _OK

        if not patiently(works, self.surroundings, self.credential.settings["patience"]):
            raise VerificationError(
                f"{self.credential.id}: {otherwise} by {self._url} ({seen[-1] or 'no answer'})",
                advice="Check `project_url`. The old key was left as it is.",
            )

    @property
    def _url(self) -> str:
        settings = self.credential.settings
        return str(settings["project_url"] or f"https://{project_ref(self.credential)}.supabase.co")

    def _status(self, value: SecretValue) -> int:
        """What the project answers to a request with that key; 0 where there is no answer."""
        client = open_client(self._url, self.surroundings, tries=2, headers={"apikey": value})
        return status_of(client, "/rest/v1/")

    def rewrite(self, value: SecretValue, new: NewValue) -> SecretValue | None:
        """See `Provider.rewrite`."""
        return exchange(value, self.credential.old, new.value)

    def stand_in(self) -> NewValue:
        """See `Provider.stand_in`."""
        return STAND_IN

    def in_use(self, new: NewValue) -> str:
        """See `Provider.in_use`. Supabase does not say who uses a key."""
        return ""

    def revoke(self, new: NewValue) -> str:
        """See `Provider.revoke`."""
        self._require_works(new.value, "the old key stays, because the new one is not accepted")
        project, old = self._project(new.value), new.memo["old"]
        if old == _LEGACY:
            done = self._disable_legacy(project)
        elif old:
            rule = self.credential.rule_id
            reason = f"rotated by secops: found by {rule}" if rule else "rotated by secops"
            project.delete_key(old, reason=reason, leaked=bool(rule))
            done = "the old key was deleted"
        else:
            done = "the old key was dead before"
        return f"{done}; {self._see_dead()}"

    def _disable_legacy(self, project: SupabaseProject) -> str:
        if project.legacy_enabled() is False:
            return "the legacy keys are disabled"
        respondent = self.surroundings.respondent
        question = f"{_ANON}. Has everything that reads it one by now?"
        if not self.credential.settings["anon_moved"] and not (
            respondent.present and respondent.agrees(question)
        ):
            raise RefusedError(
                "the legacy keys stay: nobody says that the readers of the anon key have another",
                advice="When they have, set `anon_moved: true`, or say so when asked.",
            )
        if not project.enable_legacy(False):
            raise RefusedError("the legacy keys of this project cannot be disabled here", advice=_BY_HAND)
        return "the legacy keys, service_role and anon, were disabled"

    def _see_dead(self) -> str:
        """That the old value is refused, in a sentence. Raises VerificationError."""
        old = self._old
        if old is None:
            return "it was not tried, because its value is not at hand"
        if not patiently(
            lambda: self._status(old) in _REFUSALS, self.surroundings, self.credential.settings["patience"]
        ):
            raise VerificationError(
                f"{self.credential.id}: the old key is not refused yet by {self._url}",
                advice="Try again in some minutes: how soon a key dies is not published.",
            )
        return "a request with it was refused"

    def rollback(self, draft: RotationDraft, new: NewValue | None) -> str:
        """See `Provider.rollback`."""
        project, old = self._project(), draft.memo["old"]
        if old == _LEGACY and project.legacy_enabled() is False:
            project.enable_legacy(True)
        if old != _LEGACY and not any(key.id == old for key in project.api_keys()):
            raise RefusedError(
                "the old key is gone, and cannot be brought back: the new one stays",
                advice="Go on with the rotation.",
            )
        if self._old is not None:
            self._require_works(self._old, "the new key stays, because the old one is not accepted")
        count = self._sweep(project, draft.memo["name"])
        return "the new key was deleted, the old one works" if count else "there was no new key to delete"

    def dies(self) -> tuple[SecretValue, ...]:
        """See `Provider.dies`."""
        return (self._old,) if self._old is not None else ()
