#!/bin/sh
# Does in folder $1, where Debian packages are unpacked but not set up, what their setup would do for a RUN step.
set -eu
cd "$1"
cp usr/share/base-passwd/passwd.master etc/passwd
cp usr/share/base-passwd/group.master etc/group
ln -s mawk usr/bin/awk
ln -s which.debianutils usr/bin/which
if [ -d usr/share/ca-certificates ]; then
    cat usr/share/ca-certificates/mozilla/*.crt >etc/ssl/certs/ca-certificates.crt
fi
