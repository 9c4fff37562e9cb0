// SPDX-License-Identifier: GPL-2.0
/* What is left of a file when its writer is stopped: all of it, or nothing. */

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "internal.h"
#include "tap.h"

static struct fixture fixture;
static struct pop_error err;
static int stop;	/* the signal that comes while a file is written */

#define PATH(name) fixture_path(&fixture, name)

/* In place of the C library's: when it is called all is written. */
int fsync(int fd)
{
	(void)fd;
	if (stop)
		raise(stop);
	return 0;
}

static void do_replace(void)
{
	pop_file_replace(PATH("a"), "kind a", 6, 4, &err);
}

static void do_create(void)
{
	pop_file_create(PATH("a"), 0600, "kind a", 6, &err);
}

static void do_both(void)
{
	sigset_t before;

	pop_hold_signals(&before);
	pop_file_create(PATH("a"), 0600, "kind a", 6, &err);
	pop_file_create(PATH("b"), 0600, "kind b", 6, &err);
	pop_free_signals(&before);
}

/* Has @name just this in it? It is removed. */
static bool take(const char *name, const char *text)
{
	struct pop_buffer buf;
	bool good;

	if (pop_file_read(&buf, PATH(name), 64, false, &err))
		return false;
	good = !strcmp(buf.data, text);
	pop_buffer_free(&buf);
	return !unlink(PATH(name)) && good;
}

/* Does @write end by signal @number? Whoever runs this may have it ignored. */
static bool ends(void (*write)(void), int number)
{
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		signal(number, SIG_DFL);
		stop = number;
		write();
		_exit(0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid &&
	       WIFSIGNALED(status) && WTERMSIG(status) == number;
}

int main(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGTERM };
	size_t i;

	fixture_make(&fixture);
	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		tap(ends(do_create, signals[i]) && take("a", "kind a"),
		    "%s: a new file is there in full", strsignal(signals[i]));
		tap(ends(do_replace, signals[i]) && take("a", "kind a"),
		    "%s: so is one that may replace another",
		    strsignal(signals[i]));
		tap(ends(do_both, signals[i]) && take("a", "kind a") &&
		    take("b", "kind b"),
		    "%s: and two that belong together",
		    strsignal(signals[i]));
	}
	tap(!rmdir(fixture.dir), "and nothing beside them");
	return tap_done();
}
