#!/usr/bin/env bash
# The packages of dist/ on an empty Debian: `make deb-try`, after `make deb`. Run as root.
#   tools/deb_try.sh [SUITE [ARCH]]      trixie amd64; bookworm as well; arm64 is emulated (qemu-user)
# Installed without a network, until a simulated gate has decided about people and the county has their records; then
# removed and purged. A folder is no board: services, devices and lamps are tried in the rig (make rig-install).
set -euo pipefail
cd "$(dirname "$0")/.."
suite=${1:-trixie} arch=${2:-amd64}
# Records at the county that are enough: the first ones tell of the gate's start, the others of people.
enough=10
apt="apt-get -qq -y --no-install-recommends"

fail() {
    echo "失败 / FAILED: $1" >&2
    exit 1
}

inside() { # a command in the empty Debian
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive "$@"
}

as_gate() { inside setpriv --reuid=foregate --regid=foregate --clear-groups foregate "$@"; }

prepare() { # this machine: what it needs, and a namespace in which nothing stays mounted and nothing goes on running
    [ "$(id -u)" = 0 ] || fail "需要 root / this wants root: sudo make deb-try"
    local gate=(dist/foregate_*_"$arch".deb) county=(dist/foregate-county_*_"$arch".deb)
    [ -e "${gate[0]}" ] && [ -e "${county[0]}" ] || fail "dist/ 里没有 $arch 软件包，请运行 make deb / no $arch packages in dist/, run make deb"
    local need=(mmdebstrap)
    [ "$arch" = "$(dpkg --print-architecture)" ] || need+=(qemu-user-static binfmt-support arch-test)
    if ! dpkg -s "${need[@]}" >/dev/null 2>&1; then
        echo "安装 / installing: ${need[*]}" >&2
        apt-get -qq update >/dev/null
        DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${need[@]}" >/dev/null
    fi
    local work code=0
    work=$(mktemp -d)
    unshare --mount --pid --fork --kill-child --mount-proc tools/deb_try.sh "$suite" "$arch" "$work/root" debian || code=$?
    rm -rf "$work"
    exit $code
}

debian() { # an empty one, with what the packages want of Debian downloaded, not installed; then the network goes
    mount --make-rprivate /
    mkdir "$root"
    mount -t tmpfs tmpfs "$root"
    mmdebstrap -q --architectures="$arch" --variant=minbase --include=ca-certificates "$suite" "$root"
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    mkdir "$root/debs"
    cp dist/foregate_*_"$arch".deb "$root/debs/foregate.deb"
    cp dist/foregate-county_*_"$arch".deb "$root/debs/county.deb"
    inside sh -c "apt-get -qq update && $apt --download-only install /debs/foregate.deb /debs/county.deb" >/dev/null
    unshare --net tools/deb_try.sh "$suite" "$arch" "$root" offline
}

offline() { # installed, and people decided about
    ip link set lo up
    inside sh -c "$apt install /debs/foregate.deb /debs/county.deb" >"$root/apt.txt" 2>&1 || fail "$(tail "$root/apt.txt")"
    echo "Debian $(cat "$root/etc/debian_version") $arch, $(inside python3 --version): 没有网络，已安装 / installed without a network"
    local config=/var/lib/foregate/gate.toml said
    said=$(inside /usr/lib/foregate/current/bin/python -Ic 'import lgpio; print(lgpio.get_module_version())' 2>&1) || fail "$said"
    echo "引脚库 / pin library: $said"
    said=$(inside foregate-county add-gate try-1 --name 东门 --school 第一小学 2>&1) || fail "$said"
    [[ $said != *"not found"* ]] || fail "$said"
    inside foregate-county serve >"$root/county.txt" 2>&1 &
    cat >"$root$config" <<END
[gate]
id = "try-1"
[camera]
kind = "sim"
rotation_deg = 90
[store]
path = "records.sqlite"
[county]
url = "http://127.0.0.1:8600"
token_file = "token"
every_s = 1.0
END
    inside chown foregate: $config
    local code
    code=$(grep -oE '\b[A-Z0-9]{4,5}(-[A-Z0-9]{4,5}){2,3}\b' <<<"$said" | head -n 1) || fail "$said"
    for _ in $(seq 240); do
        sleep 2
        if as_gate enrol --config $config --code "$code" >"$root/enrol.txt" 2>&1; then break; fi
    done
    [ -s "$root/var/lib/foregate/token" ] || fail "$(cat "$root/enrol.txt" "$root/county.txt")"
    as_gate run --config $config >"$root/gate.txt" 2>&1 &
    as_gate sync --config $config >"$root/sync.txt" 2>&1 &
    local told="" count=0
    for _ in $(seq 200); do
        sleep 3
        # Until the first record has arrived there is nothing to count.
        told=$(inside foregate-county verify-gate try-1 2>&1) || continue
        count=$(grep -oE '[0-9]+ (条|records)' <<<"$told" | head -n 1 | tr -dc 0-9) || count=0
        if [ "${count:-0}" -ge $enough ]; then break; fi
    done
    [ "${count:-0}" -ge $enough ] || fail "$told $(tail -n 5 "$root/gate.txt" "$root/sync.txt")"
    echo "县里 / at the county: ${told%%$'\n'*}"
    gone
}

gone() { # removed, the data stay; purged, they are gone
    pkill -INT -f 'foregate (run|sync) --config' || true
    sleep 3
    local people chain
    chain=$(inside foregate verify /var/lib/foregate/records.sqlite 2>&1) || fail "$chain"
    people=$(inside python3 -c "import sqlite3; print(sqlite3.connect('file:/var/lib/foregate/records.sqlite?mode=ro', uri=True)
        .execute(\"SELECT count(*) FROM records WHERE kind = 'passage'\").fetchone()[0])")
    [ "$people" -gt 0 ] || fail "没有人被判定 / nobody was decided about: $(tail -n 5 "$root/gate.txt")"
    echo "已判定 $people 人，记录链完整 / people were decided about: $people, the chain is whole (foregate verify)"
    inside apt-get -qq -y remove foregate >"$root/apt.txt" 2>&1 || fail "$(tail "$root/apt.txt")"
    [ -s "$root/var/lib/foregate/records.sqlite" ] && [ ! -e "$root/usr/lib/foregate/releases" ] || fail "apt remove"
    inside apt-get -qq -y purge foregate >"$root/apt.txt" 2>&1 || fail "$(tail "$root/apt.txt")"
    for left in var/lib/foregate etc/foregate usr/lib/foregate; do
        [ ! -e "$root/$left" ] || fail "apt purge: /$left"
    done
    echo "卸载：记录还在；清除：什么也没留下 / removed: records are there; purged: nothing is left"
}

root=${3:-}
"${4:-prepare}"
