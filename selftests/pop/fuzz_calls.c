// SPDX-License-Identifier: GPL-2.0
/*
 * Calls by chance: every socket call and option, every netlink command, and the
 * /proc files, with what is right, nearly right, or noise; by one alone, by
 * threads and processes that share sockets, against contracts that end under
 * their traffic and network namespaces that die. Then a contract must still go
 * from its start to its end; what the kernel's log says is for tools/vm/run.
 *
 * POP_SEED repeats a run (as far as one thread goes), POP_CALLS sets how many
 * calls there are.
 *
 * Shows: no call harms the kernel, whatever it says
 */
#include <pthread.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "../kselftest_harness.h"
#include "kit.h"
#include "fuzz_actor.h"
#include "fuzz_netlink.h"
#include "fuzz_socket.h"

#define CALLS		24000	/* of all tests together */

static unsigned long number(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : otherwise;
}

/* --- /proc and the wire -------------------------------------------------------- */

static void call_proc(struct actor *a)
{
	static const char *const names[] = {
		"node", "contracts", "channels", "sockets", "snmp",
	};
	struct dice *d = &a->d;
	char path[64];
	size_t len = one_in(d, 3) ? roll(d, 4) : roll(d, 9000);

	if (a->proc < 0 || one_in(d, 6)) {
		if (a->proc >= 0)
			close(a->proc);
		snprintf(path, sizeof(path), "/proc/thread-self/net/pop/%s",
			 names[roll(d, ARRAY_LEN(names))]);
		a->proc = open(path, O_RDONLY | O_CLOEXEC);
	}
	switch (roll(d, 4)) {
	case 0:
		lseek(a->proc, (int32_t)edge(d), roll(d, 3));
		break;
	case 1:
		if (pread(a->proc, a->data, len, one_in(d, 4) ? edge(d) :
			  roll(d, 5000)) < 0)
			break;
		break;
	default:
		if (read(a->proc, one_in(d, 30) ? FAR : a->data, len) < 0)
			break;
	}
}

static void call_wire(struct actor *a)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(POP_DEFAULT_PORT),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	uint8_t unit[200];
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	noise(&a->d, unit, sizeof(unit));
	if (!one_in(&a->d, 4))
		unit[0] = 0x10 | roll(&a->d, 12);
	sendto(fd, unit, roll(&a->d, sizeof(unit)), MSG_DONTWAIT, (void *)&to,
	       sizeof(to));
	close(fd);
}

/* --- all of them --------------------------------------------------------------- */

static void call(struct actor *a);

static void nothing(int signal)
{
}

/* Whatever waits, in this thread, is interrupted soon. */
static timer_t interrupt(void)
{
	struct sigaction action = { .sa_handler = nothing };
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = SIGUSR1,
	};
	struct itimerspec often = { { .tv_nsec = 5000000 },
				    { .tv_nsec = 5000000 } };
	timer_t timer;

	event._sigev_un._tid = syscall(SYS_gettid);
	sigaction(SIGUSR1, &action, NULL);
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &often, NULL);
	return timer;
}

/* Another process has the same sockets, and ends with them open. */
static void call_fork(struct actor *a)
{
	pid_t pid;
	int i;

	/* UML itself does not survive that somebody is killed in a fork() */
	if (a->killed)
		return;
	pid = fork();
	if (!pid) {
		interrupt();	/* timers are not inherited */
		for (i = 0; i < 10; i++)
			call(a);
		_exit(0);
	}
	if (pid > 0)
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
}

static const struct {
	int weight;
	void (*call)(struct actor *a);
} calls[] = {
	{ 40, call_socket }, { 20, call_bind }, { 30, call_connect },
	{ 20, call_names }, { 160, call_send }, { 120, call_recv },
	{ 50, call_setsockopt }, { 50, call_getsockopt }, { 30, call_ioctl },
	{ 30, call_poll }, { 20, call_rest }, { 10, call_close },
	{ 330, call_netlink }, { 4, call_load }, { 60, call_proc }, { 20, call_wire },
	{ 1, call_fork },
};

