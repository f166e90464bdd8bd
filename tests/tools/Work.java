// SPDX-License-Identifier: GPL-2.0
/*
 * A Java program that computes until a file is there:
 *
 *	java Work READY STOP
 *
 * READY is made when both of its functions have been compiled.
 */
import java.io.File;
import java.io.IOException;

public class Work {
	static int leafEta(int n)
	{
		int x = 0;

		for (int i = 0; i < n; i++)
			x = x * 31 + i;
		return x;
	}

	static int callerTheta(int n)
	{
		return leafEta(n) + leafEta(n + 1);
	}

	public static void main(String[] args) throws IOException
	{
		File stop = new File(args[1]);
		int sum = 0, turns = 0;

		while (!stop.exists()) {
			for (int i = 0; i < 1000; i++)
				sum += callerTheta(1000);
			if (++turns == 5)
				new File(args[0]).createNewFile();
		}
		System.out.println(sum);
	}
}
