// SPDX-License-Identifier: GPL-2.0
/* Finding commands and reading their arguments: see cmd.h. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "print.h"

int cmd_run(const struct cmd *cmds, const char *what, const char *help,
	    int argc, char **argv)
{
	const struct cmd *cmd;

	if (!argc)
		return cmds->run(0, argv);
	if (!strcmp(argv[0], "help")) {
		print_help(help);
		return CMD_OK;
	}
	for (cmd = cmds; cmd->name; cmd++)
		if (!strcmp(argv[0], cmd->name))
			return cmd->run(argc - 1, argv + 1);
	return error("\"%s\" is no command of \"%s\"; try \"%s help\"",
		     argv[0], what, what);
}

static const struct arg *find(const struct arg *args, const char *word)
{
	for (; args->name; args++)
		if (!strcmp(args->name, word))
			return args;
	return NULL;
}

int args_parse(const struct arg *args, int argc, char **argv)
{
	const struct arg *arg;
	const char *keyword;

	while (argc) {
		keyword = *argv;
		arg = find(args, keyword);
		if (!arg)
			return error("\"%s\" is not known here; try \"help\"",
				     keyword);
		if ((arg->value && *arg->value) || (arg->list && arg->list->nr))
			return error("\"%s\" is given twice", keyword);
		argc--;
		argv++;
		if (!argc)
			return error("\"%s\" wants a value", keyword);
		if (arg->value) {
			*arg->value = *argv;
			argc--;
			argv++;
			continue;
		}
		for (; argc && !find(args, *argv); argc--, argv++) {
			if (arg->list->nr == ARG_LIST_MAX)
				return error("\"%s\" takes at most %d values",
					     keyword, ARG_LIST_MAX);
			arg->list->value[arg->list->nr++] = *argv;
		}
		if (!arg->list->nr)
			return error("\"%s\" wants a value", keyword);
	}
	return 0;
}

int arg_uint(const char *name, const char *text, u32 max, u32 *value)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || number > max)
		return error("%s is \"%s\", and must be a number up to %u",
			     name, text, max);
	*value = number;
	return 0;
}
