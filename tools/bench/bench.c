// SPDX-License-Identifier: GPL-2.0
/*
 * bench [-n ROUNDS] [-w ROUNDS] [-s BYTES] [-W WINDOW] [-r RECIPIENTS] [-t NET]
 *	 WORKLOAD PROTOCOL [ARGUMENT]
 *
 * Move messages, and print "NS PACKETS BYTES SIZE": of one message, or one round
 * trip, on the average, the time, with "tools/vm/run -c" the instructions of the
 * guest; packets and bytes through the sender's eth0, both ways; and the bytes
 * of the message itself.
 *
 *	trip	a message there, and one back
 *	way	WINDOW messages there, and then a small one back, as a credit
 *	fan	the same, each message to all RECIPIENTS, and a credit of each
 *	bulk	BYTES there, in as few pieces as the protocol has, and a credit
 *		after each WINDOW of them
 *
 *	-n	rounds that count: trips, windows, or BYTES
 *	-w	rounds before these, so that routes and caches are warm
 *	-t	p (a network namespace p0 and p1 at either end of a link), or s
 *		(s0, s1... at a switch)
 *
 * PROTOCOL is a back end. What user space does is the same for all.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "bench.h"
#include "mark.h"

enum {
	BUFFER = 16 << 20,
	CREDIT = 16,
	ROOM = 64 << 20,
	RECIPIENTS_MAX = 64,
};

const struct backend *backend;
const char *argument;
unsigned int recipients = 1;
bool fan;

static unsigned int rounds = 100, warm = 10, size = 64, window = 50;
static char net = 'p';
static char *buffer;
static struct link links[RECIPIENTS_MAX + 1], group_link;

int make_socket(int family, int type, int protocol)
{
	int fd = socket(family, type, protocol), room = ROOM;
	struct timeval patience = { .tv_sec = 20 };

	if (fd < 0)
		err(1, "socket");
	/* What a window has finds room, in all protocols and at both ends. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

const char *address(unsigned int side)
{
	static char text[16];

	snprintf(text, sizeof(text), "10.%d.0.%u",
		 (backend->wireguard ? 20 : 10) + (net == 'p' ? 9 : 8),
		 side + 1);
	return text;
}

static void enter(unsigned int side)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%c%u", net, side);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	close(fd);
}

/* --- one message, or a piece --------------------------------------------------- */

static void put(struct link *l, size_t len)
{
	size_t done = 0;
	ssize_t n;

	do {
		if (backend->send)
			n = backend->send(l, buffer + done, len - done);
		else
			n = sendto(l->fd, buffer + done, len - done, 0,
				   l->to_len ? (struct sockaddr *)&l->to : NULL,
				   l->to_len);
		if (n < 0)
			err(1, "%s: send", backend->name);
		done += n;
	} while (done < len);
}

static void get(struct link *l, size_t len)
{
	size_t done = 0;
	ssize_t n;

	do {
		if (backend->recv)
			n = backend->recv(l, buffer + done, len - done);
		else
			n = recv(l->fd, buffer + done, len - done, 0);
		if (n <= 0)
			err(1, "%s: recv, %zu of %zu bytes", backend->name,
			    done, len);
		done += n;
	} while (done < len);
}

/* --- workloads ------------------------------------------------------------------ */

static void credits(void)
{
	unsigned int i;

	for (i = 1; i <= recipients; i++)
		get(&links[i], CREDIT);
}

static void to_all(size_t len)
{
	unsigned int i;

	if (fan && backend->group) {
		put(&group_link, len);
		return;
	}
	for (i = 1; i <= recipients; i++)
		put(&links[i], len);
}

static void trips(unsigned int n, unsigned int self)
{
	while (n--) {
		if (!self) {
			put(&links[1], size);
			get(&links[1], size);
		} else {
			get(&links[0], size);
			put(&links[0], size);
		}
	}
}

static void windows(unsigned int n, unsigned int self)
{
	unsigned int i;

	while (n--) {
		for (i = 0; i < window; i++) {
			if (!self)
				to_all(size);
			else
				get(&links[0], size);
		}
		if (!self)
			credits();
		else
			put(&links[0], CREDIT);
	}
}

static void bulk(unsigned int n, unsigned int self)
{
	size_t piece = backend->max ? backend->max : size, left, now;
	unsigned int i;

	while (n--) {
		for (left = size, i = 1; left; left -= now, i++) {
			now = left < piece ? left : piece;
			if (!self)
				put(&links[1], now);
			else
				get(&links[0], now);
			if (left > now && i % window)
				continue;
			if (!self)
				get(&links[1], CREDIT);
			else
				put(&links[0], CREDIT);
		}
	}
}

struct workload {
	const char *name;
	void (*play)(unsigned int n, unsigned int self);
};

static const struct workload workloads[] = {
	{ "trip", trips }, { "way", windows }, { "fan", windows },
	{ "bulk", bulk },
};