static void call(struct actor *a)
{
	unsigned int i;
	int all = 0, at;

	for (i = 0; i < ARRAY_LEN(calls); i++)
		all += calls[i].weight;
	at = roll(&a->d, all);
	for (i = 0; at >= calls[i].weight; i++)
		at -= calls[i].weight;
	calls[i].call(a);
}

static struct actor actor(uint64_t seed, uint64_t who, struct slot *slots)
{
	return (struct actor){
		.d = dice(seed, who), .slots = slots, .nl = -1, .proc = -1,
		.family = family_id, .request = calloc(1, KIT_MESSAGE / 16),
		.data = calloc(1, HIGHEST),
	};
}

static void leave(struct actor *a)
{
	if (a->k.nl)
		kit_close(&a->k);
	close(a->nl);
	close(a->proc);
	free(a->own.data);
	free(a->request);
	free(a->data);
}

struct thread {
	pthread_t	id;
	struct actor	a;
	unsigned long	calls;
	int		tell;	/* a pipe: a byte now and then; or -1 */
};

static void *run(void *arg)
{
	struct thread *t = arg;
	timer_t timer = interrupt();
	unsigned long i;

	for (i = 0; i < t->calls; i++) {
		call(&t->a);
		if (t->tell >= 0 && i % 16 == 0 && write(t->tell, "", 1) < 0)
			break;
	}
	timer_delete(timer);
	leave(&t->a);
	return NULL;
}

/* So many threads of this process make @calls calls in all. */
static void run_threads(uint64_t seed, uint64_t who, int threads,
			unsigned long calls, int tell)
{
	struct slot slots[FDS];
	struct thread t[4];
	int i;

	for (i = 0; i < FDS; i++)
		slots[i] = (struct slot){ -1, D };
	for (i = 0; i < threads; i++) {
		t[i] = (struct thread){
			.a = actor(seed, 16 * who + i, slots),
			.calls = calls / threads, .tell = tell,
		};
		t[i].a.killed = tell >= 0;
		pthread_create(&t[i].id, NULL, run, &t[i]);
	}
	for (i = 0; i < threads; i++)
		pthread_join(t[i].id, NULL);
	for (i = 0; i < FDS; i++)
		if (slots[i].fd >= 0)
			close(slots[i].fd);
}

/* --- and then all is well ------------------------------------------------------- */

struct hashes {
	int	nr;
	uint8_t	hash[1024][POP_HASH_LEN];
};

static void hashes_cb(const struct nlmsghdr *nlh, void *data)
{
	struct hashes *h = data;
	const struct nlattr *a;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(a) == POP_A_CONTRACT_HASH && h->nr < 1024)
			memcpy(h->hash[h->nr++], mnl_attr_get_payload(a),
			       POP_HASH_LEN);
}

/* Return: how many contracts there were, or a negative errno. */
static int delete_all(struct kit *k)
{
	static struct hashes h;
	int ret, i;

	h.nr = 0;
	ret = kit_call(k, kit_start(k, POP_CMD_CONTRACT_GET, NLM_F_DUMP),
		       hashes_cb, &h);
	for (i = 0; !ret && i < h.nr; i++)
		ret = kit_contract_cmd(k, POP_CMD_CONTRACT_DEL, h.hash[i]);
	return ret ?: h.nr;
}

static int node_reset(struct kit *k)
{
	struct nlmsghdr *nlh = kit_start(k, POP_CMD_NODE_SET, 0);
	struct in6_addr in6 = {};
	struct in_addr in = {};

	mnl_attr_put_u16(nlh, POP_A_NODE_PORT, htons(POP_DEFAULT_PORT));
	mnl_attr_put(nlh, POP_A_NODE_ADDR4, sizeof(in), &in);
	mnl_attr_put(nlh, POP_A_NODE_ADDR6, sizeof(in6), &in6);
	mnl_attr_put_u32(nlh, POP_A_NODE_MULTICAST, 0);
	mnl_attr_put_u32(nlh, POP_A_NODE_IFINDEX, 0);
	return kit_call(k, nlh, NULL, NULL);
}

