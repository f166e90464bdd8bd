/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pyroscope's form of delivery: POST URL/ingest?name=SERVICE{LABELS}&from=&until=...
 * with a multipart body of `profile` and `sample_type_config`.
 *
 * The name's grammar has no escapes, so what it cannot hold is replaced by '_': in
 * the service's name all but letters, digits, '_', '-', '.' and '/'; in a label's
 * name all but letters, digits and '_' (service.version becomes service_version);
 * in a label's value ',' and '}'. service.name itself is the name. Values are cut at
 * RP_PYROSCOPE_VALUE_MAX bytes.
 *
 * The query has no format=pprof: with it the server would take the whole multipart
 * body for the profile. It knows the form by its content type.
 *
 * All return allocated text, or NULL and errno.
 */
#ifndef RP_PYROSCOPE_H
#define RP_PYROSCOPE_H

#include <stdint.h>

#include "attributes.h"

/* What Pyroscope takes by default; a profile above it is refused. */
#define RP_PYROSCOPE_SAMPLES_MAX	16000u
#define RP_PYROSCOPE_BYTES_MAX		(4u << 20)	/* uncompressed */
#define RP_PYROSCOPE_LABELS_MAX		24u	/* of 30, some are the server's own */
#define RP_PYROSCOPE_VALUE_MAX		256

/* base, and "/ingest" if it does not end so already. */
char *rp_pyroscope_url(const char *base);
/* SERVICE{name=value,...} */
char *rp_pyroscope_name(const struct rp_attributes *resource);
/* All of the query, percent-encoded. Times in nanoseconds since 1970, rate in Hz. */
char *rp_pyroscope_query(const struct rp_attributes *resource, uint64_t from_ns,
			 uint64_t until_ns, uint32_t rate);

/* The part sample_type_config: JSON, for the sample types of rp_namer_begin(). */
extern const char rp_pyroscope_sample_types[];

#endif
