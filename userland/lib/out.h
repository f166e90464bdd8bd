/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One print layer for text and JSON: the same calls make both, so that they
 * cannot drift apart.
 *
 * Every value has a key (its name in JSON; NULL: not in JSON) and a title (its
 * name in text; NULL: not in text; "": the value alone). Numbers appear raw in
 * JSON (nanoseconds, bytes) and readable in text ("1.25 s", "4.0 MiB").
 *
 *	struct rp_out *o = rp_out_new(stdout, json);
 *	rp_out_object(o, NULL, NULL);			the document
 *	rp_out_u64(o, "frequency", "Frequency", 999);
 *	rp_out_amount(o, "duration", "Duration", ns, "nanoseconds");
 *	rp_out_table(o, "cpus", "Per CPU");
 *	for (...) {
 *		rp_out_row(o);
 *		rp_out_u64(o, "cpu", "CPU", cpu);
 *		rp_out_u64(o, "taken", "Taken", n);
 *		rp_out_end(o);
 *	}
 *	rp_out_end(o);
 *	rp_out_end(o);
 *	err = rp_out_free(o);
 *
 *	Frequency  999			{"frequency":999,"duration":10000000000,
 *	Duration   10.00 s		 "cpus":[{"cpu":0,"taken":9990}]}
 *
 *	Per CPU
 *	CPU  Taken
 *	  0   9990
 *
 * JSON    One document is one line: a top-level container ends with a newline and
 *         a flush, so a stream of documents can be read line by line. Strings are
 *         escaped, bytes that are not UTF-8 become U+FFFD; not-a-number is null.
 * Text    Control characters of strings become '?': what a profiled process calls
 *         itself must not drive a terminal. The titles of an object are aligned,
 *         an object inside one has its title as a heading and is indented; a
 *         table's columns come from the titles of its first row (every row has
 *         the same calls), numbers stand right, text left; an array is its values
 *         with ", " between. A line is one object on one line, "title=value"
 *         separated by spaces.
 * Errors  Of memory and of writing are kept and returned by rp_out_free().
 */
#ifndef RP_OUT_H
#define RP_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define RP_OUT_DEPTH_MAX	16	/* containers inside one another */

struct rp_out;

/* f stays the caller's. NULL and errno without memory. */
struct rp_out *rp_out_new(FILE *f, bool json);
/* Flushes; 0, or the -errno of the first thing that failed (-ENOSPC, -EPIPE). */
int rp_out_free(struct rp_out *o);
bool rp_out_is_json(const struct rp_out *o);

/*
 * Containers. The key is ignored at the top level and inside arrays. What is inside
 * one that JSON (key NULL) or text (title NULL) leaves out is left out as well;
 * at the top level and inside arrays NULL leaves nothing out.
 */
void rp_out_object(struct rp_out *o, const char *key, const char *title);
void rp_out_line(struct rp_out *o, const char *key);
void rp_out_array(struct rp_out *o, const char *key, const char *title);
void rp_out_table(struct rp_out *o, const char *key, const char *title);
void rp_out_row(struct rp_out *o);	/* only in a table; ends with rp_out_end() */
void rp_out_end(struct rp_out *o);

/* Values: in objects, lines and rows; in arrays with key and title NULL. */
void rp_out_string(struct rp_out *o, const char *key, const char *title, const char *s);
void rp_out_u64(struct rp_out *o, const char *key, const char *title, uint64_t v);
void rp_out_i64(struct rp_out *o, const char *key, const char *title, int64_t v);
void rp_out_bool(struct rp_out *o, const char *key, const char *title, bool v);
void rp_out_double(struct rp_out *o, const char *key, const char *title, double v,
		   int digits);
/* v is 0 .. 1 in JSON, and a percentage with two digits in text. */
void rp_out_share(struct rp_out *o, const char *key, const char *title, double v);
/* A number with a unit (rp_out_human() in text). */
void rp_out_amount(struct rp_out *o, const char *key, const char *title, int64_t v,
		   const char *unit);
/* An empty line, or a sentence, for people only. */
void rp_out_text(struct rp_out *o, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * v as people write it: "nanoseconds" 1.25 s, "bytes" 4.0 MiB, "count" or "" plain
 * digits, any other unit behind the digits. Returns buf.
 */
#define RP_OUT_HUMAN_SIZE	64
char *rp_out_human(char buf[static RP_OUT_HUMAN_SIZE], int64_t v, const char *unit);

/*
 * Write s as a JSON string, quotes included: for whoever writes JSON in bulk (the
 * flame graph). for_html also escapes <, >, &, ' and U+2028/9, so that the result
 * may stand inside a <script> element.
 */
void rp_out_json_string(FILE *f, const char *s, bool for_html);

#endif
