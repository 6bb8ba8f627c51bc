#!/bin/sh
# Takes leaked secrets out of a repository's whole history. This is `secops purge-history` by another
# name, for those who look for a script; docs/PURGE_HISTORY.md walks through a cleanup.
#
#   scripts/purge-secrets-from-history.sh /path/to/repository
#       shows the plan for all that a history scan finds; changes nothing
#   scripts/purge-secrets-from-history.sh /path/to/repository --rotated --apply
#       carries it out, once the secrets are rotated: asks first, makes a backup, proves the result
#   scripts/purge-secrets-from-history.sh . --secret-file values.txt --rotated --apply --yes --no-backup
#       unattended
#
# All options: scripts/purge-secrets-from-history.sh --help
set -u

self=$0
while [ -L "$self" ]; do # a link to this file, as in ~/bin
    target=$(readlink "$self")
    case $target in /*) self=$target ;; *) self=${self%/*}/$target ;; esac
done
case $self in */*) directory=${self%/*} ;; *) directory=. ;; esac

exec "$directory/secops" purge-history "$@"
