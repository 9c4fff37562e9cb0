// SPDX-License-Identifier: GPL-2.0
/*
 * Nothing is lost on a network that loses, reorders, repeats and damages what
 * it carries: every slot is executed once, to the bit, and the contract ends.
 *
 *	A - veth, netem both ways - B, C	two network namespaces
 *
 * C takes part where the stream is the same for two, by multicast. POP_SLOTS sets
 * how many messages there are.
 *
 * Shows: R15 R31 R32 R42 R44
 */
#include <poll.h>
#include <sys/wait.h>
#include <time.h>

#include "../kselftest_harness.h"
#include "kit.h"

enum { A, B, C };

#define STREAM	0	/* A to B (and C), many messages of different lengths */
#define LARGE	1	/* A to B, one of a megabyte */

#define LARGE_LEN	(1 << 20)
#define LONGEST		3000

#define BAD "loss 30% reorder 50% duplicate 20% corrupt 5% delay 2ms 1ms"

static uint32_t slots(void)
{
	const char *text = getenv("POP_SLOTS");

	return text ? strtoul(text, NULL, 0) : 2000;
}

static size_t length_of(uint32_t seq)
{
	return (seq * 2654435761u >> 7) % LONGEST;
}

static void fill(uint8_t *data, size_t len, uint32_t seq)
{
	uint32_t x = seq * 747796405u + 2891336453u;
	size_t i;

	for (i = 0; i < len; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		data[i] = x;
	}
}

FIXTURE(net) {
	struct kit k[2];
	struct kit_body body;
	int parties;
	int fd[3];
	int ns[2];
};

FIXTURE_VARIANT(net) {
	const char *netem;
	int family;
	bool multicast;
};

FIXTURE_VARIANT_ADD(net, loss4) { "loss 30%", 4 };
FIXTURE_VARIANT_ADD(net, reorder4) { "delay 2ms reorder 50%", 4 };
FIXTURE_VARIANT_ADD(net, duplicate4) { "duplicate 20%", 4 };
FIXTURE_VARIANT_ADD(net, corrupt4) { "corrupt 5%", 4 };
FIXTURE_VARIANT_ADD(net, all4) { BAD, 4 };
FIXTURE_VARIANT_ADD(net, all6) { BAD, 6 };
FIXTURE_VARIANT_ADD(net, multicast4) { BAD, 4, .multicast = true };
FIXTURE_VARIANT_ADD(net, multicast6) { BAD, 6, .multicast = true };

static int shell(const char *format, ...)
{
	char command[512];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	return system(command);
}

