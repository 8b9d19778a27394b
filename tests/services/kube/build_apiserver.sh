#!/usr/bin/env bash
# Build kube-apiserver for the tests from Debian's own source package with Debian's Go (about four minutes, 2.5 GB while it lasts).
# usage: build_apiserver.sh            needs root and apt-get; nothing in /etc is changed
#        build_apiserver.sh --where    prints where the program is kept, outside of the tree
set -euo pipefail
version=1.20.2
edition=2 # counts up when this makes something else than before
destination=${XDG_CACHE_HOME:-$HOME/.cache}/blamefree-tests/kube-apiserver-$version-build$edition
if [ "${1:-}" = --where ]; then
  echo "$destination"
  exit
fi

# A function, so that bash has read all of it before the minutes that it takes.
make_it() {
  mkdir -p "$work/apt/lists/partial" "$work/apt/parts" "$work/src"
  cd "$work/src"
  apt-get update -qq || true
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-upgrade --no-install-recommends golang-1.19-go rsync make etcd-server openssl patch xz-utils dpkg-dev
  [ ! -x "$destination" ] || return 0

  # The machine's own Debian sources, read as source packages.
  cp /etc/apt/sources.list.d/*.sources "$work/apt/parts/" 2> /dev/null || true
  sed -i 's/^Types:.*/Types: deb-src/' "$work"/apt/parts/*.sources 2> /dev/null || true
  [ ! -s /etc/apt/sources.list ] || sed -n 's/^deb /deb-src /p' /etc/apt/sources.list > "$work/apt/src.list"
  touch "$work/apt/src.list"
  options=(-o Dir::Etc::SourceList="$work/apt/src.list" -o Dir::Etc::SourceParts="$work/apt/parts"
    -o Dir::State::Lists="$work/apt/lists" -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update -qq
  apt-get "${options[@]}" source -qq --download-only kubernetes

  tar xzf kubernetes_*.orig.tar.gz
  mkdir debian-part
  tar xJf kubernetes_*.debian.tar.xz -C debian-part
  cd "kubernetes-$version"
  while read -r patch; do patch -p1 -s < "../debian-part/debian/patches/$patch"; done < ../debian-part/debian/patches/series

  # Its reflect2 1.0.1 walks maps in a way that Go 1.18 ended: custom resources crash the server. As in reflect2 1.0.2:
  cd vendor/github.com/modern-go/reflect2
  sed -i 's/^func mapiterinit(rtype unsafe.Pointer, m unsafe.Pointer) \*hiter$/func mapiterinit(rtype unsafe.Pointer, m unsafe.Pointer, it *hiter)/
s/^\t\/\/ rest fields are ignored$/\tt, h, buckets, bptr unsafe.Pointer\n\toverflow, oldoverflow *[]unsafe.Pointer\n\tstartBucket uintptr\n\toffset uint8\n\twrapped bool\n\tB, i uint8\n\tbucket, checkBucket uintptr/' unsafe_link.go
  sed -i 's/^\treturn &UnsafeMapIterator{$/\tvar it hiter\n\tmapiterinit(type2.rtype, *(*unsafe.Pointer)(obj), \&it)\n&/
s/^\t\thiter:      mapiterinit(.*$/\t\thiter:      \&it,/' unsafe_map.go
  grep -q '^func mapiterinit.*it \*hiter)$' unsafe_link.go
  grep -q 'checkBucket' unsafe_link.go
  grep -q 'hiter:      &it,' unsafe_map.go
  cd ../../../..

  mkdir -p .go/src/k8s.io
  ln -sfn ../../.. .go/src/k8s.io/kubernetes
  printf 'KUBE_GIT_COMMIT=debian\nKUBE_GIT_TREE_STATE=clean\nKUBE_GIT_VERSION=v%s\nKUBE_GIT_MAJOR=1\nKUBE_GIT_MINOR=20\n' "$version" > "$work/version.sh"
  export PATH=/usr/lib/go-1.19/bin:$PATH GOPATH=$PWD/.go HOME=$work CGO_ENABLED=0 GOCACHE=$work/gocache GO111MODULE=off
  export KUBE_GIT_VERSION_FILE=$work/version.sh
  make WHAT=cmd/kube-apiserver
  mkdir -p "$(dirname "$destination")"
  # Complete or not there: another run may be looking.
  install -m755 _output/bin/kube-apiserver "$destination.part"
  mv "$destination.part" "$destination"
}

work=$(mktemp -d "${TMPDIR:-/tmp}/blamefree-build.XXXXXX")
trap 'rm -rf "$work"' EXIT
make_it
exit
