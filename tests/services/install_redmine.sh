#!/usr/bin/env bash
# Redmine, its SQLite database and puma from Debian's packages, without starting anything; wants root. A minute.
set -euo pipefail
shim=$(mktemp -d) policy=/usr/sbin/policy-rc.d ours=
trap 'rm -rf "$shim"; [ -z "$ours" ] || rm -f "$policy"' EXIT

# The package's own script runs "bundle install", which would go to the network: what Debian brings is enough.
cat > "$shim/bundle" << 'END'
#!/bin/sh
[ "$1" = install ] && exec /usr/bin/bundle check
exec /usr/bin/bundle "$@"
END
chmod +x "$shim/bundle"

# Do not start services.
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod +x "$policy" && ours=yes
fi
apt-get update -qq || echo "the list of packages could not be updated"
PATH="$shim:$PATH" DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends redmine redmine-sqlite puma ruby-bundler
