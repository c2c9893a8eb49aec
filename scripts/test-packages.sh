#!/bin/sh
# Programs that tests run and no wheel brings: a browser, hledger, a mail server, ODBC drivers. Installed when we may, named when not.
set -eu
missing=""
command -v chromium >/dev/null || missing="$missing chromium"
command -v hledger >/dev/null || missing="$missing hledger"
command -v msgfmt >/dev/null || missing="$missing gettext"
[ -e /usr/lib/x86_64-linux-gnu/odbc/psqlodbcw.so ] || [ -e /usr/lib/aarch64-linux-gnu/odbc/psqlodbcw.so ] || missing="$missing unixodbc odbc-postgresql"
[ -x /usr/sbin/dovecot ] || missing="$missing dovecot-imapd"
[ -e /usr/lib/x86_64-linux-gnu/odbc/libsqlite3odbc.so ] || [ -e /usr/lib/aarch64-linux-gnu/odbc/libsqlite3odbc.so ] || missing="$missing libsqliteodbc"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "The tests need these programs; install them and run again:  apt-get install$missing" >&2
    exit 1
fi
