// SPDX-License-Identifier: GPL-2.0
/* Files as a whole, in and out. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

static int read_fd(struct pop_buffer *buf, int fd, const char *path,
		   size_t max, bool secret, struct pop_error *err)
{
	struct stat st;
	ssize_t got;

	if (fstat(fd, &st))
		return pop_fail_errno(err, path);
	if (!S_ISREG(st.st_mode))
		return pop_fail(err, -EINVAL, "%s: not a regular file", path);
	if (secret && (st.st_mode & 077))
		return pop_fail(err, -EACCES,
				"%s: others may read this secret; chmod 600 it (mode is %03o)",
				path, st.st_mode & 0777);
	if ((size_t)st.st_size > max)
		return pop_fail(err, -EFBIG, "%s: longer than %zu bytes",
				path, max);

	buf->data = malloc(st.st_size + 1);
	if (!buf->data)
		return pop_fail_errno(err, path);
	while (buf->len < (size_t)st.st_size) {
		got = read(fd, buf->data + buf->len, st.st_size - buf->len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return pop_fail_errno(err, path);
		if (!got)
			break;
		buf->len += got;
	}
	buf->data[buf->len] = '\0';
	return 0;
}

int pop_file_read(struct pop_buffer *buf, const char *path, size_t max,
		  bool secret, struct pop_error *err)
{
	int fd, ret;

	memset(buf, 0, sizeof(*buf));
	/* not to wait for a writer, should it be a pipe */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return pop_fail_errno(err, path);
	ret = read_fd(buf, fd, path, max, secret, err);
	close(fd);
	if (ret)
		pop_buffer_free(buf);
	return ret;
}

void pop_buffer_free(struct pop_buffer *buf)
{
	if (buf->data)
		sodium_memzero(buf->data, buf->len);
	free(buf->data);
	memset(buf, 0, sizeof(*buf));
}

void pop_hold_signals(sigset_t *before)
{
	sigset_t hold;

	sigemptyset(&hold);
	sigaddset(&hold, SIGHUP);
	sigaddset(&hold, SIGINT);
	sigaddset(&hold, SIGTERM);
	sigprocmask(SIG_BLOCK, &hold, before);
}

void pop_free_signals(const sigset_t *before)
{
	sigprocmask(SIG_SETMASK, before, NULL);
}

static int write_fd(int fd, const char *path, const void *data, size_t len,
		    struct pop_error *err)
{
	const char *p = data;
	ssize_t put;

	while (len) {
		put = write(fd, p, len);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return pop_fail_errno(err, path);
		p += put;
		len -= put;
	}
	if (fsync(fd))
		return pop_fail_errno(err, path);
	return 0;
}

static int create(const char *path, mode_t mode, const void *data, size_t len,
		  struct pop_error *err)
{
	int fd, ret;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0 && errno == EEXIST)
		return pop_fail(err, -EEXIST,
				"%s: exists already and is not replaced", path);
	if (fd < 0)
		return pop_fail_errno(err, path);
	ret = write_fd(fd, path, data, len, err);
	if (close(fd) && !ret)
		ret = pop_fail_errno(err, path);
	if (ret)
		unlink(path);
	return ret;
}

int pop_file_create(const char *path, mode_t mode, const void *data,
		    size_t len, struct pop_error *err)
{
	sigset_t before;
	int ret;

	pop_hold_signals(&before);
	ret = create(path, mode, data, len, err);
	pop_free_signals(&before);
	return ret;
}

/* Is @path free, or empty, or does it begin with the @len bytes of @kind? */
static int check_kind(const char *path, const void *kind, size_t len,
		      struct pop_error *err)
{
	char start[POP_KIND_MAX];
	struct stat st;
	ssize_t got;
	int fd;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : pop_fail_errno(err, path);
	if (!S_ISREG(st.st_mode))
		return pop_fail(err, -EEXIST,
				"%s: not a regular file, and not replaced",
				path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return pop_fail_errno(err, path);
	got = read(fd, start, len);
	close(fd);
	if (!got || (got == (ssize_t)len && !memcmp(start, kind, len)))
		return 0;
	return pop_fail(err, -EEXIST,
			"%s: exists already as a file of another kind and is not replaced",
			path);
}

/* @temporary: for mkstemp(), beside @path */
static int replace(char *temporary, const char *path, const void *data,
		   size_t len, struct pop_error *err)
{
	mode_t mask;
	int fd, ret;

	fd = mkstemp(temporary);
	if (fd < 0)
		return pop_fail_errno(err, path);
	mask = umask(0);
	umask(mask);
	ret = write_fd(fd, path, data, len, err);
	if (!ret && fchmod(fd, 0666 & ~mask))
		ret = pop_fail_errno(err, path);
	if (close(fd) && !ret)
		ret = pop_fail_errno(err, path);
	if (!ret && rename(temporary, path))
		ret = pop_fail_errno(err, path);
	if (ret)
		unlink(temporary);
	return ret;
}

int pop_file_replace(const char *path, const void *data, size_t len,
		     size_t kind_len, struct pop_error *err)
{
	char temporary[PATH_MAX];
	sigset_t before;
	int ret;

	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >=
	    (int)sizeof(temporary))
		return pop_fail(err, -ENAMETOOLONG, "%s: %s", path,
				strerror(ENAMETOOLONG));
	ret = check_kind(path, data, kind_len, err);
	if (ret)
		return ret;
	pop_hold_signals(&before);
	ret = replace(temporary, path, data, len, err);
	pop_free_signals(&before);
	return ret;
}
