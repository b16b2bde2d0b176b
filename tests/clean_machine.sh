#!/bin/sh
# Prove the README's commands on a bare Debian (or Ubuntu) made with debootstrap.
#
#   tests/clean_machine.sh FOLDER [SUITE] -- COMMAND...      as root; SUITE is bookworm unless told
#   tests/clean_machine.sh /tmp/bare -- ./run test
#   tests/clean_machine.sh /tmp/bare noble -- ./run demo --auto --out /tmp/out
#
# FOLDER/SUITE.pristine is made once and kept; each run starts from a fresh copy of it in FOLDER/SUITE, with a clean
# clone of HEAD in /srv/agentdesk and this machine's own pip configuration and certificates. AGAIN=1 keeps the copy
# as the last run left it (to measure a second start). MIRROR is a package mirror, where debootstrap needs to be told.
set -eu

[ $# -ge 3 ] || { sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2; }
folder=$1
suite=bookworm
[ "$2" = -- ] || { suite=$2; shift; }
shift 2
source=$(cd "$(dirname "$0")/.." && pwd)
machine=$folder/$suite
mounts=

copy_in() { # $1: a file or folder of this machine, to the same place in the other
    [ -e "$1" ] || return 0
    mkdir -p "$machine$(dirname "$1")"
    cp -aL "$1" "$machine$(dirname "$1")/"
}

mount_in() { # $1: a file system of this machine
    mkdir -p "$machine$1"
    mount --bind "$1" "$machine$1"
    mounts="$machine$1 $mounts"
}

leave() {
    for mounted in $mounts; do umount "$mounted" || umount -l "$mounted"; done
}

make_pristine() {
    [ -e "$machine.pristine" ] && return
    components=main
    [ "$suite" = bookworm ] || components=main,universe # as an Ubuntu is installed
    debootstrap --variant=minbase --components=$components --include=python3,ca-certificates "$suite" "$machine.new" ${MIRROR-} >&2
    mv "$machine.new" "$machine.pristine"
}

make_machine() {
    [ -z "${AGAIN-}" ] || return 0
    rm -rf "$machine" # nothing is mounted here: leave() saw to it
    cp -a "$machine.pristine" "$machine"
    copy_in /etc/resolv.conf
    copy_in /etc/hosts
    copy_in /etc/ssl/certs/ca-certificates.crt
    copy_in /etc/pip.conf
    copy_in "$HOME/.config/pip"
    git clone -q --no-hardlinks "$source" "$machine/srv/agentdesk"
}

mkdir -p "$folder"
make_pristine
grep -q " $machine/" /proc/mounts && { echo "$machine is in use" >&2; exit 2; }
make_machine
trap leave EXIT
trap 'exit 130' INT TERM
for place in /proc /sys /dev /dev/shm /dev/pts; do mount_in "$place"; done
for place in $(sed -nE 's/^[a-z-]+ *= *//p' /etc/pip.conf "$HOME/.config/pip/pip.conf" 2>/dev/null |
    tr ' ' '\n' | sed -nE 's,/simple/?$,,; s,^(file://)?(/.*),\2,p'); do
    [ ! -d "$place" ] || mount_in "$place" # a package index that lives in a folder
done
began=$(date +%s)
status=0
env -i HOME="$HOME" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM="${TERM-dumb}" \
    CI="${CI-}" ${PIP_CERT:+PIP_CERT="$PIP_CERT"} \
    chroot "$machine" sh -c 'cd /srv/agentdesk && exec "$@"' sh "$@" || status=$?
echo "clean machine ($suite): $* -> exit $status after $(($(date +%s) - began)) s"
exit $status
