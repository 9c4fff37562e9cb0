/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commands of the pop tool: how they are found, get their arguments and
 * report what went wrong.
 *
 * A command is given what stands behind its name: argv[0] is its first
 * argument, and argv[argc] is NULL. It prints by print.h, reports failure by
 * error() and returns an exit status.
 */
#ifndef _POP_TOOL_CMD_H
#define _POP_TOOL_CMD_H

#include <stdbool.h>
#include <linux/types.h>

#define __printf(string, first)	\
	__attribute__((__format__(__printf__, string, first)))

#define POP_TOOL_VERSION	"0.1"

/* Exit status, as that of ip(8). */
enum {
	CMD_OK		= 0,
	CMD_FAILED	= 1,	/* usage, a file, a signature: this side */
	CMD_REFUSED	= 2,	/* the kernel's answer */
};

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

struct cmd {
	const char *name;
	int (*run)(int argc, char **argv);
};

/*
 * cmd_run() - run the command that argv[0] names
 * @cmds: ended by a name of NULL; the first is run when there is no argument
 * @what: of which they are commands, for the error message
 * @help: text for "help"
 */
int cmd_run(const struct cmd *cmds, const char *what, const char *help,
	    int argc, char **argv);

/* Options of the command line. */
struct options {
	bool json;
	bool pretty;
	bool statistics;
	bool details;
	bool timestamps;
	bool force;
};

extern struct options options;

/*
 * error() - "Error: MESSAGE" on stderr, with file and line in a batch
 *
 * Say what to do about it. Without a full stop or a new line.
 *
 * Return: CMD_FAILED, so that a command can "return error(...)".
 */
__printf(1, 2) int error(const char *fmt, ...);

/* "Warning: MESSAGE" on stderr. */
__printf(1, 2) void warning(const char *fmt, ...);

/* Write what was printed. Return: CMD_OK, or CMD_FAILED after an error message. */
int flush(void);

#define ARG_LIST_MAX	1024	/* a signature of each party */

struct arg_list {
	int nr;
	const char *value[ARG_LIST_MAX];
};

/*
 * struct arg - a keyword and where its value goes
 * @name: keyword
 * @value: gets the word behind the keyword; or @list
 * @list: gets all words up to the next keyword, at least one
 */
struct arg {
	const char *name;
	const char **value;
	struct arg_list *list;
};

/*
 * args_parse() - read KEYWORD VALUE pairs
 * @args: ended by a name of NULL. What is not given stays as it is.
 *
 * Return: 0, or CMD_FAILED after an error message.
 */
int args_parse(const struct arg *args, int argc, char **argv);

/*
 * arg_uint() - a decimal number up to @max
 *
 * Return: 0, or CMD_FAILED after an error message.
 */
int arg_uint(const char *name, const char *text, u32 max, u32 *value);

/* The objects; each in a file of its own. */
int do_contract(int argc, char **argv);
int do_party(int argc, char **argv);
int do_peer(int argc, char **argv);
int do_phase(int argc, char **argv);
int do_channel(int argc, char **argv);
int do_evidence(int argc, char **argv);
int do_state(int argc, char **argv);
int do_node(int argc, char **argv);
int do_key(int argc, char **argv);
int do_monitor(int argc, char **argv);

/* The commands on contracts that are the kernel's: what do_contract() leaves. */
int contract_netlink(int argc, char **argv);

#endif /* _POP_TOOL_CMD_H */
