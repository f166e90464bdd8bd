# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Kernels of our own for tests, for what no distribution ships: small and debug are
# what tests/kernels/NAME.config says, and tests/kernels/common; everything else is off
# (allnoconfig). They have no modules, know x86-64 only and are built from Debian's
# kernel source with this machine's compiler. Sourced by scripts/kernel, in its terms.
# shellcheck disable=SC2034,SC2154

readonly own_source=6.1		# of Debian's kernels, whose source is taken

own_kernels()
{
	local file
	for file in "$project"/tests/kernels/*.config; do
		basename "$file" .config
	done
}

own_configs()
{
	printf '%s\n' "$project/tests/kernels/common" "$project/tests/kernels/$version.config"
}

# own_home SOURCE: where it lies in the cache. The name comes from what the build
# depends on: another configuration, source or compiler gets another folder.
own_home()
{
	local key
	key=$({ own_configs | xargs cat; head -n 5 "$1/Makefile"; gcc --version
		own_build_steps; } | sha256sum | cut -c 1-12)
	printf '%s\n' "$cache/kernels/$version-$key"
}

own_build_steps()
{
	declare -f own_build own_slim
}

# Kconfig drops without a word what a configuration cannot have.
own_check_config()
{
	local line
	own_configs | xargs cat | grep '^CONFIG_' | while read -r line; do
		grep -qxF "$line" "$1/.config" ||
			die "tests/kernels: $line cannot be had in $1/.config"
	done
}

# own_build SOURCE BUILD
own_build()
{
	own_configs | xargs cat >"$2/wanted.config" &&
	make -s -C "$1" O="$2" ARCH=x86_64 KCONFIG_ALLCONFIG="$2/wanted.config" allnoconfig &&
	own_check_config "$2" &&
	make -s -C "$2" -j"$(nproc)" bzImage modules
}

# own_slim BUILD: what no module needs to be built against it
own_slim()
{
	find "$1" \( -name '*.o' -o -name '*.a' -o -name '.*.cmd' \) \
		! -path '*/scripts/*' ! -path '*/tools/*' -delete
}

# An interrupted build goes on where it was; `env` is written last.
own_fetch()
(
	[[ ! -e $home/env ]] || exit 0
	lock "$cache/lock.$version"
	[[ ! -e $home/env ]] || exit 0
	local build=$home/build start=$SECONDS
	"$project/scripts/deps" build vm kernel
	note "building the $version kernel in $home (some minutes, once)"
	find "$cache/kernels" -mindepth 1 -maxdepth 1 -name "$version-*" ! -path "$home" \
		-exec rm -rf {} +
	mkdir -p "$build"
	own_build "$1" "$build" >"$home/log" 2>&1 || {
		tail -n 30 "$home/log" >&2
		die "the $version kernel did not build; the log is $home/log"
	}
	own_slim "$build"
	cat >"$home/env.new" <<-END
		KREL=$(<"$build/include/config/kernel.release")
		VMLINUZ=$(printf %q "$build/arch/x86/boot/bzImage")
		VMLINUX=
		MODULES=
		KDIR=$(printf %q "$build")
		CONFIG=$(printf %q "$build/.config")
	END
	mv "$home/env.new" "$home/env"
	note "the $version kernel is in $home, after $((SECONDS - start)) seconds"
)
