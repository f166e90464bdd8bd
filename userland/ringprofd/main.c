// SPDX-License-Identifier: GPL-2.0
/*
 * ringprofd: the command line, over the configuration file.
 */
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "daemon.h"
#include "jail.h"
#include "log.h"
#include "pipeline.h"

static const char help[] =
	"Usage: ringprofd [OPTION]...\n"
	"\n"
	"Samples this host's CPUs with the ringprof module, and every window writes a\n"
	"profile (gzip'ed pprof) to a folder and sends it to a server. Stays in the\n"
	"foreground; SIGTERM ends it after the open window was finished, SIGUSR1 has it\n"
	"log its accounting.\n"
	"\n"
	"  -c, --config FILE      configuration (" RP_CONFIG_PATH ",\n"
	"                         if it is there)\n"
	"  -F, --frequency HZ     samples per second and CPU (19)\n"
	"      --window DURATION  length of a window, such as 10s or 1m (60s)\n"
	"      --output-dir DIR   folder of the profiles (/var/lib/ringprof/profiles);\n"
	"                         \"\": write none\n"
	"      --url URL          Pyroscope server to send to, such as\n"
	"                         http://localhost:4040 (none)\n"
	"      --tenant ID        X-Scope-OrgID for that server\n"
	"      --spool-dir DIR    keep what cannot be sent there, not in memory\n"
	"  -s, --set SECTION.KEY=VALUE\n"
	"                         any other key of the configuration\n"
	"      --check-config     read the configuration, say what is wrong, and exit\n"
	"  -v, --verbose          a line for every window\n"
	"  -q, --quiet            warnings and errors only\n"
	"  -h, --help\n"
	"  -V, --version\n"
	"\n"
	"Exit status: 0 ended by a signal, 1 failed, 2 wrong usage or configuration,\n"
	"3 the module is not loaded, 4 no permission.\n";

enum { WINDOW = 256, OUTPUT, URL, TENANT, SPOOL, CHECK };

static const struct option longopts[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "frequency", required_argument, NULL, 'F' },
	{ "window", required_argument, NULL, WINDOW },
	{ "output-dir", required_argument, NULL, OUTPUT },
	{ "url", required_argument, NULL, URL },
	{ "tenant", required_argument, NULL, TENANT },
	{ "spool-dir", required_argument, NULL, SPOOL },
	{ "set", required_argument, NULL, 's' },
	{ "check-config", no_argument, NULL, CHECK },
	{ "verbose", no_argument, NULL, 'v' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

struct options {
	const char *path;		/* NULL: the default, which may be absent */
	bool check;
	enum rp_log_level level;
	int status;			/* of exiting at once; -1: go on */
};

/* As compilers write it, FILE:LINE first, for editors to jump to. */
static void report(void *user, const char *sentence)
{
	(void)user;
	fprintf(stderr, "%s\n", sentence);
}

static int usage(const char *why)
{
	if (why)
		rp_log(RP_LOG_ERROR, "%s", why);
	fprintf(stderr, "Try 'ringprofd --help'.\n");
	return RP_DAEMON_USAGE;
}

/* What is not about the configuration's values. */
static void take_option(struct options *o, int c)
{
	switch (c) {
	case 'c':
		o->path = optarg;
		break;
	case CHECK:
		o->check = true;
		break;
	case 'v':
		o->level = RP_LOG_DEBUG;
		break;
	case 'q':
		o->level = RP_LOG_WARNING;
		break;
	case 'h':
		fputs(help, stdout);
		o->status = fflush(stdout) ? RP_DAEMON_FAILED : RP_DAEMON_OK;
		break;
	case 'V':
		printf("ringprofd %s\n", RP_VERSION);
		o->status = fflush(stdout) ? RP_DAEMON_FAILED : RP_DAEMON_OK;
		break;
	case '?':
		o->status = usage(NULL);
		break;
	}
}

/* What is. 0, or -errno and a sentence. */
static int take_value(struct rp_config *config, int c, char *why, size_t why_size)
{
	switch (c) {
	case 'F':
		return rp_config_set(config, "sampling", "frequency", optarg, why, why_size);
	case WINDOW:
		return rp_config_set(config, "window", "length", optarg, why, why_size);
	case OUTPUT:
		return rp_config_set(config, "output", "directory", optarg, why, why_size);
	case URL:
		return rp_config_set(config, "export", "url", optarg, why, why_size);
	case TENANT:
		return rp_config_set(config, "export", "tenant", optarg, why, why_size);
	case SPOOL:
		return rp_config_set(config, "export", "spool-directory", optarg, why,
				     why_size);
	case 's':
		return rp_config_set_text(config, optarg, why, why_size);
	default:
		return 0;
	}
}

static void first_pass(struct options *o, int argc, char **argv)
{
	int c;

	while (o->status < 0 &&
	       (c = getopt_long(argc, argv, "c:F:s:vqhV", longopts, NULL)) != -1)
		take_option(o, c);
	if (o->status < 0 && optind < argc)
		o->status = usage("there are no arguments besides options");
}

/* The file comes first and the command line over it, so that is read twice. */
static int second_pass(struct rp_config *config, int argc, char **argv)
{
	char why[RP_CONFIG_WHY_SIZE];
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "c:F:s:vqhV", longopts, NULL)) != -1) {
		if (take_value(config, c, why, sizeof(why))) {
			rp_log(RP_LOG_ERROR, "command line: %s", why);
			return -EINVAL;
		}
	}
	return 0;
}

static int configure(struct rp_config *config, const struct options *o, int argc,
		     char **argv)
{
	const char *path = o->path ? o->path : RP_CONFIG_PATH;
	char why[RP_CONFIG_WHY_SIZE];
	int err = rp_config_init(config);

	if (!err && (o->path || !access(path, F_OK)))
		err = rp_config_read(config, path, report, NULL);
	if (!err)
		err = second_pass(config, argc, argv);
	if (!err) {
		err = rp_config_check(config, why, sizeof(why));
		if (err)
			rp_log(RP_LOG_ERROR, "configuration: %s", why);
	}
	return err;
}

/*
 * A table of symbols that is being read takes some MiB for a moment: such blocks go back to
 * the system at once, and the threads have no heaps of their own. What a small window takes
 * stays for the next one.
 */
static void keep_little(void)
{
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, 128 << 10);
	mallopt(M_TRIM_THRESHOLD, RP_PIPELINE_KEEP);
	mallopt(M_ARENA_MAX, 1);
#endif
}

int main(int argc, char **argv)
{
	struct options options = { .level = RP_LOG_INFO, .status = -1 };
	struct rp_config config;
	int status;

	rp_jail_main(argc, argv);
	keep_little();
	rp_log_init("ringprofd", RP_LOG_INFO);
	first_pass(&options, argc, argv);
	if (options.status >= 0)
		return options.status;
	rp_log_init("ringprofd", options.level);
	if (configure(&config, &options, argc, argv)) {
		status = RP_DAEMON_USAGE;
	} else if (options.check) {
		rp_log(RP_LOG_INFO, "the configuration is right");
		status = RP_DAEMON_OK;
	} else {
		status = rp_daemon_run(&config);
	}
	rp_config_free(&config);
	return status;
}
