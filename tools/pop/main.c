// SPDX-License-Identifier: GPL-2.0
/* pop(8): contracts of AF_POP, and what has become of them. */

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "netlink.h"
#include "print.h"

#define BATCH_ARGS_MAX	1200	/* words in a line: a signature of each party */

struct options options;

/* Where a batch stands, for error messages. */
static struct {
	const char *file;
	unsigned int line;
} batch;

static const char help[] =
	"Usage: pop [ OPTIONS ] OBJECT { COMMAND | help }\n"
	"       pop [ -force ] -batch FILE\n"
	"where  OBJECT := { contract | party | peer | phase | channel | evidence |\n"
	"                   state | node | key | monitor }\n"
	"       OPTIONS := { -V[ersion] | -j[son] | -p[retty] | -s[tatistics] |\n"
	"                    -d[etails] | -t[imestamp] | -n[etns] NAME }\n";

static void report(const char *what, const char *fmt, va_list args)
{
	fflush(stdout);
	if (batch.file)
		fprintf(stderr, "%s:%u: ", batch.file, batch.line);
	fprintf(stderr, "%s: ", what);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
}

int error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report("Error", fmt, args);
	va_end(args);
	return CMD_FAILED;
}

void warning(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report("Warning", fmt, args);
	va_end(args);
}

int flush(void)
{
	bool failed;

	errno = EIO;	/* why an earlier write failed is not known any more */
	failed = fflush(stdout) || ferror(stdout);
	clearerr(stdout);
	return failed ? error("cannot write: %s", strerror(errno)) : CMD_OK;
}

static const struct cmd objects[] = {
	{ "contract",	do_contract },
	{ "party",	do_party },
	{ "peer",	do_peer },
	{ "phase",	do_phase },
	{ "channel",	do_channel },
	{ "evidence",	do_evidence },
	{ "state",	do_state },
	{ "node",	do_node },
	{ "key",	do_key },
	{ "monitor",	do_monitor },
	{}
};

static int run(int argc, char **argv)
{
	return cmd_run(objects, "pop", help, argc, argv);
}

/* Cut @line into words in place; # starts a comment. Return: how many. */
static int split(char *line, char **argv)
{
	int argc = 0;
	char *word;

	line[strcspn(line, "#\n")] = '\0';
	for (word = strtok(line, " \t\r"); word; word = strtok(NULL, " \t\r")) {
		if (argc == BATCH_ARGS_MAX)
			return -E2BIG;
		argv[argc++] = word;
	}
	argv[argc] = NULL;
	return argc;
}

static int run_batch(const char *name)
{
	char *argv[BATCH_ARGS_MAX + 1];
	FILE *file = strcmp(name, "-") ? fopen(name, "re") : stdin;
	int status = CMD_OK, ret, argc;
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	if (!file)
		return error("%s: %s", name, strerror(errno));
	batch.file = name;
	while ((len = getline(&line, &size, file)) >= 0) {
		batch.line++;
		/* words end there, and the rest would be lost without a word */
		argc = strlen(line) < (size_t)len ? -EINVAL : split(line, argv);
		if (!argc)
			continue;
		if (argc == -EINVAL)
			ret = error("there is a zero byte in this line");
		else if (argc < 0)
			ret = error("more than %d words", BATCH_ARGS_MAX);
		else
			ret = run(argc, argv);
		if (ret)
			status = ret;
		if (ret && !options.force)
			break;
	}
	if (ferror(file))
		status = error("cannot read: %s", strerror(errno));
	free(line);
	if (file != stdin)
		fclose(file);
	return status;
}

static int enter_netns(const char *name)
{
	char path[256];
	int fd, ret;

	if (snprintf(path, sizeof(path), "/var/run/netns/%s", name) >=
	    (int)sizeof(path) || strchr(name, '/'))
		return error("\"%s\" is no name of a network namespace", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error("network namespace \"%s\": %s", name,
			     strerror(errno));
	ret = setns(fd, CLONE_NEWNET);
	close(fd);
	if (ret)
		return error("cannot enter network namespace \"%s\": %s", name,
			     strerror(errno));
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "Version",	no_argument,		NULL, 'V' },
		{ "json",	no_argument,		NULL, 'j' },
		{ "pretty",	no_argument,		NULL, 'p' },
		{ "statistics",	no_argument,		NULL, 's' },
		{ "details",	no_argument,		NULL, 'd' },
		{ "timestamp",	no_argument,		NULL, 't' },
		{ "netns",	required_argument,	NULL, 'n' },
		{ "batch",	required_argument,	NULL, 'b' },
		{ "force",	no_argument,		NULL, 'f' },
		{ "help",	no_argument,		NULL, 'h' },
		{}
	};
	const char *batch_file = NULL;
	int option, status;

	while ((option = getopt_long_only(argc, argv, "+Vjpsdtn:b:fh", names,
					  NULL)) != -1) {
		switch (option) {
		case 'V':
			printf("pop, version %s\n", POP_TOOL_VERSION);
			return flush();
		case 'j':
			options.json = true;
			break;
		case 'p':
			options.pretty = true;
			break;
		case 's':
			options.statistics = true;
			break;
		case 'd':
			options.details = true;
			break;
		case 't':
			options.timestamps = true;
			break;
		case 'n':
			if (enter_netns(optarg))
				return CMD_FAILED;
			break;
		case 'b':
			batch_file = optarg;
			break;
		case 'f':
			options.force = true;
			break;
		case 'h':
			fputs(help, stdout);
			return flush();
		default:
			fputs(help, stderr);
			return CMD_FAILED;
		}
	}
	argc -= optind;
	argv += optind;
	if (!argc != !!batch_file) {
		fputs(help, stderr);
		return CMD_FAILED;
	}

	/* write() fails instead, and what is half written is removed */
	signal(SIGXFSZ, SIG_IGN);
	print_setup(options.json, options.pretty);
	status = batch_file ? run_batch(batch_file) : run(argc, argv);
	print_finish();
	nl_close();
	return flush() ? CMD_FAILED : status;
}