static int netns_fd(void)
{
	return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

/* Where a party lives. */
static int place(int party)
{
	return party != A;
}

static int peer_set(struct kit *k, const struct kit_body *b, int self, int peer,
		    int family)
{
	struct nlmsghdr *nlh = kit_peer_start(k, b, self, peer);
	struct in6_addr in6;
	struct in_addr in;
	char text[64];

	if (family == 4) {
		snprintf(text, sizeof(text), "10.0.0.%d", place(peer) + 1);
		inet_pton(AF_INET, text, &in);
		mnl_attr_put(nlh, POP_A_PEER_ADDR4, sizeof(in), &in);
	} else {
		snprintf(text, sizeof(text), "fd00::%d", place(peer) + 1);
		inet_pton(AF_INET6, text, &in6);
		mnl_attr_put(nlh, POP_A_PEER_ADDR6, sizeof(in6), &in6);
	}
	return kit_call(k, nlh, NULL, NULL);
}

static int use_multicast(struct kit *k)
{
	struct nlmsghdr *nlh = kit_start(k, POP_CMD_NODE_SET, 0);

	mnl_attr_put_u32(nlh, POP_A_NODE_MULTICAST, 1);
	mnl_attr_put_u32(nlh, POP_A_NODE_IFINDEX, if_nametoindex("eth0"));
	return kit_call(k, nlh, NULL, NULL);
}

FIXTURE_SETUP(net)
{
	const struct kit_action actions[] = {
		{ 0, "a-stream", A, variant->multicast ? 2 : 1, { B, C },
		  .count = slots(), .max = LONGEST,
		  .same = variant->multicast },
		{ 0, "b-large", A, 1, { B }, .max = LARGE_LEN },
		{ 1, "thanks", B, 1, { A } },
	};
	const struct kit_contract contract = {
		.name = "lossy", .parties = variant->multicast ? 3 : 2,
		.phases = 2,
		.action = actions, .nr_actions = 3,
	};
	/* a bad network can be unlucky for long */
	const struct timeval patience = { .tv_sec = 100 };
	int i, peer, size = 32 << 20;

	self->body = kit_encode(&contract);
	self->parties = contract.parties;
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, kit_netns());
		self->ns[i] = netns_fd();
		if (!i)
			continue;
		ASSERT_EQ(0, shell("ip link add eth0 type veth peer name eth0 netns /proc/%d/fd/%d",
				   getpid(), self->ns[0]));
	}
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, setns(self->ns[i], CLONE_NEWNET));
		ASSERT_EQ(0, shell("ip addr add 10.0.0.%d/24 dev eth0", i + 1));
		ASSERT_EQ(0, shell("ip addr add fd00::%d/64 dev eth0 nodad",
				   i + 1));
		/* each unit has a fate of its own */
		ASSERT_EQ(0, shell("ip link set eth0 up gso_max_segs 1"));
		ASSERT_EQ(0, shell("tc qdisc add dev eth0 root netem limit 100000 %s",
				   variant->netem));
		ASSERT_EQ(0, kit_open(&self->k[i]));
		if (variant->multicast)
			ASSERT_EQ(0, use_multicast(&self->k[i]));
		ASSERT_EQ(0, kit_contract_add(&self->k[i], &self->body,
					      self->parties))
			TH_LOG("%s", self->k[i].text);
	}
	for (i = 0; i < self->parties; i++) {
		struct kit *k = &self->k[place(i)];

		ASSERT_EQ(0, setns(self->ns[place(i)], CLONE_NEWNET));
		ASSERT_EQ(0, kit_party_add(k, &self->body, i, 0));
		for (peer = 0; peer < self->parties; peer++)
			if (peer != i)
				ASSERT_EQ(0, peer_set(k, &self->body, i, peer,
						      variant->family));
		self->fd[i] = kit_socket(&self->body, i);
		ASSERT_LE(0, self->fd[i]);
		setsockopt(self->fd[i], SOL_SOCKET, SO_RCVBUFFORCE, &size,
			   sizeof(size));
		setsockopt(self->fd[i], SOL_SOCKET, SO_RCVTIMEO, &patience,
			   sizeof(patience));
		setsockopt(self->fd[i], SOL_SOCKET, SO_SNDTIMEO, &patience,
			   sizeof(patience));
	}
}

FIXTURE_TEARDOWN(net)
{
	int i;

	for (i = 0; i < self->parties; i++)
		close(self->fd[i]);
	for (i = 0; i < 2; i++) {
		kit_close(&self->k[i]);
		close(self->ns[i]);
	}
	free(self->body.data);
}

static int send_all(int fd, const struct kit_body *b)
{
	int all = b->parties > 2 ? POP_PARTY_ANY : B;
	static uint8_t data[LARGE_LEN];
	uint32_t seq;
	int ret;

	fill(data, LARGE_LEN, 4711);
	ret = kit_send(fd, b, 0, LARGE, B, data, LARGE_LEN, 0);
	for (seq = 0; ret >= 0 && seq < slots(); seq++) {
		fill(data, length_of(seq), seq);
		ret = kit_send(fd, b, 0, STREAM, all, data, length_of(seq), 0);
	}
	return ret < 0;
}

