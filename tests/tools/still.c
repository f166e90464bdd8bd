// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: still
 *
 * Runs until it is ended, and is always at the same instruction.
 */
int main(void)
{
	for (;;)
		;
}