/* --- both sides ----------------------------------------------------------------- */

static void tell(int fd)
{
	if (write(fd, "", 1) != 1)
		err(1, "pipe");
}

static void await(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 1)
		errx(1, "the other side is gone");
}

/* Packets and bytes through eth0, both ways */
static void traffic(unsigned long long *packets, unsigned long long *bytes)
{
	unsigned long long v[10] = {};
	char line[512];
	FILE *f = fopen("/proc/thread-self/net/dev", "r");

	if (!f)
		err(1, "/proc/thread-self/net/dev");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " eth0: %llu %llu %*u %*u %*u %*u %*u %*u %llu %llu",
			   v, v + 1, v + 2, v + 3) == 4)
			break;
	fclose(f);
	*bytes = v[0] + v[2];
	*packets = v[1] + v[3];
}

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void recipient(const struct workload *w, unsigned int self, int ready,
		      int go)
{
	enter(self);
	backend->open(&links[0], self, 0);
	tell(ready);
	if (backend->accept)
		backend->accept(&links[0]);
	await(go);
	tell(ready);
	w->play(warm + rounds, self);
	tell(ready);
	/* What is in a queue of user space goes out before it ends. */
	await(go);
}

static void sender(const struct workload *w, int ready, int go)
{
	unsigned long long packets[2], bytes[2];
	unsigned int i, each;
	double start, end, messages;

	enter(0);
	for (i = 1; i <= recipients; i++)
		await(ready);
	for (i = 1; i <= recipients; i++) {
		if (i > 1 && backend->shared)
			links[i] = links[1];
		else
			backend->open(&links[i], 0, i);
	}
	if (fan && backend->group)
		backend->group(&group_link);
	for (i = 1; i <= recipients; i++)
		tell(go);
	for (i = 1; i <= recipients; i++)
		await(ready);
	w->play(warm, 0);
	traffic(&packets[0], &bytes[0]);
	start = now_ns();
	mark(MARK_START);
	w->play(rounds, 0);
	mark(MARK_STOP);
	end = now_ns();
	traffic(&packets[1], &bytes[1]);
	each = w->play == windows ? window : 1;
	messages = (double)rounds * each;
	printf("%.0f %.3f %.1f %u\n", (end - start) / messages,
	       (packets[1] - packets[0]) / messages,
	       (bytes[1] - bytes[0]) / messages, size);
	for (i = 1; i <= recipients; i++)
		await(ready);
	for (i = 1; i <= recipients; i++)
		tell(go);
}

/* --- command line ---------------------------------------------------------------- */

static void find_backend(const char *name)
{
	const struct backend *all[] = {
		ip_backends, pop_backends, tipc_backends, zmq_backends,
	};
	unsigned int i;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		for (backend = all[i]; backend->name; backend++)
			if (!strcmp(backend->name, name))
				return;
	errx(2, "unknown protocol '%s'", name);
}

static const struct workload *find_workload(const char *name)
{
	unsigned int i;

	for (i = 0; i < sizeof(workloads) / sizeof(*workloads); i++)
		if (!strcmp(workloads[i].name, name))
			return &workloads[i];
	errx(2, "unknown workload '%s'", name);
}

static void parse(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "n:w:s:W:r:t:")) != -1) {
		if (option == 'n')
			rounds = atoi(optarg);
		else if (option == 'w')
			warm = atoi(optarg);
		else if (option == 's')
			size = atoi(optarg);
		else if (option == 'W')
			window = atoi(optarg);
		else if (option == 'r')
			recipients = atoi(optarg);
		else if (option == 't')
			net = *optarg;
		else
			exit(2);
	}
	if (argc - optind < 2 || !rounds || !window || !recipients ||
	    recipients > RECIPIENTS_MAX || !size || size > BUFFER)
		errx(2, "see the head of bench.c");
	find_backend(argv[optind + 1]);
	argument = argv[optind + 2];
}

int main(int argc, char **argv)
{
	const struct workload *w;
	int ready[2], go[2], status;
	unsigned int i;

	parse(argc, argv);
	w = find_workload(argv[optind]);
	fan = !strcmp(w->name, "fan");
	if (backend->max && size > backend->max && w->play != bulk)
		size = backend->max;
	buffer = calloc(1, BUFFER);
	if (!buffer || pipe(ready) || pipe(go))
		err(1, "memory");
	if (backend->prepare)
		backend->prepare();
	for (i = 1; i <= recipients; i++) {
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (!pid) {
			close(ready[0]);
			close(go[1]);
			recipient(w, i, ready[1], go[0]);
			_exit(0);
		}
	}
	close(ready[1]);
	close(go[0]);
	sender(w, ready[0], go[1]);
	fflush(stdout);
	while (wait(&status) > 0)
		if (status)
			return 1;
	_exit(0);
}
