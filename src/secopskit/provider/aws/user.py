"""An IAM user and its access keys, two at most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from secopskit.errors import RefusedError
from secopskit.named_tuple import NamedTuple
from secopskit.provider.aws.iam import AwsIdentity, AwsRefusalError

MOST_KEYS: Final = 2
_GONE: Final = "NoSuchEntity"
_SKEW: Final = timedelta(minutes=15)  # no more than AWS accepts between its clock and ours


class IamKey(NamedTuple):
    """An access key as IAM lists it. `status` is `Active` or `Inactive`."""

    id: str
    status: str
    created: datetime


@dataclass(frozen=True, slots=True)
class IamUser:
    """A user, as `asking` sees it. All methods raise AwsRefusalError, ConfigError."""

    asking: AwsIdentity
    name: str

    def access_keys(self) -> dict[str, IamKey]:
        """The keys, by id."""
        found = self.asking.ask("iam", "list_access_keys", UserName=self.name)["AccessKeyMetadata"]
        return {
            item["AccessKeyId"]: IamKey(item["AccessKeyId"], str(item.get("Status", "")), item["CreateDate"])
            for item in found
        }

    def last_used(self, key_id: str) -> datetime | None:
        """When the key was last used, as far as AWS has noticed; None for never."""
        found = self.asking.ask("iam", "get_access_key_last_used", AccessKeyId=key_id)
        used: datetime | None = found.get("AccessKeyLastUsed", {}).get("LastUsedDate")
        return used

    def make_key(self) -> dict[str, Any]:
        """Make a key. Not asked twice."""
        made: dict[str, Any] = self.asking.ask("iam", "create_access_key", again=False, UserName=self.name)
        found: dict[str, Any] = made["AccessKey"]
        return found

    def set_active(self, key_id: str, active: bool) -> None:
        """Enable or disable a key."""
        status = "Active" if active else "Inactive"
        self.asking.ask("iam", "update_access_key", UserName=self.name, AccessKeyId=key_id, Status=status)

    def delete_key(self, key_id: str) -> None:
        """Delete a key; one that is not there is no error."""
        try:
            self.asking.ask("iam", "delete_access_key", UserName=self.name, AccessKeyId=key_id)
        except AwsRefusalError as error:
            if error.code != _GONE:
                raise

    def sweep(self, old_id: str, since: datetime) -> int:
        """Delete the keys beside `old_id` that came to be after `since` and were never used; how many.

        Raises RefusedError for another key.
        """
        others = [key for key in self.access_keys().values() if key.id != old_id]
        for key in others:
            if key.created < since - _SKEW or self.last_used(key.id) is not None:
                raise RefusedError(
                    f"the access key {key.id} of {self.name} was not made by this rotation",
                    advice="Delete it if nobody uses it, then go on.",
                )
            self.delete_key(key.id)
        return len(others)