static const struct kit_action sane_actions[] = {
	{ 0, "ask", A, 2, { B, C }, .count = 3, .same = true },
	{ 1, "answer", B, 1, { A }, .max = 3000 },
	{ 1, "other", C, 1, { A } },
	{ 2, "thanks", A, 1, { B } },
};

static const struct kit_contract sane_contract = {
	.name = "sane", .parties = 3, .phases = 3, .action = sane_actions,
	.nr_actions = 4, .salt = 99,
};

static bool sane_recv(int fd, int count, const char *text)
{
	char got[4000];
	ssize_t len;

	while (count--) {
		len = recv(fd, got, sizeof(got), 0);
		if (len != (ssize_t)strlen(text) || memcmp(got, text, len))
			return false;
	}
	return true;
}

/* Return: NULL, or what does not work any more. */
static const char *sane(struct kit *k)
{
	struct kit_body b = kit_encode(&sane_contract);
	static char large[3001];
	int fd[3], i;

	memset(large, 'x', 3000);
	if (delete_all(k) < 0)
		return "contracts cannot be deleted";
	if (node_reset(k))
		return "the node cannot be set";
	if (kit_load(k, &b))
		return "a contract cannot be opened";
	for (i = 0; i < 3; i++) {
		fd[i] = kit_socket(&b, i);
		if (fd[i] < 0)
			return "no socket can be bound";
	}
	for (i = 0; i < 3; i++)
		if (kit_send(fd[A], &b, 0, 0, POP_PARTY_ANY, "ask", 3, 0) != 3)
			return "nothing can be sent";
	if (!sane_recv(fd[B], 3, "ask") || !sane_recv(fd[C], 3, "ask"))
		return "nothing is received";
	if (kit_send(fd[B], &b, 1, 0, A, large, 3000, 0) != 3000 ||
	    kit_send(fd[C], &b, 1, 1, A, "other", 5, 0) != 5)
		return "nothing can be sent in the second phase";
	if (recv(fd[A], large, sizeof(large), 0) < 0 ||
	    recv(fd[A], large, sizeof(large), 0) < 0)
		return "nothing is received in the second phase";
	if (kit_send(fd[A], &b, 2, 0, B, "thanks", 6, 0) != 6 ||
	    !sane_recv(fd[B], 1, "thanks"))
		return "the third phase does not work";
	for (i = 0; i < 3; i++)
		close(fd[i]);
	if (kit_contract_set(k, b.hash, POP_CONTRACT_STATE_CLOSED))
		return "the contract cannot be closed";
	if (kit_contract_cmd(k, POP_CMD_CONTRACT_DEL, b.hash))
		return "the contract cannot be deleted";
	free(b.data);
	return NULL;
}

/* --- the tests ----------------------------------------------------------------- */

FIXTURE(calls) {
	struct kit k;
	int stamped;
	uint64_t seed;
	unsigned long calls;
};

FIXTURE_SETUP(calls)
{
	struct kit_contract c;
	int i, on = 1;

	/*
	 * While there is one such socket, others do not make the kernel patch the
	 * path of all packets, at which an emulated processor may stumble: see
	 * stumbled() in tools/vm/run.
	 */
	self->stamped = socket(AF_INET, SOCK_DGRAM, 0);
	ASSERT_EQ(0, setsockopt(self->stamped, SOL_SOCKET, SO_TIMESTAMP, &on,
				sizeof(on)));
	ASSERT_EQ(0, kit_netns());
	ASSERT_EQ(0, kit_open(&self->k));
	family_id = self->k.family;
	for (i = 0; i < BODIES; i++) {
		c = contracts[i % ARRAY_LEN(contracts)];
		c.salt = i;
		bodies[i] = kit_encode(&c);
	}
	if (getrandom(&i, sizeof(i), 0) != sizeof(i))
		i = getpid();
	self->seed = number("POP_SEED", (unsigned int)i);
	self->calls = number("POP_CALLS", CALLS);
	TH_LOG("POP_SEED=%llu POP_CALLS=%lu", (unsigned long long)self->seed,
	       self->calls);
}

FIXTURE_TEARDOWN(calls)
{
	int i;

	kit_close(&self->k);
	close(self->stamped);
	for (i = 0; i < BODIES; i++)
		free(bodies[i].data);
}

