#!/bin/sh
# Makes a busybox root of the unpacked package in folder $1: the applets' links, users, the folders a program expects.
set -eu
cd "$1"
rm -rf etc usr var
mkdir -p bin etc home proc root sys tmp usr/bin usr/sbin var/tmp
chmod 700 root
chmod 1777 tmp var/tmp
for applet in $("$BUSYBOX" --list); do
    [ "$applet" = busybox ] || ln -s busybox "bin/$applet"
done
ln -s /bin/env usr/bin/env
printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'nobody:x:65534:65534:nobody:/home:/bin/false' >etc/passwd
printf '%s\n' 'root:x:0:' 'nobody:x:65534:' >etc/group