/*
 * So many messages. Return: 0 if each slot comes once and right, or a number for
 * what did not.
 */
static int receive_all(int fd, uint32_t count)
{
	static uint8_t data[LARGE_LEN + 1], right[LARGE_LEN];
	uint8_t *seen = calloc(slots() + 1, 1);
	uint32_t n, seq;
	size_t len;

	for (n = 0; n < count; n++) {
		struct sockaddr_pop from;
		socklen_t from_len = sizeof(from);
		ssize_t got = recvfrom(fd, data, sizeof(data), 0,
				       (void *)&from, &from_len);

		if (got < 0)
			return 1;
		seq = from.spop_action == LARGE ? slots() : from.spop_seq;
		len = from.spop_action == LARGE ? LARGE_LEN : length_of(seq);
		if (seq > slots() || seen[seq]++)
			return 2;
		fill(right, len, from.spop_action == LARGE ? 4711 : seq);
		if ((size_t)got != len || memcmp(data, right, len))
			return 3;
	}
	free(seen);
	return recv(fd, data, sizeof(data), MSG_DONTWAIT) < 0 &&
	       errno == EAGAIN ? 0 : 4;
}

static void state_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *a;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(a) == POP_A_CONTRACT_STATE)
			*(uint32_t *)data = mnl_attr_get_u32(a);
}

static uint32_t contract_state(struct kit *k, const struct kit_body *b)
{
	struct nlmsghdr *nlh = kit_start(k, POP_CMD_CONTRACT_GET, 0);
	uint32_t state = 99;

	mnl_attr_put(nlh, POP_A_CONTRACT_HASH, POP_HASH_LEN, b->hash);
	kit_call(k, nlh, state_cb, &state);
	return state;
}

/* What the socket keeps of sent messages goes when they have arrived. */
static int kept(int fd)
{
	int value = -1;

	ioctl(fd, TIOCOUTQ, &value);
	return value;
}

/* The runner's own limit ends what hangs: the more slots, the longer. */
TEST_F_TIMEOUT(net, each_slot_once, 100000)
{
	struct timespec between = { .tv_nsec = 10000000 };
	int status, i, others = 0;
	char word[16] = "";
	time_t start = time(NULL);

	if (!fork())
		_exit(send_all(self->fd[A], &self->body));
	if (self->parties > 2) {
		others++;
		if (!fork())
			_exit(receive_all(self->fd[C], slots()));
	}
	EXPECT_EQ(0, receive_all(self->fd[B], slots() + 1));
	for (i = 0; i < 1 + others; i++) {
		EXPECT_LT(0, wait(&status));
		EXPECT_EQ(0, status);
	}
	TH_LOG("%u messages of up to %d bytes and one of a megabyte: %ld s",
	       slots(), LONGEST, (long)(time(NULL) - start));

	ASSERT_EQ(6, kit_send(self->fd[B], &self->body, 1, 0, A, "thanks", 6, 0));
	ASSERT_EQ(6, recv(self->fd[A], word, sizeof(word), 0));
	EXPECT_STREQ("thanks", word);
	for (i = 0; i < 6000 && (kept(self->fd[A]) || kept(self->fd[B])); i++)
		nanosleep(&between, NULL);	/* between two looks */
	EXPECT_EQ(0, kept(self->fd[A]));
	EXPECT_EQ(0, kept(self->fd[B]));
	ASSERT_EQ(0, setns(self->ns[place(A)], CLONE_NEWNET));
	EXPECT_EQ(variant->multicast, kit_counter("PopTxGroup") >=
					      (long)slots());
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(POP_CONTRACT_STATE_SETTLING,
			  contract_state(&self->k[i], &self->body));
		EXPECT_EQ(0, kit_contract_set(&self->k[i], self->body.hash,
					      POP_CONTRACT_STATE_CLOSED));
	}
}

TEST_HARNESS_MAIN