/* Chance has got through to where units go and come, in this namespace. */
#define EXPECT_BUSY() do {						\
	long sent_ = kit_counter("PopTxUnits");				\
	long executed_ = kit_counter("PopRxExecuted");			\
									\
	TH_LOG("%ld units sent, %ld messages executed", sent_,		\
	       executed_);						\
	EXPECT_LT(0, sent_);						\
	EXPECT_LT(0, executed_);					\
} while (0)

#define EXPECT_SANE() do {						\
	const char *wrong_ = sane(&self->k);				\
									\
	EXPECT_EQ(NULL, wrong_) TH_LOG("%s: %s", wrong_, self->k.text);	\
} while (0)

/* The runner's own limit ends what hangs: the more calls, the longer. */
#define LONG	100000

TEST_F_TIMEOUT(calls, calls__alone, LONG)
{
	struct kit_body *b = &bodies[0];

	/* so that something goes over the wire from the start */
	ASSERT_EQ(0, kit_load(&self->k, b)) TH_LOG("%s", self->k.text);
	run_threads(self->seed, 0, 1, self->calls / 3, -1);
	EXPECT_BUSY();
	EXPECT_SANE();
}

TEST_F_TIMEOUT(calls, calls__together, LONG)
{
	int processes = 3, i, status;
	pid_t pid[3];

	for (i = 0; i < processes; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			run_threads(self->seed, 1 + i, 2,
				    self->calls / 3 / processes, -1);
			_exit(0);
		}
	}
	for (i = 0; i < processes; i++) {
		EXPECT_EQ(pid[i], waitpid(pid[i], &status, 0));
		EXPECT_EQ(0, status);
	}
	EXPECT_BUSY();
	EXPECT_SANE();
}

/* --- contracts that end under their traffic ------------------------------------ */

struct traffic {
	pthread_t	id;
	struct kit_body	*b;
	struct dice	d;
	int		party;
	unsigned long	done;	/* calls that worked */
	bool		stop;
};

/* As a program does that never gives up: opens its socket again and again. */
static void *traffic(void *arg)
{
	struct traffic *t = arg;
	timer_t timer = interrupt();
	char data[3000] = {};
	ssize_t ret;
	int fd = -1;

	while (!__atomic_load_n(&t->stop, __ATOMIC_RELAXED)) {
		if (fd < 0) {
			fd = kit_socket(t->b, t->party);
			if (fd < 0) {
				sched_yield();
				continue;
			}
		}
		if (t->party == A)
			ret = kit_send(fd, t->b, 0, roll(&t->d, 2),
				       POP_PARTY_ANY, data,
				       roll(&t->d, sizeof(data)), 0);
		else
			ret = recv(fd, data, sizeof(data), 0);
		if (ret > 0) {
			__atomic_fetch_add(&t->done, 1, __ATOMIC_RELAXED);
		} else if (ret == 0 || (errno != EAGAIN && errno != EINTR)) {
			close(fd);
			fd = -1;
		}
	}
	close(fd);
	timer_delete(timer);
	return NULL;
}

TEST_F_TIMEOUT(calls, calls__contract_ends_under_traffic, LONG)
{
	unsigned long rounds = self->calls / 1000 + 1, i, before;
	struct dice d = dice(self->seed, 300);
	struct traffic t[3];
	struct kit_body *b = &bodies[0];
	unsigned int party;
	int ret;

	for (party = 0; party < 3; party++) {
		t[party] = (struct traffic){ .b = b, .party = party,
					     .d = dice(self->seed, 310 + party) };
		pthread_create(&t[party].id, NULL, traffic, &t[party]);
	}
	for (i = 0; i < rounds; i++) {
		ASSERT_EQ(0, kit_load(&self->k, b)) TH_LOG("%s", self->k.text);
		for (party = B; party <= C; party++) {
			before = __atomic_load_n(&t[party].done,
						 __ATOMIC_RELAXED);
			while (__atomic_load_n(&t[party].done,
					       __ATOMIC_RELAXED) == before)
				sched_yield();
		}
		switch (roll(&d, 4)) {
		case 0:
			ret = kit_contract_set(&self->k, b->hash,
					       POP_CONTRACT_STATE_ABORTED);
			EXPECT_EQ(0, ret);
			break;
		case 1:
			EXPECT_EQ(0, kit_party_del(&self->k, b, roll(&d, 3)));
			break;
		}
		EXPECT_EQ(0, kit_contract_cmd(&self->k, POP_CMD_CONTRACT_DEL,
					      b->hash));
	}
	for (party = 0; party < 3; party++)
		__atomic_store_n(&t[party].stop, true, __ATOMIC_RELAXED);
	for (party = 0; party < 3; party++)
		pthread_join(t[party].id, NULL);
	EXPECT_BUSY();
	EXPECT_SANE();
}

