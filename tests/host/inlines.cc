// SPDX-License-Identifier: GPL-2.0
/*
 * Functions inlined into each other in every way that C++ has for it; for test_lines.py,
 * which asks other tools about every instruction of it.
 */
#include <cstdio>
#include <cstdlib>

#define NOINLINE __attribute__((noinline))

namespace shop {

static inline int square(int x) { return x * x; }

template <class T> static inline T twice(T x) { return x + static_cast<T>(square(x)); }

inline int deep(int x)
{
	if (x > 100)
		return twice(square(x)) ^ twice<long>(x);
	return square(x + 1);
}

struct visitor {
	virtual ~visitor() {}
	virtual int visit(int price) = 0;
};

struct summer : visitor {
	int sum = 0;
	int visit(int price) override
	{
		sum += deep(price);
		return sum;
	}
};

template <class F> static NOINLINE int each(const int *v, int n, F f)
{
	int r = 0;

	for (int i = 0; i < n; i++)
		r += f(v[i]);
	return r;
}

NOINLINE int run(const int *v, int n)
{
	struct local {
		int add;
		NOINLINE int far(int x) { return deep(x) + twice(add); }
		int near(int x) { return deep(x) - add; }
	} l = { n };
	summer s;
	visitor *p = &s;

	for (int i = 0; i < n; i++)
		p->visit(v[i]);
	return s.sum + l.near(n) + l.far(v[0]) +
	       each(v, n, [&](int x) { return deep(x) + l.near(x); });
}

} // namespace shop

int main(int argc, char **argv)
{
	int v[64];

	for (int i = 0; i < 64; i++)
		v[i] = i < argc ? std::atoi(argv[i]) : i;
	std::printf("%d\n", shop::run(v, 64));
	return 0;
}
