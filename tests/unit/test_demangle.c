// SPDX-License-Identifier: GPL-2.0
/* Demangling: C++, both of Rust's manglings, clone suffixes, and hostile names. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "demangle.h"

static void expect(const char *name, const char *brief, const char *full)
{
	char *s = rp_demangle(name, RP_DEMANGLE_SHORT);
	char *f = rp_demangle(name, RP_DEMANGLE_FULL);

	assert_string_equal(s, brief);
	assert_string_equal(f, full);
	free(s);
	free(f);
}

static void cplusplus(void **state)
{
	(void)state;
	expect("_Z3fooi", "foo", "foo(int)");
	expect("_ZNKSt6vectorIiSaIiEE4sizeEv", "std::vector<int, std::allocator<int> >::size",
	       "std::vector<int, std::allocator<int> >::size() const");
	expect("_ZN2ns1fIiEEvT_", "ns::f<int>", "void ns::f<int>(int)");
	expect("_ZN3FooC1Ev", "Foo::Foo", "Foo::Foo()");
	expect("_ZN3FooD0Ev", "Foo::~Foo", "Foo::~Foo()");
	expect("_ZN12_GLOBAL__N_11fEv", "(anonymous namespace)::f",
	       "(anonymous namespace)::f()");
	expect("_ZZN3foo3barEvENKUlvE_clEv", "foo::bar()::{lambda()#1}::operator()",
	       "foo::bar()::{lambda()#1}::operator()() const");
	expect("_ZThn8_N1A1fEv", "non-virtual thunk to A::f()",
	       "non-virtual thunk to A::f()");
	expect("_ZN1AplERKS_", "A::operator+", "A::operator+(A const&)");
}

static void rust_legacy(void **state)
{
	(void)state;
	expect("_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE",
	       "core::fmt::Write::write_fmt", "core::fmt::Write::write_fmt");
	expect("_ZN5alloc3vec12Vec$LT$T$GT$4push17h0123456789abcdefE",
	       "alloc::vec::Vec<T>::push", "alloc::vec::Vec<T>::push");
	expect("_ZN60_$LT$alloc..string..String$u20$as$u20$core..fmt..Display$GT$3fmt17h0123456789abcdefE",
	       "<alloc::string::String as core::fmt::Display>::fmt",
	       "<alloc::string::String as core::fmt::Display>::fmt");
	expect("_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE.llvm.1234567890",
	       "core::fmt::Write::write_fmt.llvm.1234567890",
	       "core::fmt::Write::write_fmt.llvm.1234567890");
}

static void rust_v0(void **state)
{
	(void)state;
	expect("_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar", "mycrate::foo::bar");
	expect("_RINvNtC3std3mem8align_ofdE", "std::mem::align_of::<f64>",
	       "std::mem::align_of::<f64>");
	expect("_RNvYNtC7mycrate3FooNtNtC4core3fmt5Debug3fmt",
	       "<mycrate::Foo as core::fmt::Debug>::fmt",
	       "<mycrate::Foo as core::fmt::Debug>::fmt");
	expect("_RNvC0_3foo", "::foo", "::foo");	/* an empty identifier */
	expect("_RINvNtC3std3mem8align_ofdE.cold", "std::mem::align_of::<f64>.cold",
	       "std::mem::align_of::<f64>.cold");
}

static void clone_suffixes_are_kept(void **state)
{
	(void)state;
	expect("_ZN2ns1fIiEEvT_.isra.0", "ns::f<int>.isra.0", "void ns::f<int>(int).isra.0");
	expect("_Z3fooi.part.0.constprop.1", "foo.part.0.constprop.1",
	       "foo(int).part.0.constprop.1");
	expect("_Z3fooi.cold", "foo.cold", "foo(int).cold");
	expect("_Z3fooi.lto_priv.0", "foo.lto_priv.0", "foo(int).lto_priv.0");
	expect("foo.isra.0", "foo.isra.0", "foo.isra.0");
}

static void stubs_are_of_a_name(void **state)
{
	(void)state;
	expect("_Z3fooi@plt", "foo@plt", "foo(int)@plt");
	expect("_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE@plt",
	       "core::fmt::Write::write_fmt@plt", "core::fmt::Write::write_fmt@plt");
	expect("_RNvNtCs1234_7mycrate3foo3bar@plt", "mycrate::foo::bar@plt",
	       "mycrate::foo::bar@plt");
	expect("puts@plt", "puts@plt", "puts@plt");
	expect("@plt", "@plt", "@plt");
	expect("_Z@plt", "_Z@plt", "_Z@plt");
}

static void others_are_returned_as_they_are(void **state)
{
	static const char *const names[] = {
		"", "_", "_Z", "_R", "_Zzz", "_RzzZ", "main", "_start", "__libc_start_main",
		"runtime.mallocgc", "_Z.cold", "_ZN", "_ZNE", "_ZN3fo", "Z3foov",
		"\xff\xfe_Z3foov", "17h0123456789abcdefE",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		expect(names[i], names[i], names[i]);
}

static void long_names_are_not_tried(void **state)
{
	size_t n = RP_DEMANGLE_INPUT_MAX;
	char *name = malloc(n + 16), *r;

	(void)state;
	memset(name, 'x', n + 16);
	sprintf(name, "_Z%zu", n);
	name[strlen(name)] = 'x';
	name[n + 8] = '\0';
	r = rp_demangle(name, RP_DEMANGLE_SHORT);
	assert_string_equal(r, name);
	free(r);
	free(name);
}

/* Every template nests the one before twice: 70 levels are 2^70 names. */
static void exponential_names_end(void **state)
{
	char name[2048], *r;
	size_t at, i;

	(void)state;
	at = sprintf(name, "_Z1f");
	at += sprintf(name + at, "St4pairIiiE");
	at += sprintf(name + at, "S_IS0_S0_E");
	for (i = 0; i < 30; i++)
		at += sprintf(name + at, "S_IS%c_S%c_E", "123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[i],
			      "123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[i]);
	r = rp_demangle(name, RP_DEMANGLE_FULL);
	assert_string_equal(r, name);
	free(r);
	/* The same in short form writes no parameters and must work. */
	r = rp_demangle(name, RP_DEMANGLE_SHORT);
	assert_string_equal(r, "f");
	free(r);
}

static void deep_names_end(void **state)
{
	char name[RP_DEMANGLE_INPUT_MAX + 1], *r;

	(void)state;
	memset(name, 'P', sizeof(name) - 1);
	memcpy(name, "_Z1f", 4);
	name[sizeof(name) - 1] = '\0';
	r = rp_demangle(name, RP_DEMANGLE_FULL);
	assert_string_equal(r, name);
	free(r);
	memset(name, 'R', sizeof(name) - 1);
	memcpy(name, "_RINvC1a1b", 10);
	r = rp_demangle(name, RP_DEMANGLE_FULL);
	assert_string_equal(r, name);
	free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cplusplus),
		cmocka_unit_test(rust_legacy),
		cmocka_unit_test(rust_v0),
		cmocka_unit_test(clone_suffixes_are_kept),
		cmocka_unit_test(stubs_are_of_a_name),
		cmocka_unit_test(others_are_returned_as_they_are),
		cmocka_unit_test(long_names_are_not_tried),
		cmocka_unit_test(exponential_names_end),
		cmocka_unit_test(deep_names_end),
	};

	return cmocka_run_group_tests_name("demangle", tests, NULL, NULL);
}
