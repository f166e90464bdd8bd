// SPDX-License-Identifier: GPL-2.0
/*
 * throw - exceptions through twenty frames, caught and thrown again, for SECONDS: the time
 * is spent in the C++ library's own unwinder.
 */
#include <cstdlib>
#include <ctime>
#include <stdexcept>
#include <string>

struct guard {
	unsigned long &count;
	~guard() { count++; }
};

static unsigned long count;

__attribute__((noinline)) static int descend(int depth)
{
	guard g{count};

	if (!depth)
		throw std::runtime_error("at the bottom");
	if (depth % 7)
		return descend(depth - 1) + 1;
	try {
		return descend(depth - 1) + 1;
	} catch (const std::logic_error &) {
		return 0;
	}
}

int main(int argc, char **argv)
{
	const time_t end = time(nullptr) + (argc > 1 ? atoi(argv[1]) : 5);
	size_t length = 0;

	while (time(nullptr) < end) {
		try {
			descend(20);
		} catch (const std::exception &e) {
			length += std::string(e.what()).size();
		}
	}
	return length && count ? 0 : 1;
}