/* --- network namespaces that die ------------------------------------------------ */

static int shell(const char *format, ...)
{
	char command[512];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	return system(command);
}

static int peer_at(struct kit *k, const struct kit_body *b, int self, int peer,
		   bool inside)
{
	return kit_peer_set4(k, b, self, peer, inside ? "10.9.0.2" : "10.9.0.1");
}

/* B lives in a namespace of its own, and does not live for long. */
static void live_and_die(uint64_t seed, uint64_t who, pid_t parent, int tell)
{
	struct kit_body *b = &bodies[0];
	struct kit k;

	if (kit_netns() ||
	    shell("ip link add eth0 type veth peer name eth0 netns %d", parent) ||
	    shell("ip addr add 10.9.0.2/24 dev eth0; ip link set eth0 up") ||
	    kit_open(&k) || kit_contract_add(&k, b, b->parties) ||
	    kit_party_add(&k, b, B, 0) || peer_at(&k, b, B, A, false) ||
	    peer_at(&k, b, B, C, false) || kit_socket(b, B) < 0)
		_exit(1);
	run_threads(seed, who, 2, ~0UL, tell);
	_exit(2);
}

static bool there(void)
{
	return if_nametoindex("eth0");
}

TEST_F_TIMEOUT(calls, calls__namespace_dies_in_use, LONG)
{
	unsigned long rounds = self->calls / 3000 + 1, i;
	struct kit_body *b = &bodies[0];
	struct dice d = dice(self->seed, 400);
	int ends[2], want, fd, status;
	char byte, data[2000] = {};
	pid_t pid;

	ASSERT_EQ(0, kit_load(&self->k, b)) TH_LOG("%s", self->k.text);
	ASSERT_EQ(0, kit_party_del(&self->k, b, B));
	ASSERT_EQ(0, peer_at(&self->k, b, A, B, true));
	ASSERT_EQ(0, peer_at(&self->k, b, C, B, true));
	fd = kit_socket(b, A);
	ASSERT_LE(0, fd);
	for (i = 0; i < rounds; i++) {
		ASSERT_EQ(0, pipe2(ends, O_CLOEXEC));
		pid = fork();
		if (!pid)
			live_and_die(self->seed, 500 + i, getppid(), ends[1]);
		close(ends[1]);
		want = 4 + roll(&d, 40);
		ASSERT_EQ(1, read(ends[0], &byte, 1)) TH_LOG("no namespace");
		ASSERT_EQ(0, shell("ip addr add 10.9.0.1/24 dev eth0; ip link set eth0 up"));
		while (want-- && read(ends[0], &byte, 1) == 1)
			kit_send(fd, b, 0, roll(&d, 2), POP_PARTY_ANY, data,
				 roll(&d, sizeof(data)), MSG_DONTWAIT);
		EXPECT_EQ(0, kill(pid, SIGKILL));
		EXPECT_EQ(pid, waitpid(pid, &status, 0));
		close(ends[0]);
		/* it goes by and by, under more of the same */
		while (there())
			kit_send(fd, b, 0, roll(&d, 2), POP_PARTY_ANY, data,
				 roll(&d, sizeof(data)), MSG_DONTWAIT);
	}
	close(fd);
	EXPECT_LT(0, kit_counter("PopTxUnits"));
	EXPECT_SANE();
}

TEST_HARNESS_MAIN
