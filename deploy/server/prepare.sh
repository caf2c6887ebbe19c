#!/bin/sh
# Folders, accounts and rights for one course on one server. As root; can be run again, and changes nothing then.
#   sh prepare.sh cnn /path/to/the/course
set -eu
course=$1 source=$2 account=course-$1 root=/srv/courses/$1

# An account that owns the course, and into which nobody logs in.
id "$account" >/dev/null 2>&1 || useradd --system --create-home --shell /usr/sbin/nologin "$account"
chmod 700 "$(getent passwd "$account" | cut -d: -f6)"

# The course: keys, grades, everybody's work. Its account's alone, from the first file on.
mkdir -p /srv/courses
chmod 755 /srv/courses
if [ ! -e "$root" ]; then
  mkdir -m 700 "$root"
  cp -R "$source/." "$root"
fi
chown -R "$account": "$root"
chmod 700 "$root"

# Backups hold all of it.
mkdir -p "/srv/backups/$course"
chown "$account": "/srv/backups/$course"
chmod 700 "/srv/backups/$course"

# The exchange, inside the course's folder: closed to everybody else, because students use the desk.
grep -q 'Exchange.root' "$root/nbgrader_config.py" || cat >> "$root/nbgrader_config.py" <<CONFIG

c.Exchange.root = "$root/exchange"
c.ExchangeCollect.check_owner = False  # the desk has settled who it is
CONFIG
