// SPDX-License-Identifier: GPL-2.0
/*
 * A one-off capture without the daemon: a session of its own, which nobody else's
 * settings disturb and which ends with this process whatever happens to it.
 */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "config_value.h"
#include "ctl.h"
#include "debug_file.h"
#include "debug_info.h"
#include "jail_places.h"
#include "namespace.h"
#include "why.h"

#define FILE_DEFAULT "ringprof.pb.gz"
#define DURATION_MAX_NS (366 * 86400ull * 1000000000ull)

static int take_duration(const char *argument, uint64_t *ret)
{
	bool bare = strspn(argument, "0123456789") == strlen(argument);
	char text[64], why[RP_CTL_WHY_SIZE];

	snprintf(text, sizeof(text), "%s%s", argument, bare ? "s" : "");
	if (rp_value_duration(text, 1000000, DURATION_MAX_NS, ret, why, sizeof(why)))
		return rp_cmd_usage("-d %s: %s", argument, why);
	return RP_EXIT_OK;
}

static int take_ring(const char *argument, uint32_t *ret)
{
	char why[RP_CTL_WHY_SIZE];
	uint64_t bytes;

	if (rp_value_bytes(argument, RP_RING_BYTES_MIN, RP_RING_BYTES_MAX, &bytes, why,
			   sizeof(why)))
		return rp_cmd_usage("--ring %s: %s", argument, why);
	if (bytes & (bytes - 1))
		return rp_cmd_usage("--ring %s: must be a power of two, such as 512K", argument);
	*ret = (uint32_t)bytes;
	return RP_EXIT_OK;
}

static int take_unwind(const char *argument, enum rp_record_unwind *ret)
{
	if (!strcmp(argument, "tables"))
		*ret = RP_RECORD_UNWIND_TABLES;
	else if (!strcmp(argument, "fp"))
		*ret = RP_RECORD_UNWIND_FP;
	else
		return rp_cmd_usage("--unwind %s: there are tables and fp", argument);
	return RP_EXIT_OK;
}

/*
 * As it is found in a process's root too: from there, without links. It has to be here,
 * since a mistyped one would only show in names that are not there.
 */
