/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Demangling: the name that people wrote, from the name that the linker knows.
 *
 * C++ (Itanium, _Z…) and Rust (legacy _ZN…17h<hash>E and v0 _R…), by libiberty.
 *
 * RP_DEMANGLE_SHORT is what profiles show: qualified name and template arguments, no
 * parameter list, no return type, no hash. It is what perf report shows; pprof would
 * drop the template arguments too, but those tell functions apart that behave
 * differently. RP_DEMANGLE_FULL adds parameters and return types, for a detail view.
 * The mangled name stays in pprof's system_name.
 *
 * Clone suffixes (.isra.0, .constprop.0, .part.0, .cold, .lto_priv.0, .llvm.123) are
 * kept behind the name in both forms: "ns::f<int>.isra.0"; so is a stub's "@plt".
 *
 * Limits: names over RP_DEMANGLE_INPUT_MAX bytes, over libiberty's own limits (which stay
 * on; they end at about 1,000 bytes for C++), or with a result over RP_DEMANGLE_OUTPUT_MAX
 * bytes count as not mangled.
 *
 * Returns an allocated string, the input's copy if it is not mangled; NULL only if
 * there is no memory.
 */
#ifndef RP_DEMANGLE_H
#define RP_DEMANGLE_H

#define RP_DEMANGLE_INPUT_MAX	4096
#define RP_DEMANGLE_OUTPUT_MAX	8192

enum rp_demangle_form {
	RP_DEMANGLE_SHORT,
	RP_DEMANGLE_FULL,
};

char *rp_demangle(const char *name, enum rp_demangle_form form);

#endif