static int take_debug_dir(const char *argument, struct rp_record_options *o)
{
	int folder = open(argument, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *path = folder < 0 ? NULL : realpath(argument, NULL);

	if (!path)
		return rp_cmd_fail(errno == EACCES ? RP_EXIT_PERMISSION : RP_EXIT_FAILED,
				   "cannot look for debug files in %s: %s", argument,
				   strerror(errno));
	close(folder);
	if (o->nr_debug_dirs == RP_RECORD_DIRS_MAX)
		return rp_cmd_usage("there are more than %d folders", RP_RECORD_DIRS_MAX);
	o->debug_dirs[o->nr_debug_dirs++] = path;
	return RP_EXIT_OK;
}

static int take_option(struct rp_record_options *o, int c)
{
	int status;

	if (rp_debug_servers_take(&o->servers, c, optarg, &status))
		return status;
	switch (c) {
	case 'd':
		return take_duration(optarg, &o->duration_ns);
	case 'p':
		return rp_ctl_number("-p", optarg, 1, INT32_MAX, &o->pid);
	case 'o':
		o->file = optarg;
		return RP_EXIT_OK;
	case 'R':
		return take_ring(optarg, &o->setup.ring_bytes);
	case 'W':
		return take_unwind(optarg, &o->unwind);
	case 'l':
		o->debug |= RP_DEBUG_LINES;
		return RP_EXIT_OK;
	case 'i':
		o->debug |= RP_DEBUG_INLINES;
		return RP_EXIT_OK;
	case 'D':
		return take_debug_dir(optarg, o);
	case 'L':
		return rp_record_labels_parse(optarg, &o->labels);
	default:
		return rp_ctl_setting(&o->settings, c, optarg);
	}
}

static int take_options(int argc, char **argv, struct rp_record_options *o)
{
	static const struct option options[] = {
		RP_CTL_SETTING_OPTIONS,
		{ "duration", required_argument, NULL, 'd' },
		{ "pid", required_argument, NULL, 'p' },
		{ "output", required_argument, NULL, 'o' },
		{ "ring", required_argument, NULL, 'R' },
		{ "unwind", required_argument, NULL, 'W' },
		{ "labels", required_argument, NULL, 'L' },
		{ "lines", no_argument, NULL, 'l' },
		{ "inlines", no_argument, NULL, 'i' },
		{ "debug-dir", required_argument, NULL, 'D' },
		RP_DEBUG_SERVERS_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	int c, status = RP_EXIT_OK;

	*o = (struct rp_record_options){
		.file = FILE_DEFAULT,
		.setup = { .flags = RP_SETUP_WAKE_SPACE | RP_SETUP_HOLD_FILES },
		.settings = { .has = RP_HAS(RP_A_FREQ), .freq = RP_FREQ_DEFAULT },
	};
	while (!status && (c = rp_cmd_getopt(argc, argv, "+F:d:p:o:", options)) != -1)
		status = take_option(o, c);
	if (status)
		return status;
	if (optind < argc)
		o->command = argv + optind;
	if (o->command && o->pid)
		return rp_cmd_usage("-p and a command exclude each other");
	return RP_EXIT_OK;
}

/* Said before an hour of sampling and not after it. */
static int check_output(const char *file)
{
	const char *slash = strrchr(file, '/');
	char *folder;
	struct stat st;
	int status = RP_EXIT_OK;

	if (!strcmp(file, "-")) {
		if (isatty(STDOUT_FILENO))
			return rp_cmd_usage("a profile is not for a terminal: name a file with -o, or send the output into a pipe");
		return RP_EXIT_OK;
	}
	if (!stat(file, &st)) {
		if (S_ISDIR(st.st_mode))
			return rp_cmd_fail(RP_EXIT_FAILED, "%s is a directory", file);
		if (S_ISCHR(st.st_mode) && !strncmp(file, "/dev/tty", 8))
			return rp_cmd_usage("a profile is not for a terminal");
		if (!S_ISREG(st.st_mode))
			return RP_EXIT_OK;
	}
	folder = slash ? strndup(file, (size_t)(slash - file) + 1) : strdup(".");
	if (!folder)
		return rp_cmd_fail(RP_EXIT_FAILED, "out of memory");
	if (access(folder, W_OK | X_OK) < 0)
		status = rp_cmd_fail(RP_EXIT_FAILED, "cannot write to %s: %s", folder,
				     strerror(errno));
	free(folder);
	return status;
}

/* The process is there now: it may not be when its samples are named. */
static void space_mapped(void *arg, struct rp_aspace *as, const struct rp_maps *maps)
{
	const struct rp_record *r = arg;

	rp_record_labels_mapped(as);
	rp_namer_note(r->namer, as, maps);
	if (r->collector.tables)
		rp_table_loader_note(r->collector.tables, as, maps);
}

static void read_rest(void *arg, struct rp_aspace *as)
{
	const struct rp_record *r = arg;

	rp_namer_exited(r->namer, as);
}

/* Without a budget: whoever records waits for nothing else. */
static int open_tables(struct rp_record *r)
{
	const struct rp_table_loader_options o = {
		.device = rp_device_fd(r->device),
		.cache_folder = RP_TABLE_CACHE_FOLDER,
		.cache_bytes = RP_TABLE_CACHE_BYTES,
		.jail = r->jail,
	};
	enum rp_record_unwind unwind = r->options.unwind;
	char why[RP_WHY_SIZE];
	int err;

	if (unwind == RP_RECORD_UNWIND_FP)
		return RP_EXIT_OK;
	err = rp_table_loader_start(&r->collector.tables, &o, why, sizeof(why));
	/* Who has not asked for tables gets what this module and machine can do. */
	if (err && (err != -EOPNOTSUPP || unwind == RP_RECORD_UNWIND_TABLES))
		return rp_cmd_fail(RP_EXIT_FAILED, "%s", why);
	return RP_EXIT_OK;
}

static int open_module(struct rp_record *r)
{
	struct rp_device_setup setup = r->options.setup;
	char why[RP_DEVICE_WHY_SIZE];
	int err;

	setup.watermark = rp_device_watermark(r->options.settings.freq, setup.ring_bytes);
	err = rp_device_open(NULL, &setup, &r->device, why, sizeof(why));
	if (err)
		return rp_cmd_fail(rp_ctl_status(err), "%s", why);
	return rp_ctl_open(&r->control);
}

static void note_state(void *record, const struct rp_state_rec *rec)
{
	struct rp_record *r = record;

	r->limited |= rec->state == RP_STATE_LIMITED;
}

static int open_rest(struct rp_record *r)
{
	const struct rp_spaces_options spaces = {
		.appeared = rp_record_labels_appeared, .mapped = space_mapped,
		.exited = read_rest, .dropped = rp_record_labels_dropped, .arg = r,
	};
	struct rp_namer_options namer = {
		.blind = !rp_namespace_is_first(RP_NAMESPACE_PID),
		.labels = rp_record_labels, .arg = r, .debug = r->options.debug,
		.debug_dirs = (const char *const *)r->options.debug_dirs,
		.one_window = true,
	};
	char why[RP_WHY_SIZE];
	int status, err;

	err = rp_jail_start(&r->jail, NULL, why, sizeof(why));
	if (!err && r->options.debug)
		err = rp_jail_places_start(&r->lines_jail, why, sizeof(why));
	if (err)
		return rp_cmd_fail(RP_EXIT_FAILED, "%s", why);
	status = rp_record_fetch_open(r);
	if (status)
		return status;
	namer.jail = r->jail;
	namer.lines_jail = r->lines_jail;
	namer.fetcher = r->fetcher;
	r->spaces = rp_spaces_new(&spaces);
	r->window = rp_window_new(0);
	r->namer = rp_namer_new(&namer);
	if (!r->spaces || !r->window || !r->namer)
		return rp_cmd_fail(RP_EXIT_FAILED, "out of memory");
	rp_namer_device(r->namer, rp_device_fd(r->device));
	r->collector = (struct rp_collector){
		.spaces = r->spaces, .window = r->window, .namer = r->namer,
		.state = note_state, .arg = r,
	};
	return open_tables(r);
}

static void close_all(struct rp_record *r)
{
	rp_record_child_end(r);
	rp_table_loader_stop(r->collector.tables);
	rp_namer_free(r->namer);
	rp_debug_fetcher_stop(r->fetcher);
	rp_debug_servers_free(&r->options.servers);
	rp_jail_stop(r->jail);
	rp_jail_stop(r->lines_jail);
	rp_window_free(r->window);
	rp_spaces_free(r->spaces);
	rp_control_close(r->control);
	rp_device_close(r->device);
}

static int configure(struct rp_record *r)
{
	struct rp_attrs a = r->options.settings;
	int err;

	a.has |= RP_HAS(RP_A_SESSION);
	a.session = rp_device_session(r->device);
	if (r->options.pid || r->options.command) {
		a.has |= RP_HAS(RP_A_FILTER) | RP_HAS(RP_A_FILTER_PID);
		a.filter = r->options.pid ? RP_FILTER_TREE : RP_FILTER_CHILDREN;
		a.filter_pid = r->options.pid ? r->options.pid : (uint32_t)getpid();
	}
	err = rp_control_set(r->control, &a);
	if (err == -ESRCH)
		return rp_cmd_fail(RP_EXIT_FAILED, "there is no process %u", a.filter_pid);
	return err ? rp_ctl_fail(r->control, err) : RP_EXIT_OK;
}

static int start(struct rp_record *r)
{
	int err;

	r->wall_ns = rp_clock_ns(CLOCK_REALTIME);
	r->start_ns = rp_record_clock();
	err = rp_control_start(r->control, rp_device_session(r->device));
	return err ? rp_ctl_fail(r->control, err) : RP_EXIT_OK;
}

static int record(struct rp_record *r)
{
	int status;

	rp_record_block_signals(r);
	status = open_module(r);
	if (!status)
		status = rp_record_labels_check(r);
	/* Before a library opens what the command would inherit: not all close it at exec. */
	if (!status && r->options.command)
		status = rp_record_child_fork(r);
	if (!status)
		status = open_rest(r);
	if (!status)
		status = configure(r);
	if (!status)
		status = start(r);
	if (!status && r->options.command)
		status = rp_record_child_go(r);
	if (!status)
		status = rp_record_wait(r);
	if (!status)
		status = rp_record_end(r);
	return status;
}

static int run(int argc, char **argv)
{
	struct rp_record r = { .reason = RP_RECORD_GOES_ON };
	int status = take_options(argc, argv, &r.options);

	if (!status)
		status = check_output(r.options.file);
	if (status)
		return status;
	status = record(&r);
	close_all(&r);
	return status ? status : rp_record_child_exit(&r);
}

const struct rp_cmd rp_cmd_record = {
	.name = "record",
	.args = "[-F HZ] [--tick WHAT] [-d DURATION] [-p PID] [-o FILE] [--unwind HOW] [--lines] [--inlines] [--debug-dir DIR] [-- COMMAND...]",
	.summary = "samples for a while and writes a profile",
	.help = "Samples a command and all its descendants; or a process and its descendants; or,\n"
		"without either, the whole system. It ends with the command, with the process,\n"
		"after DURATION, or with Ctrl-C, and writes what there is. A second Ctrl-C ends it\n"
		"at once. A command that is still running at the end is ended with SIGTERM.\n\n"
		"Options:\n"
		"  -d, --duration TIME    10, 10s, 500ms, 2m, 1h\n"
		"  -p, --pid PID          this process and its descendants\n"
		"  -o, --output FILE      " FILE_DEFAULT " if not told; - is the standard output\n"
		"      --ring SIZE        of each CPU, a power of two: 512K\n"
		"      --unwind HOW       user stacks by tables (of each file's frame descriptions; what\n"
		"                         is not said otherwise, where the module has them) or by fp\n"
		"      --labels LIST      whose samples they are, beside pid, thread and name: container\n"
		"                         (container.id, k8s.pod.uid), unit (systemd.unit,\n"
		"                         systemd.user_unit), user (process.user.id), command\n"
		"                         (process.command: its command line's first word), vpid\n"
		"                         (process.vpid, in its PID namespace), or all; with commas\n"
		"      --lines            source file and line of user code whose debugging data are there\n"
		"                         (built with -g, or in a debug file)\n"
		"      --inlines          functions that were inlined there, as frames of their own\n"
		"      --debug-dir DIR    where debug files of stripped programs are, besides\n"
		"                         /usr/lib/debug: DIR/.build-id/xx/yyyy.debug, or by the program's\n"
		"                         own path below DIR; may be given several times\n"
		"      --debuginfod URL   a server that is asked for those that are nowhere here, by\n"
		"                         build id; may be given several times. env: those in\n"
		"                         DEBUGINFOD_URLS. --debuginfod-cache DIR: where to keep what\n"
		"                         comes; --debuginfod-timeout TIME: how long to wait for it at\n"
		"                         the end (1m)\n"
		RP_CTL_SETTING_HELP
		"\nExit status: that of the command if it ended by itself (128 + N: by signal N; as a\n"
		"shell has it), else 0. If recording failed, or the accounting does not hold,\n"
		"ringprofctl's own, see ringprofctl --help.\n"
		"\nExamples:\n"
		"  ringprofctl record -F 99 -d 10 -o cpu.pb.gz\n"
		"  ringprofctl record -F 999 -- make -j8\n"
		"  ringprofctl record -p 4711 -d 30s -o - | ssh host 'cat > cpu.pb.gz'\n",
	.run = run,
};
